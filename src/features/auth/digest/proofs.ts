/** What a client that knows the password answers to a challenge, and what the server answers to that (RFC 7616 3.4, 3.5). */
import { hash } from 'node:crypto';
import type { Algorithm } from './algorithm.js';
import { remember } from './remember.js';

/** `auth` protects method and target, `auth-int` the body as well. */
export type Qop = 'auth' | 'auth-int';

/** What the client says that goes into a proof. Text is as in the header: its characters are bytes. */
export interface ClientParts {
  readonly uri: string;
  readonly nonce: string;
  readonly cnonce: string;
  /** The eight digits, as sent. */
  readonly nc: string;
  readonly qop: Qop;
  /** Whether all of it is ASCII, which is the same bytes in UTF-8. */
  readonly isAscii: boolean;
}

/** What the server knows that goes into it, besides the password. */
export interface ServerParts {
  readonly method: string;
  /** Hash of the body, for `auth-int`. */
  readonly bodyHash?: string | undefined;
}

/** Both proofs of a password, in lower-case hexadecimal. */
export interface Proof {
  /** What the client must send. */
  readonly response: string;
  /** What the server may send back in Authentication-Info, always for `auth`. */
  readonly rspauth: string;
}

/** What of a proof depends on the target alone. */
interface TargetHashes {
  readonly request: string;
  readonly answer: string;
}

/** A target has up to 4 KiB, and any client may ask for any. */
const MAX_TARGETS = 1000;

/** Works out proofs with one algorithm. */
export class Proofs {
  readonly algorithm: Algorithm;
  /** By method and target, for `auth`. */
  readonly #targets = new Map<string, TargetHashes>();

  constructor(algorithm: Algorithm) {
    this.algorithm = algorithm;
  }

  /** @param ha1 of the password file, see `hexdigest` */
  of(ha1: string, client: ClientParts, { method, bodyHash }: ServerParts): Proof {
    const { algorithm } = this;
    const { uri, nonce, nc, cnonce, qop } = client;
    const a2 = `${method}:${uri}`;
    const known = bodyHash === undefined ? this.#targets.get(a2) : undefined;
    const { request, answer } = known ?? this.#hashTarget(a2, client, bodyHash);
    const key = algorithm.isSession ? hashOf(`${ha1}:${nonce}:${cnonce}`, algorithm, client) : ha1;
    const shared = `${key}:${nonce}:${nc}:${cnonce}:`;
    return {
      response: hashOf(`${shared}${qop}:${request}`, algorithm, client),
      rspauth: hashOf(`${shared}auth:${answer}`, algorithm, client),
    };
  }

  /** The hash of bytes, such as those of a body. */
  ofBytes(bytes: Uint8Array): string {
    return hash(this.algorithm.nodeName, bytes, 'hex');
  }

  #hashTarget(a2: string, client: ClientParts, bodyHash?: string): TargetHashes {
    const integrity = bodyHash === undefined ? '' : `:${bodyHash}`;
    const request = hashOf(a2 + integrity, this.algorithm, client);
    const hashes = { request, answer: hashOf(`:${client.uri}`, this.algorithm, client) };
    if (bodyHash === undefined) remember(this.#targets, a2, hashes, MAX_TARGETS);
    return hashes;
  }
}

function hashOf(text: string, { nodeName }: Algorithm, { isAscii }: ClientParts): string {
  return hash(nodeName, isAscii ? text : Buffer.from(text, 'latin1'), 'hex');
}
