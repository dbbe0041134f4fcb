/** What a client that knows the password answers to a challenge, and what the server answers to that (RFC 7616 3.4, 3.5). */
import { digestOf, type Algorithm } from './algorithm.js';

/** `auth` protects method and target, `auth-int` the body as well. */
export type Qop = 'auth' | 'auth-int';

/** What the client says that goes into a response. Text is as in the header: its characters are bytes. */
export interface ClientParts {
  readonly uri: string;
  readonly nonce: string;
  readonly cnonce: string;
  /** The eight digits, as sent. */
  readonly nc: string;
  readonly qop: Qop;
}

/** What the server knows that goes into it, besides the password. */
export interface ServerParts {
  readonly algorithm: Algorithm;
  readonly method: string;
  /** Hash of the body, for `auth-int`. */
  readonly bodyHash?: string | undefined;
}

/** Both proofs that somebody knows a password, in lower-case hexadecimal. */
export interface Proofs {
  /** What the client must send. */
  readonly response: string;
  /** What the server may send back in Authentication-Info, always for `auth`. */
  readonly rspauth: string;
}

/** Characters that are other bytes in UTF-8, which is what text is hashed in otherwise. */
const BEYOND_ASCII = /[\x80-\xff]/;

/** @param ha1 of the password file, see `hexdigest` */
export function proofsOf(ha1: string, client: ClientParts, server: ServerParts): Proofs {
  const { uri, nonce, nc, cnonce, qop } = client;
  const { algorithm, method, bodyHash = '' } = server;
  const { hash } = algorithm;
  const isPlain = !BEYOND_ASCII.test(uri) && !BEYOND_ASCII.test(nonce) && !BEYOND_ASCII.test(cnonce);
  const encoding = isPlain ? 'utf8' : 'latin1';
  const key = algorithm.isSession ? digestOf(hash, `${ha1}:${nonce}:${cnonce}`, encoding) : ha1;
  const integrity = qop === 'auth-int' ? `:${bodyHash}` : '';
  const request = digestOf(hash, `${method}:${uri}${integrity}`, encoding);
  const answer = digestOf(hash, `:${uri}`, encoding);
  const shared = `${key}:${nonce}:${nc}:${cnonce}:`;
  return {
    response: digestOf(hash, `${shared}${qop}:${request}`, encoding),
    rspauth: digestOf(hash, `${shared}auth:${answer}`, encoding),
  };
}
