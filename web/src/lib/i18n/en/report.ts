/** The English sentences of reporting. What can be wrong is the server’s own list. */
import type { Sentences } from "../sentences.ts";

export const report = {
  "report.cancel": "Don’t report",
  "report.choose": "Choose what is wrong first",
  "report.key": "Report",
  "report.more": "What else should moderators know?",
  "report.more.help": "Optional. The author never learns who reported.",
  "report.send": "Send report",
  "report.sent": "Reported. You won’t see it again.",
  "report.text": "It is hidden for you at once. Moderators look at it; {name} doesn’t learn who reported.",
  "report.title.comment": "Report comment",
  "report.title.message": "Report message",
  "report.title.person": "Report person",
  "report.title.playlist": "Report playlist",
  "report.title.sound": "Report sound",
  "report.title.video": "Report video",
  "report.what": "What is wrong?",
} as const satisfies Sentences;
