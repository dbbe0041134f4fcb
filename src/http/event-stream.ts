/** The text of server-sent events, as browsers read it (HTML Living Standard 9.2). */
import { ObolError } from '../ground/errors.js';
import { kindOf } from '../ground/wording.js';

/** One event. What is left out is not sent. */
export interface ServerSentEvent {
  /** Its name; a browser calls those who listen to it. Without one they listen to `message`. */
  readonly event?: string | undefined;
  /** Text of any number of lines; any other value is sent as JSON. */
  readonly data?: unknown;
  /** What a browser sends back as Last-Event-ID when it connects again; at most 1,024 bytes. */
  readonly id?: string | undefined;
  /** Milliseconds that a browser waits before it connects again. */
  readonly retry?: number | undefined;
  /** Text that no listener sees. */
  readonly comment?: string | undefined;
}

const LINE_BREAK = /\r\n|\r|\n/;
/** What would end a line, and NUL: browsers ignore an id that holds one. */
const NOT_IN_LINE = /[\0\r\n]/;
const MAX_ID = 1024;
const MAX_QUOTED = 64;

/**
 * The text of an event; a string is an event of that data alone.
 *
 * Line breaks in data and comments begin a new line of the same field. A name or id can have none: browsers would read
 * what follows as fields of their own. They may hold a client's text, but by the time an event is written the answer
 * has begun, so that no status could blame the client: it is for the program to check what it sends.
 * @throws ObolError E_EVENT for a name, id, delay or data that cannot be sent
 */
export function formatEvent(event: ServerSentEvent | string): string {
  if (typeof event === 'string') return `${fieldLines('data', event)}\n`;
  const { event: name, data, id, retry, comment } = checkShape(event);
  let text = comment === undefined ? '' : fieldLines('', comment);
  if (name !== undefined) text += `event: ${singleLine('name', name)}\n`;
  if (data !== undefined) text += fieldLines('data', typeof data === 'string' ? data : jsonOf(data));
  // Browsers drop an event that has no data at all, its name notwithstanding.
  else if (name !== undefined) text += 'data\n';
  if (id !== undefined) text += `id: ${checkId(id)}\n`;
  if (retry !== undefined) text += `retry: ${checkDelay(retry)}\n`;
  return `${text}\n`;
}

/** Whether the text can be the id of an event: on one line, and not too long for the header it comes back in. */
export function isEventId(text: string): boolean {
  return text.length <= MAX_ID && Buffer.byteLength(text) <= MAX_ID && !NOT_IN_LINE.test(text);
}

function checkShape(event: unknown): ServerSentEvent {
  if (typeof event === 'object' && event !== null) return event;
  throw new ObolError('E_EVENT', `An event is an object such as { data: "text" }, not ${quoted(event)}.`);
}

function fieldLines(field: string, text: string): string {
  return text
    .split(LINE_BREAK)
    .map((line) => `${field}: ${line}\n`)
    .join('');
}

function singleLine(what: string, text: unknown): string {
  if (typeof text === 'string' && !NOT_IN_LINE.test(text)) return text;
  throw new ObolError(
    'E_EVENT',
    `The ${what} of an event is text on one line without NUL, not ${quoted(text)}.`,
  );
}

function checkId(id: unknown): string {
  const text = singleLine('id', id);
  if (isEventId(text)) return text;
  throw new ObolError('E_EVENT', `The id of an event has at most ${String(MAX_ID)} bytes; shorten it.`);
}

function checkDelay(retry: number): string {
  if (Number.isSafeInteger(retry) && retry >= 0) return String(retry);
  throw new ObolError(
    'E_EVENT',
    `The retry of an event is a whole number of milliseconds, not ${quoted(retry)}.`,
  );
}

function jsonOf(data: unknown): string {
  const text = JSON.stringify(data) as string | undefined;
  if (text === undefined)
    throw new ObolError('E_EVENT', `The data of an event is text or JSON, not ${kindOf(data)}.`);
  return text;
}

function quoted(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, MAX_QUOTED)) : String(value);
}
