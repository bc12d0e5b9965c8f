/** A feed as it is watched: what has come, where the viewer is, and what is asked anew after every watch. */
import { asRefused, type Refused } from "#lib/api/client.ts";
import type { Card, FeedKind, FeedPage } from "#lib/api/types.ts";
import * as queue from "#lib/signals/queue.ts";
import { readPage } from "./wire.ts";

/** Why something is no longer shown in its place. */
export type Gone = "" | "video" | "person" | "reported" | "blocked";
export type Item = { card: Card; after: string | null; gone: Gone };

// The player holds the current video, the next and one more; what lies beyond may still change.
const KEPT_AHEAD = 2;
const MORE_BEFORE = 4;

export class Feed {
  items = $state<Item[]>([]);
  /** The place of the viewer; the place after the last item is the end's own. */
  at = $state(0);
  ended = $state(false);
  empty = $state(false);
  mayBeginAgain = $state(false);
  asking = $state(false);
  problem = $state<Refused | null>(null);
  readonly kind: FeedKind;
  #next: string | null = null;
  #onceMore = false;

  /** With a card of its own, that one comes first and the feed goes on below. */
  constructor(kind: FeedKind, first?: Card) {
    this.kind = kind;
    if (first) this.items.push({ card: first, after: null, gone: "" });
  }

  get card(): Card | null {
    return this.items[this.at]?.card ?? null;
  }

  /** Reads the first page. */
  async start(again = false): Promise<void> {
    await this.#ask(async () => {
      const page = await readPage({ kind: this.kind, ...(again ? { again } : {}) });
      if (again) {
        this.items = [];
        this.at = 0;
      }
      this.#take(page, this.items.length);
      this.empty = page.empty && !this.items.length;
    });
  }

  /** The viewer has come to another place: what was watched counts from now on for everything not yet held. */
  async moved(to: number): Promise<void> {
    this.at = to;
    const keep = Math.min(to + KEPT_AHEAD, this.items.length - 1);
    if (this.kind === "for_you" && this.items[keep]?.after && !(this.ended && keep === this.items.length - 1)) await this.#react(keep);
    else {
      if (!this.ended && to > this.items.length - MORE_BEFORE) await this.#more();
      void queue.flush();
    }
  }

  async #react(keep: number): Promise<void> {
    if (this.asking) return void (this.#onceMore = true);
    const last = this.items[keep]!;
    await this.#ask(async () => {
      const page = await readPage({ kind: this.kind, cursor: last.after! });
      // Meanwhile the viewer may have gone on: what is held by now stays.
      const held = Math.max(keep, Math.min(this.at + 1, this.items.length - 1));
      if (this.items[keep] === last && held === keep) this.#take(page, keep + 1);
    }, true);
    if (this.#onceMore) {
      this.#onceMore = false;
      await this.moved(this.at);
    }
  }

  async #more(): Promise<void> {
    if (this.asking) return;
    const cursor = this.#next;
    if (!cursor) return this.start();
    await this.#ask(async () => this.#take(await readPage({ kind: this.kind, cursor }), this.items.length));
  }

  /** Tries again what failed last. */
  async again(): Promise<void> {
    if (this.items.length > 1) await this.#more();
    else await this.start();
  }

  #take(page: FeedPage, from: number): void {
    const known = new Set(this.items.slice(0, from).map((item) => item.card.id));
    const fresh = page.items.map((card, n): Item => ({ card, after: page.cursors[n] ?? null, gone: "" })).filter((item) => !known.has(item.card.id));
    this.items.splice(from, this.items.length - from, ...fresh);
    this.#next = page.next;
    this.ended = page.ended;
    this.mayBeginAgain = page.may_begin_again;
  }

  /** `quiet` keeps what was there when the answer doesn't come: a reaction is a wish, not a need. */
  async #ask(act: () => Promise<void>, quiet = false): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    this.problem = null;
    try {
      await act();
    } catch (trouble) {
      const refused = asRefused(trouble);
      if (refused.code === "feed_ended" || refused.code === "cursor_invalid") {
        // The session is over on the server; the next page begins another, and what is held stays.
        this.#next = null;
        for (const item of this.items) item.after = null;
      } else if (!quiet || this.at >= this.items.length - 1) this.problem = refused;
    } finally {
      this.asking = false;
    }
  }

  /** Takes something out of sight: here a sentence stands in its place, further down it doesn't come. */
  hide(gone: Gone, matches: (card: Card) => boolean): void {
    this.items = this.items.filter((item, n) => n <= this.at || !matches(item.card));
    for (const item of this.items) if (matches(item.card)) item.gone = gone;
  }

  show(matches: (card: Card) => boolean): void {
    for (const item of this.items) if (matches(item.card)) item.gone = "";
  }

  /** Changes every card of somebody: a follow holds for all of them. */
  each(act: (card: Card) => void): void {
    for (const item of this.items) act(item.card);
  }
}
