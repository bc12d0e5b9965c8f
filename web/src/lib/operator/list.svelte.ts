/** A list of the operator's that is read page by page. */
import { asRefused, type Refused } from "#lib/api/client.ts";

type Page<T> = { items: T[]; next: string | null };

export class List<T extends { id: string }, P extends Page<T> = Page<T>> {
  items = $state<T[]>([]);
  page = $state<P | null>(null);
  problem = $state<Refused | null>(null);

  constructor(readonly get: (cursor?: string) => Promise<P>) {}

  /** Reads from the start, or goes on after what is here. */
  read = async (more = false): Promise<void> => {
    try {
      const page = await this.get(more ? (this.page?.next ?? undefined) : undefined);
      this.items = more ? [...this.items, ...page.items] : page.items;
      this.page = page;
      this.problem = null;
    } catch (problem) {
      this.problem = asRefused(problem);
    }
  };
  put(item: T): void {
    this.items = this.items.map((other) => (other.id === item.id ? item : other));
  }
}
