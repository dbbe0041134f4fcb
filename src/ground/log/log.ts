/** What a logger is, for those who give one and for those who write to it. */
import { isError } from '../realms.js';

/** From the least important to the most; the numbers are those of pino. */
export const LEVELS = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 } as const;

export type Level = keyof typeof LEVELS;

/** Writes one line: fields with a message, an error alone, or a message alone. */
export interface LogMethod {
  (fields: object, message?: string): void;
  (message: string): void;
}

/**
 * What Obol writes to: a logger of pino, or of its manner, `console`, or what `logger()` of `obol/log` makes. Errors come in
 * the field `err`. What it lacks of the optional levels is not written, but for `fatal`, which is an `error` then.
 */
export interface Logger {
  readonly error: LogMethod;
  readonly warn: LogMethod;
  readonly fatal?: LogMethod;
  readonly info?: LogMethod;
  readonly debug?: LogMethod;
  readonly trace?: LogMethod;
}

/** The fields of a line by name. */
export type Fields = Readonly<Record<string, unknown>>;

/** One line, whole. */
export interface LogLine {
  readonly level: Level;
  readonly fields: Fields | undefined;
  readonly message: string | undefined;
}

/**
 * A logger with all levels: `req.log`, and what a class takes in its constructor to write to the application's log.
 *
 * @example
 * ```ts
 * class PeopleStore {
 *   constructor(private readonly log: Log) {}
 *   add(name: string) { this.log.info({ name }, 'A person was added'); }
 * }
 * ```
 */
export abstract class Log implements Required<Logger> {
  /** Writes a line of a level that is enabled. Throws nothing. */
  abstract write(line: LogLine): void;

  /** Whether lines of a level are written: to be asked before work that is done for the log alone. */
  abstract isLevelEnabled(level: Level): boolean;

  trace(first: object | string, message?: string): void {
    take(this, 'trace', first, message);
  }

  debug(first: object | string, message?: string): void {
    take(this, 'debug', first, message);
  }

  info(first: object | string, message?: string): void {
    take(this, 'info', first, message);
  }

  warn(first: object | string, message?: string): void {
    take(this, 'warn', first, message);
  }

  error(first: object | string, message?: string): void {
    take(this, 'error', first, message);
  }

  fatal(first: object | string, message?: string): void {
    take(this, 'fatal', first, message);
  }

  /** A logger that adds these fields to each line. */
  child(fields: Fields): Log {
    return new ChildLog(this, fields);
  }
}

class ChildLog extends Log {
  readonly #parent: Log;
  readonly #fields: Fields;

  constructor(parent: Log, fields: Fields) {
    super();
    this.#parent = parent;
    this.#fields = fields;
  }

  override child(fields: Fields): Log {
    return new ChildLog(this.#parent, { ...this.#fields, ...fields });
  }

  /** Its own fields win: what a line logs of a client must not pass for them. */
  write({ level, fields, message }: LogLine): void {
    this.#parent.write({ level, fields: { ...fields, ...this.#fields }, message });
  }

  isLevelEnabled(level: Level): boolean {
    return this.#parent.isLevelEnabled(level);
  }
}

function take(log: Log, level: Level, first: object | string, message: string | undefined): void {
  if (!log.isLevelEnabled(level)) return;
  try {
    if (typeof first === 'string') log.write({ level, fields: undefined, message: first });
    else log.write({ level, fields: isError(first) ? { err: first } : (first as Fields), message });
  } catch (err) {
    // The fields cannot be read; what they throw is shown in their place.
    log.write({ level, fields: { err }, message });
  }
}
