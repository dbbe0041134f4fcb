/** What a client that knows the password answers to a challenge, and what the server answers to that (RFC 7616 3.4, 3.5). */
import { digestOf, type Algorithm } from './algorithm.js';

/** `auth` protects method and target, `auth-int` the body as well. */
export type Qop = 'auth' | 'auth-int';

/** What goes into a response besides the password. Text is as in the header: its characters are bytes. */
export interface ResponseParts {
  readonly algorithm: Algorithm;
  readonly method: string;
  readonly uri: string;
  readonly nonce: string;
  readonly cnonce: string;
  /** The eight digits, as sent. */
  readonly nc: string;
  readonly qop: Qop;
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

/** @param ha1 of the password file, see `hexdigest` */
export function proofsOf(ha1: string, parts: ResponseParts): Proofs {
  const { algorithm, method, uri, qop, bodyHash = '' } = parts;
  const key = algorithm.isSession ? hashed(algorithm, `${ha1}:${parts.nonce}:${parts.cnonce}`) : ha1;
  const integrity = qop === 'auth-int' ? `:${bodyHash}` : '';
  return {
    response: proof(key, parts, hashed(algorithm, `${method}:${uri}${integrity}`)),
    rspauth: proof(key, { ...parts, qop: 'auth' }, hashed(algorithm, `:${uri}`)),
  };
}

function proof(key: string, { algorithm, nonce, nc, cnonce, qop }: ResponseParts, ha2: string): string {
  return hashed(algorithm, `${key}:${nonce}:${nc}:${cnonce}:${qop}:${ha2}`);
}

function hashed({ hash }: Algorithm, text: string): string {
  return digestOf(hash, text, 'latin1');
}
