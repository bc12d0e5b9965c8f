/** The English sentences of profiles. */
import type { Sentences } from "../sentences.ts";

export const people = {
  "person.drafts": { one: "{n} draft", other: "{n} drafts" },
  "person.drafts.text": "Only you see them",
  "person.edit": "Edit profile",
  "person.empty": "{name} hasn’t published yet",
  "person.empty.own": "Nothing published yet",
  "person.empty.own.text": "Your first video will stand here.",
  "person.empty.text": "The first video will stand here.",
  "person.missing": "Nobody is here by that name",
  "person.missing.text": "@{handle} doesn’t exist, or has another name by now.",
  "person.nobio": "Say something about yourself in the settings.",
  "person.share": "Share profile",
  "person.tab": "Videos",
  "person.videos": { one: "video", other: "videos" },
} as const satisfies Sentences;
