/** What a person writes while a file is on its way: kept in this browser at every keystroke until the server has it. */
import { api, ask, asRefused, type Refused } from "#lib/api/client.ts";
import type { Video } from "#lib/api/types.ts";
import { language } from "#lib/i18n/index.ts";
import { mine } from "./mine.svelte";
import { fresh, type Said, saidOf } from "./said";

type Values = Said & { publish: boolean };
const SAVE_AFTER_MS = 600;
const AGAIN_AFTER_MS = 5000;

export class Draft {
  values = $state<Values>({ ...fresh(language.startsWith("xx") ? "en" : language), publish: false });
  /** "here": only in this browser so far. */
  saved = $state<"new" | "here" | "saving" | "server">("new");
  refused = $state<Refused | null>(null);
  uploadId: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dirty = false;
  /** Written here: from then on the server learns from this page, not the other way round. */
  #own = false;

  constructor(readonly key: string) {
    try {
      const kept = localStorage.getItem(this.#name);
      if (kept) {
        Object.assign(this.values, JSON.parse(kept));
        this.#dirty = this.#own = true;
        this.saved = "here";
      }
    } catch {
      // An unreadable draft is no draft.
    }
  }
  get #name(): string {
    return `nonet.draft.${this.key}`;
  }

  /** Takes over what the server has, unless somebody has written here. */
  adopt(video: Video): void {
    this.uploadId = video.upload_id;
    if (this.#own) return;
    Object.assign(this.values, saidOf(video), { publish: video.state !== "draft" });
    this.saved = "server";
  }

  change(change: Partial<Values>): void {
    Object.assign(this.values, change);
    this.#dirty = this.#own = true;
    this.saved = "here";
    try {
      localStorage.setItem(this.#name, JSON.stringify(this.values));
    } catch {
      // The server will have it in a moment.
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.save(), SAVE_AFTER_MS);
  }

  /** The upload has a place on the server: what waits here can be kept there. A new place gets the draft as it stands. */
  async place(uploadId: string, fresh: boolean): Promise<void> {
    this.uploadId = uploadId;
    if (fresh || this.#dirty) await this.save();
  }

  /** Writes everything to the server; true when the server has it. */
  async save(): Promise<boolean> {
    clearTimeout(this.#timer);
    if (!this.uploadId) return false;
    this.saved = "saving";
    this.#dirty = false;
    this.refused = null;
    const { publish, ...values } = $state.snapshot(this.values);
    try {
      const body = publish ? { ...values, publish } : values;
      const video = await ask(api.PUT("/api/v1/uploads/{upload_id}/draft", { params: { path: { upload_id: this.uploadId } }, body }));
      mine.put(video);
      if (this.#dirty) return false;
      this.saved = "server";
      localStorage.removeItem(this.#name);
      return true;
    } catch (problem) {
      this.#dirty = true;
      this.saved = "here";
      this.refused = asRefused(problem);
      if (this.refused.silent || this.refused.status >= 500) this.#timer = setTimeout(() => void this.save(), AGAIN_AFTER_MS);
      return false;
    }
  }
}

class Drafts {
  #all = new Map<string, Draft>();

  of(key: string): Draft {
    let draft = this.#all.get(key);
    if (!draft) this.#all.set(key, (draft = new Draft(key)));
    return draft;
  }
}

export const drafts = new Drafts();
