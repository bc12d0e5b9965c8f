/** The English sentences of the feed. */
import type { Sentences } from "../sentences.ts";

export const feed = {
  "home.hello": "Hello, {name}.",
  "home.link": "A link to a video plays without an account.",
  "home.nofeed": "Your next video starts here. What you publish stands on your profile, and anyone with its link can watch it.",
  "home.profile": "Your profile",
  "home.text": "{name} is a place for short videos that belongs to the people who use it.",
  "home.title": "Come in\nand play.",
} as const satisfies Sentences;
