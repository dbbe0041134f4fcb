/** The two places where sessions are kept, behind one interface: in the cookie itself, or in a store. */
import type { SessionRecord } from './record.js';
import type { Found, Identity, SessionChanges } from './state.js';

export type { Identity };

/** A session that is to be written. */
export interface Draft {
  readonly identity: Identity;
  readonly record: SessionRecord;
  /** Since it was found; of a new session everything. */
  readonly changes: SessionChanges;
  readonly isNew: boolean;
  /** Of the cookie that it goes into. */
  readonly cookieName: string;
}

/** Keeps sessions from one request to the next. */
export interface Keeper {
  /** Whether it takes time to find a session, so that controllers have to wait for it. */
  readonly isRemote: boolean;
  newIdentity(): Identity;
  /** Looks for what a cookie's value stands for. */
  find(value: string, cookieName: string): Found | Promise<Found>;
  /** @returns the value of the cookie; undefined when the session is gone */
  write(draft: Draft): string | undefined | Promise<string | undefined>;
  /** Ends a session. */
  drop(record: SessionRecord): void | Promise<void>;
  close?(): void | Promise<void>;
}
