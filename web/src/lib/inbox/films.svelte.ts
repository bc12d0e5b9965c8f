/** The videos that rows of the inbox are about, read a page at a time. */
import { api, ask } from "#lib/api/client.ts";
import type { Card, Notification } from "#lib/api/types.ts";

const MOST = 50;

export class Films {
  #cards = $state<Record<string, Card | null>>({});

  of(row: Notification): Card | null {
    return this.#cards[idOf(row)] ?? null;
  }

  /** Reads the videos that aren't known yet; a row whose video can't be read stands without a picture. */
  async read(rows: Notification[]): Promise<void> {
    const ids = [...new Set(rows.map(idOf))].filter((id) => id && !(id in this.#cards)).slice(0, MOST);
    if (!ids.length) return;
    const page = await ask(api.GET("/api/v1/videos", { params: { query: { ids: ids.join(",") } } })).catch(() => null);
    if (!page) return;
    for (const id of ids) this.#cards[id] = page.items.find((card) => card.id === id) ?? null;
  }
}

function idOf(row: Notification): string {
  if (row.subject_kind === "video") return row.subject_id;
  return typeof row.details.video_id === "string" ? row.details.video_id : "";
}
