/** A log for people: time, level and message in one line, then what was thrown, without the frames of Obol and Node. */
import { join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LEVELS, Log, type Fields, type Level, type LogLine } from './log.js';
import { oneLine } from './one-line.js';
import { showError, shownValue, type ShownError } from './shown-error.js';
import type { Sink } from './sink.js';

type Paint = (text: string, codes: string) => string;

const PLAIN: Paint = (text) => text;
/** By the numbers of ECMA-48 8.3.117. */
const COLOURED: Paint = (text, codes) => (codes === '' ? text : `\x1b[${codes}m${text}\x1b[0m`);
const DIM = '2';
const BOLD = '1';
const COLOURS: Readonly<Record<Level, string>> = {
  trace: '2',
  debug: '2',
  info: '32',
  warn: '33',
  error: '31',
  fatal: '1;31',
};

/** The folders of Obol's own code, built or not. */
const PACKAGE = resolve(import.meta.dirname, '../../..');
const OWN_CODE = [join(PACKAGE, 'src') + sep, join(PACKAGE, 'dist') + sep];

export interface ReadableOptions {
  /** The number of the least important level that is written. */
  readonly least: number;
  readonly colour: boolean;
}

/** Writes a line, and below it an error, indented. */
export class ReadableLog extends Log {
  readonly #write: (text: string, level: Level) => void;
  readonly #least: number;
  readonly #paint: Paint;

  /** @param write takes each text with the end of its last line */
  constructor(write: Sink | ((text: string, level: Level) => void), { least, colour }: ReadableOptions) {
    super();
    this.#write = write;
    this.#least = least;
    this.#paint = colour ? COLOURED : PLAIN;
  }

  isLevelEnabled(level: Level): boolean {
    return LEVELS[level] >= this.#least;
  }

  write(line: LogLine): void {
    const paint = this.#paint;
    const time = paint(timeOf(new Date()), DIM);
    const level = paint(line.level.toUpperCase().padEnd(5), COLOURS[line.level]);
    this.#write(`${time} ${level} ${readable(line, paint)}\n`, line.level);
  }
}

/** A line as text, without time and level: for `console`, which has its own way of showing them. */
export function readable({ fields = {}, message }: LogLine, paint = PLAIN): string {
  const { err, ...others } = fields;
  const error = err === undefined ? undefined : showError(err);
  const text = oneLine(message ?? error?.message ?? '');
  const first = [text, ...readableFields(others, text).map((field) => paint(field, DIM))]
    .join(' ')
    .trimStart();
  return error ? [first, ...errorLines(error, paint)].join('\n') : first;
}

/** What the message says already is not said twice. */
function readableFields(fields: Fields, message: string): string[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    const shown = oneLine(typeof value === 'string' ? value : shownValue(value)).slice(0, 512);
    return value === undefined || message.includes(shown) ? [] : [`${oneLine(name)}=${shown}`];
  });
}

function errorLines(error: ShownError, paint: Paint, indent = '  ', label = ''): string[] {
  const { type, message, code, cause, aggregateErrors = [] } = error;
  const named = code?.startsWith('E_') ? `${type} [${code}]` : type;
  const inner = (each: ShownError, name: string): string[] => errorLines(each, paint, `${indent}  `, name);
  return [
    `${indent}${label}${paint(oneLine(named), BOLD)}: ${oneLine(message)}`,
    ...folded(framesOf(error)).map(
      (frame) => `${indent}    ${frame.isFold ? paint(frame.text, DIM) : frame.text}`,
    ),
    ...aggregateErrors.flatMap((each) => inner(each, 'one of them: ')),
    ...(cause ? inner(cause, 'caused by: ') : []),
  ];
}

interface Frame {
  readonly text: string;
  readonly isFold: boolean;
}

/** Runs of frames that are not the user's, as one line each; all frames where there are no others. */
function folded(frames: readonly string[]): Frame[] {
  if (frames.every(isForeign)) return frames.map((text) => ({ text, isFold: false }));
  const lines: Frame[] = [];
  let count = 0;
  const fold = (): void => {
    if (count > 0) lines.push({ text: `... ${String(count)} of Obol and Node.js`, isFold: true });
    count = 0;
  };
  for (const frame of frames) {
    if (isForeign(frame)) count++;
    else {
      fold();
      lines.push({ text: frame, isFold: false });
    }
  }
  fold();
  return lines;
}

/** The frames with paths in place of URLs, relative to the working directory where they are below it. */
function framesOf({ stack, message }: ShownError): string[] {
  const end = stack.indexOf(message);
  const below = end < 0 ? stack : stack.slice(end + message.length);
  const frames = below.split('\n').filter((line) => /^[ \t]{1,16}at /.test(line));
  return frames.map((frame) => oneLine(withPath(frame.trim())));
}

function withPath(frame: string): string {
  const path = frame.replace(/file:\/\/[^\s)]+/, pathOf);
  return OWN_CODE.some((folder) => path.includes(folder)) ? path : path.replace(process.cwd() + sep, '');
}

/** A text of a client may have the form of a frame. */
function pathOf(url: string): string {
  const [, place = ''] = /((?::\d+){0,2})$/.exec(url) ?? [];
  try {
    return `${fileURLToPath(url.slice(0, url.length - place.length))}${place}`;
  } catch {
    return url;
  }
}

function isForeign(frame: string): boolean {
  return /(?:^at |\()node:/.test(frame) || OWN_CODE.some((folder) => frame.includes(folder));
}

function timeOf(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two);
  return `${parts.join(':')}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
