/** A list that is read page by page. */
import { asRefused, type Refused } from "#lib/api/client.ts";

type Page<T> = { items: T[]; next: string | null };

export class List<T extends { id: string }, P extends Page<T> = Page<T>> {
  items = $state<T[]>([]);
  page = $state<P | null>(null);
  problem = $state<Refused | null>(null);
  #turn = 0;

  constructor(readonly get: (cursor?: string) => Promise<P>) {}

  /** Reads from the start, or goes on after what is here; an answer that was overtaken by a later question is let go. */
  read = async (more = false): Promise<void> => {
    const turn = ++this.#turn;
    try {
      const page = await this.get(more ? (this.page?.next ?? undefined) : undefined);
      if (turn !== this.#turn) return;
      this.items = more ? [...this.items, ...page.items] : page.items;
      this.page = page;
      this.problem = null;
    } catch (problem) {
      if (turn === this.#turn) this.problem = asRefused(problem);
    }
  };
}
