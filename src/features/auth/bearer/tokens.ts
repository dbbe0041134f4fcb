/** Tokens that a server gives out and keeps as hashes only: for programs, and for people's scripts. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { ObolError } from '../../../kit.js';

/** Whom a bearer token stands for. */
export interface BearerLogin {
  /** What `request.user` becomes. */
  readonly user: unknown;
  /** What the token may be used for. Default nothing in particular. */
  readonly scopes?: readonly string[] | undefined;
  /** What a JSON Web Token says. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
}

/** Says what bearer tokens stand for. */
export interface BearerTokens {
  /** @returns undefined for a token that is good for nothing, or not any more */
  verify(token: string): BearerLogin | undefined | Promise<BearerLogin | undefined>;
}

/** One token that was given out. */
export interface StaticToken extends BearerLogin {
  /** What `hashToken` gave. */
  readonly hash: string;
}

const MIN_LENGTH = 20;
const HASH = /^[\da-f]{64}$/i;

/** A new token to give away, which cannot be guessed, and its hash to keep. */
export function newToken(): { readonly token: string; readonly hash: string } {
  const token = randomBytes(32).toString('base64url');
  return { token, hash: hashToken(token) };
}

/**
 * What is kept of a token: SHA-256, which is enough for what cannot be guessed. It is not for passwords.
 * @throws ObolError E_PASSWORD for a token of less than 20 characters
 */
export function hashToken(token: string): string {
  if (token.length >= MIN_LENGTH) return sha256(token).toString('hex');
  throw new ObolError(
    'E_PASSWORD',
    `A token has at least ${String(MIN_LENGTH)} characters, best random ones: newToken() makes them.`,
  );
}

/**
 * A few tokens that seldom change, such as those of programs.
 *
 * @example
 * ```ts
 * new StaticTokens([{ hash: process.env.CI_TOKEN_HASH, user: 'ci', scopes: ['deploy'] }])
 * ```
 */
export class StaticTokens implements BearerTokens {
  readonly #tokens: readonly { readonly hash: Buffer; readonly login: BearerLogin }[];

  /** @throws ObolError E_PASSWORD for what is no hash */
  constructor(tokens: readonly StaticToken[]) {
    this.#tokens = tokens.map(({ hash, ...login }, index) => ({ hash: bytesOf(hash, index + 1), login }));
  }

  /** Looks at all of them, so that the time it takes reveals nothing. */
  verify(token: string): BearerLogin | undefined {
    const given = sha256(token);
    let found: BearerLogin | undefined;
    for (const { hash, login } of this.#tokens) if (timingSafeEqual(hash, given)) found = login;
    return found;
  }
}

/** The message does not quote it, since it may be the token itself. */
function bytesOf(hash: unknown, place: number): Buffer {
  if (typeof hash === 'string' && HASH.test(hash)) return Buffer.from(hash, 'hex');
  throw new ObolError(
    'E_PASSWORD',
    `Token ${String(place)} has no hash of 64 hexadecimal digits; make it with hashToken(token).`,
  );
}

function sha256(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
