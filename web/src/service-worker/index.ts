/**
 * What stands between the app and the line: the shell from this browser when there is no line, news when no page is open.
 * Nothing of the API and no video is kept here; a page that is online is always the server's own.
 */
import { assets, immutable } from "$app/manifest";
import { self as worker } from "$app/service-worker";

const SHELL = "/";
// The names of the built files carry their content: together they are the version.
const files = [...immutable, ...assets].map(({ path }) => `/${path.replace(/^\//, "")}`);
const version = files.reduce((sum, name) => [...name].reduce((hash, sign) => (Math.imul(hash, 31) + sign.charCodeAt(0)) >>> 0, sum), 7).toString(36);
const CACHE = `nonet.${version}`;
const known = new Set(files);

worker.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      await cache.addAll([SHELL, ...files]);
      await worker.skipWaiting();
    })(),
  );
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name.startsWith("nonet.") && name !== CACHE) await caches.delete(name);
      await worker.clients.claim();
    })(),
  );
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== worker.location.origin) return;
  if (known.has(url.pathname)) event.respondWith(kept(request, url.pathname));
  else if (request.mode === "navigate" && !url.pathname.startsWith("/api/")) event.respondWith(shell(request));
});

async function kept(request: Request, path: string): Promise<Response> {
  return (await caches.match(path, { cacheName: CACHE })) ?? fetch(request);
}

/** The server's page; the kept shell when the server can't be reached, which then says so itself. */
async function shell(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (silence) {
    const found = await caches.match(SHELL, { cacheName: CACHE });
    if (!found) throw silence;
    return found;
  }
}

type Pushed = { title?: string; body?: string; url?: string; tag?: string; icon?: string };

worker.addEventListener("push", (event) => {
  let pushed: Pushed = {};
  try {
    pushed = (event.data?.json() ?? {}) as Pushed;
  } catch {
    // Without words a notification still has to be shown.
  }
  event.waitUntil(
    worker.registration.showNotification(pushed.title || "Nonet", {
      body: pushed.body ?? "",
      icon: pushed.icon || "/icon-192.png",
      badge: "/icon-192.png",
      tag: pushed.tag,
      data: { url: pushed.url ?? "/inbox" },
    }),
  );
});

worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  // Only an address of this site is opened, whatever a message says.
  const url = new URL(String((event.notification.data as { url?: string } | null)?.url ?? "/inbox"), worker.location.origin);
  const place = url.origin === worker.location.origin ? url.href : `${worker.location.origin}/inbox`;
  event.waitUntil(
    (async () => {
      const open = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
      for (const client of open) {
        if (client.url === place) return void (await client.focus());
      }
      const one = open[0];
      if (!one) return void (await worker.clients.openWindow(place));
      await one.focus();
      await one.navigate(place).catch(() => worker.clients.openWindow(place));
    })(),
  );
});
