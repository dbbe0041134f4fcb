/** Tokens: proof of having read a page of this session, never written the same way twice. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { decodeBase64url } from '../../kit.js';

/** What a token is bound to. */
export type CsrfSecret = string | Uint8Array;

const SIZE = 32;
/** Pad and masked proof in base64url. */
const LENGTH = Math.ceil((2 * SIZE * 4) / 3);

/** A new token of the session. It shows nothing of the secret, and compresses with no other token (BREACH). */
export function createToken(key: Buffer, secret: CsrfSecret): string {
  const pad = randomBytes(SIZE);
  return Buffer.concat([pad, xor(pad, proofOf(key, secret))]).toString('base64url');
}

/** Whether the token is one of this session; takes as long for a near miss as for any other of its length. */
export function isTokenOf(token: string, key: Buffer, secret: CsrfSecret): boolean {
  if (token.length !== LENGTH) return false;
  const bytes = decodeBase64url(token);
  if (!bytes) return false;
  const proof = xor(bytes.subarray(0, SIZE), bytes.subarray(SIZE));
  return timingSafeEqual(proof, proofOf(key, secret));
}

/** Needs the key as well, so that a secret which others can guess, such as a user's name, is good enough. */
function proofOf(key: Buffer, secret: CsrfSecret): Buffer {
  return createHmac('sha256', key).update('token\0').update(secret).digest();
}

function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, index) => byte ^ (b[index] ?? 0)));
}
