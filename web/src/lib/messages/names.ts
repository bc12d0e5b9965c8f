/** How a conversation is called: by its name, or by who else takes part; and what its own lines say. */
import type { Message, Thread } from "#lib/api/types.ts";
import { listParts, t } from "#lib/i18n/index.ts";
import { session } from "#lib/state/session.svelte.ts";

export function others(thread: Thread): Thread["people"] {
  return thread.people.filter((person) => person.id !== session.me?.id);
}

/** The handles in what somebody typed. */
export function handlesIn(typed: string): string[] {
  return typed.split(/[\s,;]+/).map((word) => word.replace(/^@/, "")).filter(Boolean);
}

/** What happened to a group, between what is said in it. */
export function lineOf(message: Message): string {
  const nameOf = (one: Message["author"]): string => (one ? one.name || one.handle : t("inbox.nobody"));
  const who = message.mine ? t("messages.line.you") : nameOf(message.author);
  if (message.kind === "added") return t("messages.line.added", { who, name: message.about?.id === session.me?.id ? t("messages.line.me") : nameOf(message.about) });
  return message.text ? t("messages.line.titled", { who, title: message.text }) : t("messages.line.untitled", { who });
}

export function named(thread: Thread): string {
  if (thread.title) return thread.title;
  const names = others(thread).map((person) => person.name || person.handle);
  return names.length ? listParts(names).map((part) => part.value).join("") : t("inbox.nobody");
}
