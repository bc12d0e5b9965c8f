/** What the server says needs its operator, in words, and where that is done. */
import type { Health } from "#lib/api/types.ts";
import { count, day, lasting, t } from "#lib/i18n/index.ts";

export type Place = "jobs" | "outbox";
export type Need = { tone: "bad" | "warn"; title: string; text: string; place?: Place };
type Pool = Health["work"]["pools"][number];

type Code = Health["needs"][number];

export const behind = (health: Health, pool: Pool) => health.needs.includes(`behind_${pool.slot}`);
export const folding = (health: Health) => health.needs.includes("counters_behind");
/** What may still be uploaded before the floor of the disk is reached. */
export const room = ({ disk }: Health) => disk.free_bytes - disk.coming_bytes - disk.floor_bytes;
/** A count that was ended at `most` says so. */
export const many = (n: number, most: number) => (n < most ? count(n) : t("health.most", { n: count(n) }));
/** A day of the server, as it is called everywhere. */
export const date = (text: string) => day(`${text}T12:00:00`);

export function needs(health: Health): Need[] {
  const { work, mail, disk, events } = health;
  const failed = work.pools.reduce((sum, pool) => sum + pool.failed, 0);
  const late = (slot: Pool["slot"]): Need => ({ tone: "warn", title: t(`health.behind.${slot}`), text: t("health.behind.text", { time: lasting(work.pools.find((each) => each.slot === slot)?.oldest_due_s ?? 0) }) });
  const words: Record<Code, () => Need> = {
    disk_full: () => ({ tone: "bad", title: t("health.full"), text: t("health.full.text") }),
    storage_away: () => ({ tone: "bad", title: t("health.storage"), text: t("health.storage.text") }),
    disk_soon: () => ({ tone: "warn", title: t("health.soon", { day: disk.full_on ? date(disk.full_on) : "" }), text: t("health.soon.text") }),
    work_failed: () => ({ tone: "bad", title: t("health.failed", { n: failed, many: many(failed, work.most) }), text: t("health.failed.text", { topics: work.failed_topics.map((each) => each.topic).join(", ") }), place: "jobs" }),
    behind_first: () => late("first"),
    behind_light: () => late("light"),
    behind_encode: () => late("encode"),
    mail_failed: () => ({ tone: "bad", title: t("health.mail.failed", { n: mail.failed, many: many(mail.failed, mail.most) }), text: t("health.mail.failed.text"), place: "outbox" }),
    counters_behind: () => ({ tone: "warn", title: t("health.folding"), text: t("health.folding.text", { n: many(events.unfolded, events.most) }) }),
  };
  return health.needs.map((code) => words[code]());
}
