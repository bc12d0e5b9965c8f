/** The English sentences of sharing. */
import type { Sentences } from "../sentences.ts";

export const share = {
  "share.copied": "Link copied",
  "share.copy": "Copy link",
  "share.download": "Save the video",
  "share.followers": "Only people who follow its author can watch this video, link or not.",
  "share.private": "Only you can watch this video. The link works for you alone.",
  "share.qr": "QR code of the link",
  "share.qr.text": "Point a phone’s camera here.",
  "share.repost": "Repost",
  "share.repost.text": "Stands on your profile, under Reposts.",
  "share.reposted": "Reposted",
  "share.send": "Send in a message",
  "share.send.choose": "Choose somebody first",
  "share.send.nobody": "Conversations, and people who follow you back, stand here.",
  "share.send.several": "Send to {n}",
  "share.sent": "Sent",
  "share.sent.one": "Sent to {name}",
  "share.sent.several": "Sent to {n}",
  "share.system": "Share with…",
  "share.title": "Share",
} as const satisfies Sentences;
