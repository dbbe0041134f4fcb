/** The loggers that users give, made into what Obol writes to; and what it writes to where none is given. */
import { debuglog } from 'node:util';
import { isatty } from 'node:tty';
import { isDevelopment } from '../development.js';
import { JsonLog } from './json-log.js';
import { LEVELS, Log, type Level, type Logger, type LogLine } from './log.js';
import { oneLine } from './one-line.js';
import { readable, ReadableLog } from './readable-log.js';
import { STANDARD_ERROR, standardError } from './sink.js';

/** Whether lines are for people where no option says so: in development, or because they are seen in a terminal. */
export function isForPeople(): boolean {
  return isDevelopment(false) || isatty(STANDARD_ERROR);
}

/** Whether a terminal shows colours, unless NO_COLOR is set (https://no-color.org). */
export function showsColour(isTerminal: boolean): boolean {
  return isTerminal && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb';
}

/** What is written until an application says otherwise; in tests no more than what goes wrong. */
function leastByDefault(): number {
  if (debuglog('obol').enabled) return LEVELS.debug;
  return process.env['NODE_ENV'] === 'test' ? LEVELS.warn : LEVELS.info;
}

/** Decides with its first line how lines look, when the environment is as the program has made it. */
class DefaultLog extends Log {
  #log: Log | undefined;

  write(line: LogLine): void {
    this.#chosen.write(line);
  }

  isLevelEnabled(level: Level): boolean {
    return this.#chosen.isLevelEnabled(level);
  }

  get #chosen(): Log {
    return (this.#log ??= chosenLog());
  }
}

function chosenLog(): Log {
  const least = leastByDefault();
  if (!isForPeople()) return new JsonLog(standardError, least);
  return new ReadableLog(printWithConsole, { least, colour: showsColour(isatty(STANDARD_ERROR)) });
}

const printer: Pick<Console, 'error' | 'warn'> = console;

/** By the methods of the console that write to the standard error stream: test runners show what goes through them. */
function printWithConsole(text: string, level: Level): void {
  // Looked up with each line: a method that replaces the console's shall see what is written.
  printer[LEVELS[level] >= LEVELS.error ? 'error' : 'warn'](text.trimEnd());
}

/** Writes to the standard error stream: text in development and to a terminal, else JSON lines; from `info` on. */
export const defaultLog: Log = new DefaultLog();

function writeInstead(line: LogLine): void {
  if (defaultLog.isLevelEnabled(line.level)) defaultLog.write(line);
}

type Write = (first: object | string, message?: string) => unknown;

/** A logger as users give it. What it throws, at once or later, concerns no request: the line goes to the standard error stream. */
class GivenLog extends Log {
  protected readonly logger: Logger;

  constructor(logger: Logger) {
    super();
    this.logger = logger;
  }

  write(line: LogLine): void {
    try {
      const written = this.put(line);
      // Most return nothing; what is a promise may still fail.
      if (written !== undefined)
        Promise.resolve(written).catch(() => {
          writeInstead(line);
        });
    } catch {
      writeInstead(line);
    }
  }

  /** A logger that cannot say it gets the line, and fails or not. */
  isLevelEnabled(level: Level): boolean {
    const { logger } = this;
    try {
      const { isLevelEnabled } = logger as { readonly isLevelEnabled?: unknown };
      if (level !== 'fatal' && !logger[level]) return false;
      return typeof isLevelEnabled !== 'function' || Boolean(isLevelEnabled.call(logger, level));
    } catch {
      return true;
    }
  }

  /** @returns what the logger returns, which is a promise where it writes later */
  protected put({ level, fields, message }: LogLine): unknown {
    const { logger } = this;
    const method = (logger[level] ?? logger.error) as Write;
    const text = message === undefined ? undefined : oneLine(message);
    return fields ? method.call(logger, fields, text) : method.call(logger, text ?? '');
  }
}

/** The console shows an object its own way, whatever is in it: it gets text. */
class ConsoleLog extends GivenLog {
  protected override put(line: LogLine): unknown {
    const { logger } = this;
    // Its trace is another thing: a stack.
    const method = line.level === 'trace' ? logger.debug : logger[line.level];
    return ((method ?? logger.error) as Write).call(logger, readable(line));
  }
}

/** The logger with all levels. */
export function logOf(logger: Logger): Log {
  if (logger instanceof Log) return logger;
  return 'table' in logger && 'group' in logger ? new ConsoleLog(logger) : new GivenLog(logger);
}

/** A logger for what is made before the application has one: the default one until it starts. */
export class LateLogger extends Log {
  #target: Log;

  /** @param logger default: that of the application, from `start` on */
  constructor(logger: Logger = defaultLog) {
    super();
    this.#target = logOf(logger);
  }

  start(logger: Logger): void {
    this.#target = logOf(logger);
  }

  write(line: LogLine): void {
    this.#target.write(line);
  }

  isLevelEnabled(level: Level): boolean {
    return this.#target.isLevelEnabled(level);
  }
}
