/** What an operator should do something about, in words, and where that is done. */
import type { Health } from "#lib/api/types.ts";
import { count, day, lasting, t } from "#lib/i18n/index.ts";

export type Need = { tone: "bad" | "warn"; title: string; text: string; place?: string };
type Pool = Health["work"]["pools"][number];

const SOON_DAYS = 14;
const UNFOLDED_MANY = 5_000;
/** For how many seconds work may stand in line before that is worth a word: nobody waits for the later sizes. */
const PATIENCE_S = { first: 120, light: 120, encode: 3600 } as const;

export const behind = (pool: Pool) => (pool.oldest_due_s ?? 0) > PATIENCE_S[pool.slot];
export const folding = (health: Health) => health.events.unfolded > UNFOLDED_MANY;
/** What may still be uploaded before the floor of the disk is reached. */
export const room = ({ disk }: Health) => disk.free_bytes - disk.coming_bytes - disk.floor_bytes;
/** A count that was ended at `most` says so. */
export const many = (n: number, most: number) => (n < most ? count(n) : t("health.most", { n: count(n) }));
/** A day of the server, as it is called everywhere. */
export const date = (text: string) => day(`${text}T12:00:00`);

export function needs(health: Health): Need[] {
  const { work, mail, disk, events } = health;
  const found: Need[] = [];
  const failed = work.pools.reduce((sum, pool) => sum + pool.failed, 0);
  const days = disk.full_on ? (Date.parse(disk.full_on) - Date.parse(health.now)) / 86_400_000 : Infinity;
  if (room(health) <= 0) found.push({ tone: "bad", title: t("health.full"), text: t("health.full.text") });
  else if (days < SOON_DAYS) found.push({ tone: "warn", title: t("health.soon", { day: date(disk.full_on!) }), text: t("health.soon.text") });
  if (failed) found.push({ tone: "bad", title: t("health.failed", { n: failed, many: many(failed, work.most) }), text: t("health.failed.text", { topics: work.failed_topics.map((each) => each.topic).join(", ") }), place: "/operator/jobs" });
  for (const pool of work.pools.filter(behind)) found.push({ tone: "warn", title: t(`health.behind.${pool.slot}`), text: t("health.behind.text", { time: lasting(pool.oldest_due_s ?? 0) }) });
  if (mail.failed) found.push({ tone: "bad", title: t("health.mail.failed", { n: mail.failed, many: many(mail.failed, mail.most) }), text: t("health.mail.failed.text"), place: "/operator/outbox" });
  if (folding(health)) found.push({ tone: "warn", title: t("health.folding"), text: t("health.folding.text", { n: many(events.unfolded, events.most) }) });
  return found;
}
