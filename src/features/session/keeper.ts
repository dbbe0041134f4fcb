/** The two places where sessions are kept, behind one interface: in the cookie itself, or in a store. */
import type { SessionChanges, SessionRecord } from './record.js';

/** Who a session is. */
export interface Identity {
  /** Names it and opens nothing. */
  readonly id: string;
  /** Opens it, where the cookie is not the session itself; `''` where it is. */
  readonly token: string;
}

/** What a cookie led to. */
export interface Found {
  /** Undefined for a new session. Its texts are known to be those of a session. */
  readonly record?: SessionRecord | undefined;
  readonly token?: string;
  /** Whether it is to be written again even if nothing changed, as under a newer key. */
  readonly isOld?: boolean;
  /** Why there is no record although there was a cookie. */
  readonly problem?: string;
  /** Whether that cookie is to be removed, since it will never be any good. */
  readonly clears?: boolean;
}

/** A session that is to be written. */
export interface Draft {
  readonly record: SessionRecord;
  /** As in {@link Identity}. */
  readonly token: string;
  /** Since it was found; undefined for a new session. */
  readonly changes?: SessionChanges | undefined;
  /** A session that ends when this one is there. */
  readonly replaced?: SessionRecord | undefined;
}

/** Keeps sessions from one request to the next. */
export interface Keeper {
  /** Whether it takes time to find a session, so that controllers have to wait for it. */
  readonly isRemote: boolean;
  newIdentity(): Identity;
  /** Looks for what a cookie's value stands for. */
  find(value: string, cookieName: string): Found | Promise<Found>;
  /** @returns the value of the cookie; undefined when the session is gone */
  write(draft: Draft, cookieName: string): string | undefined | Promise<string | undefined>;
  /** Ends a session. */
  drop(record: SessionRecord): undefined | Promise<undefined>;
  close?(): void | Promise<void>;
}
