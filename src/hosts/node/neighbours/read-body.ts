/** Bodies that a neighbour has read before: given once more from what it has made of them. */
import type { IncomingMessage } from 'node:http';
import { stopReading } from '../../../body/half-read.js';
import { ObolError } from '../../../ground/errors.js';
import { parseMediaType, type MediaType } from '../../../http/media-type.js';
import { declaresBody, type RequestHead } from '../../../message/request-source.js';
import type { MountedMessage } from './mount-point.js';

/** A request whose body may have been read, by a parser such as those of Express. */
interface ReadMessage extends MountedMessage {
  /** What the parser has made of it. */
  readonly body?: unknown;
  /** The bytes, where the parser keeps them. */
  readonly rawBody?: unknown;
}

/** The part of a request source that a body decides. */
type BodyParts = Pick<RequestHead, 'rawHeaders'> & { readonly body: IncomingMessage | Buffer };

/** Fields that speak of the bytes as they came: they are decoded now, and their length is another. */
const OF_BYTES = /^(?:content-length|content-encoding|transfer-encoding)$/i;

/**
 * The body as it comes, or where it was read, the same content again: JSON, a form of plain fields, text and bytes.
 * Of any other, each reader gets ObolError E_BODY_READ.
 */
export function bodyOf(incoming: IncomingMessage): BodyParts {
  const { rawHeaders } = incoming;
  if (!wasRead(incoming)) return { rawHeaders, body: incoming };
  if (!declaresBody(rawHeaders)) return { rawHeaders, body: Buffer.alloc(0) };
  const bytes = bytesAgain(incoming);
  if (!bytes) {
    stopReading(incoming, whyUnreadable(incoming));
    return { rawHeaders, body: incoming };
  }
  const fields = rawHeaders.filter((_, index) => !OF_BYTES.test(rawHeaders[index - (index % 2)] ?? ''));
  return { rawHeaders: [...fields, 'Content-Length', String(bytes.length)], body: bytes };
}

/** Whether something has read it, be it that there was nothing. */
export function wasRead(incoming: IncomingMessage): boolean {
  return incoming.readableDidRead || incoming.readableEnded;
}

function bytesAgain({ body, rawBody, headers }: ReadMessage): Buffer | undefined {
  const bytes = [rawBody, body].find((value) => value instanceof Uint8Array);
  if (bytes) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = parseMediaType(headers['content-type'] ?? '');
  const text = body === undefined || !type ? undefined : textAgain(body, type);
  return text === undefined ? undefined : Buffer.from(text);
}

function textAgain(body: unknown, { essence, parameters }: MediaType): string | undefined {
  if (/^application\/(?:.+\+)?json$/.test(essence)) return JSON.stringify(body);
  if (!/^utf-?8$/i.test(parameters.get('charset') ?? 'utf-8')) return undefined;
  if (typeof body === 'string') return body;
  return essence === 'application/x-www-form-urlencoded' ? formAgain(body) : undefined;
}

/** Undefined for a form of nested fields, of which there are several spellings. */
function formAgain(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const form = new URLSearchParams();
  for (const [name, values] of Object.entries(body)) {
    for (const value of [values as unknown].flat()) {
      if (typeof value !== 'string') return undefined;
      form.append(name, value);
    }
  }
  return form.toString();
}

function whyUnreadable({ method = '', url = '', originalUrl = url }: ReadMessage): ObolError {
  return new ObolError(
    'E_BODY_READ',
    `The body of ${method} ${originalUrl} was read before toNodeListener() got the request, and its content cannot be had again. ` +
      'Put toNodeListener() before what reads it, or let that keep the bytes: ' +
      'express.json({ verify: (req, res, bytes) => { req.rawBody = bytes } }).',
  );
}
