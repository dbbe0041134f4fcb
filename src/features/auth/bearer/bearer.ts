/** Bearer authentication (RFC 6750) as a guard: a client with a token may do what the token is for. */
import type { InjectionToken } from 'tsyringe';
import {
  andThen,
  assertSetting,
  checkOptions,
  ContextKey,
  createGuard,
  HttpError,
  rule,
  trimWhitespace,
  type Guard,
  type GuardSetup,
  type Request,
  type Rules,
  Unauthorized,
} from '../../../kit.js';
import type { BearerLogin, BearerTokens } from './tokens.js';
import { challengeLine, REALM_RULE } from '../challenge.js';
import { assertPrivate } from '../transport.js';

export interface BearerOptions {
  /** What is guarded, for people to read. Default: none is named. */
  readonly realm?: string | undefined;
  /** What the token must be good for, all of these: else 403. Default none. */
  readonly scope?: string | readonly string[] | undefined;
  /** Whether tokens may come over plain HTTP from other machines, where the network can read them. Default false. */
  readonly allowHttp?: boolean | undefined;
}

const BEARER_LOGIN = new ContextKey<BearerLogin>('obol.bearer-login', { ofApplication: true, shared: true });

const MAX_TOKEN = 8192;
const BEARER = /^bearer(?: |$)/i;
const TOKEN = /^[A-Za-z\d\-._~+/]+=*$/;

const TOKENS_RULE = rule.methods(['verify'], 'StaticTokens, JwtTokens, or what can verify(token)');
/** RFC 6749 3.3. */
export const SCOPE_RULE = rule.text('a scope, which has no space in it', /^[\x21\x23-\x5b\x5d-\x7e]+$/);

const RULES: Rules<BearerOptions> = {
  realm: REALM_RULE,
  scope: rule.oneOrMore('a scope or several', SCOPE_RULE),
  allowHttp: rule.flag,
};

/**
 * `@CheckBearer(tokens, { scope: 'deploy' })` lets through who shows a token that is good, before a body is read;
 * `request.user` is whom it stands for. All others get 401, or 403 when the token is good but not for this.
 * @param tokens `StaticTokens`, `JwtTokens` or your own, or the token under which they are injected
 */
export const CheckBearer = createGuard(
  'CheckBearer',
  (setup, tokens: BearerTokens | InjectionToken<BearerTokens>, options: BearerOptions = {}) =>
    bearerGuard(tokensFrom(setup, tokens), options),
  (_setup, [, { scope = [] } = {}]) => ({
    name: 'bearer',
    scheme: { type: 'http', scheme: 'bearer' },
    scopes: [scope].flat(),
  }),
);

/** The check of {@link CheckBearer} by itself. @throws ObolError E_SETTING for a scope that cannot be */
export function bearerGuard(tokens: BearerTokens, options: BearerOptions = {}): Guard {
  checkOptions('CheckBearer', options, RULES);
  const check = new BearerCheck(tokens, options);
  return (request) => check.check(request);
}

/** What a token stands for that a request was let through with, its scopes and claims; undefined for a request without. */
export function bearerLoginOf(request: Request): BearerLogin | undefined {
  return request.get(BEARER_LOGIN);
}

function tokensFrom(setup: GuardSetup, tokens: BearerTokens | InjectionToken<BearerTokens>): BearerTokens {
  const isToken = typeof tokens !== 'object' || !('verify' in tokens);
  const found = isToken ? setup.resolve(tokens) : tokens;
  assertSetting('CheckBearer.tokens', found, TOKENS_RULE);
  return found;
}

type Parameters = [name: string, value: string][];

class BearerCheck {
  readonly #tokens: BearerTokens;
  readonly #allowsHttp: boolean;
  readonly #scopes: readonly string[];
  readonly #realm: Parameters;

  constructor(tokens: BearerTokens, { realm, scope = [], allowHttp = false }: BearerOptions) {
    this.#tokens = tokens;
    this.#allowsHttp = allowHttp;
    this.#scopes = [scope].flat();
    this.#realm = realm === undefined ? [] : [['realm', realm]];
  }

  check(request: Request): void | Promise<void> {
    if (!this.#allowsHttp) assertPrivate(request, 'Bearer authentication');
    return andThen(this.#tokens.verify(this.#tokenOf(request)), (login) => {
      this.#admit(request, login ?? this.#refuse());
    });
  }

  /** A client that shows nothing learns what is wanted, and not that it was wrong (RFC 6750 3.1). */
  #tokenOf({ headers }: Request): string {
    const header = trimWhitespace(headers.get('authorization') ?? '');
    if (!BEARER.test(header)) throw new Unauthorized({ challenges: [this.#challenge()] });
    const token = trimWhitespace(header.slice('bearer'.length));
    return token.length <= MAX_TOKEN && TOKEN.test(token) ? token : this.#refuse();
  }

  #admit(request: Request, login: BearerLogin): void {
    const { user, scopes = [] } = login;
    if (!this.#scopes.every((scope) => scopes.includes(scope)))
      throw new HttpError(403, 'The token is not good for this', {
        headers: { 'WWW-Authenticate': this.#challenge(['error', 'insufficient_scope']) },
      });
    request.user = user;
    request.set(ContextKey.AUTH_SCHEME, 'Bearer');
    request.set(BEARER_LOGIN, login);
  }

  #refuse(): never {
    throw new Unauthorized({ challenges: [this.#challenge(['error', 'invalid_token'])] });
  }

  #challenge(...error: Parameters): string {
    const scope: Parameters = this.#scopes.length === 0 ? [] : [['scope', this.#scopes.join(' ')]];
    return challengeLine('Bearer', [...this.#realm, ...error, ...scope]);
  }
}
