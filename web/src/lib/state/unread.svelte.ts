/** How much is new in the inbox, and waits for a moderator, kept fresh by the event stream. */
import { call } from "#lib/api/client.ts";
import { listen } from "./stream.ts";

class Unread {
  notifications = $state(0);
  messages = $state(0);
  requests = $state(0);
  /** Cases and appeals that nobody has decided; for those who moderate. */
  waiting = $state(0);

  get all(): number {
    return this.notifications + this.messages + this.requests;
  }

  async read(): Promise<void> {
    const now = await call<{ notifications: number; messages: number; requests: number }>("GET", "/api/v1/inbox/unread").catch(() => null);
    if (now) Object.assign(this, { notifications: now.notifications, messages: now.messages, requests: now.requests });
  }

  async readWaiting(): Promise<void> {
    const now = await call<{ cases: number; appeals: number }>("GET", "/api/v1/moderation/waiting").catch(() => null);
    if (now) this.waiting = now.cases + now.appeals;
  }

  /** Follows the stream until the returned function is called; who moderates, the queue as well. */
  follow(moderates: boolean): () => void {
    void this.read();
    if (moderates) void this.readWaiting();
    const end = listen((news) => {
      if (news.type === "hello" || news.type === "inbox" || news.type === "message") void this.read();
      if (moderates && (news.type === "hello" || news.type === "moderation")) void this.readWaiting();
    });
    return () => {
      end();
      this.notifications = this.messages = this.requests = this.waiting = 0;
    };
  }
}

export const unread = new Unread();
