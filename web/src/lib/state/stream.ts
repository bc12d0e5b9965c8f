/**
 * News from the server: one event stream per browser, shared between its tabs.
 * A visible tab asks for a lock; the one that holds it keeps the stream open and passes everything on by a channel.
 * A hidden tab lets go, so with all tabs hidden the stream is closed. "hello" means: read your state anew.
 */
export type News =
  | { type: "hello" }
  | { type: "upload"; video_id: string; upload_id: string }
  | { type: "inbox" }
  | { type: "moderation" }
  | { type: "export"; id: string }
  | { type: "message"; thread_id: string }
  | { type: "progress"; video_id: string; upload_id: string; step: string; progress: number };

type Listener = (news: News) => void;
const listeners = new Set<Listener>();
const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("nonet.stream");
const retries_ms = [1000, 2000, 5000, 10_000, 30_000];

let wanted = false;
let letGo: (() => void) | null = null;

function tell(news: News): void {
  for (const listener of listeners) listener(news);
}
if (channel) channel.onmessage = (event: MessageEvent<News>) => tell(event.data);

/** Keeps one EventSource open, again and again, until the signal ends. */
function follow(signal: AbortSignal): void {
  let failures = 0;
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const pass = (news: News): void => {
    tell(news);
    channel?.postMessage(news);
  };
  const open = (): void => {
    source = new EventSource("/api/v1/stream");
    source.addEventListener("hello", () => {
      failures = 0;
      pass({ type: "hello" });
    });
    for (const type of ["upload", "progress", "inbox", "message", "moderation", "export"] as const) {
      source.addEventListener(type, (event) => pass({ type, ...JSON.parse((event as MessageEvent<string>).data) } as News));
    }
    source.onerror = () => {
      // The browser reopens a dropped stream by itself; a refused one stays closed and is ours to reopen.
      if (source.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(open, retries_ms[Math.min(failures++, retries_ms.length - 1)]);
    };
  };
  open();
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    source.close();
  });
}

function join(): void {
  if (letGo || !wanted || document.visibilityState === "hidden") return;
  const end = new AbortController();
  letGo = () => {
    end.abort();
    letGo = null;
  };
  // Only secure contexts have locks; elsewhere every tab keeps its own stream.
  if (!navigator.locks || !channel) return follow(end.signal);
  const held = new Promise<void>((resolve) => end.signal.addEventListener("abort", () => resolve()));
  navigator.locks
    .request("nonet.stream", { signal: end.signal }, async () => {
      follow(end.signal);
      await held;
    })
    .catch(() => undefined);
}

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") return letGo?.();
  join();
  if (wanted) tell({ type: "hello" });
});

/** Starts or ends following the stream, as somebody signs in or out. */
export function setFollowing(on: boolean): void {
  wanted = on;
  if (on) join();
  else letGo?.();
}

/** Calls the listener with every piece of news until the returned function is called. */
export function listen(listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
