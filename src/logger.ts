/** Where Obol writes what went wrong: one line for each crash, which no input can break or forge. */
import { inspect } from 'node:util';

/** What Obol needs of a logger; `console` and pino's loggers fit. */
export interface Logger {
  error(message: string): void;
  warn(message: string): void;
}

const MAX_LINE = 2048;

/** Writes to the standard error stream. */
export const consoleLogger: Logger = console;

/** The summary and the error with its stack in one line of at most 2 KiB, control characters escaped. */
export function crashLine(summary: string, error: unknown): string {
  const detail = error instanceof Error ? stackOf(error) : `thrown ${inspect(error, { depth: 1 })}`;
  return oneLine(`${summary}: ${detail}`);
}

/** The text with everything that could start a new line or steer a terminal escaped. */
export function oneLine(text: string): string {
  const line = text.length > MAX_LINE ? `${text.slice(0, MAX_LINE - 1)}…` : text;
  return line.replace(/[\p{Cc}\u2028\u2029]/gu, escapeControl);
}

function stackOf(error: Error): string {
  const stack = error.stack ?? `${error.name}: ${error.message}`;
  const cause = error.cause === undefined ? '' : ` | caused by ${inspect(error.cause, { depth: 0 })}`;
  return `${stack}${cause}`.replaceAll(/\n\s+at /g, ' | at ');
}

function escapeControl(char: string): string {
  return char === '\n' ? '\\n' : `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
