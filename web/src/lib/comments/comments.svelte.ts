/** The comments of a video as one person reads and writes them, two levels deep. */
import { asRefused, type Refused } from "#lib/api/client.ts";
import type { Card, Comment } from "#lib/api/types.ts";
import { t } from "#lib/i18n/index.ts";
import { signedIn } from "#lib/feed/acts.svelte.ts";
import { session } from "#lib/state/session.svelte.ts";
import { toaster } from "#lib/state/toast.svelte.ts";
import * as wire from "./wire.ts";

/** A comment with what is shown below it, and how far it has come when it is one's own. */
export type Line = { comment: Comment; replies: Line[]; next: string | null; open: boolean; sending: "" | "sending" | "failed"; why: string };

const lineOf = (comment: Comment, sending: Line["sending"] = ""): Line => ({ comment, replies: [], next: null, open: false, sending, why: "" });

export class Comments {
  lines = $state<Line[]>([]);
  order = $state<wire.Order>("top");
  next = $state<string | null>(null);
  loaded = $state(false);
  reading = $state(false);
  problem = $state<Refused | null>(null);
  /** Whom the next words answer. */
  answering = $state<Line | null>(null);
  readonly card: Card;
  #turn = 0;

  constructor(card: Card) {
    this.card = card;
  }

  async read(order = this.order): Promise<void> {
    const turn = ++this.#turn;
    this.order = order;
    this.problem = null;
    this.reading = true;
    try {
      const page = await wire.readPage(this.card.id, order, null);
      if (turn !== this.#turn) return;
      this.lines = page.items.map((one) => lineOf(one));
      this.next = page.next;
      this.loaded = true;
    } catch (trouble) {
      if (turn === this.#turn) this.problem = asRefused(trouble);
    } finally {
      if (turn === this.#turn) this.reading = false;
    }
  }

  async more(): Promise<void> {
    if (!this.next || this.reading) return;
    this.reading = true;
    try {
      const page = await wire.readPage(this.card.id, this.order, this.next);
      const known = new Set(this.lines.map((line) => line.comment.id));
      this.lines.push(...page.items.filter((one) => !known.has(one.id)).map((one) => lineOf(one)));
      this.next = page.next;
    } catch (trouble) {
      toaster.say(asRefused(trouble).sentence);
    } finally {
      this.reading = false;
    }
  }

  async replies(line: Line): Promise<void> {
    line.open = true;
    try {
      const page = await wire.readReplies(line.comment.id, line.next);
      const known = new Set(line.replies.map((one) => one.comment.id));
      line.replies.push(...page.items.filter((one) => !known.has(one.id)).map((one) => lineOf(one)));
      line.next = page.next;
    } catch (trouble) {
      toaster.say(asRefused(trouble).sentence);
    }
  }

  /** Shows one's own words at once, then sends them. */
  async write(text: string): Promise<void> {
    const me = session.me;
    if (!me) return;
    const to = this.answering;
    this.answering = null;
    const parent = to ? (this.lines.find((line) => line === to || line.replies.includes(to)) ?? null) : null;
    const now: Comment = { id: `own-${Date.now()}`, video_id: this.card.id, parent_id: parent?.comment.id ?? null, author: { id: me.id, handle: me.handle, name: me.name, avatar_url: me.avatar_url }, text, created_at: new Date().toISOString(), likes: 0, replies: 0, liked: false, pinned: false, state: "shown", by_creator: this.card.mine, liked_by_creator: false, mine: true, may_delete: true, mentions: [] };
    if (parent) {
      parent.open = true;
      parent.replies.push(lineOf(now, "sending"));
      await this.#send(parent.replies.at(-1)!, parent);
    } else {
      this.lines.unshift(lineOf(now, "sending"));
      await this.#send(this.lines[0]!, null);
    }
  }

  async #send(line: Line, parent: Line | null): Promise<void> {
    line.sending = "sending";
    try {
      line.comment = await wire.write(this.card.id, line.comment.text, parent?.comment.id ?? null);
      line.sending = "";
      this.card.counts.comments += 1;
      if (parent) parent.comment.replies += 1;
    } catch (trouble) {
      line.sending = "failed";
      line.why = asRefused(trouble).sentence;
    }
  }

  async again(line: Line): Promise<void> {
    await this.#send(line, this.lines.find((one) => one.replies.includes(line)) ?? null);
  }

  async like(line: Line): Promise<void> {
    if (!signedIn("like")) return;
    const on = !line.comment.liked;
    const set = (to: boolean): void => {
      line.comment.liked = to;
      line.comment.likes = Math.max(0, line.comment.likes + (to ? 1 : -1));
    };
    set(on);
    try {
      await wire.like(line.comment.id, on);
    } catch (trouble) {
      set(!on);
      toaster.say(asRefused(trouble).sentence);
    }
  }

  async pin(line: Line): Promise<void> {
    const on = !line.comment.pinned;
    try {
      await wire.pin(line.comment.id, on);
      await this.read();
    } catch (trouble) {
      toaster.say(asRefused(trouble).sentence);
    }
  }

  /** Shows to all what a filter held back. */
  async show(line: Line): Promise<void> {
    try {
      await wire.show(line.comment.id);
      line.comment.state = "shown";
    } catch (trouble) {
      toaster.say(asRefused(trouble).sentence);
    }
  }

  /** Takes a comment away; for nine seconds it can come back. */
  remove(line: Line): void {
    const lists = [this.lines, ...this.lines.map((one) => one.replies)];
    const list = lists.find((one) => one.includes(line));
    if (!list) return;
    const at = list.indexOf(line);
    list.splice(at, 1);
    if (line.sending) return;
    this.card.counts.comments = Math.max(0, this.card.counts.comments - 1);
    const back = (): void => {
      list.splice(at, 0, line);
      this.card.counts.comments += 1;
    };
    toaster.undoable(t("comments.deleted"), back, () => {
      wire.remove(line.comment.id).catch((trouble: unknown) => {
        back();
        toaster.say(asRefused(trouble).sentence);
      });
    });
  }

  /** Lets go of what was reported: it is hidden for this person from now on. */
  drop(id: string): void {
    this.lines = this.lines.filter((line) => line.comment.id !== id);
    for (const line of this.lines) line.replies = line.replies.filter((one) => one.comment.id !== id);
  }
}
