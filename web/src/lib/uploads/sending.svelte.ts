/** One file on its way: what is safe, how fast it goes, and going on by itself after whatever interrupts it. */
import type { Refused } from "#lib/api/client.ts";
import { forget, keepFile, remember, type Kept } from "./keep";
import { sendFile } from "./tus";

export type Phase = "sending" | "lost" | "refused" | "elsewhere" | "sent" | "paused";

const delays_ms = [500, 1000, 2000, 4000, 8000, 15_000, 30_000];

export class Sending {
  phase = $state<Phase>("sending");
  uploadId = $state<string | null>(null);
  sent = $state(0);
  safe = $state(0);
  speed = $state(0);
  lostAt = $state<Date | null>(null);
  refused = $state<Refused | null>(null);
  withFile = $state(false);
  readonly file: File;
  readonly key: string;
  onplace: (uploadId: string, fresh: boolean) => void = () => undefined;
  onend: () => void = () => undefined;

  #stop: (() => void) | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #mark = { bytes: 0, at: 0 };

  constructor(file: File, kept: Pick<Kept, "key" | "uploadId" | "withFile">) {
    this.file = file;
    this.key = kept.key;
    this.uploadId = kept.uploadId;
    this.withFile = kept.withFile;
  }

  /** Sends as soon as no other tab does, and takes over when that tab goes away. */
  async start(): Promise<void> {
    this.#save();
    if (!this.withFile && (await keepFile(this.key, this.file))) {
      this.withFile = true;
      this.#save();
    }
    if (!navigator.locks) return this.#send();
    const name = `nonet.upload.${this.key}`;
    await navigator.locks.request(name, { ifAvailable: true }, (lock) => (lock ? this.#sendToTheEnd() : void (this.phase = "elsewhere")));
    if (this.phase === "elsewhere") await navigator.locks.request(name, () => this.#sendToTheEnd());
  }

  #sendToTheEnd(): Promise<void> {
    return new Promise((resolve) => {
      this.#finish = resolve;
      this.#send();
    });
  }
  #finish: () => void = () => undefined;

  #send(): void {
    clearTimeout(this.#timer);
    this.#stop?.();
    this.phase = "sending";
    this.#mark = { bytes: this.safe, at: performance.now() };
    this.#stop = sendFile(this.file, this.uploadId, {
      onplace: (uploadId) => {
        const fresh = this.uploadId === null;
        this.uploadId = uploadId;
        this.#save();
        this.onplace(uploadId, fresh);
      },
      onsent: (bytes) => this.#measure(bytes),
      onsafe: (bytes) => {
        this.safe = bytes;
        this.#failures = 0;
      },
      onend: () => void this.#end(),
      onrefused: (refused, passes) => this.#fail(refused, passes),
    });
  }

  #measure(bytes: number): void {
    this.sent = bytes;
    const now = performance.now();
    const seconds = (now - this.#mark.at) / 1000;
    if (seconds < 0.4) return;
    const fresh = Math.max(0, bytes - this.#mark.bytes) / seconds;
    this.speed = this.speed ? this.speed * 0.7 + fresh * 0.3 : fresh;
    this.#mark = { bytes, at: now };
  }

  #fail(refused: Refused, passes: boolean): void {
    if (this.phase === "paused") return;
    this.speed = 0;
    this.sent = this.safe;
    this.refused = refused;
    if (!passes) {
      this.phase = "refused";
      this.#finish();
      return;
    }
    if (this.phase !== "lost") this.lostAt ??= new Date();
    this.phase = "lost";
    this.#timer = setTimeout(() => this.#send(), delays_ms[Math.min(this.#failures++, delays_ms.length - 1)]);
  }

  async #end(): Promise<void> {
    this.phase = "sent";
    this.sent = this.safe = this.file.size;
    await forget(this.key);
    this.#finish();
    this.onend();
  }

  /** Tries again now, because a person asked or the line came back. */
  resume(): void {
    if (this.phase === "lost" || this.phase === "paused" || this.phase === "refused") {
      this.#failures = 0;
      this.#send();
    }
  }

  pause(): void {
    this.phase = "paused";
    clearTimeout(this.#timer);
    this.#stop?.();
  }

  /** Stops for good and forgets the file here; what the server holds is the caller's to remove. */
  async drop(): Promise<void> {
    this.pause();
    this.#finish();
    await forget(this.key);
  }

  #save(): void {
    const { name, size, type, lastModified: modified } = this.file;
    remember({ key: this.key, uploadId: this.uploadId, name, size, modified, type, withFile: this.withFile });
  }
}
