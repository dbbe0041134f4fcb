/** The last word on a response: which headers go out by default, whether a body follows, and its length. */
import { EventEmitter } from 'node:events';
import { withNonce } from '../http/content-security-policy.js';
import { BODYLESS, reasonPhrase } from '../http/status.js';
import { ObolError } from '../ground/errors.js';
import type { Logger } from '../ground/log/log.js';
import { defaultLog } from '../ground/log/logger.js';
import { fieldsOf } from '../message/headers.js';
import type { Request } from '../message/request.js';
import { discardStream, type ChunkStream } from '../message/chunks.js';
import type { Response } from '../message/response.js';
import type {
  DefaultHeaders,
  Finisher,
  HeadChange,
  ResponseHead,
  SecurityHeaders,
} from '../message/settings.js';
import { ChangedHead } from './changed-head.js';

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

/** What a {@link Finalizer} knows besides security headers. */
export interface FinalizerOptions {
  /** Default none. */
  readonly poweredBy?: string | undefined;
  /** Default the standard error stream. */
  readonly logger?: Logger;
}

/** Puts heads together. One for each application, since it knows the default headers. */
export class Finalizer implements Finisher {
  nonce = '';
  readonly #headers: SecurityHeaders;
  readonly #options: FinalizerOptions;
  readonly #every: readonly [string, string][];
  readonly #document: readonly [string, string][];
  /** Names of headers that protect: a response may change them, and not empty them. */
  readonly #protecting: ReadonlySet<string>;
  readonly #logger: Logger;
  #reported = new Set<string>();
  /** Heads of responses that set no header but Content-Type: by status, then type. */
  readonly #heads = new Map<number, Map<string, string>>();
  #cached = 0;
  readonly #statusLines = new Map<number, string>();

  constructor(headers: SecurityHeaders = SECURITY_HEADERS, options: FinalizerOptions = {}) {
    const { every, document } = (this.#headers = headers);
    const { poweredBy, logger = defaultLog } = (this.#options = options);
    this.#document = Object.entries(document);
    this.#every = Object.entries(every);
    this.#protecting = new Set([...this.#every, ...this.#document].map(([name]) => name.toLowerCase()));
    if (poweredBy !== undefined) this.#every = [...this.#every, ['X-Powered-By', poweredBy]];
    this.#logger = logger;
  }

  /** One for a single response, whose policies let inline code with this nonce run. */
  withNonce(nonce: string): Finalizer {
    const { every, document } = this.#headers;
    const headers = { every: naming(every, nonce), document: naming(document, nonce) };
    const copy = new Finalizer(headers, this.#options);
    copy.#reported = this.#reported;
    copy.nonce = nonce;
    return copy;
  }

  /** One for a single request, whose heads are changed before they go out. */
  withChange(change: HeadChange): ChangedHead {
    return new ChangedHead(this, [change]);
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

  check({ headers, asIs }: ResponseHead): void {
    if (asIs) return;
    for (const [name, value] of headers)
      if (!value.trim() && this.#protecting.has(name.toLowerCase())) throw emptied(name);
  }

  #ownFields(response: ResponseHead): string[] {
    const fields: string[] = [];
    const bodyless = BODYLESS.has(response.status);
    const flat = fieldsOf(response.headers);
    for (let i = 0; i < flat.length; i += 2) {
      const name = String(flat[i]);
      const key = name.toLowerCase();
      const value = String(flat[i + 1]);
      if (
        (HOST_HEADERS.has(key) && !offersUpgrade(response, key)) ||
        (bodyless && key === 'content-type') ||
        !(value.trim() || this.#mayEmpty(name, response))
      )
        continue;
      fields.push(name, value);
      if (key === 'upgrade') fields.push('Connection', 'Upgrade');
    }
    this.#addDefaults(fields, response, this.#every);
    if (!bodyless && isHtml(response.contentType)) this.#addDefaults(fields, response, this.#document);
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

  #addDefaults(
    fields: string[],
    { headers, asIs }: ResponseHead,
    defaults: readonly [string, string][],
  ): void {
    if (asIs) return;
    for (const [name, value] of defaults) if (!headers.get(name)?.trim()) fields.push(name, value);
  }

  /** Of one that protects the default is sent, since that is not taken away by accident; said once for each header. */
  #mayEmpty(name: string, { asIs }: ResponseHead): boolean {
    const key = name.toLowerCase();
    if (asIs || !this.#protecting.has(key)) return true;
    if (!this.#reported.has(key)) this.#logger.warn(emptied(name).message);
    this.#reported.add(key);
    return false;
  }
}

/** Where it is the answer that another protocol must be asked for (RFC 9110 15.5.22). */
function offersUpgrade({ status }: ResponseHead, key: string): boolean {
  return status === 426 && key === 'upgrade';
}

function emptied(name: string): ObolError {
  return new ObolError(
    'E_HEADER_VALUE',
    `The header ${name} was set to nothing, which would take a protection away. Give it another value; to send it ` +
      'nowhere, leave it out of the option securityHeaders: { every: { ... }, document: { ... } }.',
  );
}

/** The headers, policies among them with a nonce. */
function naming(headers: DefaultHeaders, nonce: string): DefaultHeaders {
  const isPolicy = (name: string): boolean => /^content-security-policy(?:-report-only)?$/i.test(name);
  const fields = Object.entries(headers);
  return Object.fromEntries(
    fields.map(([name, value]) => [name, isPolicy(name) ? withNonce(value, nonce) : value]),
  );
}

function isHtml(contentType: string): boolean {
  return /^(?:text\/html|application\/xhtml\+xml)\b/i.test(contentType);
}

/** Whether content follows the head (RFC 9110 6.4.1). */
export function sendsBody(request: Request, response: Response): boolean {
  return request.method !== 'HEAD' && !BODYLESS.has(response.status);
}

/** Lets go of the stream of a response that will not be sent. */
export async function discardBody(response: Response): Promise<void> {
  if (response.isStream) await discardStream(response.body as ChunkStream);
}

/** The same where no caller waits for it; its failure is dropped. */
export async function letGo(response: Response): Promise<void> {
  const { body } = response;
  if (body instanceof EventEmitter) body.on('error', () => undefined);
  await discardBody(response).catch(() => undefined);
}
