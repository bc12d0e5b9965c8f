/** Puts a video's bytes behind a <video>: hls.js where the browser has MediaSource, its own HLS where it hasn't, else the plain file. */
import type { Card } from "#lib/api/types.ts";

export type Source = {
  end: () => void;
  /** The video is watched now: what is ahead of it is fetched as far as a player wants it. */
  watched: () => void;
};
export type Failed = () => void;

type HlsClass = typeof import("hls.js/light").default;
type HlsModule = typeof import("hls.js/light");

const AHEAD_S = 4;
const WATCHED_S = 20;
const BACK_S = 90;

let loading: Promise<HlsModule> | null = null;
let loaded: HlsClass | null = null;
// What one video taught about the line counts for the next.
let line_bits_s = 0;

const streams = "MediaSource" in globalThis || "ManagedMediaSource" in globalThis;

/** Fetches hls.js, which the first picture does without. */
export async function prepare(): Promise<HlsClass | null> {
  if (!streams) return null;
  loading ??= import("hls.js/light");
  loaded = (await loading).default;
  return loaded;
}

/** Opens a video. `quick` takes the plain file when hls.js isn't here yet: one request to the first frame. */
export async function open(video: HTMLVideoElement, card: Card, quick: boolean, failed: Failed): Promise<Source> {
  if (card.hls_url && streams && (loaded || !quick)) {
    const Hls = loaded ?? (await prepare().catch(() => null));
    if (Hls?.isSupported()) return openWith(Hls, video, card, failed);
  }
  const native = card.hls_url && !streams && video.canPlayType("application/vnd.apple.mpegurl");
  return openPlain(video, native ? card.hls_url! : card.mp4_url, failed);
}

function openPlain(video: HTMLVideoElement, address: string, failed: Failed): Source {
  const end = new AbortController();
  video.addEventListener("error", failed, { signal: end.signal });
  video.src = address;
  return {
    watched: () => undefined,
    end: () => {
      end.abort();
      video.removeAttribute("src");
      video.load();
    },
  };
}

function openWith(Hls: HlsClass, video: HTMLVideoElement, card: Card, failed: Failed): Source {
  const hls = new Hls({
    enableWorker: false,
    capLevelToPlayerSize: true,
    startFragPrefetch: true,
    maxBufferLength: AHEAD_S,
    backBufferLength: BACK_S,
    ...(line_bits_s ? { abrEwmaDefaultEstimate: line_bits_s } : {}),
  });
  let source: Source = {
    watched: () => void (hls.config.maxBufferLength = WATCHED_S),
    end: () => {
      if (Number.isFinite(hls.bandwidthEstimate)) line_bits_s = hls.bandwidthEstimate;
      hls.destroy();
    },
  };
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
  return { end: () => source.end(), watched: () => source.watched() };
}
