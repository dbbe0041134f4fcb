/** The hash functions of digest authentication (RFC 7616 3.2, 6.1), and what a password file keeps of a password. */
import { hash } from 'node:crypto';

/** A hash function, as password files know it. */
export type DigestHash = 'MD5' | 'SHA-256' | 'SHA-512-256';

/** What a challenge may name: a hash function, plain or with a key for each nonce. */
export type DigestAlgorithm = DigestHash | `${DigestHash}-sess`;

/** One algorithm, looked up once. */
export interface Algorithm {
  readonly name: DigestAlgorithm;
  readonly hash: DigestHash;
  /** The hash function, as node:crypto knows it. */
  readonly nodeName: string;
  /** Whether the key depends on the nonce, too. */
  readonly isSession: boolean;
  /** Hexadecimal digits of a hash. */
  readonly digits: number;
  /** Higher is stronger. */
  readonly strength: number;
}

/** What is known of a hash function, weakest first. SHA-512-256 is SHA-512/256 of FIPS 180-4, not a cut SHA-512 as the RFC's example has it (erratum 4897). */
export const HASHES: ReadonlyMap<DigestHash, { readonly nodeName: string; readonly digits: number }> =
  new Map([
    ['MD5', { nodeName: 'md5', digits: 32 }],
    ['SHA-256', { nodeName: 'sha256', digits: 64 }],
    ['SHA-512-256', { nodeName: 'sha512-256', digits: 64 }],
  ]);

/** Every algorithm by its name in lower case. */
export const ALGORITHMS: ReadonlyMap<string, Algorithm> = new Map(
  [...HASHES].flatMap(([name, { nodeName, digits }], strength) =>
    ([name, `${name}-sess`] as const).map((whole): [string, Algorithm] => [
      whole.toLowerCase(),
      { name: whole, hash: name, nodeName, digits, strength, isSession: whole !== name },
    ]),
  ),
);

/**
 * What a password file keeps: `hash(user:realm:password)`, all in Unicode NFC (RFC 7616 3.4.2, 4).
 * It is enough to log in to that realm as that user: keep it like the password.
 */
export function hexdigest(user: string, realm: string, password: string, name: DigestHash = 'MD5'): string {
  return hash(nodeNameOf(name), `${user}:${realm}:${password}`.normalize('NFC'), 'hex');
}

/** What stands for a user name that shall not be read on the way (RFC 7616 3.4.4). */
export function userhashOf(user: string, realm: string, name: DigestHash): string {
  return hash(nodeNameOf(name), `${user}:${realm}`.normalize('NFC'), 'hex');
}

function nodeNameOf(name: DigestHash): string {
  return HASHES.get(name)?.nodeName ?? '';
}
