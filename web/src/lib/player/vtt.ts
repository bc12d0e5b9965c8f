/** Reads WebVTT as far as captions need it: times and text; styling and positions are ours. */
export type Cue = { start: number; end: number; text: string };

const TIMES = /^(?:(\d+):)?(\d{2}):(\d{2})[.,](\d{3})\s+-->\s+(?:(\d+):)?(\d{2}):(\d{2})[.,](\d{3})/;
const entities: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&nbsp;": "\u00a0", "&lrm;": "\u200e", "&rlm;": "\u200f" };

const seconds = (h: string | undefined, m: string | undefined, s: string | undefined, ms: string | undefined) => Number(h ?? 0) * 3600 + Number(m) * 60 + Number(s) + Number(ms) / 1000;

export function parse(vtt: string): Cue[] {
  const cues: Cue[] = [];
  for (const block of vtt.replace(/\r\n?/g, "\n").split(/\n{2,}/)) {
    const lines = block.split("\n");
    const at = lines.findIndex((line) => TIMES.test(line));
    const times = lines[at]?.match(TIMES);
    if (!times) continue;
    const text = lines.slice(at + 1).join("\n").replace(/<[^>]*>/g, "").replace(/&\w+;/g, (name) => entities[name] ?? name).trim();
    if (text) cues.push({ start: seconds(times[1], times[2], times[3], times[4]), end: seconds(times[5], times[6], times[7], times[8]), text });
  }
  return cues.sort((a, b) => a.start - b.start);
}
