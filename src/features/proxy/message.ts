/** What of a request is the same for every server that is asked. */
import type { Readable } from 'node:stream';
import { HttpError, type Request, UpgradeResponse } from '../../kit.js';

export interface Message {
  /** Undefined where there is none; a stream is taken when a server is there to read it. */
  readonly body: Buffer | (() => Readable) | undefined;
  /** Bytes of the body; undefined where that is not known, or there is none. */
  readonly length: number | undefined;
  /** Whether the client waits for a server that wants the body (RFC 9110 10.1.1). */
  readonly isExpecting: boolean;
  /** To which the client would change. */
  readonly protocols: readonly string[];
  /** Of OPTIONS and TRACE, what is left of it (RFC 9110 7.6.2). */
  readonly maxForwards: string | undefined;
  /** Whether it may be sent again when it is not known what became of it (RFC 9110 9.2.2). */
  readonly isRepeatable: boolean;
}

const NO_PROTOCOLS: readonly string[] = [];

/** @throws HttpError 413 for a body that is known to be over the limit */
export function messageOf(
  request: Request,
  { maxBody, upgrades }: { readonly maxBody: number; readonly upgrades: boolean },
): Message {
  const { headers } = request;
  const { body, length } = request.hasBody ? bodyOf(request, maxBody) : NO_BODY;
  return {
    body,
    length,
    isExpecting: typeof body === 'function' && request.httpVersion === '1.1' && headers.has('expect'),
    protocols: upgrades && headers.has('upgrade') ? UpgradeResponse.protocolsAskedBy(request) : NO_PROTOCOLS,
    maxForwards: remainingForwards(request),
    isRepeatable: typeof body !== 'function' && request.isIdempotent,
  };
}

const NO_BODY: Pick<Message, 'body' | 'length'> = { body: undefined, length: undefined };

function bodyOf(request: Request, maxBody: number): Pick<Message, 'body' | 'length'> {
  const { data, contentLength } = request;
  const length = data?.length ?? (contentLength < 0 ? undefined : contentLength);
  if (length !== undefined && length > maxBody)
    throw new HttpError(413, `The body is longer than ${String(maxBody)} bytes`);
  if (length === 0) return { body: undefined, length };
  return { body: data ?? (() => request.readStream(maxBody)), length };
}

/** One less than the client has sent; what is no number counts for nothing. */
function remainingForwards({ method, headers }: Request): string | undefined {
  if (method !== 'OPTIONS' && method !== 'TRACE') return undefined;
  const sent = headers.get('max-forwards');
  return sent !== undefined && /^\d{1,9}$/.test(sent) ? String(Number(sent) - 1) : undefined;
}
