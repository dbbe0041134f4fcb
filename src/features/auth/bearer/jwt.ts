/** JSON Web Tokens (RFC 7519) that another server gave out: checked by the package jose, with everything pinned. */
import type { KeyObject } from 'node:crypto';
import { checkOptions, HttpError, rule, type Rule, type Rules } from '../../../kit.js';
import { assertInstalled, notLoaded } from '../installed.js';
import type { BearerLogin, BearerTokens } from './tokens.js';
import { isPrivateUrl } from '../transport.js';

/** What a token says. */
export type JwtClaims = Readonly<Record<string, unknown>>;

export interface JwtOptions {
  /** Who must have given it out: the claim `iss`, exactly. */
  readonly issuer: string | readonly string[];
  /** Whom it must be meant for: one of these must be in the claim `aud`. */
  readonly audience: string | readonly string[];
  /** How it may be signed, such as `['RS256']`; what the token itself says counts for nothing. */
  readonly algorithms: readonly string[];
  /**
   * What it is checked with: the URL of the issuer's key set (`https`), a key set, a public key, or the bytes of a secret
   * shared with the issuer (HS256, HS384, HS512).
   */
  readonly keys: URL | JwtKeySet | KeyObject | Uint8Array;
  /** The `typ` it must have, such as `at+jwt` (RFC 9068). Default any. */
  readonly type?: string | undefined;
  /** Seconds by which clocks may differ. Default 60. */
  readonly clockTolerance?: number | undefined;
  /** Whom it stands for. Default the claim `sub`, without which a token is no good then; undefined refuses it. */
  readonly user?: ((claims: JwtClaims) => unknown) | undefined;
}

/** JWK set (RFC 7517 5). */
export interface JwtKeySet {
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

/** What is used of the package jose. */
export interface JosePackage {
  jwtVerify(token: string, key: unknown, options: object): Promise<{ readonly payload: JwtClaims }>;
  createRemoteJWKSet(url: URL, options: object): unknown;
  createLocalJWKSet(keys: object): unknown;
}

const TOLERANCE = 60;
const MAX_TOLERANCE = 600;
const MIN_SECRET = 32;
const SYMMETRIC = /^HS(?:256|384|512)$/;
const ASYMMETRIC = /^(?:[RP]S(?:256|384|512)|ES(?:256|384|512)|Ed25519|EdDSA|ML-DSA-\d\d)$/;
/** Milliseconds: for the key set to come, between two looks for a key that is not in it, and until it is old. */
const KEY_SET = { timeoutDuration: 5000, cooldownDuration: 30_000, cacheMaxAge: 600_000 };
/** What of jose's errors is not the token's fault. */
const OUTAGE: ReadonlySet<unknown> = new Set(['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC']);

const NAMES_RULE = rule.needed(rule.oneOrMore('a name or several', rule.text('a name')));
const KIND_RULE = rule.secret(
  'a URL object, a key set, a public key or bytes',
  (keys) => typeof keys === 'object' && keys !== null,
);
const keysRule: Rule = (keys, name) => {
  if (keys instanceof Uint8Array && keys.length < MIN_SECRET)
    return `${name}: a secret has at least ${String(MIN_SECRET)} bytes.`;
  if (keys instanceof URL && !isPrivateUrl(keys))
    return `${name}: ${keys.origin} is not https, so that an attacker on the way could give other keys.`;
  return KIND_RULE(keys, name);
};

const RULES: Omit<Rules<JwtOptions>, 'algorithms'> = {
  issuer: NAMES_RULE,
  audience: NAMES_RULE,
  keys: rule.needed(keysRule),
  type: rule.text('a type, such as "at+jwt"'),
  clockTolerance: rule.whole('seconds', { least: 0, most: MAX_TOLERANCE }),
  user: rule.callable('(claims) => user'),
};

/** JSON Web Tokens of one issuer. Needs the package `jose`, version 6. */
export class JwtTokens implements BearerTokens {
  readonly #options: JwtOptions;
  readonly #load: () => Promise<JosePackage>;
  #verify: Promise<(token: string) => Promise<JwtClaims>> | undefined;

  /**
   * @param load for Obol's own tests
   * @throws ObolError E_SETTING for a wrong option, E_PACKAGE when jose is not installed
   */
  constructor(options: JwtOptions, load?: () => Promise<JosePackage>) {
    checkAll(options);
    if (!load) assertInstalled('jose', 'JwtTokens');
    this.#options = options;
    this.#load = load ?? loadJose;
  }

  /** @throws HttpError 503 when the issuer's keys cannot be had */
  async verify(token: string): Promise<BearerLogin | undefined> {
    const claims = await this.#claimsOf(token);
    const { user = ({ sub }: JwtClaims): unknown => sub } = this.#options;
    const name = claims === undefined ? undefined : user(claims);
    return claims === undefined || name === undefined || name === null
      ? undefined
      : { user: name, scopes: scopesOf(claims), claims };
  }

  async #claimsOf(token: string): Promise<JwtClaims | undefined> {
    this.#verify ??= this.#load().then((jose) => verifierOf(jose, this.#options));
    const verify = await this.#verify;
    try {
      return await verify(token);
    } catch (cause) {
      const { code } = cause as { readonly code?: unknown };
      const isOurs = OUTAGE.has(code) || (this.#options.keys instanceof URL && typeof code !== 'string');
      if (!isOurs) return undefined;
      throw new HttpError(503, 'The keys for this token cannot be had', {
        cause,
        headers: { 'Retry-After': '30' },
      });
    }
  }
}

function verifierOf(jose: JosePackage, options: JwtOptions): (token: string) => Promise<JwtClaims> {
  const { keys, issuer, audience, algorithms, type: typ, clockTolerance = TOLERANCE } = options;
  const key = keyOf(jose, keys);
  const demands = {
    issuer,
    audience,
    algorithms: [...algorithms],
    clockTolerance,
    requiredClaims: ['exp'],
    ...(typ !== undefined && { typ }),
  };
  return async (token) => (await jose.jwtVerify(token, key, demands)).payload;
}

function keyOf(jose: JosePackage, keys: JwtOptions['keys']): unknown {
  if (keys instanceof URL) return jose.createRemoteJWKSet(keys, KEY_SET);
  // Bytes have a member `keys`, too.
  return !(keys instanceof Uint8Array) && 'keys' in keys ? jose.createLocalJWKSet(keys) : keys;
}

/** `scope` as RFC 8693 and RFC 9068 have it, or `scp` as others write it. */
function scopesOf({ scope, scp }: JwtClaims): readonly string[] {
  const given = scope ?? scp;
  if (typeof given === 'string') return given.split(' ').filter(Boolean);
  return Array.isArray(given) ? given.filter((each) => typeof each === 'string') : [];
}

/** @throws ObolError E_SETTING for a wrong option */
function checkAll(options: JwtOptions): void {
  const isSecret = options.keys instanceof Uint8Array;
  const algorithm = isSecret
    ? rule.text('an algorithm for a secret, such as "HS256"', SYMMETRIC)
    : rule.text('an algorithm for public keys, such as "RS256"', ASYMMETRIC);
  checkOptions('JwtTokens', options, {
    ...RULES,
    algorithms: rule.needed(rule.list('a list of algorithms', algorithm, 1)),
  });
}

function loadJose(): Promise<JosePackage> {
  return import('jose').catch(notLoaded);
}
