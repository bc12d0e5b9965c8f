/** What can be said about a video, whether it is still on its way or already stands. */
import type { Video } from "#lib/api/types.ts";

export type Said = Pick<Video, "caption" | "visibility" | "language" | "alt_text" | "comments_from" | "duets" | "stitches" | "downloads" | "ai_made" | "is_ad">;

/** What a new video begins with. */
export const fresh: Omit<Said, "language"> = { caption: "", visibility: "public", alt_text: "", comments_from: "everyone", duets: true, stitches: true, downloads: true, ai_made: false, is_ad: false };

/** The part of a video or a card that its author wrote. */
export function saidOf({ caption, visibility, language, alt_text, comments_from, duets, stitches, downloads, ai_made, is_ad }: Said): Said {
  return { caption, visibility, language, alt_text, comments_from, duets, stitches, downloads, ai_made, is_ad };
}
