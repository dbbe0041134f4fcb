/** Sessions in the memory of the process: for one process, and until it ends. */
import { checkOptions, epochSeconds, rule } from '../../kit.js';
import type { SessionTimes } from './record.js';
import type { SessionStore, SessionUpdate, StoredSession } from './store.js';

export interface MemorySessionStoreOptions {
  /** How many sessions at most; with more, those longest unused are forgotten. Default 10,000. */
  readonly size?: number;
}

interface Kept extends SessionTimes {
  readonly values: Map<string, string>;
  endsAt: number;
}

const SIZE = 10_000;
/** Every so many seconds those that have ended are looked for. */
const SWEEP_EVERY = 60;

/** Keeps sessions in memory. @throws ObolError E_SETTING for a wrong size */
export function memorySessionStore(options: MemorySessionStoreOptions = {}): MemorySessionStore {
  checkOptions('memorySessionStore', options, { size: rule.whole('sessions') });
  return new MemorySessionStore(options.size ?? SIZE);
}

/** A store that answers at once. */
export class MemorySessionStore implements SessionStore {
  /** Longest unused first. */
  readonly #sessions = new Map<string, Kept>();
  readonly #size: number;
  #swept = epochSeconds();

  constructor(size: number) {
    this.#size = size;
  }

  load(id: string): StoredSession | undefined {
    const kept = this.#sessions.get(id);
    if (!kept) return undefined;
    this.#sessions.delete(id);
    if (kept.endsAt <= epochSeconds()) return undefined;
    this.#sessions.set(id, kept);
    return { ...kept, values: new Map(kept.values) };
  }

  create(id: string, session: SessionUpdate): void {
    this.#sweep();
    const { set, issuedAt, expiresAt, seenAt, endsAt } = session;
    this.#sessions.set(id, { issuedAt, expiresAt, seenAt, endsAt, values: new Map(set) });
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > this.#size && oldest !== undefined) this.#sessions.delete(oldest);
  }

  update(id: string, { set, deleted, issuedAt, expiresAt, seenAt, endsAt }: SessionUpdate): boolean {
    const kept = this.#sessions.get(id);
    if (!kept) return false;
    for (const key of deleted) kept.values.delete(key);
    for (const [key, text] of set) kept.values.set(key, text);
    Object.assign(kept, { issuedAt, expiresAt, seenAt, endsAt });
    return true;
  }

  destroy(id: string): void {
    this.#sessions.delete(id);
  }

  close(): void {
    this.#sessions.clear();
  }

  #sweep(): void {
    const now = epochSeconds();
    if (now - this.#swept < SWEEP_EVERY) return;
    this.#swept = now;
    for (const [id, { endsAt }] of this.#sessions) if (endsAt <= now) this.#sessions.delete(id);
  }
}
