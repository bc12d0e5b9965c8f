/** What was searched before, in this browser alone. */
const KEY = "nonet.searches";
const MOST = 8;

export function recent(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((each): each is string => typeof each === "string").slice(0, MOST) : [];
  } catch {
    return [];
  }
}

export function remember(query: string): void {
  try {
    localStorage.setItem(KEY, JSON.stringify([query, ...recent().filter((other) => other !== query)].slice(0, MOST)));
  } catch {
    // Without storage nothing is remembered.
  }
}

export function forget(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // There was nothing.
  }
}
