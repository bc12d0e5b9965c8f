/** One conversation: its messages, oldest first, those being sent and those that failed. */
import { api, ask, asRefused, type Refused } from "#lib/api/client.ts";
import type { Message, Thread } from "#lib/api/types.ts";
import { unread } from "#lib/state/unread.svelte.ts";

export type Sending = { key: number; text: string; video_id: string | null; failed: Refused | null };

export class Conversation {
  thread = $state<Thread | null>(null);
  messages = $state<Message[]>([]);
  sending = $state<Sending[]>([]);
  earlier = $state<string | null>(null);
  problem = $state<Refused | null>(null);
  #key = 0;

  constructor(readonly id: string) {}

  get #path() {
    return { path: { thread_id: this.id } };
  }

  /** Reads the conversation and its latest messages, and says that they were read. */
  read = async (): Promise<void> => {
    try {
      const [thread, page] = await Promise.all([
        ask(api.GET("/api/v1/threads/{thread_id}", { params: this.#path })),
        ask(api.GET("/api/v1/threads/{thread_id}/messages", { params: this.#path })),
      ]);
      this.thread = thread;
      const latest = page.items.toReversed();
      const known = new Set(latest.map((message) => message.id));
      const oldest = latest[0];
      this.messages = [...this.messages.filter((message) => !known.has(message.id) && oldest && BigInt(message.id) < BigInt(oldest.id)), ...latest];
      if (this.earlier === null || this.messages.length === latest.length) this.earlier = page.next;
      this.problem = null;
      await this.#seen();
    } catch (problem) {
      this.problem = asRefused(problem);
    }
  };

  readEarlier = async (): Promise<void> => {
    if (!this.earlier) return;
    const page = await ask(api.GET("/api/v1/threads/{thread_id}/messages", { params: { ...this.#path, query: { cursor: this.earlier } } }));
    this.messages = [...page.items.toReversed(), ...this.messages];
    this.earlier = page.next;
  };

  async #seen(): Promise<void> {
    const last = this.messages.at(-1);
    if (!last || !this.thread?.unread || this.thread.state !== "in" || document.visibilityState !== "visible") return;
    await ask(api.POST("/api/v1/threads/{thread_id}/read", { params: this.#path, body: { up_to: last.id } })).catch(() => undefined);
    this.thread.unread = 0;
    void unread.read();
  }

  /** Shows what was written at once; it stays with its reason when it can't be sent. */
  async send(text: string, video_id: string | null = null): Promise<void> {
    this.sending.push({ key: ++this.#key, text, video_id, failed: null });
    await this.again(this.sending.at(-1)!);
  }

  async again(item: Sending): Promise<void> {
    item.failed = null;
    try {
      const message = await ask(api.POST("/api/v1/threads/{thread_id}/messages", { params: this.#path, body: { text: item.text, video_id: item.video_id } }));
      this.sending = this.sending.filter((other) => other.key !== item.key);
      if (!this.messages.some((other) => other.id === message.id)) this.messages.push(message);
    } catch (problem) {
      item.failed = asRefused(problem);
    }
  }

  drop(item: Sending): void {
    this.sending = this.sending.filter((other) => other.key !== item.key);
  }

  async remove(message: Message): Promise<void> {
    await ask(api.DELETE("/api/v1/messages/{message_id}", { params: { path: { message_id: message.id } } }));
    await this.read();
  }
}
