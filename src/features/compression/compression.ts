/** `compression()`: middleware that sends content in the coding that the client likes best. */
import {
  andThen,
  evaluatePreconditions,
  type Headers,
  type Middleware,
  parseEntityTags,
  type Request,
  type Response,
  toBytes,
} from '../../kit.js';
import type { Encoder } from './codings.js';
import { EncodedStream } from './encoded-stream.js';
import { negotiator } from './negotiation.js';
import { planOf, type CompressionOptions, type Plan } from './options.js';

/** Statuses without content, or with a part of it: 304 is looked at by itself. */
const UNTOUCHED: ReadonlySet<number> = new Set([204, 205, 206, 416]);

/** Bytes up to which encoding at once takes less time (some 0.1 ms) than the way to another thread and back. */
const AT_ONCE = 16 * 1024;

/** Bytes from which encoded content is sent piece by piece, so that it need not fit into memory a second time. */
const IN_PIECES = 1024 * 1024;

/** The directive of Cache-Control that forbids to change content on its way (RFC 9111 5.2.2.6). */
const NO_TRANSFORM = /(?:^|,)\s*no-transform\s*(?:,|$)/i;

/** What is true of content only as it was. */
const NOT_IN_ENCODED = ['Accept-Ranges', 'Content-Digest', 'Content-MD5', 'Digest', 'Repr-Digest'] as const;

/**
 * Compresses text, JSON, scripts and the like by br, zstd, gzip or deflate, whichever the client likes best. Of what may
 * be compressed, `Vary` says so to caches, whether it was or not, and an entity tag becomes weak when it was.
 *
 * A response opts out with `Cache-Control: no-transform` (which event streams have by default) or with
 * `Content-Encoding: identity`; one that sets a cookie is left alone unless `cookies` is on. Parts of content (206) and
 * what is encoded already are never touched.
 *
 * If-Match never holds with a weak tag (RFC 9110 13.1.1): let resources that clients change under that condition opt out.
 *
 * @example
 * ```ts
 * await bootstrap({ controllers, middleware: [compression()] });
 * ```
 * @throws ObolError E_SETTING for a wrong option
 */
export function compression(options: CompressionOptions = {}): Middleware {
  const compressor = new Compressor(planOf(options));
  return (request, next) => andThen(next(request), (response) => compressor.answer(request, response));
}

class Compressor {
  readonly #plan: Plan;
  readonly #wishOf: ReturnType<typeof negotiator>;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#wishOf = negotiator(plan.encoders);
  }

  answer(request: Request, response: Response): Response | Promise<Response> {
    if (response.status === 304) return notModified(request, response);
    if (UNTOUCHED.has(response.status) || !this.#plan.isWorthIt(response.contentType)) return response;
    if (response.hasHeaders && isOptedOut(response.headers)) return withoutIdentity(response);
    addVary(response.headers);
    const encoder = this.#encoderFor(request, response);
    return encoder ? this.#encode(request, response, encoder) : response;
  }

  #encoderFor(request: Request, response: Response): Encoder | undefined {
    const { threshold, cookies, skip } = this.#plan;
    const { encoder, refusesIdentity } = this.#wishOf(request.headers.get('accept-encoding'));
    if (!encoder) return undefined;
    const { length = Infinity } = response;
    if (length < (refusesIdentity ? 1 : threshold)) return undefined;
    if (!cookies && response.headers.has('set-cookie')) return undefined;
    if (asksForParts(request, response) || skip(request, response)) return undefined;
    return encoder;
  }

  #encode(request: Request, response: Response, encoder: Encoder): Response | Promise<Response> {
    const { length = 0 } = response;
    if (response.isStream || length > IN_PIECES || !sendsContent(request, response)) {
      const flushes = this.#plan.flush || isEventStream(response.contentType);
      return encodedAs(response, encoder, new EncodedStream(response, encoder, flushes));
    }
    const content = toBytes(response.body as string | Uint8Array);
    if (length <= AT_ONCE) return encodedAs(response, encoder, encoder.encodeSync(content));
    return encoder.encode(content).then((encoded) => encodedAs(response, encoder, encoded));
  }
}

/** Encoded already, part of something, or not to be changed on its way. */
function isOptedOut(headers: Headers): boolean {
  if (headers.has('content-encoding') || headers.has('content-range')) return true;
  const caching = headers.get('cache-control');
  return caching !== undefined && NO_TRANSFORM.test(caching);
}

/** `identity` is a word for us: it is not to be sent (RFC 9110 8.4.1). The response itself may be given again. */
function withoutIdentity(response: Response): Response {
  if (response.headers.get('content-encoding')?.toLowerCase() !== 'identity') return response;
  const plain = response.with({});
  plain.headers.delete('Content-Encoding');
  return plain;
}

function addVary(headers: Headers): void {
  const vary = headers.get('vary');
  if (vary === undefined) headers.append('Vary', 'Accept-Encoding');
  else if (vary !== '*') headers.appendToList('Vary', 'Accept-Encoding');
}

/** Parts are of the content as it is (RFC 9110 14.2): then the whole, too, should they not be to be had. */
function asksForParts({ method, headers }: Request, { isDivisible }: Response): boolean {
  return isDivisible && method === 'GET' && headers.has('range');
}

/** Whether the host will send it: it answers HEAD, and what the client has already, without content. */
function sendsContent(request: Request, { status, etag, lastModified }: Response): boolean {
  if (request.method === 'HEAD') return false;
  if (request.method !== 'GET' || status !== 200 || !(etag ?? lastModified)) return true;
  const validators = { etag: etag && weak(etag), lastModified: lastModified?.getTime(), exists: true };
  return evaluatePreconditions(request, validators) === 'proceed';
}

function encodedAs(response: Response, { coding }: Encoder, body: Response['body']): Response {
  const encoded = response.with({ body });
  for (const name of NOT_IN_ENCODED) encoded.headers.delete(name);
  encoded.headers.set('Content-Encoding', coding);
  const { etag } = response;
  if (etag !== undefined) encoded.headers.set('ETag', weak(etag));
  return encoded;
}

/** The same content in another coding has other bytes, so that only a weak tag holds for both (RFC 9110 8.8.1). */
function weak(etag: string): string {
  return etag.startsWith('W/') ? etag : `W/${etag}`;
}

/** A handler's own 304 confirms what the client has under the tag that the client has (RFC 9111 4.3.4). */
function notModified(request: Request, response: Response): Response {
  const confirmed = response.with({ body: null, contentType: '' });
  addVary(confirmed.headers);
  const { etag } = confirmed;
  const held = parseEntityTags(request.headers.get('if-none-match') ?? '');
  if (etag !== undefined && !held.includes(etag) && held.includes(weak(etag))) confirmed.etag = weak(etag);
  return confirmed;
}

function isEventStream(contentType: string): boolean {
  return /^text\/event-stream\b/i.test(contentType);
}
