/** Leaves a conversation: out of the list at once, left on the server when it can no longer be taken back. */
import { SvelteSet } from "svelte/reactivity";
import { goto } from "$app/navigation";
import { api, ask, asRefused } from "#lib/api/client.ts";
import { t } from "#lib/i18n/index.ts";
import { toaster } from "#lib/state/toast.svelte.ts";

/** Conversations that are being left. */
export const leaving = new SvelteSet<string>();

export async function leave(id: string): Promise<void> {
  await goto("/messages");
  leaving.add(id);
  toaster.undoable(t("messages.left"), () => leaving.delete(id), () => void finish(id));
}

async function finish(id: string): Promise<void> {
  try {
    await ask(api.DELETE("/api/v1/threads/{thread_id}", { params: { path: { thread_id: id } }, keepalive: true }));
  } catch (problem) {
    leaving.delete(id);
    toaster.say(asRefused(problem).sentence);
  }
}
