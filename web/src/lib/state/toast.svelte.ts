/** One toast at a time. What can be undone waits nine seconds, and stops waiting under the pointer or the focus. */
type Toast = { text: string; undo?: () => void; done?: () => void; left: number };

const SECONDS = 9;

class Toaster {
  current = $state<Toast | null>(null);
  held = $state(false);
  /** How many sheets lie over the page: what is said stands in the uppermost, for everything below it can't be reached. */
  sheets = $state(0);
  #timer: ReturnType<typeof setInterval> | null = null;

  /** Says that something happened. */
  say(text: string): void {
    this.#show({ text, left: 4 });
  }

  /** Says that something happened that can still be taken back; `done` runs when it no longer can. */
  undoable(text: string, undo: () => void, done?: () => void): void {
    this.#show({ text, undo, done, left: SECONDS });
  }

  undo(): void {
    const toast = this.current;
    this.#clear();
    toast?.undo?.();
  }

  /** Ends the waiting now: the page is going away, or another toast comes. */
  settle(): void {
    const toast = this.current;
    this.#clear();
    toast?.done?.();
  }

  #show(toast: Toast): void {
    this.settle();
    this.current = toast;
    this.#timer = setInterval(() => this.#tick(), 1000);
  }

  #tick(): void {
    if (!this.current || this.held) return;
    this.current.left -= 1;
    if (this.current.left <= 0) this.settle();
  }

  #clear(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    this.held = false;
    this.current = null;
  }
}

export const toaster = new Toaster();
