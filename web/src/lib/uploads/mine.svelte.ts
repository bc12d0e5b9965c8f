/** Everything I have, drafts and failures included, newest first and kept true by news from the server. */
import { SvelteSet } from "svelte/reactivity";
import { api, ask, asRefused, type Refused } from "#lib/api/client.ts";
import type { Step, Video } from "#lib/api/types.ts";
import { listen, type News } from "#lib/state/stream.ts";

const SOON_MS = 250;

class Mine {
  items = $state<Video[]>([]);
  /** Deleted here, but still to be taken back for some seconds. */
  hidden = new SvelteSet<string>();
  loaded = $state(false);
  next = $state<string | null>(null);
  problem = $state<Refused | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watchers = 0;
  #end: () => void = () => undefined;

  get shown(): Video[] {
    return this.items.filter((video) => !this.hidden.has(video.id));
  }

  /** Keeps the list true for as long as a page shows it. */
  watch(): () => void {
    if (this.#watchers++ === 0) this.#end = listen((news) => this.#hear(news));
    void this.read();
    return () => {
      if (--this.#watchers === 0) this.#end();
    };
  }

  async read(): Promise<void> {
    try {
      const page = await ask(api.GET("/api/v1/me/videos"));
      const last = page.items.at(-1);
      const older = last && page.next ? this.items.filter((video) => video.created_at < last.created_at) : [];
      this.items = [...page.items, ...older];
      if (!older.length) this.next = page.next;
      this.loaded = true;
      this.problem = null;
    } catch (problem) {
      this.problem = asRefused(problem);
    }
  }

  async more(): Promise<void> {
    if (!this.next) return;
    try {
      const page = await ask(api.GET("/api/v1/me/videos", { params: { query: { cursor: this.next } } }));
      const known = new Set(this.items.map((video) => video.id));
      this.items = [...this.items, ...page.items.filter((video) => !known.has(video.id))];
      this.next = page.next;
    } catch (problem) {
      this.problem = asRefused(problem);
    }
  }

  /** Reads the newest page soon: many pieces of news make one request. */
  readSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.read(), SOON_MS);
  }

  put(video: Video): void {
    const at = this.items.findIndex((other) => other.id === video.id);
    if (at >= 0) this.items[at] = video;
    else this.items.unshift(video);
  }

  /** Reads one video anew, however many pieces of news came of it meanwhile. */
  async #readOne(uploadId: string): Promise<void> {
    if (this.#reading.has(uploadId)) return;
    this.#reading.add(uploadId);
    await new Promise((resolve) => setTimeout(resolve, SOON_MS));
    this.#reading.delete(uploadId);
    try {
      this.put(await ask(api.GET("/api/v1/uploads/{upload_id}", { params: { path: { upload_id: uploadId } } })));
    } catch (problem) {
      if (asRefused(problem).status === 404) this.items = this.items.filter((video) => video.upload_id !== uploadId);
    }
  }
  #reading = new Set<string>();

  #hear(news: News): void {
    if (news.type === "hello") return this.readSoon();
    if (news.type === "upload") return void this.#readOne(news.upload_id);
    if (news.type !== "progress") return;
    const step: Step | undefined = this.items.find((video) => video.id === news.video_id)?.upload?.steps.find((one) => one.step === news.step);
    if (!step || step.state === "done") return;
    step.state = "running";
    step.progress = news.progress;
  }
}

export const mine = new Mine();
