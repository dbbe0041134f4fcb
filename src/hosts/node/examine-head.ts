/** The framing rules that node:http is too lenient with (RFC 9112 2.2, 3.2, 6.1): who breaks them gets no handler. */
import type { IncomingMessage } from 'node:http';
import { parseAuthority } from '../../http/host.js';

/** Why a request is refused. The connection is closed after it. */
export interface Refusal {
  readonly status: number;
  readonly detail: string;
}

export const OTHER_VERSION: Refusal = { status: 505, detail: 'Only HTTP/1.1 and HTTP/1.0 are spoken here' };
export const LONG_TARGET: Refusal = { status: 414, detail: 'The request target is too long' };

/** A head that may go on. */
export const NO_BODY = 1;
export const WITH_BODY = 2;

export interface HeadLimits {
  readonly maxHeaderCount: number;
  readonly maxTargetLength: number;
}

/** The Host that was found good last: the same one comes again and again. */
let lastGoodHost = '';

/** Looks at a head once, before anything else reads it. */
// oxlint-disable-next-line complexity -- one loop over the fields, without a call for each, is what makes it cheap
export function examineHead(
  { httpVersion, url = '', rawHeaders }: IncomingMessage,
  limits: HeadLimits,
): Refusal | typeof NO_BODY | typeof WITH_BODY {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return OTHER_VERSION;
  if (url.length > limits.maxTargetLength) return LONG_TARGET;
  if (rawHeaders.length > limits.maxHeaderCount * 2) return refusal(431, 'There are too many header fields');
  let hosts = 0;
  let body: typeof NO_BODY | typeof WITH_BODY = NO_BODY;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    const value = rawHeaders[i + 1] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') {
      if (++hosts > 1) return refusal(400, 'There is more than one Host');
      if (value !== lastGoodHost && !rememberHost(value)) return refusal(400, 'The Host is malformed');
    } else if (name.length === 14 && name.toLowerCase() === 'content-length') {
      body = WITH_BODY;
    } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') {
      const wrong = examineCoding(httpVersion, value);
      if (wrong) return wrong;
      body = WITH_BODY;
    }
  }
  if (hosts === 0 && httpVersion === '1.1') return refusal(400, 'There is no Host');
  return body;
}

function rememberHost(value: string): boolean {
  if (!parseAuthority(value)) return false;
  lastGoodHost = value;
  return true;
}

function examineCoding(httpVersion: string, value: string): Refusal | undefined {
  if (httpVersion === '1.0') return refusal(400, 'HTTP/1.0 has no Transfer-Encoding');
  if (value === '') return refusal(400, 'The Transfer-Encoding is empty');
  if (value.toLowerCase() === 'chunked') return undefined;
  return refusal(501, 'The only Transfer-Encoding understood is chunked');
}

function refusal(status: number, detail: string): Refusal {
  return { status, detail };
}
