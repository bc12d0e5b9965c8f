/** The one typed client of the API. What the server refuses becomes a Refused with its sentence; a silent server becomes one too. */
import createClient from "openapi-fetch";
import { t } from "#lib/i18n/index.ts";
import type { paths } from "./schema";

export const api = createClient<paths>({ baseUrl: "/", fetch: (request) => globalThis.fetch(request) });

export type Details = { suggestions?: string[]; field?: string; [key: string]: unknown };

/** The server said no, or nothing: a stable code and one sentence a person can act on. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly sentence: string,
    readonly details: Details = {},
    readonly requestId: string | null = null,
  ) {
    super(sentence);
  }
  get silent(): boolean {
    return this.status === 0;
  }
}

/** Reads the refusal of an answer whose body is ours, a proxy's, or nobody's. */
export function refusalOf(status: number, body: unknown): Refused {
  const error = (body as { error?: { code?: string; sentence?: string; details?: Details; request_id?: string } } | null)?.error;
  if (error?.code && error.sentence) return new Refused(status, error.code, error.sentence, error.details, error.request_id);
  return new Refused(status, `http_${status}`, status >= 500 ? t("problem.server") : t("problem.refused"));
}

export function silence(): Refused {
  return new Refused(0, "no_answer", navigator.onLine === false ? t("problem.offline") : t("problem.silent"));
}

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** Gives the data of an answer, or throws a Refused. */
export async function ask<T>(answer: Promise<Answer<T>>): Promise<T> {
  let got: Answer<T>;
  try {
    got = await answer;
  } catch {
    throw silence();
  }
  if (!got.response.ok) throw refusalOf(got.response.status, got.error);
  return got.data as T;
}

/** Sends bytes or text as they are, for the few routes that take no JSON. */
export async function send<T>(method: string, address: string, body: BodyInit | null, type?: string, more: Record<string, string> = {}): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(address, { method, body, headers: { ...(type ? { "Content-Type": type } : {}), ...more } });
  } catch {
    throw silence();
  }
  const text = await answer.text();
  let parsed: unknown = null;
  try {
    parsed = text ? JSON.parse(text) : null;
  } catch {
    // Not ours: a proxy's page. The status says enough.
  }
  if (!answer.ok) throw refusalOf(answer.status, parsed);
  return parsed as T;
}

/** Sends and reads JSON at an address; for what must outlive the page or has no typed route. */
export async function call<T>(method: string, address: string, body?: unknown): Promise<T> {
  return send<T>(method, address, body === undefined ? null : JSON.stringify(body), body === undefined ? undefined : "application/json");
}

/** Whatever went wrong, as something that can be shown. */
export function asRefused(problem: unknown): Refused {
  if (problem instanceof Refused) return problem;
  console.error(problem);
  return new Refused(0, "app_error", t("problem.app"));
}
