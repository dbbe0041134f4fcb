/** A logger that keeps what it is given, each line as text, so that tests stay silent and can look at it. */
import { inspect } from 'node:util';
import { isError } from '../../src/ground/realms.js';
import { oneLine } from '../../src/ground/log/one-line.js';
import { Log, type Fields, type Level, type LogLine } from '../../src/ground/log/log.js';

export class CollectingLogger extends Log {
  readonly errors: string[] = [];
  readonly warnings: string[] = [];
  /** What requests were refused for, and the like. */
  readonly notes: string[] = [];
  /** What only those want to know who look for something. */
  readonly details: string[] = [];
  /** Private, so that a request that is printed with its logger does not print the requests before it. */
  readonly #fields: (Fields | undefined)[] = [];

  /** What lines have besides their messages. */
  get fields(): (Fields | undefined)[] {
    return this.#fields;
  }

  isLevelEnabled(): boolean {
    return true;
  }

  write({ level, fields, message = '' }: LogLine): void {
    const thrown = fields && 'err' in fields ? `: ${shown(fields['err'])}` : '';
    this.#linesOf(level).push(oneLine(`${message}${thrown}`));
    this.#fields.push(fields);
  }

  #linesOf(level: Level): string[] {
    if (level === 'error' || level === 'fatal') return this.errors;
    if (level === 'warn') return this.warnings;
    return level === 'info' ? this.notes : this.details;
  }
}

export function collectingLogger(): CollectingLogger {
  return new CollectingLogger();
}

function shown(thrown: unknown): string {
  if (!isError(thrown)) return `thrown ${inspect(thrown, { depth: 1 })}`;
  const { code } = thrown as { readonly code?: unknown };
  const stack = String(thrown.stack);
  const coded = typeof code === 'string' && code.startsWith('E_') ? stack.replace(':', ` [${code}]:`) : stack;
  return coded.replaceAll(/\n[ \t]+at /g, ' | at ');
}
