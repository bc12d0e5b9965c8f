/** The English sentences of what every page shares. */
import type { Sentences } from "../sentences.ts";

export const frame = {
  "ago.hours": "{n} h",
  "ago.minutes": "{n} min",
  "ago.now": "just now",

  "bytes.of": "{part} of {all}",

  "key.again": "Try again",
  "key.back": "Back",
  "key.close": "Close",
  "key.goon": "Go on",
  "key.home": "Home",
  "key.more": "Show more",
  "key.more.about": "More about {what}",
  "key.signin": "Sign in",
  "key.signup": "Sign up",
  "key.undo": "Undo,",
  "key.undo.plain": "Undo",

  "missing.head": "Nothing stands at this address",
  "missing.text": "It may have moved, or the link lost a letter.",
  "missing.title": "Not found",

  "nav.create": "Create",
  "nav.discover": "Discover",
  "nav.following": "Following",
  "nav.foryou": "For You",
  "nav.home": "Home",
  "nav.inbox": "Inbox",
  "nav.new": { one: "{n} new", other: "{n} new" },
  "nav.label": "Main",
  "nav.moderation": "Moderation",
  "nav.operator": "Operator",
  "nav.people": "People you follow",
  "nav.profile": "Profile",
  "nav.settings": "Settings",
  "nav.signin": "Sign in",
  "nav.signup": "Sign up",
  "nav.skip": "Skip to content",
  "nav.uploads": "Uploads",
  "nav.you": "You",

  "notice.exposed": "This address is not encrypted: others on the network can read what you send, passwords too.",
  "notice.exposed.how": "How to change that",
  "notice.offline": "No connection. What you have open stays here; uploads go on by themselves.",

  "problem.app": "The page met something it doesn’t know. Reload it; nothing on the server is lost.",
  "problem.code": "Code: {code}",
  "problem.details": "Details",
  "problem.offline": "There is no connection. What you had open is still here.",
  "problem.refused": "The server refused this, without saying why.",
  "problem.request": "Request: {id}",
  "problem.server": "The server failed at this. What was saved before is safe.",
  "problem.silent": "Nothing came back. What you had open is still here.",
  "problem.title": "That didn’t work",
  "problem.title.silent": "The server didn’t answer",

  "time.minutes": { one: "{n} minute", other: "{n} minutes" },
  "time.seconds": { one: "{n} second", other: "{n} seconds" },

  "toast.left": "{n} s",

  "waiting.words": "Still waiting for the server",
} as const satisfies Sentences;
