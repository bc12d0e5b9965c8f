/** The English sentences of a video and its stage. */
import type { Sentences } from "../sentences.ts";

export const player = {
  "about.captions": "Captions",
  "about.details": "Details",
  "about.keys": "↑ ↓ other videos · Space plays and pauses · ? shows all keys",
  "about.label": "About this video",
  "about.length": "Length",
  "about.published": "Published",
  "about.views": "Views",
  "about.sound": "Original sound",
  "about.transcript": "Transcript",

  "player.captions": "Captions",
  "player.captions.hint": "Captions, key C",
  "player.failed": "The video stopped",
  "player.failed.text": "Its bytes didn’t come. It goes on from here when you try again.",
  "player.fast": "Twice as fast",
  "player.pause": "Pause",
  "player.play": "Play",
  "player.position": "Position",
  "player.position.of": "{at} of {all}",
  "player.slow": "Waiting for the line",
  "player.slow.text": "The next part is slow to come. It goes on by itself.",
  "player.sound": "Sound",
  "player.sound.hint": "Sound, key M",

  "video.author": "{name}’s profile",
  "video.by": "A video by {name}",
  "video.deleted": "Video deleted",
  "video.missing": "No video stands here",
  "video.missing.text": "It was removed, or its author shares it with fewer people now.",
  "video.more": "More",
  "video.title": "Video",
  "video.untitled": "Without a caption",
  "video.working": "On its way",
  "video.working.text": "It plays here as soon as the first version is made.",
} as const satisfies Sentences;
