/** How much is new in the inbox, kept fresh by the event stream. */
import { call } from "#lib/api/client.ts";
import { listen } from "./stream.ts";

class Unread {
  notifications = $state(0);
  messages = $state(0);
  requests = $state(0);

  get all(): number {
    return this.notifications + this.messages + this.requests;
  }

  async read(): Promise<void> {
    const now = await call<{ notifications: number; messages: number; requests: number }>("GET", "/api/v1/inbox/unread").catch(() => null);
    if (now) Object.assign(this, { notifications: now.notifications, messages: now.messages, requests: now.requests });
  }

  /** Follows the stream until the returned function is called. */
  follow(): () => void {
    void this.read();
    const end = listen((news) => {
      if (news.type === "hello" || news.type === "inbox" || news.type === "message") void this.read();
    });
    return () => {
      end();
      this.notifications = this.messages = this.requests = 0;
    };
  }
}

export const unread = new Unread();
