/** The operator's pages, in the order in which every navigation shows them. */
import type { Key } from "#lib/i18n/index.ts";
import type { IconName } from "#lib/ui/icons.ts";

export type Place = { href: string; icon: IconName; text: Key };
export const places: Place[] = [
  { href: "/operator", icon: "pulse", text: "operator.health" },
  { href: "/moderation", icon: "shield", text: "operator.reports" },
  { href: "/operator/media", icon: "clip", text: "media.title" },
  { href: "/operator/jobs", icon: "list", text: "operator.jobs" },
  { href: "/operator/outbox", icon: "send", text: "operator.outbox" },
  { href: "/operator/invitations", icon: "key", text: "operator.invitations" },
  { href: "/operator/settings", icon: "gear", text: "operator.settings" },
  { href: "/operator/audit", icon: "book", text: "operator.audit" },
];
/** Whether a page, or one below it, stands at a path; the first page is only itself. */
export const isAt = (place: Place, path: string): boolean => path === place.href || (place.href !== "/operator" && path.startsWith(`${place.href}/`));
