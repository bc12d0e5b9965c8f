/** Puts a video's bytes behind a <video>: hls.js where the browser has MediaSource, its own HLS where it hasn't, else the plain file. */
import type { Card } from "#lib/api/types.ts";

export type Source = { end: () => void };
export type Failed = () => void;

export async function open(video: HTMLVideoElement, card: Card, failed: Failed): Promise<Source> {
  if (card.hls_url && "MediaSource" in globalThis) {
    const { default: Hls } = await import("hls.js/light");
    if (Hls.isSupported()) return openWith(new Hls({ enableWorker: false, capLevelToPlayerSize: true, maxBufferLength: 20, backBufferLength: 30 }), Hls, video, card, failed);
  }
  const native = card.hls_url && video.canPlayType("application/vnd.apple.mpegurl");
  return openPlain(video, native ? card.hls_url! : card.mp4_url, failed);
}

function openPlain(video: HTMLVideoElement, address: string, failed: Failed): Source {
  const end = new AbortController();
  video.addEventListener("error", failed, { signal: end.signal });
  video.src = address;
  return {
    end: () => {
      end.abort();
      video.removeAttribute("src");
      video.load();
    },
  };
}

type HlsClass = typeof import("hls.js/light").default;

function openWith(hls: InstanceType<HlsClass>, Hls: HlsClass, video: HTMLVideoElement, card: Card, failed: Failed): Source {
  let source: Source = { end: () => hls.destroy() };
  let mended = false;
  hls.on(Hls.Events.ERROR, (_event, data) => {
    if (!data.fatal) return;
    if (data.type === Hls.ErrorTypes.MEDIA_ERROR && !mended) {
      mended = true;
      hls.recoverMediaError();
    } else if (data.type === Hls.ErrorTypes.NETWORK_ERROR && data.response?.code !== 404) {
      failed();
    } else {
      // The stream itself is no good here; the plain file may still play.
      hls.destroy();
      source = openPlain(video, card.mp4_url, failed);
    }
  });
  hls.loadSource(card.hls_url!);
  hls.attachMedia(video);
  return { end: () => source.end() };
}
