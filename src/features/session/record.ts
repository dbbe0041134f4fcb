/** A session as it is kept between requests, and when it has ended. All times are whole seconds since the epoch. */
import { epochSeconds } from '../../ground/clock.js';

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

/** Between the clocks of two servers of one site. */
const CLOCK_SKEW = 60;

/** When a session ends unless it is used before. */
export function endOf({ expiresAt, seenAt }: SessionTimes, { idle }: Lifetimes): number {
  return Math.min(expiresAt, seenAt + idle);
}

/** Why a session is no longer, or not yet, good; undefined when it is. */
export function whyOver(times: SessionTimes, lifetimes: Lifetimes, now = epochSeconds()): string | undefined {
  const { issuedAt, expiresAt, seenAt } = times;
  if (!Number.isSafeInteger(issuedAt) || !Number.isSafeInteger(expiresAt) || !Number.isSafeInteger(seenAt))
    return 'it has no valid times';
  if (Math.max(issuedAt, seenAt) > now + CLOCK_SKEW) return 'it was issued in the future';
  if (expiresAt <= now) return 'it has expired';
  return seenAt + lifetimes.idle <= now ? 'it was not used for too long' : undefined;
}
