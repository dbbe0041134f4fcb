/** Sessions as files in a folder: for several processes of one machine, and for as long as its disk lasts. */
import { mkdirSync } from 'node:fs';
import { readdir, readFile, stat, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { epochSeconds, holdLock, ObolError, replaceFile } from '../../kit.js';
import type { SessionTimes } from './record.js';
import type { SessionStore, SessionUpdate, StoredSession } from './store.js';

/** What this store writes, whole or half; nothing else in the folder is ever read or removed. */
const OURS = /^session-[\w-]{43}\.(?:json|lock)(?:\.[\da-f]{16})?$/;
const NAME = /^[\w-]{43}$/;
/** Every so many seconds those that have ended are looked for. */
const SWEEP_EVERY = 15 * 60;
/** Seconds after which a file that is half written counts as left behind. */
const LEFT_BEHIND = 60;
/** Work under a lock takes a few milliseconds, and requests wait for it. */
const LOCK = { patience: 900, interval: 5, leftBehind: 10_000 };

/**
 * Keeps sessions in a folder, one file each, which only the user of the process may read.
 * @param folder made when it is not there; a relative path is one of the working directory
 * @throws ObolError E_SETTING for a folder that cannot be made
 */
export function fileSessionStore(folder: string | URL): SessionStore {
  const path = folder instanceof URL ? fileURLToPath(folder) : resolve(folder);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new ObolError('E_SETTING', `fileSessionStore: the folder ${JSON.stringify(path)} cannot be made.`, {
      cause,
    });
  }
  return new FileSessionStore(path);
}

class FileSessionStore implements SessionStore {
  readonly #folder: string;
  #swept = 0;
  #sweeping: Promise<void> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async load(id: string): Promise<StoredSession | undefined> {
    try {
      const kept = parse(await readFile(this.#path(id), 'utf8'));
      return kept && kept.endsAt > epochSeconds() ? kept : undefined;
    } catch (error) {
      ifMissing(error);
      return undefined;
    }
  }

  async create(id: string, session: SessionUpdate): Promise<void> {
    try {
      await this.#write(id, session.set, session);
    } finally {
      // Where there was no room, there may be some then.
      this.#sweepNowAndThen();
    }
  }

  update(id: string, changes: SessionUpdate): Promise<boolean> {
    return this.#underLock(id, async () => {
      const kept = await this.load(id);
      if (!kept) return false;
      const values = new Map([...kept.values, ...changes.set]);
      for (const key of changes.deleted) values.delete(key);
      await this.#write(id, values, changes);
      return true;
    });
  }

  /** Under the lock too, so that no update can bring it back. */
  destroy(id: string): Promise<void> {
    return this.#underLock(id, () => remove(this.#path(id)));
  }

  async close(): Promise<void> {
    await this.#sweeping;
  }

  /** A session may be lost with the power of the machine, and is not worth a wait for the disk. */
  async #write(id: string, values: ReadonlyMap<string, string>, times: Times): Promise<void> {
    const text = JSON.stringify(contentOf(times, values));
    // The time of modification shows the sweep when the session ends.
    await replaceFile(this.#path(id), text, { mode: 0o600, modified: times.endsAt, flush: false });
  }

  #underLock<T>(id: string, work: () => Promise<T>): Promise<T> {
    return holdLock(this.#path(id, '.lock'), work, LOCK);
  }

  #path(id: string, ending = '.json'): string {
    if (!NAME.test(id)) throw new TypeError('The id of a session is 43 characters of base64url');
    return join(this.#folder, `session-${id}${ending}`);
  }

  #sweepNowAndThen(): void {
    const now = epochSeconds();
    if (now - this.#swept < SWEEP_EVERY) return;
    this.#swept = now;
    // What cannot be removed now is looked at the next time.
    this.#sweeping = this.#sweep(now).catch(() => undefined);
  }

  async #sweep(now: number): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      if (!OURS.test(name)) continue;
      const path = join(this.#folder, name);
      const modified = (await stat(path).catch(() => undefined))?.mtimeMs ?? Infinity;
      const since = name.endsWith('.json') ? 0 : LEFT_BEHIND;
      if (modified / 1000 + since <= now) await remove(path);
    }
  }
}

type Times = SessionTimes & { readonly endsAt: number };

function contentOf(
  { issuedAt, expiresAt, seenAt, endsAt }: Times,
  values: ReadonlyMap<string, string>,
): object {
  return { issuedAt, expiresAt, seenAt, endsAt, values: [...values] };
}

/** @returns undefined for what this store did not write */
function parse(text: string): (StoredSession & Times) | undefined {
  try {
    const { values, ...times } = JSON.parse(text) as Times & { values: [string, string][] };
    return { ...times, values: new Map(values) };
  } catch {
    return undefined;
  }
}

async function remove(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    ifMissing(error);
  });
}

/** A file that is not there is no failure. @throws any other error */
function ifMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
