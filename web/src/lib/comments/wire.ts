/** What the comments ask of the server. */
import { call } from "#lib/api/client.ts";
import type { Comment } from "#lib/api/types.ts";

export type Order = "top" | "new";
type Page = { items: Comment[]; next: string | null };
const tail = (cursor: string | null, first = "?"): string => (cursor ? `${first}cursor=${encodeURIComponent(cursor)}` : "");

export const readPage = (video: string, order: Order, cursor: string | null): Promise<Page> => call("GET", `/api/v1/videos/${video}/comments?order=${order}${tail(cursor, "&")}`);
export const readReplies = (comment: string, cursor: string | null): Promise<Page> => call("GET", `/api/v1/comments/${comment}/replies${tail(cursor)}`);
export const write = (video: string, text: string, parent_id: string | null): Promise<Comment> => call("POST", `/api/v1/videos/${video}/comments`, { text, ...(parent_id ? { parent_id } : {}) });
export const remove = (comment: string): Promise<null> => call("DELETE", `/api/v1/comments/${comment}`);
export const like = (comment: string, on: boolean): Promise<Partial<Comment> | null> => call(on ? "PUT" : "DELETE", `/api/v1/comments/${comment}/like`);
export const pin = (comment: string, on: boolean): Promise<Partial<Comment> | null> => call(on ? "PUT" : "DELETE", `/api/v1/comments/${comment}/pin`);
export const show = (comment: string): Promise<Partial<Comment> | null> => call("POST", `/api/v1/comments/${comment}/show`);
