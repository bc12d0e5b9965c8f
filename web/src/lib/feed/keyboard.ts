/** The keys of the feed, by what they do. */
import { settings } from "#lib/state/settings.svelte.ts";
import type { Reel } from "./reel.svelte.ts";

type Does = { like: () => void; help: () => unknown };

export function keyboard(reel: Reel, does: Does): (event: KeyboardEvent) => void {
  const seek = (event: KeyboardEvent, way: 1 | -1): void => reel.player?.seek(reel.player.time + way * (event.shiftKey ? 1 / 30 : 5));
  return (event) => {
    const target = event.target as HTMLElement;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]") || target.closest("input,textarea,select,[contenteditable]")) return;
    // A list of tabs has its own use for the arrows.
    if (event.key.startsWith("Arrow") && target.closest("[role=tablist]")) return;
    const acts: Record<string, () => unknown> = {
      ArrowDown: () => reel.go(1),
      ArrowUp: () => reel.go(-1),
      PageDown: () => reel.go(1),
      PageUp: () => reel.go(-1),
      j: () => reel.go(1),
      k: () => reel.go(-1),
      " ": () => (target.closest("button,a,summary") ? null : reel.player?.toggle()),
      m: () => reel.setSound(!settings.aloud),
      c: () => settings.setCaptions(!settings.captions),
      l: does.like,
      "?": does.help,
      ArrowLeft: () => seek(event, -1),
      ArrowRight: () => seek(event, 1),
    };
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act || act() === null) return;
    event.preventDefault();
  };
}
