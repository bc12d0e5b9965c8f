/** One video being watched: what it does, what can be asked of it, what went wrong. */
import { untrack } from "svelte";
import type { Card } from "#lib/api/types.ts";
import { settings } from "#lib/state/settings.svelte.ts";
import { open, type Source } from "./source";
import { parse, type Cue } from "./vtt";

const STALL_MS = 600;
const SLOW_MS = 8000;

export class Player {
  playing = $state(false);
  /** Playing hasn't been asked for, or the browser refused to start by itself: a large play key stands on the picture. */
  idle = $state(true);
  muted = $state(true);
  time = $state(0);
  length = $state(0);
  buffered = $state(0);
  stalled = $state<"" | "short" | "long">("");
  failed = $state(false);
  cues = $state<Cue[]>([]);
  readonly card: Card;
  readonly still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  #video: HTMLVideoElement | null = null;
  #source: Source | null = null;
  #stall: ReturnType<typeof setTimeout> | undefined;
  #slow: ReturnType<typeof setTimeout> | undefined;
  #frame = 0;

  constructor(card: Card) {
    this.card = card;
    this.length = card.duration_ms / 1000;
  }

  get caption(): string {
    if (!settings.captions) return "";
    return this.cues.findLast((cue) => cue.start <= this.time && cue.end > this.time)?.text ?? "";
  }

  /** Takes over a <video>; the returned function lets it go. */
  attach = (video: HTMLVideoElement): (() => void) => {
    this.#video = video;
    const end = new AbortController();
    const on = (type: keyof HTMLMediaElementEventMap, act: () => void) => video.addEventListener(type, act, { signal: end.signal });
    on("play", () => { this.playing = true; this.idle = false; this.#follow(); });
    on("pause", () => (this.playing = false));
    on("timeupdate", () => this.#look());
    on("seeked", () => this.#look());
    on("progress", () => this.#look());
    on("volumechange", () => (this.muted = video.muted));
    on("waiting", () => this.#wait());
    for (const type of ["playing", "canplay", "seeked"] as const) on(type, () => this.#flow());
    untrack(() => void this.#begin());
    return () => {
      end.abort();
      this.#flow();
      cancelAnimationFrame(this.#frame);
      this.#source?.end();
      this.#video = null;
    };
  };

  async #begin(): Promise<void> {
    const video = this.#video;
    if (!video) return;
    this.failed = false;
    video.muted = !settings.sound;
    this.#source?.end();
    const source = await open(video, this.card, () => { this.failed = true; this.#flow(); });
    if (this.#video !== video) return source.end();
    this.#source = source;
    if (!this.still) await this.#start();
  }

  /** Starts with sound if it was asked for in this visit, else without, else not at all. */
  async #start(): Promise<void> {
    const video = this.#video;
    if (!video) return;
    try {
      await video.play();
    } catch (refusal) {
      if ((refusal as DOMException).name !== "NotAllowedError") return;
      if (video.muted) return void (this.idle = true);
      video.muted = true;
      await video.play().catch(() => (this.idle = true));
    }
  }

  toggle(): void {
    if (this.playing) this.#video?.pause();
    else void this.#start();
  }

  /** A person pressed the large key: what is asked for by hand may sound. */
  async startAloud(): Promise<void> {
    if (this.still) this.setMuted(false);
    await this.#start();
  }

  setMuted(muted: boolean): void {
    if (!this.#video) return;
    this.#video.muted = muted;
    settings.sound = !muted;
  }

  seek(seconds: number): void {
    if (!this.#video) return;
    this.#video.currentTime = this.time = Math.min(Math.max(0, seconds), this.length);
  }

  again(): void {
    const at = this.time;
    void this.#begin().then(() => this.seek(at));
  }

  async readCaptions(): Promise<void> {
    const wanted = navigator.languages.map((tag) => tag.split("-")[0]);
    const track = this.card.captions.find((one) => wanted.includes(one.language.split("-")[0])) ?? this.card.captions[0];
    if (!track) return;
    const answer = await fetch(track.url).catch(() => null);
    if (answer?.ok) this.cues = parse(await answer.text());
  }

  #look(): void {
    const video = this.#video;
    if (!video) return;
    this.time = video.currentTime;
    const last = video.buffered.length - 1;
    this.buffered = last >= 0 ? video.buffered.end(last) : 0;
  }

  #follow(): void {
    cancelAnimationFrame(this.#frame);
    const step = (): void => {
      if (!this.playing) return;
      this.#look();
      this.#frame = requestAnimationFrame(step);
    };
    if (!this.still) this.#frame = requestAnimationFrame(step);
  }

  #wait(): void {
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
