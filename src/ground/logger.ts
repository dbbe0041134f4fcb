/** Where Obol writes what went wrong: one line for each crash, which no input can break or forge. */
import { debuglog, inspect } from 'node:util';
import { isError } from './realms.js';

/** What Obol needs of a logger; `console` and pino's loggers fit. */
export interface Logger {
  error(message: string): void;
  warn(message: string): void;
  /** What only those want to know who look for something. */
  debug?(message: string): void;
}

/** Bytes of one line; what is longer ends in an ellipsis. */
const MAX_LINE = 2048;
const ELLIPSIS = '…';
const room = new Uint8Array(MAX_LINE - Buffer.byteLength(ELLIPSIS));
const encoder = new TextEncoder();

const debug = debuglog('obol');
const sink: Logger = console;

/** Writes to the standard error stream; what is for debugging only with `NODE_DEBUG=obol` in the environment. */
export const consoleLogger: Logger = {
  // Looked up with each line: a method that replaces the console's shall see what is written.
  error: (message) => {
    sink.error(message);
  },
  warn: (message) => {
    sink.warn(message);
  },
  debug: (message) => {
    debug('%s', message);
  },
};

/** A logger for what is made before the application has one: the console until it starts. */
export class LateLogger implements Logger {
  #target: Logger = consoleLogger;

  start(logger: Logger): void {
    this.#target = logger;
  }

  error(message: string): void {
    this.#target.error(message);
  }

  warn(message: string): void {
    this.#target.warn(message);
  }

  debug(message: string): void {
    this.#target.debug?.(message);
  }
}

/** The summary and the error with its stack in one line of at most 2 KiB, control characters escaped. */
export function crashLine(summary: string, error: unknown): string {
  return oneLine(`${summary}: ${detailOf(error)}`);
}

function detailOf(error: unknown): string {
  try {
    return isError(error) ? stackOf(error) : `thrown ${inspect(error, { depth: 1 })}`;
  } catch {
    return 'thrown a value that cannot be shown';
  }
}

/** The text with everything that could start a new line or steer a terminal escaped. */
export function oneLine(text: string): string {
  const line = text.slice(0, MAX_LINE + 1).replace(/[\p{Cc}\u2028\u2029]/gu, escapeControl);
  if (Buffer.byteLength(line) <= MAX_LINE) return line;
  return `${line.slice(0, encoder.encodeInto(line, room).read)}${ELLIPSIS}`;
}

function stackOf(error: Error): string {
  const { code } = error as { readonly code?: unknown };
  const plain = error.stack ?? `${error.name}: ${error.message}`;
  // The code of a developer's mistake leads to what it stands for.
  const stack = typeof code === 'string' && code.startsWith('E_') ? plain.replace(':', ` [${code}]:`) : plain;
  const cause = error.cause === undefined ? '' : ` | caused by ${inspect(error.cause, { depth: 0 })}`;
  return `${stack}${cause}`.replaceAll(/\n[ \t]+at /g, ' | at ');
}

function escapeControl(char: string): string {
  if (char === '\n') return '\\n';
  const code = char.charCodeAt(0).toString(16);
  return code.length > 2 ? `\\u${code}` : `\\x${code.padStart(2, '0')}`;
}
