/** A session as it is kept between requests: when it has ended, and its text. All times are whole seconds since the epoch. */
import { epochSeconds } from '../../kit.js';
import { textOf } from './values.js';

/** Who a session is and how long it lives. */
export interface SessionTimes {
  readonly issuedAt: number;
  /** When it ends whatever happens. */
  readonly expiresAt: number;
  /** When it was last in use, to within a minute. */
  readonly seenAt: number;
}

/** A session as it is kept. */
export interface SessionRecord extends SessionTimes {
  /** Names the session and opens nothing: safe to log. */
  readonly id: string;
  /** JSON texts by key: `.name` for data, `!name` for flash values. */
  readonly values: ReadonlyMap<string, string>;
}

/** The changes of a session since it was found. */
export interface SessionChanges {
  readonly set: ReadonlyMap<string, string>;
  readonly deleted: readonly string[];
}

/** How long sessions live, in seconds. */
export interface Lifetimes {
  /** From their beginning. */
  readonly maxAge: number;
  /** From their last use. */
  readonly idle: number;
}

export const DATA = '.';
export const FLASH = '!';

/** Of the text. */
const VERSION = 1;

/** Between the clocks of two servers of one site. */
const CLOCK_SKEW = 60;

/** When a session ends unless it is used before. */
export function endOf({ expiresAt, seenAt }: SessionTimes, { idle }: Lifetimes): number {
  return Math.min(expiresAt, seenAt + idle);
}

/** Why a session is no longer, or not yet, good; undefined when it is. */
export function whyOver(times: SessionTimes, lifetimes: Lifetimes, now = epochSeconds()): string | undefined {
  const { issuedAt, expiresAt, seenAt } = times;
  if (![issuedAt, expiresAt, seenAt].every(Number.isSafeInteger)) return 'it has no valid times';
  if (Math.max(issuedAt, seenAt) > now + CLOCK_SKEW) return 'it was issued in the future';
  if (expiresAt <= now) return 'it has expired';
  return seenAt + lifetimes.idle <= now ? 'it was not used for too long' : undefined;
}

/** The text of a session: the values stand in it as they are, and not as text within text. */
export function contentOf({ id, issuedAt, expiresAt, seenAt, values }: SessionRecord): string {
  let data = '';
  let flash = '';
  for (const [key, text] of values) {
    const member = `,${JSON.stringify(key.slice(1))}:${text}`;
    if (key.startsWith(DATA)) data += member;
    else flash += member;
  }
  const times = `"iat":${String(issuedAt)},"exp":${String(expiresAt)},"idle":${String(seenAt)}`;
  return `{"v":${String(VERSION)},"sid":${JSON.stringify(id)},${times},"data":{${data.slice(1)}},"flash":{${flash.slice(1)}}}`;
}

/** @returns undefined for a text that {@link contentOf} would not write */
export function recordOf(content: string): SessionRecord | undefined {
  try {
    return parsed(JSON.parse(content));
  } catch {
    return undefined;
  }
}

/** @throws ObolError E_SESSION_DATA for values that no session may have */
function parsed(content: unknown): SessionRecord | undefined {
  if (!isObject(content)) return undefined;
  const { v, sid, iat, exp, idle, data, flash } = content;
  if (v !== VERSION || typeof sid !== 'string' || !isObject(data) || !isObject(flash)) return undefined;
  const values = new Map<string, string>();
  for (const name of Object.keys(data)) values.set(DATA + name, textOf(name, data[name]));
  for (const name of Object.keys(flash)) values.set(FLASH + name, textOf(name, flash[name]));
  return { id: sid, issuedAt: Number(iat), expiresAt: Number(exp), seenAt: Number(idle), values };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
