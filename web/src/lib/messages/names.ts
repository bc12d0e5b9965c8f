/** How a conversation is called: by its name, or by who else takes part. */
import type { Thread } from "#lib/api/types.ts";
import { listParts, t } from "#lib/i18n/index.ts";
import { session } from "#lib/state/session.svelte.ts";

export function others(thread: Thread): Thread["people"] {
  return thread.people.filter((person) => person.id !== session.me?.id);
}

export function named(thread: Thread): string {
  if (thread.title) return thread.title;
  const names = others(thread).map((person) => person.name || person.handle);
  return names.length ? listParts(names).map((part) => part.value).join("") : t("inbox.nobody");
}
