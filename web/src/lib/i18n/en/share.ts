/** The English sentences of sharing. */
import type { Sentences } from "../sentences.ts";

export const share = {
  "share.copied": "Link copied",
  "share.copy": "Copy link",
  "share.key": "Share",
  "share.private": "Only you can watch this video. The link works for you alone.",
  "share.qr": "QR code of the link",
  "share.qr.text": "Point a phone’s camera here.",
  "share.system": "Share with…",
  "share.title": "Share",
} as const satisfies Sentences;
