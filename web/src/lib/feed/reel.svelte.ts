/**
 * The strip of videos and the three players that run along it.
 * `view` is the place that fills more than half of the window: it plays at once; its picture moves a little before, without
 * sound. A place counts as reached when the strip rests.
 */
import { untrack } from "svelte";
import { Player } from "#lib/player/player.svelte.ts";
import { prepare } from "#lib/player/source.ts";
import { settings } from "#lib/state/settings.svelte.ts";
import { Watching } from "#lib/signals/watching.ts";
import type { Feed } from "./feed.svelte.ts";

const PLAYERS = 3;
const REST_MS = 140;
const GLIDE_MS = 240;
const SETTLE_MS = 60;
// How much of the window the next video fills when its picture begins to move: so it moves when it is the one in view.
const NEAR = 0.2;
// The neighbours wait for the picture in view, but not for ever.
const PATIENCE_MS = 5000;

export class Reel {
  readonly feed: Feed;
  readonly players = Array.from({ length: PLAYERS }, () => new Player());
  /** Where each player stands on the strip. */
  places = $state<(number | null)[]>(Array<null>(PLAYERS).fill(null));
  view = $state(0);
  strip = $state<HTMLElement>();
  #rest: ReturnType<typeof setTimeout> | undefined;
  #patience: ReturnType<typeof setTimeout> | undefined;
  #glide = 0;
  #watching: Watching | null = null;
  #watched = -1;
  #near = -1;
  #share = 0;
  #resume = false;
  #forward = true;

  constructor(feed: Feed) {
    this.feed = feed;
    this.view = feed.at;
  }

  /** The player of the video in view, when there is one. */
  get player(): Player | null {
    const item = this.feed.items[this.view];
    const player = this.players[this.view % PLAYERS]!;
    return item && player.card?.id === item.card.id ? player : null;
  }

  /** Takes over the strip when it stands; returns what ends it. */
  begin = (strip: HTMLElement): (() => void) => {
    this.strip = strip;
    // Untracked: an attachment that has read the view is taken off and put on again whenever that changes.
    strip.scrollTop = untrack(() => this.view) * strip.clientHeight;
    const size = new ResizeObserver(() => (strip.scrollTop = this.view * strip.clientHeight));
    size.observe(strip);
    return () => {
      size.disconnect();
      clearTimeout(this.#rest);
      clearTimeout(this.#patience);
      cancelAnimationFrame(this.#glide);
      this.#watching?.end();
      this.#watching = null;
      this.strip = undefined;
    };
  };

  /** The strip moved: whatever fills more than half of the window plays from now on. */
  scrolled = (): void => {
    const { strip } = this;
    if (!strip) return;
    clearTimeout(this.#rest);
    this.#rest = setTimeout(this.rested, REST_MS);
    const view = Math.max(0, Math.min(Math.round(strip.scrollTop / strip.clientHeight), this.feed.items.length));
    const share = strip.scrollTop / strip.clientHeight - view;
    if (view === this.view) return this.#approach(share);
    this.#near = -1;
    this.#share = share;
    this.#forward = view > this.view;
    this.view = view;
    this.enter();
  };

  /** Lets the picture move that is coming into view, and stands it back when the finger turns. */
  #approach(share: number): void {
    const leaves = Math.abs(share) < Math.abs(this.#share);
    this.#share = share;
    // What glides out is near as well; it stands.
    if (leaves && this.#near < 0) return;
    const near = Math.abs(share) < NEAR ? -1 : this.view + Math.sign(share);
    if (near === this.#near) return;
    if (this.#near >= 0) this.players[this.#near % PLAYERS]!.withdraw();
    this.#near = near;
    const item = this.feed.items[near];
    const player = this.players[near % PLAYERS];
    if (item && !item.gone && player?.card?.id === item.card.id) player.approach();
  }

  /** The strip rests: the watch of what went by is over. */
  rested = (): void => {
    clearTimeout(this.#rest);
    if (this.#glide || this.feed.at === this.view) return;
    this.watch();
    void this.feed.moved(this.view);
  };

  /** Lets the video in view play and all others stand still. */
  enter(): void {
    const item = this.feed.items[this.view];
    const player = this.players[this.view % PLAYERS]!;
    for (const other of this.players) if (other !== player) other.leave();
    if (!item || item.gone) return player.leave();
    if (player.card?.id !== item.card.id) this.#place(this.view, true);
    player.enter();
  }

  /** Begins the watch of the video in view, and ends that of the one before. */
  watch(): void {
    const item = this.feed.items[this.view];
    const player = this.players[this.view % PLAYERS]!;
    if (this.#watching && this.#watched === this.view && !item?.gone) return;
    this.#watching?.end();
    this.#watching = item && !item.gone && player.video ? new Watching(item.card, player.video) : null;
    this.#watched = this.view;
  }

  /** Brings the players to where they are needed: called whenever the view, the feed or what is ready has changed. */
  arrange(): void {
    const { view, feed } = this;
    const here = feed.items[view];
    const settled = feed.at === view;
    void [here?.gone, feed.items[view - 1]?.card.id, feed.items[view + 2]?.card.id];
    const waits = settled && here && !here.gone && this.#loading(view);
    const nextWaits = this.#loading(view + 1);
    untrack(() => {
      if (here) this.enter();
      // While the strip still moves, what glides out keeps its picture.
      if (!settled) return;
      this.watch();
      clearTimeout(this.#patience);
      this.#patience = setTimeout(() => this.#surround(!nextWaits), waits ? PATIENCE_MS : SETTLE_MS);
    });
  }

  /** Whether a player is on its way to the first frame of a place. */
  #loading(place: number): boolean {
    const card = this.feed.items[place]?.card;
    const player = this.players[place % PLAYERS]!;
    return Boolean(card) && player.card?.id === card!.id && !player.ready && !player.failed && !player.covered;
  }

  /** Gets the next video to its first frame, and when that stands one more: in the direction of the last swipe. */
  #surround(more: boolean): void {
    void prepare().catch(() => undefined);
    const places = this.#forward || !this.view ? [this.view + 1, this.view + 2] : [this.view - 1, this.view + 1];
    for (const place of more ? places : places.slice(0, 1)) {
      this.#place(place, false);
      this.players[place % PLAYERS]!.rewind();
    }
  }

  #place(place: number, quick: boolean): void {
    const item = this.feed.items[place];
    const slot = place % PLAYERS;
    const player = this.players[slot]!;
    if (!item || item.gone) {
      if (this.places[slot] !== this.view) player.unload();
      return;
    }
    this.places[slot] = place;
    player.load(item.card, quick);
  }

  /** Goes up or down by a place, as a swipe would: it glides, then rests. */
  go(by: number): void {
    const { strip } = this;
    if (!strip) return;
    const height = strip.clientHeight;
    const target = Math.max(0, Math.min(this.view + by, this.feed.items.length));
    const from = strip.scrollTop;
    const to = target * height;
    if (Math.abs(to - from) < 1) return;
    cancelAnimationFrame(this.#glide);
    const began = performance.now();
    const ms = this.players[0]!.still ? 0 : GLIDE_MS;
    strip.style.scrollSnapType = "none";
    const step = (now: number): void => {
      const part = ms ? Math.min(1, Math.max(0, now - began) / ms) : 1;
      strip.scrollTop = from + (to - from) * (1 - (1 - part) ** 3);
      if (part < 1) return void (this.#glide = requestAnimationFrame(step));
      this.#glide = 0;
      strip.style.scrollSnapType = "";
      this.scrolled();
      this.rested();
    };
    this.#glide = requestAnimationFrame(step);
  }

  /** The feed has begun again: so does the strip. */
  restart(): void {
    this.#watched = -1;
    this.view = 0;
    if (this.strip) this.strip.scrollTop = 0;
  }

  /** A hidden page plays nothing; when it is seen again it goes on where it stood. */
  seen(visible: boolean): void {
    const { player } = this;
    if (!visible) {
      this.#resume = player?.playing ?? false;
      player?.pause();
    } else if (this.#resume && player?.current) {
      this.#resume = false;
      void player.start();
    }
  }

  /** The first gesture: from now on the browser lets the video sound. */
  gesture(): void {
    // A key such as Shift may not count as one.
    if (settings.heard || navigator.userActivation?.hasBeenActive === false) return;
    settings.heard = true;
    if (settings.sound && this.player?.playing) this.player.setMuted(false);
  }

  /** Sound on or off: for the video in view, and for all that follow. */
  setSound(on: boolean): void {
    settings.setSound(on);
    this.player?.setMuted(!on);
  }
}
