/** To whom a video can be sent: the latest conversations, and those who follow back, whom a message reaches at once. */
import { api, ask, asRefused, type Refused } from "#lib/api/client.ts";
import type { Listed, Thread } from "#lib/api/types.ts";
import { List } from "#lib/lists/list.svelte.ts";
import { session } from "#lib/state/session.svelte.ts";
import { others } from "./names.ts";

/** A conversation, or somebody with whom there is none yet; `sent` is the message there, which can be taken back. */
export type Receiver = { key: string; thread: Thread | null; person: Listed | null; sent: string | null; refused: Refused | null };

export class Receivers {
  all = $state<Receiver[]>([]);
  chosen = $state<string[]>([]);
  readonly threads = new List<Thread>((cursor) => ask(api.GET("/api/v1/threads", { params: { query: { cursor, state: "in" } } })));
  readonly people = new List<Listed>((cursor) => ask(api.GET("/api/v1/people/{handle}/following", { params: { path: { handle: session.me?.handle ?? "" }, query: { cursor } } })));

  get next(): string | null {
    return this.threads.page?.next ?? this.people.page?.next ?? null;
  }
  get problem(): Refused | null {
    return this.threads.problem ?? this.people.problem;
  }

  /** Reads both lists from the start, or whichever goes on. */
  async read(more = false): Promise<void> {
    if (!more) await Promise.all([this.threads.read(), this.people.read()]);
    else await (this.threads.page?.next ? this.threads : this.people).read(true);
    const known = new Map(this.all.map((one) => [one.key, one]));
    const pairs = new Set(this.threads.items.filter((thread) => !thread.group).flatMap((thread) => others(thread).map((person) => person.id)));
    const fresh = [
      ...this.threads.items.map((thread): Receiver => ({ key: `t${thread.id}`, thread, person: null, sent: null, refused: null })),
      ...this.people.items.filter((person) => person.relation?.followed_by && !pairs.has(person.id)).map((person): Receiver => ({ key: `p${person.id}`, thread: null, person, sent: null, refused: null })),
    ];
    this.all = fresh.map((one) => known.get(one.key) ?? one);
  }

  choose(one: Receiver): void {
    this.chosen = this.chosen.includes(one.key) ? this.chosen.filter((key) => key !== one.key) : [...this.chosen, one.key];
  }

  /** Sends a video to everyone chosen; answers with those it reached. Who refused it stays chosen, with the reason. */
  async send(video_id: string): Promise<Receiver[]> {
    const wanted = this.all.filter((one) => this.chosen.includes(one.key));
    await Promise.all(wanted.map((one) => this.#sendOne(one, video_id)));
    this.chosen = this.chosen.filter((key) => wanted.some((one) => one.key === key && one.refused));
    return wanted.filter((one) => one.sent);
  }

  async #sendOne(one: Receiver, video_id: string): Promise<void> {
    one.refused = null;
    try {
      one.thread ??= await ask(api.POST("/api/v1/threads", { body: { handles: [one.person!.handle], title: "" } }));
      const message = await ask(api.POST("/api/v1/threads/{thread_id}/messages", { params: { path: { thread_id: one.thread.id } }, body: { text: "", video_id } }));
      one.sent = message.id;
    } catch (problem) {
      one.refused = asRefused(problem);
    }
  }

  /** Takes back what was sent; what can't be taken back stays marked as sent. */
  async takeBack(reached: Receiver[]): Promise<void> {
    await Promise.all(reached.map(async (one) => {
      await ask(api.DELETE("/api/v1/messages/{message_id}", { params: { path: { message_id: one.sent ?? "" } } }));
      one.sent = null;
    }));
  }
}
