/** The English sentences of why a video was chosen, and what can be said to that. */
import type { Sentences } from "../sentences.ts";

export const why = {
  "why.hide": "Nothing of this person",
  "why.lead": "It was picked for you. What weighed most:",
  "why.lead.plain": "It was not picked by who you are. What weighed:",
  "why.less": "Not interested",
  "why.mute": "Mute {tag}",
  "why.mute.key": "Mute",
  "why.mute.text": "From the next video on",
  "why.never": "Never used: messages, gifts, payments, contacts.",
  "why.other": "One of several reasons",
  "why.personal": "Personal feed",
  "why.personal.off": "Off. From the next page on nothing is picked by what you watched.",
  "why.personal.on": "On. What you watch shapes the next page.",
  "why.personal.text": "Off: nothing is picked by what you watched",
  "why.reset": "Start again",
  "why.reset.done": "Forgotten. The feed learns anew from here.",
  "why.reset.key": "Reset",
  "why.reset.text": "Forget what the feed learned about you",
  "why.title": "Why this video",
  "why.unknown": "You opened this video yourself; no feed picked it.",
  "why.unmute.key": "Unmute",
  "why.weight": "{n} of 100",
} as const satisfies Sentences;
