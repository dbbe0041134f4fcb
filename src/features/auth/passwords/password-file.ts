/** A file of users and what is kept of their passwords, one to a line: read again when it changes, written whole. */
import { readFileSync, statSync, type Stats } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { holdLock, LateLogger, type Logger, ObolError, replaceFile, rule, type Rules } from '../../../kit.js';
import { canBeWritten, changedLines, readLines, type LineFormat } from './password-lines.js';

export interface PasswordFileOptions {
  /** Gets a line for what cannot be read in the file, and for a file that others can read. Default the standard error stream. */
  readonly logger?: Logger | undefined;
  /** Milliseconds after which a caller makes it look whether the file has changed. Default 1,000. */
  readonly checkInterval?: number | undefined;
}

/** Of the options of a map with a file. */
export const FILE_RULES: Rules<PasswordFileOptions> = {
  logger: rule.logger,
  checkInterval: rule.milliseconds(0),
};

const CHECK_INTERVAL = 1000;
/** Milliseconds to wait for the lock, and between two attempts to get it. */
const PATIENCE = 5000;
const LOCK_INTERVAL = 20;
const MAX_SIZE = 32 * 1024 * 1024;
/** Only the owner may write it, and only the owner and the group read it. */
const FORBIDDEN_MODE = 0o137;

/** The secrets by name, in memory and, where there is a path, in a file. Printing it shows none. */
export class PasswordFile {
  readonly #path: string | undefined;
  readonly #format: LineFormat;
  readonly #logger: LateLogger;
  readonly #checkInterval: number;
  #records: Map<string, readonly string[]> = new Map<string, readonly string[]>();
  /** What was changed here and not written yet; none means deleted. */
  readonly #pending = new Map<string, readonly string[]>();
  #version = 0;
  #signature = '';
  #reported = '';
  #checkedAt = -Infinity;

  constructor(path: string | URL | undefined, format: LineFormat, options: PasswordFileOptions = {}) {
    this.#path = path instanceof URL ? fileURLToPath(path) : path;
    this.#format = format;
    this.#logger = new LateLogger(options.logger);
    this.#checkInterval = options.checkInterval ?? CHECK_INTERVAL;
  }

  /** Another number whenever anything may have changed. */
  get version(): number {
    this.#refresh();
    return this.#version;
  }

  get(name: string): readonly string[] {
    if (this.#path !== undefined) this.#refresh();
    return this.#records.get(name) ?? [];
  }

  names(): IterableIterator<string> {
    this.#refresh();
    return this.#records.keys();
  }

  /**
   * Replaces all secrets of a name; none deletes it.
   * @returns whether there were any
   * @throws ObolError E_PASSWORD for a name that a file cannot hold
   */
  set(name: string, secrets: readonly string[]): boolean {
    if (!secrets.every((secret) => canBeWritten(name, secret, this.#format)))
      throw new ObolError(
        'E_PASSWORD',
        `The name ${JSON.stringify(name)} would be a comment or another name in a password file.`,
      );
    this.#refresh({ mayBeMissing: true });
    const existed = this.#records.has(name);
    if (secrets.length > 0) this.#records.set(name, secrets);
    else this.#records.delete(name);
    if (this.#path !== undefined) this.#pending.set(name, secrets);
    this.#version++;
    return existed;
  }

  /** Reads the file now. @throws ObolError E_PASSWORD_FILE when it cannot be read */
  async load(): Promise<void> {
    const path = this.#needPath();
    try {
      const stats = await stat(path);
      this.#take(await readText(path, stats), stats);
    } catch (error) {
      throw unreadable(path, error);
    }
  }

  /**
   * Puts what was changed here into the file: under a lock, over what others have changed meanwhile, and at once or not at
   * all. Lines that cannot be read stay as they are. A new file is for the owner alone.
   * @param patience milliseconds to wait for another program that writes it
   * @throws ObolError E_PASSWORD_FILE when that cannot be done
   */
  async write(patience = PATIENCE): Promise<void> {
    const path = this.#needPath();
    const terms = { patience, interval: LOCK_INTERVAL };
    try {
      await holdLock(`${path}.lock`, () => this.#replace(path), terms);
    } catch (error) {
      throw fileError(`${path} cannot be written`, error);
    }
  }

  async #replace(path: string): Promise<void> {
    const target = await realpath(path).catch(() => path);
    const stats = await stat(target).catch(() => undefined);
    const before = stats ? await readText(target, stats) : '';
    const changes = new Map(this.#pending);
    const text = changedLines(before, changes, this.#format);
    const mode = stats ? stats.mode & ~FORBIDDEN_MODE & 0o777 : 0o600;
    await replaceFile(target, Buffer.from(text, 'latin1'), { mode });
    for (const [name, secrets] of changes)
      if (this.#pending.get(name) === secrets) this.#pending.delete(name);
    this.#take(text, await stat(target));
  }

  /**
   * Looks, now and then, whether the file has changed. What was read stays where it cannot be read.
   * @param options.mayBeMissing where what is done makes the file: then it is no mistake that there is none
   */
  #refresh({ mayBeMissing = false } = {}): void {
    const path = this.#path;
    const now = performance.now();
    if (path === undefined || now - this.#checkedAt < this.#checkInterval) return;
    this.#checkedAt = now;
    try {
      const stats = statSync(path);
      if (signatureOf(stats) === this.#signature) return;
      checkSize(stats);
      this.#take(readFileSync(path, 'latin1'), stats);
    } catch (error) {
      const isExpected = mayBeMissing && (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (this.#signature !== 'unreadable' && !isExpected) this.#warn(unreadable(path, error).message);
      this.#signature = 'unreadable';
    }
  }

  #take(text: string, stats: Stats): void {
    const path = this.#path ?? '';
    const { records, problems } = readLines(text, this.#format);
    if (process.platform !== 'win32' && (stats.mode & FORBIDDEN_MODE) !== 0)
      problems.push(' can be read or changed by others; a reader of it can log in. Do: chmod 600');
    this.#report(problems.map((problem) => path + problem));
    for (const [name, secrets] of this.#pending) {
      if (secrets.length > 0) records.set(name, secrets);
      else records.delete(name);
    }
    this.#records = records;
    this.#signature = signatureOf(stats);
    this.#checkedAt = performance.now();
    this.#version++;
  }

  /** What is still the same need not be said again. */
  #report(problems: readonly string[]): void {
    const text = problems.join('\n');
    if (text !== this.#reported) for (const problem of problems) this.#warn(problem);
    this.#reported = text;
  }

  #warn(text: string): void {
    this.#logger.warn(text);
  }

  #needPath(): string {
    if (this.#path !== undefined) return this.#path;
    throw new ObolError('E_PASSWORD_FILE', 'This map has no file: give its path to the constructor.');
  }
}

function signatureOf({ ino, size, mtimeMs }: Stats): string {
  return [ino, size, mtimeMs].join(' ');
}

/** Characters are bytes, so that lines that are no text come through unharmed. */
async function readText(path: string, stats: Stats): Promise<string> {
  checkSize(stats);
  return readFile(path, 'latin1');
}

function checkSize({ size }: Stats): void {
  if (size > MAX_SIZE) throw new Error(`it is larger than ${String(MAX_SIZE)} bytes`);
}

function unreadable(path: string, cause: unknown): ObolError {
  return fileError(`${path} cannot be read`, cause);
}

function fileError(what: string, cause: unknown): ObolError {
  return new ObolError('E_PASSWORD_FILE', `${what}: ${(cause as Error).message}`, { cause });
}
