/** Reasons of the feed, by their codes, as sentences of the catalogue. */
import type { Reason } from "#lib/api/types.ts";
import { known, t } from "#lib/i18n/index.ts";
import type { IconName } from "#lib/ui/icons.ts";

const icons: Record<string, IconName> = { followed: "follow", trending: "up", fresh: "discover", tag: "list", author: "you", sound: "note", finished: "retry", liked: "heart", saved: "save", language: "globe", quality: "check" };

/** What a reason says, why that counts, and its sign; an unknown one says that it is one of several. */
export function says(reason: Reason): { icon: IconName; what: string; so: string } {
  const values: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(reason)) if (typeof value === "string" || typeof value === "number") values[name] = value;
  const [what, so] = [`why.${reason.code}`, `why.${reason.code}.so`];
  return { icon: icons[reason.code] ?? "why", what: known(what) ? t(what, values) : t("why.other"), so: known(so) ? t(so, values) : "" };
}
