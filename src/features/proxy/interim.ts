/** Interim answers of a server, which the client gets as they come (RFC 9110 15.2). */
import { Headers } from '../../kit.js';
import { connectionNames, isHopByHop } from './hop-by-hop.js';
import { withOwn } from './outgoing-fields.js';
import { seenByClient, type Places } from './seen-by-client.js';
import { MAX_FIELDS } from './upstream.js';

/** One of them, as node:http gives it. */
export interface Interim {
  readonly statusCode: number;
  readonly httpVersion: string;
  /** Names and values in turns. */
  readonly rawHeaders: readonly string[];
}

/** What a head without content says nothing of (RFC 9110 8.6, RFC 9112 6.1). */
const OF_FRAMING: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding']);

/**
 * Passes one on. 100 is left to who asks for the body, and 101 is the answer.
 * @returns whether it has gone to the client
 */
export function passOn({ statusCode, httpVersion, rawHeaders }: Interim, places: Places): boolean {
  if (statusCode <= 101 || rawHeaders.length > MAX_FIELDS * 2) return false;
  const headers = new Headers();
  const nominated = connectionNames(rawHeaders);
  let via = '';
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    const value = rawHeaders[i + 1] ?? '';
    const key = name.toLowerCase();
    if (key === 'via') via = withOwn(via, value);
    else if (!isHopByHop(key) && !OF_FRAMING.has(key) && !nominated.has(key))
      addSound(headers, name, seenByClient(key, value, places));
  }
  headers.append('Via', withOwn(via, `${httpVersion} ${places.via}`));
  return places.request.sendInterim(statusCode, headers);
}

/** It is a hint: what no field may have is left out. */
function addSound(headers: Headers, name: string, value: string): void {
  try {
    headers.append(name, value);
  } catch {
    headers.delete(name);
  }
}
