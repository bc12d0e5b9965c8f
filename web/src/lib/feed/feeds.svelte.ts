/** The feeds of this visit: whoever comes back finds the place where they were. */
import type { FeedKind } from "#lib/api/types.ts";
import { Feed } from "./feed.svelte.ts";

// After this time the server has forgotten the session.
const IDLE_MS = 25 * 60 * 1000;
const kept = new Map<FeedKind, { feed: Feed; used_at: number }>();

/** The feed of whoever is here, begun when there is none or it has stood too long. */
export function feedOf(kind: FeedKind): Feed {
  const found = kept.get(kind);
  if (found && Date.now() - found.used_at < IDLE_MS) {
    found.used_at = Date.now();
    return found.feed;
  }
  const feed = new Feed(kind);
  kept.set(kind, { feed, used_at: Date.now() });
  return feed;
}

/** Lets one feed go: what it holds is no longer what it would hold. */
export function forgetFeed(kind: FeedKind): void {
  kept.delete(kind);
}

/** Lets every feed go: somebody came or went, or said what they want to see. */
export function forgetFeeds(): void {
  kept.clear();
}
