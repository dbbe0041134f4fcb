/** Where sessions are kept on the server: what every store can do. */
import type { Feature } from '../../kit.js';
import type { SessionChanges, SessionTimes } from './record.js';

/** A session as a store keeps it. */
export interface StoredSession extends SessionTimes {
  /** JSON texts by key. */
  readonly values: ReadonlyMap<string, string>;
}

/** What is new about a session. */
export interface SessionUpdate extends SessionChanges, SessionTimes {
  /** When the store may forget it, in seconds since the epoch. */
  readonly endsAt: number;
}

/**
 * Keeps sessions by id. Ids come from cookies only as hashes: 43 characters of base64url, safe as a file name, and of no
 * use to a reader of the store.
 *
 * Requests of one session at the same time: each writes only the keys that it changed, so that of one key the last write
 * stays and of different keys all do; and no update brings a session back that another request has ended.
 *
 * A failure of any kind is thrown; the request is then answered 503.
 */
export interface SessionStore {
  /** Undefined for one that is not there. */
  load(id: string): StoredSession | undefined | Promise<StoredSession | undefined>;
  /** Begins a session. */
  create(id: string, session: SessionUpdate): void | Promise<void>;
  /** Changes one that is there. @returns false when it is not */
  update(id: string, changes: SessionUpdate): boolean | Promise<boolean>;
  destroy(id: string): void | Promise<void>;
  /** Features that it works with, such as its connection. */
  readonly needs?: Feature['needs'];
  /** The application has closed. */
  close?(): void | Promise<void>;
}
