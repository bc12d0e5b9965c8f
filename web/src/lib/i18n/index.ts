/** Every sentence of the app comes from here: typed keys, plurals, numbers, dates, and two invented languages that show what is missing. */
import { en } from "./en";

export type Key = keyof typeof en;
type Values = Record<string, string | number>;
type Entry = string | { one: string; other: string };

const asked = new URLSearchParams(location.search).get("lang");
let kept: string | null = null;
try {
  if (asked) sessionStorage.setItem("nonet.lang", asked);
  kept = sessionStorage.getItem("nonet.lang");
} catch {
  // Without storage the language holds for this page alone.
}
export const language = asked ?? kept ?? "en";
const formats = language.startsWith("xx") ? "en" : language;
const invented = language.startsWith("xx");

document.documentElement.lang = formats;
document.documentElement.dir = language === "xx-rtl" ? "rtl" : "ltr";

const plural = new Intl.PluralRules(formats);
const accents: Record<string, string> = { a: "á", e: "é", i: "î", o: "ö", u: "ü", c: "ç", n: "ñ", s: "š", y: "ý", A: "Å", E: "É", O: "Ø", U: "Û", S: "Š" };

function pretend(text: string): string {
  const longer = text.replace(/\{\w+\}|\w/g, (part) => (part.length > 1 ? part : (accents[part] ?? part)));
  return `[${longer}${"~".repeat(Math.ceil(text.length * 0.35))}]`;
}

/** Whether there is a sentence for something named by a code. */
export function known(key: string): key is Key {
  return Object.hasOwn(en, key);
}

const against = language === "xx-rtl" ? /[A-Za-z\u00c0-\u024f]/ : /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/** A name inside a sentence, kept from turning it around where it is written the other way (UAX #9, isolates). */
function isolated(text: string): string {
  return against.test(text) ? `\u2068${text}\u2069` : text;
}

/** The sentence of a key; `n` chooses between one and other. */
export function t(key: Key, values: Values = {}): string {
  const entry: Entry = en[key];
  const raw = typeof entry === "string" ? entry : entry[plural.select(Number(values.n)) === "one" ? "one" : "other"];
  const text = invented ? pretend(raw) : raw;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : typeof value === "number" ? number(value) : isolated(value);
  });
}

export function number(value: number): string {
  return new Intl.NumberFormat(formats).format(value);
}

/** Counts are exact below ten thousand and round from there on: 12.4K. */
export function count(value: number): string {
  if (value < 10_000) return number(value);
  return new Intl.NumberFormat(formats, { notation: "compact", maximumFractionDigits: 1 }).format(value);
}

const asFigures = new Intl.NumberFormat(formats, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat(formats, { maximumFractionDigits: 0 });

function scaled(bytes: number): [number, "kB" | "MB" | "GB"] {
  if (bytes >= 1e9) return [bytes / 1e9, "GB"];
  if (bytes >= 1e5) return [bytes / 1e6, "MB"];
  return [bytes / 1e3, "kB"];
}

export function bytes(size: number): string {
  const [value, unit] = scaled(size);
  return `${unit === "kB" || value >= 100 ? whole.format(value) : asFigures.format(value)} ${unit}`;
}

/** "41.2 of 68.0 MB": both in the unit of the whole. */
export function bytesOf(part: number, all: number): string {
  const [value, unit] = scaled(all);
  const figures = unit === "kB" || value >= 100 ? whole : asFigures;
  const scale = unit === "GB" ? 1e9 : unit === "MB" ? 1e6 : 1e3;
  return t("bytes.of", { part: figures.format(part / scale), all: `${figures.format(value)} ${unit}` });
}

/** 0:38, 12:04, 1:02:03. */
export function duration(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const [h, m] = [Math.floor(s / 3600), Math.floor(s / 60) % 60];
  const tail = String(s % 60).padStart(2, "0");
  return h ? `${h}:${String(m).padStart(2, "0")}:${tail}` : `${m}:${tail}`;
}

/** A length of time in words, as a screen reader should say it. */
export function spokenDuration(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const [m, rest] = [Math.floor(s / 60), s % 60];
  if (!m) return t("time.seconds", { n: rest });
  return rest ? `${t("time.minutes", { n: m })} ${t("time.seconds", { n: rest })}` : t("time.minutes", { n: m });
}

/** A length of time in its largest unit: 40 seconds, 12 minutes, 3 hours. */
export function lasting(seconds: number): string {
  const [unit, size] = seconds < 90 ? (["second", 1] as const) : seconds < 5400 ? (["minute", 60] as const) : (["hour", 3600] as const);
  return new Intl.NumberFormat(formats, { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 0 }).format(seconds / size);
}

export function left(seconds: number): string {
  if (seconds < 90) return t("upload.left.seconds", { n: Math.max(1, Math.round(seconds)) });
  if (seconds < 5400) return t("upload.left.minutes", { n: Math.round(seconds / 60) });
  return t("upload.left.hours", { n: Math.round(seconds / 3600) });
}

export function clock(at: Date | string): string {
  return new Intl.DateTimeFormat(formats, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(at));
}

/** 22 Nov; with the year when it isn't this one. */
export function day(at: Date | string): string {
  const date = new Date(at);
  const year = date.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return new Intl.DateTimeFormat(formats === "en" ? "en-GB" : formats, { day: "numeric", month: "short", year }).format(date);
}

/** The time today, the day before: "15:12", "22 Nov". */
export function when(at: Date | string): string {
  const date = new Date(at);
  return date.toDateString() === new Date().toDateString() ? clock(date) : day(date);
}

/** 40 s, 12 min, 3 h, then the day. */
export function ago(at: Date | string): string {
  const seconds = Math.max(0, (Date.now() - new Date(at).getTime()) / 1000);
  if (seconds < 60) return t("ago.now");
  if (seconds < 3600) return t("ago.minutes", { n: Math.floor(seconds / 60) });
  if (seconds < 86_400) return t("ago.hours", { n: Math.floor(seconds / 3600) });
  return day(at);
}

export function monthNames(): string[] {
  const format = new Intl.DateTimeFormat(formats, { month: "long", timeZone: "UTC" });
  return Array.from({ length: 12 }, (_, month) => format.format(new Date(Date.UTC(2024, month, 15))));
}

/** A list with its words between: parts of type "element" are the items, in order. */
export function listParts(items: string[]): { type: "element" | "literal"; value: string }[] {
  return new Intl.ListFormat(formats, { type: "conjunction" }).formatToParts(items);
}

export function languageName(tag: string): string {
  try {
    return new Intl.DisplayNames(formats, { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
