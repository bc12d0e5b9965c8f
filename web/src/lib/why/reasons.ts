/** Reasons of the feed, by their codes, as sentences of the catalogue. */
import type { Reason } from "#lib/api/types.ts";
import { languageName, t } from "#lib/i18n/index.ts";
import type { IconName } from "#lib/ui/icons.ts";

const icons: Record<Reason["code"], IconName> = {
  finished_tag: "retry",
  finished_creator: "you",
  follows: "follow",
  liked_sound: "note",
  language: "globe",
  popular_now: "heart",
  new_here: "discover",
  tried_out: "discover",
  not_seen_yet: "eye",
  seen_before: "undo",
};

/** What a reason says, why that counts, and its sign. A person or tag that is gone by now is named as such. */
export function says(reason: Reason): { icon: IconName; what: string; so: string } {
  const values = {
    tag: reason.tag ? `#${reason.tag}` : t("why.gone.tag"),
    name: reason.handle ? `@${reason.handle}` : t("why.gone.person"),
    sound: reason.title ? `“${reason.title}”` : t("why.gone.sound"),
    language: reason.language ? languageName(reason.language) : t("why.gone.language"),
  };
  return { icon: icons[reason.code], what: t(`why.${reason.code}`, values), so: t(`why.${reason.code}.so`) };
}
