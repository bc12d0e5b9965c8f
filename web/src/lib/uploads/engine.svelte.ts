/** All files on their way from this tab, begun here or taken up again after a reload. */
import { SvelteMap } from "svelte/reactivity";
import { Draft, drafts } from "./drafts.svelte";
import { isSame, keptFile, records, forget, type Kept } from "./keep";
import { mine } from "./mine.svelte";
import { Sending } from "./sending.svelte";

class Uploads {
  all = new SvelteMap<string, Sending>();
  #resumed = false;

  constructor() {
    addEventListener("online", () => this.all.forEach((sending) => sending.resume()));
    addEventListener("beforeunload", (event) => {
      if ([...this.all.values()].some((sending) => sending.phase === "sending" && !sending.withFile)) event.preventDefault();
    });
  }

  /** Begins to send a file and gives its draft a place in this browser at once. */
  begin(file: File): Sending {
    const key = [...crypto.getRandomValues(new Uint8Array(9))].map((byte) => byte.toString(36).padStart(2, "0")).join("");
    return this.#run(new Sending(file, { key, uploadId: null, withFile: false }));
  }

  /** Takes up everything this browser began and kept the file of. */
  async resume(): Promise<void> {
    if (this.#resumed) return;
    this.#resumed = true;
    for (const record of records()) {
      if (this.all.has(record.key)) continue;
      const file = record.withFile ? await keptFile(record.key) : null;
      if (file) this.#run(new Sending(file, record));
      else if (!record.uploadId) await forget(record.key);
    }
  }

  /** Goes on with an upload whose file a person chose again; false when it is another file. */
  goOn(uploadId: string, file: File, expected: { name: string; size: number }): boolean {
    const record: Kept | undefined = records().find((one) => one.uploadId === uploadId);
    if (!isSame(file, record ?? expected)) return false;
    this.#run(new Sending(file, { key: record?.key ?? uploadId, uploadId, withFile: false }));
    return true;
  }

  of(uploadId: string): Sending | null {
    return [...this.all.values()].find((sending) => sending.uploadId === uploadId) ?? null;
  }

  async drop(sending: Sending): Promise<void> {
    this.all.delete(sending.key);
    await sending.drop();
  }

  #run(sending: Sending): Sending {
    this.all.set(sending.key, sending);
    const draft = drafts.of(sending.key);
    sending.onplace = (uploadId, fresh) => void this.#place(draft, uploadId, fresh);
    // Stands until the list knows that all is there: a card would else ask for a file that has just arrived.
    sending.onend = () => void mine.read().then(() => this.all.delete(sending.key));
    void sending.start();
    return sending;
  }

  async #place(draft: Draft, uploadId: string, fresh: boolean): Promise<void> {
    await draft.place(uploadId, fresh);
    mine.readSoon();
  }
}

export const uploads = new Uploads();
