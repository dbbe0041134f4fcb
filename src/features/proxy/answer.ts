/** What a server has answered, as the response to the client. */
import type { IncomingMessage } from 'node:http';
import { Headers, type Request, Response } from '../../kit.js';
import type { Begun } from './exchange.js';
import { UpstreamFailure } from './failure.js';
import { connectionNames, isHopByHop } from './hop-by-hop.js';
import { withOwn } from './outgoing-fields.js';
import { seenByClient, type Places } from './seen-by-client.js';
import { tunnel } from './tunnel.js';
import { MAX_FIELDS } from './upstream.js';

/** @throws UpstreamFailure for an answer that is none */
export function answerOf({ response, upgraded }: Begun, request: Request, places: Places): Response {
  const head = readHead(response, places);
  if (upgraded) return tunnel(upgraded, { response, headers: head.headers, request });
  const answer = ordinaryAnswer(response, request, head);
  answer.asIs = true;
  return answer;
}

interface Head {
  readonly headers: Headers;
  readonly contentType: '';
  readonly length: number | undefined;
}

/** One that has come with its head, as short ones do, is sent in one piece. */
function ordinaryAnswer(response: IncomingMessage, request: Request, head: Head): Response {
  const { method } = request;
  const { statusCode: status = 0, httpVersion, httpVersionMajor, complete } = response;
  if (status < 200 || status > 599) throw new UpstreamFailure(`the status ${String(status)}`);
  if (httpVersionMajor !== 1) throw new UpstreamFailure(`an answer in HTTP/${httpVersion}`);
  if (!complete && method !== 'HEAD') {
    // Where it is not sent: what stands before the proxy may answer otherwise.
    request.onClose(() => response.destroy());
    return new Response(response, { ...head, status, early: true });
  }
  const bytes = allOf(response);
  // With the last of its bytes it has come to its end already.
  if (!bytes) response.resume();
  // Of HEAD, a stream that is never read and has the length which that of GET would have.
  return new Response(method === 'HEAD' ? [] : (bytes ?? NOTHING), { ...head, status });
}

const NOTHING = Buffer.alloc(0);

/** What has come, whole: from Node 26 on, read() gives one piece after the other. Null for nothing. */
function allOf(response: IncomingMessage): Buffer | null {
  const read = (): Buffer | null => response.read() as Buffer | null;
  const pieces: Buffer[] = [];
  for (let piece = read(); piece; piece = read()) pieces.push(piece);
  return pieces.length > 1 ? Buffer.concat(pieces) : (pieces[0] ?? null);
}

function readHead(response: IncomingMessage, places: Places): Head {
  const flat = response.rawHeaders;
  if (flat.length > MAX_FIELDS * 2) throw new UpstreamFailure('too many header fields');
  const nominated = connectionNames(flat);
  const headers = new Headers();
  let length: number | undefined;
  let via = '';
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] ?? '';
    const value = flat[i + 1] ?? '';
    const key = name.toLowerCase();
    if (key === 'content-length') length = lengthOf(value);
    else if (key === 'transfer-encoding') refuseCoding(value, response);
    else if (key === 'via') via = withOwn(via, value);
    else if (key === 'keep-alive') places.upstream.server.heed(value);
    else if (isPassed(key, nominated, response)) add(headers, name, seenByClient(key, value, places));
  }
  headers.append('Via', withOwn(via, `${response.httpVersion} ${places.via}`));
  return { headers, contentType: '', length };
}

/** Upgrade is passed on where it is the answer that another protocol must be asked for (RFC 9110 15.5.22). */
function isPassed(key: string, nominated: ReadonlySet<string>, { statusCode }: IncomingMessage): boolean {
  return isHopByHop(key) ? key === 'upgrade' && statusCode === 426 : !nominated.has(key);
}

function lengthOf(value: string): number {
  if (!/^\d{1,15}$/.test(value)) throw new UpstreamFailure(`the length ${shown(value)}`);
  return Number(value);
}

/** What else is encoded would have to be decoded here, as no field says of it to the client. */
function refuseCoding(value: string, response: IncomingMessage): void {
  const { httpVersion } = response;
  if (value.toLowerCase() !== 'chunked' || httpVersion !== '1.1' || isReadToItsEnd(response))
    throw new UpstreamFailure(`the Transfer-Encoding ${shown(value)} in HTTP/${httpVersion}`);
}

/** Of `chunked` with a tab behind it, which is not in the value any more, Node reads no chunks: all up to the end of the connection is content. */
function isReadToItsEnd(
  response: IncomingMessage & { readonly req?: { readonly shouldKeepAlive: boolean } },
): boolean {
  return response.req?.shouldKeepAlive === false && !/\bclose\b/i.test(response.headers.connection ?? '');
}

/** Of a field that has one value the last counts. */
function add(headers: Headers, name: string, value: string): void {
  try {
    headers.append(name, value);
  } catch {
    if (!headers.delete(name))
      throw new UpstreamFailure(`the field ${shown(name)} with characters that no field may have`);
    add(headers, name, value);
  }
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
