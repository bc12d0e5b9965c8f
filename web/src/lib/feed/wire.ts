/** What the feed asks of the server. */
import { call, refusalOf, silence } from "#lib/api/client.ts";
import type { Counts, FeedKind, FeedPage, Standing, ViewerMarks, Why } from "#lib/api/types.ts";
import * as queue from "#lib/signals/queue.ts";

type Asked = { kind: FeedKind; cursor?: string; again?: boolean };

/** The shell asks for the first page of For You while the app is still on its way; it is taken once. */
function early(asked: Asked): Promise<Response> | null {
  const shell = globalThis as { nonetFeed?: Promise<Response> };
  const begun = shell.nonetFeed;
  delete shell.nonetFeed;
  return asked.kind === "for_you" && !asked.cursor && !asked.again ? (begun ?? null) : null;
}

/** Reads a page; what was watched until now travels with the question, so that the answer knows of it. */
export async function readPage(asked: Asked): Promise<FeedPage> {
  const begun = early(asked);
  const events = begun ? [] : queue.lend();
  let answer: Response;
  try {
    answer = await (begun ?? fetch("/api/v1/feed", { method: "POST", keepalive: true, headers: { "Content-Type": "application/json" }, body: JSON.stringify({ ...asked, ...(events.length ? { events } : {}) }) }));
  } catch {
    queue.returned(events);
    throw silence();
  }
  if (answer.ok) queue.arrived(events);
  else queue.returned(events);
  const said: unknown = await answer.json().catch(() => null);
  if (!answer.ok) throw refusalOf(answer.status, said);
  return said as FeedPage;
}

export type Mark = "like" | "save" | "repost";
export type Marked = { counts: Counts; viewer: ViewerMarks };

export const mark = (id: string, what: Mark, on: boolean): Promise<Marked> => call(on ? "PUT" : "DELETE", `/api/v1/videos/${id}/${what}`);
export const follow = (handle: string, on: boolean): Promise<{ following: Standing }> => call(on ? "PUT" : "DELETE", `/api/v1/people/${handle}/follow`);
export const why = (request: string, position: number): Promise<Why> => call("GET", `/api/v1/feed/why/${request}/${position}`);
export const refuse = (kind: "video" | "person", id: string, on: boolean): Promise<null> => call(on ? "POST" : "DELETE", "/api/v1/feed/refused", { kind, id });
export const readChoice = (): Promise<{ personal: boolean }> => call("GET", "/api/v1/me/feed");
export const choose = (change: { personal?: boolean; reset?: true }): Promise<{ personal: boolean }> => call("PATCH", "/api/v1/me/feed", change);
export const muteTag = (tag: string, on: boolean): Promise<null> => call(on ? "PUT" : "DELETE", `/api/v1/me/mutes/tag/${encodeURIComponent(tag)}`);
export const passOn = (id: string): Promise<{ url: string; code: string }> => call("POST", `/api/v1/videos/${id}/shares`, {});
