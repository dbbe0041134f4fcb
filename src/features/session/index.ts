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
export {
  memorySessionStore,
  type MemorySessionStore,
  type MemorySessionStoreOptions,
} from './memory-store.js';
export { fileSessionStore } from './file-store.js';
