/** How the content of a session becomes a cookie value and back, and what that content is. */
import { DATA, FLASH, type SessionRecord } from './record.js';

/** What became of a cookie value: its content, or what is wrong with it. */
export type OpenedValue =
  | { readonly text: string; readonly isOld: boolean; readonly problem?: undefined }
  | { readonly problem: string };

/** Writes values that only the application itself can have written. */
export interface CookieCodec {
  encode(text: string, name: string): string;
  /** @param name of the cookie, which a value is bound to; `isOld` when another key would be taken now */
  decode(value: string, name: string): OpenedValue;
}

const VERSION = 1;

/** The content of a cookie: the values stand in it as they are, and not as text within text. */
export function contentOf({ id, issuedAt, expiresAt, seenAt, values }: SessionRecord): string {
  const head = JSON.stringify({ v: VERSION, sid: id, iat: issuedAt, exp: expiresAt, idle: seenAt });
  return `${head.slice(0, -1)},"data":${membersOf(values, DATA)},"flash":${membersOf(values, FLASH)}}`;
}

/** @returns undefined for a content that {@link contentOf} would not write */
export function recordOf(content: string): SessionRecord | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(content);
  } catch {
    return undefined;
  }
  if (!isObject(parsed)) return undefined;
  const { v, sid, iat, exp, idle, data, flash } = parsed;
  if (v !== VERSION || typeof sid !== 'string' || !isObject(data) || !isObject(flash)) return undefined;
  const values = new Map([...textsOf(data, DATA), ...textsOf(flash, FLASH)]);
  return { id: sid, issuedAt: Number(iat), expiresAt: Number(exp), seenAt: Number(idle), values };
}

function membersOf(values: ReadonlyMap<string, string>, kind: string): string {
  const members = [...values].filter(([key]) => key.startsWith(kind));
  return `{${members.map(([key, text]) => `${JSON.stringify(key.slice(1))}:${text}`).join(',')}}`;
}

function textsOf(members: Readonly<Record<string, unknown>>, kind: string): [string, string][] {
  return Object.entries(members).map(([key, value]) => [kind + key, JSON.stringify(value)]);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
