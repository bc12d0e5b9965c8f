/**
 * Events on their way: kept in this browser until the server has them, sent at each swipe and when the page goes away.
 * An event may arrive twice, by two ways or two tabs: its id tells the server.
 */
import type { Served } from "#lib/api/types.ts";
import { uuid7 } from "./uuid7.ts";

type Kind = "impression" | "start" | "heartbeat" | "pause" | "finish" | "loop" | "skip" | "profile" | "comments" | "hide";
export type Played = { played_ms: number; ranges: [number, number][] };
type SeenEvent = { id: string; kind: Kind; video_id: string } & Served & Partial<Played>;

const ADDRESS = "/api/v1/events";
const PREFIX = "nonet.events.";
// A browser lets 64 kB go on after the page has gone.
const BATCH_MOST = 120;
const KEPT_MOST = 2000;
const WAITS_MS = [2000, 5000, 15_000, 60_000];

let waiting: SeenEvent[] = [];
let away = new Set<string>();
// Until the server has said who is here, events belong to whoever that turns out to be: the same cookie sends them.
const UNKNOWN = "unknown";
let owner = UNKNOWN;
let quiet_until = 0;
let failures = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
const tab = Math.random().toString(36).slice(2, 10);
const place = (): string => `${PREFIX}${owner}.${tab}`;

function keep(): void {
  try {
    if (waiting.length) localStorage.setItem(place(), JSON.stringify(waiting));
    else localStorage.removeItem(place());
  } catch {
    // Full or forbidden: what waits is lost with the page, and nothing else.
  }
}

/** Says whose events these are; those of somebody else are let go, and what earlier pages left of this one's is taken up. */
export function belongTo(account: string | null): void {
  const next = account ?? "0";
  if (next !== owner) {
    try {
      localStorage.removeItem(place());
    } catch {
      // Nothing was kept then.
    }
    if (owner !== UNKNOWN) waiting = [];
    owner = next;
    keep();
  }
  try {
    const left = Object.keys(localStorage).filter((key) => key.startsWith(`${PREFIX}${owner}.`) && key !== place());
    // Pages that went before anyone was known have sent theirs by beacon; whose they were can't be told any more.
    for (const key of Object.keys(localStorage)) if (key.startsWith(`${PREFIX}${UNKNOWN}.`)) localStorage.removeItem(key);
    for (const key of left) {
      const known = new Set(waiting.map((event) => event.id));
      waiting.push(...(JSON.parse(localStorage.getItem(key) ?? "[]") as SeenEvent[]).filter((event) => !known.has(event.id)));
      localStorage.removeItem(key);
    }
    if (left.length) keep();
  } catch {
    // Unreadable leftovers are nobody's.
  }
  if (waiting.length) later(1500);
}

/** Adds an event; it leaves with the next swipe, or soon. */
export function add(kind: Kind, video_id: string, served: Served, played?: Played): void {
  waiting.push({ id: uuid7(), kind, video_id, request_id: served.request_id, position: served.position, ticket: served.ticket, ...played });
  if (waiting.length > KEPT_MOST) waiting.splice(0, waiting.length - KEPT_MOST);
  keep();
  later(12_000);
}

/** Lends what waits to a request that carries it; say `arrived` or `returned` when that has ended. */
export function lend(): SeenEvent[] {
  const lent = waiting.filter((event) => !away.has(event.id)).slice(0, BATCH_MOST);
  for (const event of lent) away.add(event.id);
  return lent;
}

/** The server has these, or will never want them. */
export function arrived(events: SeenEvent[]): void {
  const gone = new Set(events.map((event) => event.id));
  waiting = waiting.filter((event) => !gone.has(event.id));
  returned(events);
  keep();
}

/** These did not arrive and wait again. */
export function returned(events: SeenEvent[]): void {
  for (const event of events) away.delete(event.id);
}

/** Sends what waits, unless the server asked for quiet. */
export async function flush(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  if (Date.now() < quiet_until) return later(quiet_until - Date.now());
  if (navigator.onLine === false) return;
  const events = lend();
  if (!events.length) return;
  try {
    const answer = await fetch(ADDRESS, { method: "POST", keepalive: true, headers: { "Content-Type": "application/json" }, body: JSON.stringify({ events }) });
    if (answer.status === 429 || answer.status >= 500) {
      returned(events);
      return backOff(Number(answer.headers.get("retry-after")) * 1000);
    }
    // What was refused by its code would be refused again: it is let go with what was kept.
    failures = 0;
    arrived(events);
    if (waiting.length) later(200);
  } catch {
    returned(events);
    backOff(0);
  }
}

function backOff(asked_ms: number): void {
  const wait = Math.max(asked_ms || 0, WAITS_MS[Math.min(failures++, WAITS_MS.length - 1)]! * (0.75 + Math.random() / 2));
  quiet_until = Date.now() + wait;
  later(wait);
}

function later(ms: number): void {
  timer ??= setTimeout(() => {
    timer = undefined;
    void flush();
  }, ms);
}

const leaving = new Set<() => void>();

/** Calls back just before the last events leave with the page, until the returned function is called. */
export function beforeLeaving(act: () => void): () => void {
  leaving.add(act);
  return () => void leaving.delete(act);
}

/** The page goes away: a beacon carries what it can, the rest stays for the next page. */
function leave(): void {
  for (const act of leaving) act();
  const events = waiting.slice(0, BATCH_MOST);
  if (!events.length || navigator.onLine === false || Date.now() < quiet_until) return;
  if (navigator.sendBeacon?.(ADDRESS, JSON.stringify({ events }))) arrived(events);
}

addEventListener("online", () => void flush());
addEventListener("pagehide", leave);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") leave();
});
