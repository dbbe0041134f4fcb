/** `obol/session`: what an application remembers of a client, in a cookie or on the server. */
export { sessions, type Sessions } from './sessions.js';
export { Session } from './session.js';
export type {
  CookieSessionOptions,
  SessionCookie,
  SessionOptions,
  SessionView,
  StoredSessionOptions,
} from './options.js';
export type { SessionKey } from './keys.js';
export { RevokedSessions, type Revocations } from './revoked.js';
export type { SessionStore, SessionUpdate, StoredSession } from './store.js';
export { memoryStore, type MemoryStore, type MemoryStoreOptions } from './memory-store.js';
export { fileStore } from './file-store.js';
