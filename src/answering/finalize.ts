/** The last word on a response: which headers go out by default, whether a body follows, and its length. */
import { EventEmitter } from 'node:events';
import { BODYLESS, reasonPhrase } from '../http/status.js';
import type { Headers } from '../message/headers.js';
import type { Request } from '../message/request.js';
import type { ChunkStream, Response } from '../message/response.js';
import type { Finisher, ResponseHead, SecurityHeaders } from '../message/settings.js';

/** Safe unless a response says otherwise: no sniffing anywhere, and for documents a policy of their own origin. */
export const SECURITY_HEADERS: SecurityHeaders = {
  every: { 'X-Content-Type-Options': 'nosniff' },
  document: {
    'Content-Security-Policy':
      "default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'; " +
      "img-src 'self' data:; object-src 'none'; style-src 'self' 'unsafe-inline'",
    'Cross-Origin-Opener-Policy': 'same-origin',
    'X-Frame-Options': 'SAMEORIGIN',
  },
};

/** What the host alone decides; a response that sets one of these has no say (RFC 9112 6, 9). */
const HOST_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

const MAX_CACHED_HEADS = 256;

/** Puts heads together. One for each application, since it knows the default headers. */
export class Finalizer implements Finisher {
  readonly #every: [string, string][];
  readonly #document: [string, string][];
  /** Heads of responses that set no header but Content-Type: by status, then type. */
  readonly #heads = new Map<number, Map<string, string>>();
  #cached = 0;
  readonly #statusLines = new Map<number, string>();

  constructor({ every, document }: SecurityHeaders = SECURITY_HEADERS) {
    this.#every = Object.entries(every);
    this.#document = Object.entries(document);
  }

  head(response: ResponseHead): string {
    const { status, contentType, length } = response;
    const framing = length === undefined ? '' : `Content-Length: ${String(length)}\r\n`;
    if (response.hasHeaders) return this.#write(response) + framing;
    let byType = this.#heads.get(status);
    if (!byType) this.#heads.set(status, (byType = new Map<string, string>()));
    let head = byType.get(contentType);
    if (head === undefined) {
      head = this.#write(response);
      if (this.#cached++ < MAX_CACHED_HEADS) byType.set(contentType, head);
    }
    return head + framing;
  }

  fields(response: ResponseHead): string[] {
    const { length } = response;
    const framing = length === undefined ? [] : ['Content-Length', String(length)];
    return [...this.#ownFields(response), ...framing];
  }

  #ownFields(response: ResponseHead): string[] {
    const fields: string[] = [];
    const bodyless = BODYLESS.has(response.status);
    const { headers } = response;
    const { flat } = headers;
    for (let i = 0; i < flat.length; i += 2) {
      const name = String(flat[i]);
      const key = name.toLowerCase();
      if (HOST_HEADERS.has(key) || (bodyless && key === 'content-type')) continue;
      fields.push(name, String(flat[i + 1]));
    }
    this.#addDefaults(fields, headers, this.#every);
    if (!bodyless && isHtml(response.contentType)) this.#addDefaults(fields, headers, this.#document);
    return fields;
  }

  #write(response: ResponseHead): string {
    let head = this.#statusLines.get(response.status) ?? this.#statusLine(response.status);
    const fields = this.#ownFields(response);
    for (let i = 0; i < fields.length; i += 2) head += `${fields[i] ?? ''}: ${fields[i + 1] ?? ''}\r\n`;
    return head;
  }

  #statusLine(status: number): string {
    const line = `HTTP/1.1 ${String(status)} ${reasonPhrase(status)}\r\n`;
    this.#statusLines.set(status, line);
    return line;
  }

  #addDefaults(fields: string[], headers: Headers, defaults: readonly [string, string][]): void {
    for (const [name, value] of defaults) if (!headers.has(name)) fields.push(name, value);
  }
}

function isHtml(contentType: string): boolean {
  return /^(?:text\/html|application\/xhtml\+xml)\b/i.test(contentType);
}

/** Whether content follows the head (RFC 9110 6.4.1). */
export function sendsBody(request: Request, response: Response): boolean {
  return request.method !== 'HEAD' && !BODYLESS.has(response.status);
}

/** How streams are let go of: those of Node, those of the web, generators. */
interface StreamEnds {
  destroy?(): unknown;
  cancel?(): Promise<unknown>;
  return?(): unknown;
}

/** Lets go of the stream of a response that will not be sent. */
export async function discardBody(response: Response): Promise<void> {
  if (response.isStream) await discardStream(response.body as ChunkStream);
}

/** Lets go of a stream that will not be read, so that its `finally` runs and its file is closed. */
export async function discardStream(stream: ChunkStream): Promise<void> {
  const ends = stream as StreamEnds;
  if (ends.destroy) await ends.destroy();
  else if (ends.cancel) await ends.cancel();
  else await ends.return?.();
}

/** The same where no caller waits for it; its failure is dropped. */
export async function letGo(response: Response): Promise<void> {
  const { body } = response;
  if (body instanceof EventEmitter) body.on('error', () => undefined);
  await discardBody(response).catch(() => undefined);
}
