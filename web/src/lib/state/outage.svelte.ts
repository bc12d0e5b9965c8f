/**
 * Whether the server answers. Whoever meets an outage says so here; the server is then asked, with pauses that grow, until
 * it is back, and what failed on the page because of it asks again by itself.
 */
const PAUSES_MS = [1000, 2000, 4000, 8000, 15_000];
// Back for so long, it counts as well: the next outage is looked after quickly again.
const CALM_MS = 30_000;

class Outage {
  /** It was asked once more, and is still away: a line above every page says so. */
  away = $state(false);
  #waiting = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pauses = 0;
  #backAt = 0;

  /** A question met an outage. */
  noticed(): void {
    if (this.#timer) return;
    if (Date.now() - this.#backAt > CALM_MS) this.#pauses = 0;
    this.#later();
  }

  /** Calls `again` when the server is back, unless the returned function is called before. */
  whenBack(again: () => void): () => void {
    this.#waiting.add(again);
    return () => void this.#waiting.delete(again);
  }

  /** The line is back: no pause is needed. */
  hurry(): void {
    if (!this.#timer) return;
    clearTimeout(this.#timer);
    this.#pauses = 0;
    void this.#look();
  }

  #later(): void {
    // Not all browsers at the same moment.
    const pause = PAUSES_MS[Math.min(this.#pauses++, PAUSES_MS.length - 1)]! * (0.75 + Math.random() / 2);
    this.#timer = setTimeout(() => void this.#look(), pause);
  }

  async #look(): Promise<void> {
    const well = await fetch("/readyz", { cache: "no-store" }).then((answer) => answer.ok, () => false);
    this.away = !well;
    if (!well) return this.#later();
    this.#timer = undefined;
    this.#backAt = Date.now();
    for (const again of [...this.#waiting]) again();
  }
}

export const outage = new Outage();
addEventListener("online", () => outage.hurry());
