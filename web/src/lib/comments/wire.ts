/** What the comments ask of the server. */
import { api, ask } from "#lib/api/client.ts";
import type { components } from "#lib/api/schema.d.ts";
import type { Comment } from "#lib/api/types.ts";

export type Order = "top" | "new";
type Page = components["schemas"]["CommentPage"];
const at = (comment_id: string) => ({ params: { path: { comment_id } } });

export const readPage = (video_id: string, order: Order, cursor: string | null): Promise<Page> => ask(api.GET("/api/v1/videos/{video_id}/comments", { params: { path: { video_id }, query: { order, cursor } } }));
export const readReplies = (comment_id: string, cursor: string | null): Promise<Page> => ask(api.GET("/api/v1/comments/{comment_id}/replies", { params: { path: { comment_id }, query: { cursor } } }));
export const write = (video_id: string, text: string, parent_id: string | null): Promise<Comment> => ask(api.POST("/api/v1/videos/{video_id}/comments", { params: { path: { video_id } }, body: { text, parent_id } }));
export const remove = (id: string): Promise<unknown> => ask(api.DELETE("/api/v1/comments/{comment_id}", at(id)));
export const like = (id: string, on: boolean): Promise<Comment> => ask(on ? api.PUT("/api/v1/comments/{comment_id}/like", at(id)) : api.DELETE("/api/v1/comments/{comment_id}/like", at(id)));
export const pin = (id: string, on: boolean): Promise<Comment> => ask(on ? api.PUT("/api/v1/comments/{comment_id}/pin", at(id)) : api.DELETE("/api/v1/comments/{comment_id}/pin", at(id)));
export const show = (id: string): Promise<Comment> => ask(api.POST("/api/v1/comments/{comment_id}/show", at(id)));
