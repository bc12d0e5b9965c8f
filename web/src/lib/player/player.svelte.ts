/** One <video> element and what it does. It outlives the videos it shows: three of them play a whole feed. */
import { untrack } from "svelte";
import { SvelteSet } from "svelte/reactivity";
import type { Card } from "#lib/api/types.ts";
import { settings } from "#lib/state/settings.svelte.ts";
import { open, type Source } from "./source";
import { parse, type Cue } from "./vtt";

const STALL_MS = 600;
const SLOW_MS = 8000;
const LOOK_MS = 80;
const FAST = 2;
const uncovered = new SvelteSet<string>();

export class Player {
  card = $state.raw<Card | null>(null);
  /** The one in view: it should play unless somebody paused it. */
  current = $state(false);
  playing = $state(false);
  /** Playing hasn't been asked for, or the browser refused to start by itself: a large play key stands on the picture. */
  idle = $state(true);
  /** The first frame is decoded. */
  ready = $state(false);
  muted = $state(true);
  fast = $state(false);
  time = $state(0);
  length = $state(0);
  buffered = $state(0);
  stalled = $state<"" | "short" | "long">("");
  failed = $state(false);
  cues = $state.raw<Cue[]>([]);
  /** What language the cues are in. */
  language = $state("");
  video: HTMLVideoElement | null = null;
  readonly still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  #source: Source | null = null;
  #turn = 0;
  #looked_at = 0;
  #read = "";
  #stall: ReturnType<typeof setTimeout> | undefined;
  #slow: ReturnType<typeof setTimeout> | undefined;
  #frame = 0;

  get caption(): string {
    if (!settings.captions) return "";
    return this.cues.findLast((cue) => cue.start <= this.time && cue.end > this.time)?.text ?? "";
  }

  /** Moderators covered the video: nothing of it is fetched before somebody asks. */
  get covered(): boolean {
    return this.card !== null && this.card.sensitive && !this.card.mine && !uncovered.has(this.card.id);
  }

  /** Somebody asks to see it; it stays uncovered while the app is open. */
  async uncover(): Promise<void> {
    if (!this.card) return;
    uncovered.add(this.card.id);
    await this.#open(true);
    await this.start();
  }

  /** Takes over a <video>; the returned function lets it go. */
  attach = (video: HTMLVideoElement): (() => void) => {
    this.video = video;
    const end = new AbortController();
    const on = (type: keyof HTMLMediaElementEventMap, act: () => void) => video.addEventListener(type, act, { signal: end.signal });
    on("play", () => { this.playing = true; this.idle = false; this.#follow(); });
    on("pause", () => (this.playing = false));
    on("loadeddata", () => (this.ready = true));
    for (const type of ["timeupdate", "seeked", "progress"] as const) on(type, () => this.#look());
    on("volumechange", () => (this.muted = video.muted));
    on("waiting", () => this.#wait());
    for (const type of ["playing", "canplay", "seeked", "pause"] as const) on(type, () => this.#flow());
    return () => {
      end.abort();
      untrack(() => this.unload());
      this.video = null;
    };
  };

  /** Gets a video as far as its first frame, and no further. */
  load(card: Card, quick = false): void {
    if (this.card?.id === card.id) return void (this.card = card);
    this.unload();
    this.card = card;
    this.length = card.duration_ms / 1000;
    void this.#open(quick);
  }

  unload(): void {
    this.#turn += 1;
    this.leave();
    this.#source?.end();
    this.#source = null;
    this.card = null;
    this.ready = this.failed = false;
    this.idle = true;
    this.time = this.buffered = 0;
    this.cues = [];
    this.#read = "";
  }

  async #open(quick: boolean): Promise<void> {
    const { video, card } = this;
    if (!video || !card || this.covered) return;
    const turn = ++this.#turn;
    this.failed = this.ready = false;
    const source = await open(video, card, quick, () => { this.failed = true; this.#flow(); });
    if (turn !== this.#turn) return source.end();
    this.#source = source;
    if (this.current) {
      source.watched();
      if (!this.still || !this.idle) void this.start();
    }
  }

  /** The video has come into view. */
  enter(): void {
    if (this.current) return;
    this.current = true;
    this.#source?.watched();
    void this.#readCaptions();
    if (!this.still && this.#source) void this.start();
  }

  /** The video is coming into view: its picture moves, without sound. */
  approach(): void {
    if (this.current || this.still || !this.ready || !this.video) return;
    this.video.muted = true;
    void this.video.play().catch(() => undefined);
  }

  /** It was coming and turned back. */
  withdraw(): void {
    if (this.current) return;
    this.leave();
    this.rewind();
  }

  /** The video has left the view: it stands still, and the next time it begins anew. */
  leave(): void {
    this.current = false;
    this.setFast(false);
    this.#flow();
    cancelAnimationFrame(this.#frame);
    this.video?.pause();
  }

  rewind(): void {
    if (this.video && !this.current && this.video.currentTime > 0) this.video.currentTime = this.time = 0;
  }

  /** Starts with sound where that is wanted and allowed, else without, else not at all. */
  async start(): Promise<void> {
    const { video } = this;
    if (!video || this.covered) return;
    video.muted = !settings.aloud;
    try {
      await video.play();
    } catch (refusal) {
      if ((refusal as DOMException).name !== "NotAllowedError" || !this.current) return;
      if (video.muted) return void (this.idle = true);
      settings.heard = false;
      video.muted = true;
      await video.play().catch(() => (this.idle = true));
    }
  }

  pause(): void {
    this.video?.pause();
  }

  toggle(): void {
    if (this.playing) this.pause();
    else void this.start();
  }

  setMuted(muted: boolean): void {
    if (this.video) this.video.muted = muted;
  }

  /** Twice the speed while a finger rests on the picture. */
  setFast(fast: boolean): void {
    if (this.fast === fast) return;
    this.fast = fast;
    if (this.video) this.video.playbackRate = fast ? FAST : 1;
  }

  seek(seconds: number): void {
    if (!this.video) return;
    this.video.currentTime = this.time = Math.min(Math.max(0, seconds), this.length);
  }

  /** Tries anew to get what didn't come, from where it stopped. */
  again(): void {
    const at = this.time;
    this.#source?.end();
    this.#source = null;
    void this.#open(false).then(() => this.seek(at));
  }

  async #readCaptions(): Promise<void> {
    const { card } = this;
    const wanted = navigator.languages.map((tag) => tag.split("-")[0]);
    const track = card?.captions.find((one) => wanted.includes(one.language.split("-")[0])) ?? card?.captions[0];
    if (!card || !track || this.#read === card.id) return;
    this.#read = card.id;
    const answer = await fetch(track.url).catch(() => null);
    if (!answer?.ok) return;
    const text = await answer.text();
    if (this.card?.id === card.id) [this.cues, this.language] = [parse(text), track.language];
  }

  #look(): void {
    const { video } = this;
    if (!video || !this.card) return;
    this.#looked_at = performance.now();
    this.time = video.currentTime;
    const last = video.buffered.length - 1;
    this.buffered = last >= 0 ? video.buffered.end(last) : 0;
  }

  #follow(): void {
    cancelAnimationFrame(this.#frame);
    const step = (now: number): void => {
      if (!this.playing) return;
      if (now - this.#looked_at >= LOOK_MS) this.#look();
      this.#frame = requestAnimationFrame(step);
    };
    if (!this.still) this.#frame = requestAnimationFrame(step);
  }

  #wait(): void {
    if (!this.current) return;
    clearTimeout(this.#stall);
    clearTimeout(this.#slow);
    this.#stall = setTimeout(() => (this.stalled = "short"), STALL_MS);
    this.#slow = setTimeout(() => (this.stalled = "long"), SLOW_MS);
  }

  #flow(): void {
    clearTimeout(this.#stall);
    clearTimeout(this.#slow);
    this.stalled = "";
  }
}
