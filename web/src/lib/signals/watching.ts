/** One watch of one video, as it is told to the server: what was shown, what was really played, how it ended. */
import type { Card } from "#lib/api/types.ts";
import { add, beforeLeaving, type Played } from "./queue.ts";

const IMPRESSION_MS = 500;
const HEARTBEAT_MS = 10_000;
const SKIP_MS = 2000;
const FINISH = 0.97;
// Between two looks at a playing video more media than this cannot have been played: it was a jump.
const GAP_MS = 1500;

// A video that is come back to was seen already.
const seen = new Set<string>();

export class Watching {
  #card: Card;
  #video: HTMLVideoElement;
  #end = new AbortController();
  #impression: ReturnType<typeof setTimeout>;
  #ranges: [number, number][] = [];
  #played_ms = 0;
  #at: number;
  #started_at = 0;
  #finished = false;
  #forget: () => void;

  /** Begins when the video is the one in view. */
  constructor(card: Card, video: HTMLVideoElement) {
    this.#card = card;
    this.#video = video;
    this.#at = video.currentTime * 1000;
    this.#impression = setTimeout(() => this.#see(), IMPRESSION_MS);
    const on = (type: keyof HTMLMediaElementEventMap, act: () => void) => video.addEventListener(type, act, { signal: this.#end.signal });
    on("timeupdate", () => this.#look());
    on("seeking", () => this.#jump());
    on("pause", () => this.#pause());
    if ("requestVideoFrameCallback" in video) this.#await();
    else on("playing", () => this.#start());
    this.#forget = beforeLeaving(() => this.#tell("heartbeat"));
  }

  /** Ends the watch: another video is in view, or none. */
  end(): void {
    clearTimeout(this.#impression);
    this.#look();
    this.#end.abort();
    this.#forget();
    if (!this.#started_at) return;
    if (!this.#finished && performance.now() - this.#started_at < SKIP_MS) add("skip", this.#card.id, this.#card.served, this.#take());
    else this.#tell("pause");
  }

  #see(): void {
    const { request_id, position } = this.#card.served;
    if (seen.has(`${request_id}.${position}`)) return;
    seen.add(`${request_id}.${position}`);
    add("impression", this.#card.id, this.#card.served);
  }

  /** The first frame that is presented while it plays is the start, not the call that asked for it. */
  #await(): void {
    this.#video.requestVideoFrameCallback(() => {
      if (this.#end.signal.aborted) return;
      if (this.#video.paused) this.#video.addEventListener("play", () => this.#await(), { once: true, signal: this.#end.signal });
      else this.#start();
    });
  }

  #start(): void {
    if (this.#started_at) return;
    this.#started_at = performance.now();
    add("start", this.#card.id, this.#card.served);
  }

  #look(): void {
    const now = this.#video.currentTime * 1000;
    const from = this.#at;
    this.#at = now;
    const step = now - from;
    if (!this.#started_at || this.#video.seeking || step <= 0 || step > GAP_MS * this.#video.playbackRate) return;
    this.#played_ms += step / this.#video.playbackRate;
    const last = this.#ranges.at(-1);
    if (last && Math.abs(last[1] - from) < 50) last[1] = now;
    else this.#ranges.push([from, now]);
    if (!this.#finished && now >= FINISH * this.#card.duration_ms) this.#finish();
    else if (this.#played_ms >= HEARTBEAT_MS) this.#tell("heartbeat");
  }

  #finish(): void {
    this.#finished = true;
    add("finish", this.#card.id, this.#card.served, this.#take());
  }

  /** The end runs into the beginning as a jump of the browser's own; every other jump only breaks the range. */
  #jump(): void {
    const from = this.#at;
    this.#at = this.#video.currentTime * 1000;
    const wrapped = this.#video.loop && this.#at < 500 && from > this.#card.duration_ms - GAP_MS && from > 0.8 * this.#card.duration_ms;
    if (!wrapped || !this.#started_at) return;
    const last = this.#ranges.at(-1);
    if (last && Math.abs(last[1] - from) < 50) {
      this.#played_ms += Math.max(0, this.#card.duration_ms - from) / this.#video.playbackRate;
      last[1] = this.#card.duration_ms;
    }
    if (!this.#finished) this.#finish();
    add("loop", this.#card.id, this.#card.served, this.#take());
  }

  #pause(): void {
    this.#look();
    if (!this.#video.ended && this.#started_at) this.#tell("pause");
  }

  #tell(kind: "heartbeat" | "pause"): void {
    if (this.#played_ms > 0) add(kind, this.#card.id, this.#card.served, this.#take());
  }

  #take(): Played {
    const played = { played_ms: Math.round(this.#played_ms), ranges: this.#ranges.map(([from, to]) => [Math.round(from), Math.round(to)] as [number, number]) };
    this.#ranges = [];
    this.#played_ms = 0;
    return played;
  }
}
