/** Heads of responses as node:http writes them. */
import { BODYLESS } from '../../../http/status.js';
import { Headers } from '../../../message/headers.js';

/** What a socket is given to write: text in the encoding that is named, or bytes. */
export interface Written {
  readonly chunk: string | Buffer;
  readonly encoding: BufferEncoding;
}

/** A head, as a response is made of it, and what was written behind. */
export interface WrittenHead {
  readonly status: number;
  readonly contentType: string;
  readonly headers: Headers;
  /** The Content-Length; undefined for none. */
  readonly length: number | undefined;
  readonly hasContent: boolean;
  readonly rest: readonly Written[];
}

const END = '\r\n\r\n';
const STATUS_LINE = /^HTTP\/1\.1 (\d{3})/;
/** Said of the connection, which is not that of the client; the length is said apart, and the type may be. */
const NOT_OF_RESPONSE: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'content-type',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/**
 * The final head; undefined where only informational ones were written. node:http gives a head as text, with what follows it in the
 * same write where that is text too.
 * @throws Error for what is no head
 */
export function writtenHead(writes: readonly Written[]): WrittenHead | undefined {
  for (const [index, { chunk, encoding }] of writes.entries()) {
    let text = String(chunk);
    while (text !== '') {
      const end = text.indexOf(END);
      const status = Number(STATUS_LINE.exec(text)?.[1]);
      if (end < 0 || Number.isNaN(status))
        throw new Error('What is written to the socket of a response is no response');
      const after = text.slice(end + END.length);
      if (status >= 200) {
        const rest = [{ chunk: after, encoding }, ...writes.slice(index + 1)];
        return { status, ...fieldsIn(text.slice(0, end)), hasContent: !BODYLESS.has(status), rest };
      }
      text = after;
    }
  }
  return undefined;
}

/** Bytes as they are, text in its encoding. */
export function bytesOf({ chunk, encoding }: Written): Buffer {
  return typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
}

function fieldsIn(head: string): Pick<WrittenHead, 'contentType' | 'headers' | 'length'> {
  const fields = head.split('\r\n').slice(1).map(fieldOf);
  const valueOf = (wanted: string): string | undefined =>
    fields.find(([name]) => name.toLowerCase() === wanted)?.[1];
  const length = valueOf('content-length');
  return {
    contentType: valueOf('content-type') ?? '',
    headers: new Headers(fields.filter(([name]) => !NOT_OF_RESPONSE.has(name.toLowerCase()))),
    length: length !== undefined && /^\d+$/.test(length) ? Number(length) : undefined,
  };
}

function fieldOf(line: string): [name: string, value: string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}
