/** What a row of the inbox says, and where it leads. */
import type { Notification } from "#lib/api/types.ts";
import { known, t } from "#lib/i18n/index.ts";

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** Who did it: the last one by name, the others as a number. */
function who(row: Notification): string {
  const first = row.actors[0];
  const name = first ? first.name || first.handle : t("inbox.nobody");
  return row.count > 1 ? t("inbox.others", { who: name, n: row.count - 1 }) : name;
}

export function said(row: Notification): string {
  const rule = text(row.details.rule_title);
  if (row.kind === "decided") return t(row.details.side === "owner" ? "inbox.decided.owner" : "inbox.decided.reporter", { rule });
  const key = `inbox.${row.kind}`;
  return known(key) ? t(key, { who: who(row), n: row.count, rule }) : who(row);
}

export function leads(row: Notification): string {
  const video = text(row.details.video_id);
  const first = row.actors[0];
  if (row.kind === "decided" || row.kind === "appealed") return "/decisions";
  if (row.kind === "export_ready") return "/settings#export";
  if (row.kind === "follow_requested") return "/inbox/requests";
  if (row.subject_kind === "video") return `/v/${row.subject_id}`;
  if (row.subject_kind === "comment" && video) return `/v/${video}?comment=${row.subject_id}`;
  return first ? `/@${first.handle}` : "/inbox";
}
