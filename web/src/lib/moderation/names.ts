/** What a case is about, in words. */
import type { Case } from "#lib/api/types.ts";
import { t } from "#lib/i18n/index.ts";

export function titleOf(one: Case): string {
  const name = one.owner ? `@${one.owner.handle}` : t("inbox.nobody");
  return one.kind === "person" ? t("moderation.what.person", { name }) : t("moderation.what", { kind: t(`kind.${one.kind}`), name });
}
