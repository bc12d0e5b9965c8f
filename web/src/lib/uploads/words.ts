/** What an upload says of itself: one badge, one line of numbers, one sentence, one action. */
import type { Step, Video } from "#lib/api/types.ts";
import { bytes, bytesOf, clock, day, left, t, when, type Key } from "#lib/i18n/index.ts";
import type { Phase } from "./sending.svelte";

export type Action = "resume" | "choose" | "retry" | "frame" | "another" | "publish" | "signin" | null;
export type Words = {
  tone: "info" | "warn" | "ok" | "bad" | "";
  badge: string;
  line: string;
  head?: string;
  say?: string;
  action: Action;
  /** The step the action is about. */
  step?: Step;
  /** The code of a refusal, for Details. */
  code?: string;
};
type Progress = { phase: Phase; sent: number; safe: number; speed: number; lostAt: Date | null; withFile: boolean; file: { size: number }; refused: { sentence: string; code: string; status: number } | null };

const stepNames = ["receive", "verify", "read", "first", "sound", "cover", "captions", "sizes", "check"] as const;

/** Nine waiting steps, the first as far as the bytes are: for what the server doesn't describe yet. */
export function firstSteps(part: number, state: Step["state"] = "running"): Step[] {
  return stepNames.map((step, at) => ({ step, state: at ? "waiting" : state, progress: at ? 0 : part, code: null, sentence: null, detail: null }));
}

export function words(video: Video | null, sending: Progress | null): Words {
  if (sending && sending.phase !== "sent") return ofSending(sending);
  const upload = video?.upload;
  if (!video || !upload) return { tone: "", badge: t("upload.badge.draft"), line: "", action: null };
  // The last byte is safe here, and the server's own words for that are on their way.
  if (sending && upload.state === "receiving") return { tone: "info", badge: t("upload.badge.working"), line: t("upload.received", { size: bytes(upload.size) }), say: t("upload.safe.all"), action: null };
  const rest = { receiving: ofWaiting, processing: ofWork, playable: ofPlaying, complete: ofReady, failed: ofFailure, expired: ofExpiry }[upload.state];
  return rest(video, upload);
}

function ofSending(sending: Progress): Words {
  const size = sending.file.size;
  if (sending.phase === "refused" && sending.refused) {
    const { sentence: say, code, status } = sending.refused;
    return { tone: "bad", badge: t("upload.badge.stopped"), line: t("upload.safe", { of: bytesOf(sending.safe, size) }), say, code, action: status === 401 ? "signin" : status === 404 || status === 410 ? "another" : "resume" };
  }
  if (sending.phase === "lost") {
    const at = clock(sending.lostAt ?? new Date());
    return { tone: "warn", badge: t("upload.badge.waiting"), line: t("upload.safe", { of: bytesOf(sending.safe, size) }), say: t("upload.lost", { at }), action: "resume" };
  }
  const line = [bytesOf(sending.sent, size)];
  if (sending.speed > 0) line.push(t("upload.speed", { speed: bytes(sending.speed) }), left((size - sending.sent) / sending.speed));
  const say = sending.phase === "elsewhere" ? t("upload.elsewhere") : sending.withFile ? t("upload.leave") : t("upload.stay");
  return { tone: "info", badge: t("upload.badge.uploading"), line: line.join(" · "), say, action: null };
}

type Uploaded = NonNullable<Video["upload"]>;

function ofWaiting(_video: Video, upload: Uploaded): Words {
  const until = upload.expires_at ? ` ${t("upload.until", { day: day(upload.expires_at) })}` : "";
  return { tone: "warn", badge: t("upload.badge.waiting"), line: t("upload.safe", { of: bytesOf(upload.offset, upload.size) }), say: t("upload.choose.same") + until, action: "choose" };
}

/** "8 of 9, all sizes · 720p": the step at work, or the next one that waits. */
function stepLine(upload: Uploaded): string {
  const at = upload.steps.findIndex((step) => step.state === "running");
  const next = at >= 0 ? at : upload.steps.findIndex((step) => step.state === "waiting");
  const step = upload.steps[next];
  if (!step) return t("upload.steps", { n: 9 });
  return [t("upload.step", { n: next + 1, step: t(`step.${step.step}`) }), step.detail].filter(Boolean).join(" · ");
}

function ofWork(video: Video, upload: Uploaded): Words {
  const running = upload.steps.some((step) => step.state === "running");
  const say = video.state === "publishing" ? t("upload.publishes") : t("upload.safe.all");
  return { tone: running ? "info" : "warn", badge: running ? t("upload.badge.working") : t("upload.badge.waiting"), line: stepLine(upload), say, action: null };
}

/** A side step that failed alone: said, and one way out offered. */
function sideFailure(upload: Uploaded): Pick<Words, "head" | "say" | "action" | "step" | "code"> | null {
  const step = upload.steps.find((one) => one.state === "failed");
  if (!step) return null;
  return { head: t("upload.failed.step", { step: t(`step.${step.step}.title`) }), say: step.sentence ?? t("upload.failed.step.plain"), action: step.step === "cover" ? "frame" : "retry", step, code: step.code ?? undefined };
}

function ofPlaying(video: Video, upload: Uploaded): Words {
  const side = sideFailure(upload) ?? { action: video.state === "draft" ? ("publish" as const) : null, say: video.state === "draft" ? t("upload.draft.ready") : undefined };
  return { tone: "ok", badge: t("upload.badge.playing"), line: stepLine(upload), ...side };
}

function ofReady(video: Video, upload: Uploaded): Words {
  const done = upload.steps.filter((step) => step.state === "done" || step.state === "skipped").length;
  const line = `${video.published_at ? t("upload.published", { when: when(video.published_at) }) : t("upload.draft")} · ${t("upload.steps", { n: done })}`;
  const side = sideFailure(upload) ?? { action: video.state === "draft" ? ("publish" as const) : null, say: video.state === "draft" ? t("upload.draft.ready") : undefined };
  return { tone: side.head ? "warn" : "ok", badge: t("upload.badge.ready"), line, ...side };
}

const shortReasons: Record<string, Key> = { no_video: "reason.no_video", not_video: "reason.not_video", unreadable: "reason.unreadable", empty: "reason.empty", too_long: "reason.too_long", too_large: "reason.too_large", dimensions: "reason.dimensions", forbidden_format: "reason.forbidden_format", checksum_mismatch: "reason.checksum_mismatch", storage_full: "reason.storage_full" };

function ofFailure(_video: Video, upload: Uploaded): Words {
  const at = upload.steps.findIndex((step) => step.state === "failed");
  const step = upload.steps[at];
  const code = upload.code ?? step?.code ?? undefined;
  const reason = code ? shortReasons[code] : undefined;
  const stopped = step ? ` · ${t("upload.stopped", { n: at + 1, step: t(`step.${step.step}`) })}` : "";
  return { tone: "bad", badge: reason ? t(reason) : t("upload.badge.failed"), line: t("upload.received", { size: bytes(upload.offset) }) + stopped, say: upload.sentence ?? step?.sentence ?? t("upload.failed.plain"), action: reason ? "another" : "retry", step, code };
}

function ofExpiry(_video: Video, upload: Uploaded): Words {
  return { tone: "bad", badge: t("upload.badge.expired"), line: t("upload.received", { size: bytes(upload.offset) }), say: upload.sentence ?? t("upload.expired"), action: "another" };
}
