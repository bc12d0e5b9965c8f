/** The English sentences of the operator's pages. */
import type { Sentences } from "../sentences.ts";

export const operator = {
  "demo.filling": "The demo moves in: {clips} of {of} clips play",
  "demo.text": { one: "{n} account here is made up, with all it shows. To let it leave:", other: "{n} accounts here are made up, with all they show. To let them leave:" },
  "demo.title": "This server shows a demo community",

  "invitations.days": "Valid for, days",
  "invitations.empty": "No invitations yet",
  "invitations.empty.text": "Make one and pass its link on. It lets people sign up while registration is by invitation.",
  "invitations.end": "End",
  "invitations.ended": "Invitation ended",
  "invitations.make": "Make an invitation",
  "invitations.open": "Open",
  "invitations.over": "Over",
  "invitations.until": "until {day}",
  "invitations.used": "{used} of {uses} used",
  "invitations.uses": "For how many people",

  "job.done": "Done",
  "job.done.none": "is done yet",
  "job.failed": "Failed",
  "job.failed.none": "failed",
  "job.running": "Running",
  "job.running.none": "runs now",
  "job.waiting": "Waiting",
  "job.waiting.none": "waits",

  "jobs.attempts": { one: "{n} attempt", other: "{n} attempts" },
  "jobs.empty": "Nothing {state}",
  "jobs.empty.text": "What waits, runs or failed stands here, with its reason.",
  "jobs.states": "Which work",

  "mail.failed": "Failed",
  "mail.kept": "Kept here",
  "mail.sent": "Sent",
  "mail.waiting": "Waiting",

  "operator.invitations": "Invitations",
  "operator.jobs": "Work",
  "operator.not": "Only the operator sees this page",
  "operator.not.text": "Whoever runs this server can make you one: nonet user promote.",
  "operator.outbox": "Outbox",
  "operator.prefs": "Preferences",

  "outbox.empty": "No mail yet",
  "outbox.empty.text": "Every mail this server writes stands here, and leaves by SMTP when that is set.",
  "outbox.read": "Read",
  "outbox.to": "To {to}",

  "prefs.now": "Now {value}.",
  "prefs.same": "Nothing has changed yet",
} as const satisfies Sentences;
