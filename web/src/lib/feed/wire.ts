/** What the feed asks of the server. */
import { api, ask, refusalOf, silence } from "#lib/api/client.ts";
import type { components } from "#lib/api/schema.d.ts";
import type { FeedKind, FeedPage, Why } from "#lib/api/types.ts";
import * as queue from "#lib/signals/queue.ts";

type Schemas = components["schemas"];
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
type Marked = Schemas["Acted"];

/** Likes, saves or reposts, or takes that back; answers with how the video stands then. */
export function mark(id: string, what: Mark, on: boolean): Promise<Marked> {
  const video = { params: { path: { video_id: id } } };
  if (what === "like") return ask(on ? api.PUT("/api/v1/videos/{video_id}/like", video) : api.DELETE("/api/v1/videos/{video_id}/like", video));
  if (what === "save") return ask(on ? api.PUT("/api/v1/videos/{video_id}/save", video) : api.DELETE("/api/v1/videos/{video_id}/save", video));
  return ask(on ? api.PUT("/api/v1/videos/{video_id}/repost", video) : api.DELETE("/api/v1/videos/{video_id}/repost", video));
}

export function follow(handle: string, on: boolean): Promise<Schemas["Relation"]> {
  const person = { params: { path: { handle } } };
  return ask(on ? api.PUT("/api/v1/people/{handle}/follow", person) : api.DELETE("/api/v1/people/{handle}/follow", person));
}

export const why = (request_id: string, position: number): Promise<Why> => ask(api.GET("/api/v1/feed/why/{request_id}/{position}", { params: { path: { request_id, position } } }));
export const refuse = (kind: "video" | "person", id: string, on: boolean): Promise<unknown> => ask(on ? api.POST("/api/v1/feed/refused", { body: { kind, id } }) : api.DELETE("/api/v1/feed/refused", { body: { kind, id } }));

export type Choice = Schemas["FeedChoice"];
export type ChoiceChange = { personal?: boolean; reset?: boolean };
export const readChoice = (): Promise<Choice> => ask(api.GET("/api/v1/me/feed"));
export const choose = (change: ChoiceChange): Promise<Choice> => ask(api.PATCH("/api/v1/me/feed", { body: { reset: false, ...change } }));

export function muteTag(value: string, on: boolean): Promise<unknown> {
  const tag = { params: { path: { kind: "tag" as const, value } } };
  return ask(on ? api.PUT("/api/v1/me/mutes/{kind}/{value}", tag) : api.DELETE("/api/v1/me/mutes/{kind}/{value}", tag));
}

export const passOn = (id: string): Promise<Schemas["ShareLink"]> => ask(api.POST("/api/v1/videos/{video_id}/shares", { params: { path: { video_id: id } } }));
