/** Takes a video away: gone from the page at once, gone from the server when it can no longer be taken back. */
import { api, ask, asRefused } from "#lib/api/client.ts";
import type { Video } from "#lib/api/types.ts";
import { t } from "#lib/i18n/index.ts";
import { toaster } from "#lib/state/toast.svelte.ts";
import { uploads } from "./engine.svelte";
import { mine } from "./mine.svelte";

export function remove(video: Video): void {
  const sending = uploads.of(video.upload_id);
  sending?.pause();
  toaster.undoable(
    t("video.deleted"),
    () => {
      mine.hidden.delete(video.id);
      sending?.resume();
    },
    () => void finish(video),
  );
  mine.hidden.add(video.id);
}

async function finish(video: Video): Promise<void> {
  const sending = uploads.of(video.upload_id);
  if (sending) await uploads.drop(sending);
  try {
    await ask(api.DELETE("/api/v1/videos/{video_id}", { params: { path: { video_id: video.id } }, keepalive: true }));
    mine.items = mine.items.filter((other) => other.id !== video.id);
  } catch (problem) {
    mine.hidden.delete(video.id);
    toaster.say(asRefused(problem).sentence);
  }
}
