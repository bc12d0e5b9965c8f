/** What can be said about a video, whether it is still on its way or already stands. */
import type { Video } from "#lib/api/types.ts";
import { session } from "#lib/state/session.svelte.ts";

export type Said = Pick<Video, "caption" | "visibility" | "language" | "alt_text" | "comments_from" | "duets" | "stitches" | "downloads" | "ai_made" | "is_ad">;

/** What a new video begins with, as the server would begin it: a minor's is closed to strangers until they say otherwise. */
export function fresh(language: string): Said {
  const minor = session.me?.minor === true;
  return { caption: "", visibility: "public", language, alt_text: "", comments_from: minor ? "followers" : "everyone", duets: !minor, stitches: !minor, downloads: false, ai_made: false, is_ad: false };
}

/** The part of a video or a card that its author wrote. */
export function saidOf({ caption, visibility, language, alt_text, comments_from, duets, stitches, downloads, ai_made, is_ad }: Said): Said {
  return { caption, visibility, language, alt_text, comments_from, duets, stitches, downloads, ai_made, is_ad };
}
