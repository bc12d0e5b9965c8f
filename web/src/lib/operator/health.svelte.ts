/** How the server does, asked for again and again while somebody looks. */
import { api, ask, asRefused, type Refused } from "#lib/api/client.ts";
import type { Health } from "#lib/api/types.ts";

const EVERY_MS = 10_000;

export class HealthNews {
  last = $state<Health | null>(null);
  /** When the last answer came, by this device's clock. */
  at = $state<Date | null>(null);
  /** Why the newest question has no answer; the last one stays. */
  problem = $state<Refused | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking = false;
  #followed = false;

  read = async (): Promise<void> => {
    clearTimeout(this.#timer);
    if (this.#asking) return;
    this.#asking = true;
    try {
      this.last = await ask(api.GET("/api/v1/operator/health"));
      this.at = new Date();
      this.problem = null;
    } catch (problem) {
      this.problem = asRefused(problem);
    }
    this.#asking = false;
    if (this.#followed && document.visibilityState === "visible") this.#timer = setTimeout(this.read, EVERY_MS);
  };

  /** Asks until the returned function is called; a page that nobody sees asks nothing. */
  follow(): () => void {
    const turned = () => (document.visibilityState === "visible" ? void this.read() : clearTimeout(this.#timer));
    this.#followed = true;
    document.addEventListener("visibilitychange", turned);
    void this.read();
    return () => {
      this.#followed = false;
      document.removeEventListener("visibilitychange", turned);
      clearTimeout(this.#timer);
    };
  }
}
