/** What a person does with a video: shown at once, told to the server, taken back when that says no. */
import { asRefused } from "#lib/api/client.ts";
import type { Card, Relation } from "#lib/api/types.ts";
import { t } from "#lib/i18n/index.ts";
import { add } from "#lib/signals/queue.ts";
import { follows } from "#lib/state/follows.svelte.ts";
import { offer, type Wish } from "#lib/state/offer.svelte.ts";
import { session } from "#lib/state/session.svelte.ts";
import { toaster } from "#lib/state/toast.svelte.ts";
import { forgetFeed, forgetFeeds } from "./feeds.svelte.ts";
import type { Feed } from "./feed.svelte.ts";
import * as wire from "./wire.ts";

const states = { like: ["liked", "likes"], save: ["saved", "saves"], repost: ["reposted", "reposts"] } as const;
const turns = new Map<string, number>();

/** Tells whether somebody is signed in, and offers the door in place when not. */
export function signedIn(what: Wish): boolean {
  if (session.me) return true;
  offer.ask(what);
  return false;
}

/** Likes, saves or reposts, or takes that back. */
export async function mark(card: Card, what: wire.Mark, on: boolean): Promise<void> {
  if (!signedIn(what)) return;
  const [state, counter] = states[what];
  if (card.viewer[state] === on) return;
  const set = (to: boolean): void => {
    if (card.viewer[state] === to) return;
    card.viewer[state] = to;
    card.counts[counter] = Math.max(0, card.counts[counter] + (to ? 1 : -1));
  };
  const key = `${what}.${card.id}`;
  const turn = (turns.get(key) ?? 0) + 1;
  turns.set(key, turn);
  set(on);
  try {
    const marked = await wire.mark(card.id, what, on);
    // Pressed again meanwhile: the later answer counts.
    if (turns.get(key) === turn) Object.assign(card, { counts: marked.counts, viewer: marked.viewer });
  } catch (trouble) {
    if (turns.get(key) === turn) set(!on);
    toaster.say(asRefused(trouble).sentence);
  }
}

/** Follows somebody, or ends that, and lets everything know that shows whom one follows. */
export async function setFollow(handle: string, on: boolean): Promise<Relation> {
  // What they publish belongs to the other feed from now on.
  forgetFeed("following");
  const relation = await wire.follow(handle, on);
  follows.turn += 1;
  return relation;
}

/** Follows the author, or ends that; it holds for all their videos here. */
export async function follow(feed: Feed | null, card: Card, on: boolean): Promise<void> {
  if (!signedIn("follow")) return;
  const before = card.viewer.following;
  const set = (to: Card["viewer"]["following"]): void => {
    card.viewer.following = to;
    feed?.each((other) => { if (other.author.id === card.author.id) other.viewer.following = to; });
  };
  set(on ? "accepted" : "none");
  try {
    const relation = await setFollow(card.author.handle, on);
    set(relation.following);
    if (relation.following === "requested") toaster.say(t("follow.requested", { name: card.author.name || card.author.handle }));
  } catch (trouble) {
    set(before);
    toaster.say(asRefused(trouble).sentence);
  }
}

const subject = (card: Card, kind: "video" | "person"): string => (kind === "video" ? card.id : card.author.id);

/** Not interested in a video, or in anything of a person; can be undone where it stood. */
export async function refuse(feed: Feed, card: Card, kind: "video" | "person"): Promise<void> {
  if (!signedIn("hide")) return;
  const id = subject(card, kind);
  const matches = (other: Card): boolean => subject(other, kind) === id;
  feed.hide(kind, matches);
  add("hide", card.id, card.served);
  try {
    await wire.refuse(kind, id, true);
  } catch (trouble) {
    feed.show(matches);
    toaster.say(asRefused(trouble).sentence);
  }
}

export async function takeBack(feed: Feed, card: Card, kind: "video" | "person"): Promise<void> {
  const id = subject(card, kind);
  try {
    await wire.refuse(kind, id, false);
    feed.show((other) => subject(other, kind) === id);
  } catch (trouble) {
    toaster.say(asRefused(trouble).sentence);
  }
}

/** Keeps a hashtag out of the feed; `told` learns how it stands, also when that is undone. */
export async function muteTag(tag: { tag: string; name: string }, on: boolean, told: (on: boolean) => void): Promise<void> {
  if (!signedIn("hide")) return;
  try {
    await wire.muteTag(tag.tag, on);
  } catch (trouble) {
    return toaster.say(asRefused(trouble).sentence);
  }
  forgetFeeds();
  told(on);
  const back = (): void => void muteTag(tag, false, told);
  if (on) toaster.undoable(t("tag.muted", { name: tag.name }), back);
  else toaster.say(t("tag.unmuted", { name: tag.name }));
}

/** Switches the personal feed on or off, or makes it forget; both hold from the next page on. */
export async function choose(change: wire.ChoiceChange): Promise<boolean> {
  const now = await wire.choose(change);
  forgetFeeds();
  return now.personal;
}
