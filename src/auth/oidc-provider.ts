/** The OpenID provider as an application sees it: discovered at first use, and asked through the package openid-client. */
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { ObolError } from '../errors.js';
import { HttpError } from '../http/http-error.js';
import type { JwtClaims } from './bearer-jwt.js';
import { isLoopback } from './login-transport.js';
import type { OidcAttempt } from './oidc-state.js';

/** What is used of the package openid-client; its configurations are opaque. */
export interface OidcPackage {
  discovery(
    server: URL,
    clientId: string,
    metadata: undefined,
    authentication: unknown,
    options: object,
  ): Promise<OidcConfiguration>;
  ClientSecretBasic(secret: string): unknown;
  None(): unknown;
  readonly allowInsecureRequests: unknown;
  readonly enableNonRepudiationChecks: unknown;
  buildAuthorizationUrl(configuration: never, parameters: Record<string, string>): URL;
  buildEndSessionUrl(configuration: never, parameters: Record<string, string>): URL;
  authorizationCodeGrant(
    configuration: never,
    url: URL,
    checks: object,
  ): Promise<{ claims(): JwtClaims | undefined }>;
}

/** A provider that was discovered. */
export interface OidcConfiguration {
  serverMetadata(): Readonly<Record<string, unknown>>;
}

export interface OidcClient {
  readonly issuer: URL;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  readonly scopes: readonly string[];
  /** Where the provider sends people back to. */
  readonly redirectUri: URL;
}

interface Known {
  readonly oidc: OidcPackage;
  readonly configuration: OidcConfiguration;
}

/** Seconds: for each answer of the provider, and until it is asked again after it could not be. */
const TIMEOUT = 5;
const RETRY = 5;
const ENDPOINTS = ['authorization_endpoint', 'token_endpoint', 'jwks_uri', 'end_session_endpoint'] as const;
/** What a failure says is wrong with what the provider said, and not with the way to it (codes of openid-client). */
const REFUSED =
  /^OAUTH_(?:JWT_|INVALID_RESPONSE$|JSON_ATTRIBUTE_COMPARISON_FAILED$|KEY_SELECTION_FAILED$|UNSUPPORTED_OPERATION$|MISSING_SERVER_METADATA$)/;

/** Printing it shows nothing. */
export class OidcProvider {
  readonly #client: OidcClient;
  readonly #load: () => Promise<OidcPackage>;
  #known: Promise<Known> | undefined;
  #failedAt = -Infinity;

  /**
   * @param load for Obol's own tests
   * @throws ObolError E_PACKAGE when openid-client is not installed
   */
  constructor(client: OidcClient, load?: () => Promise<OidcPackage>) {
    if (!load) checkOpenidClient();
    this.#client = client;
    this.#load = load ?? loadOpenidClient;
  }

  /** Where to log in. @throws HttpError 503 while the provider cannot be had */
  async loginUrl({ state, nonce, verifier }: OidcAttempt): Promise<URL> {
    const { oidc, configuration } = await this.#discovered();
    return oidc.buildAuthorizationUrl(configuration as never, {
      redirect_uri: this.#client.redirectUri.href,
      scope: this.#client.scopes.join(' '),
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
  }

  /** Where to log out; undefined when the provider has no such place, or cannot be had. */
  async logoutUrl(back: URL): Promise<URL | undefined> {
    try {
      const { oidc, configuration } = await this.#discovered();
      return oidc.buildEndSessionUrl(configuration as never, { post_logout_redirect_uri: back.href });
    } catch {
      return undefined;
    }
  }

  /**
   * Changes the code for what the provider knows of somebody, every check made.
   * @param query of the way back
   * @throws HttpError 403 for what cannot be believed, 502 and 503 for a provider that fails
   */
  async claimsOf(query: string, { state, nonce, verifier }: OidcAttempt): Promise<JwtClaims> {
    const { oidc, configuration } = await this.#discovered();
    const url = new URL(this.#client.redirectUri);
    url.search = query;
    try {
      const tokens = await oidc.authorizationCodeGrant(configuration as never, url, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      return tokens.claims() ?? {};
    } catch (error) {
      throw failureOf(error);
    }
  }

  #discovered(): Promise<Known> {
    if (Date.now() - this.#failedAt < RETRY * 1000) return Promise.reject(outage());
    this.#known ??= this.#discover().catch((error: unknown) => {
      this.#known = undefined;
      this.#failedAt = Date.now();
      throw outage(reasonOf(error));
    });
    return this.#known;
  }

  async #discover(): Promise<Known> {
    const { issuer, clientId, clientSecret } = this.#client;
    const oidc = await this.#load();
    const isPlain = issuer.protocol === 'http:';
    const authentication = clientSecret === undefined ? oidc.None() : oidc.ClientSecretBasic(clientSecret);
    const configuration = await oidc.discovery(issuer, clientId, undefined, authentication, {
      timeout: TIMEOUT,
      // Without it the package trusts the connection, and looks at no signature.
      execute: [oidc.enableNonRepudiationChecks, ...(isPlain ? [oidc.allowInsecureRequests] : [])],
    });
    const metadata = configuration.serverMetadata();
    for (const name of ENDPOINTS) checkEndpoint(name, metadata[name]);
    return { oidc, configuration };
  }
}

/** Whether what is sent there can be read by nobody on the way. */
export function isSafeUrl({ protocol, hostname }: URL): boolean {
  if (protocol === 'https:') return true;
  return protocol === 'http:' && (hostname === 'localhost' || isLoopback(hostname.replace(/^\[|\]$/g, '')));
}

function checkEndpoint(name: string, value: unknown): void {
  if (value === undefined && name === 'end_session_endpoint') return;
  if (typeof value !== 'string' || !URL.canParse(value) || !isSafeUrl(new URL(value)))
    throw new Error(`the provider has no safe ${name}`);
}

function failureOf(error: unknown): HttpError {
  const { code, error: said } = error as { readonly code?: unknown; readonly error?: unknown };
  const cause = new Error(reasonOf(error));
  if (code === 'OAUTH_AUTHORIZATION_RESPONSE_ERROR' || said === 'invalid_grant')
    return new HttpError(403, 'The OpenID provider does not take this code', { cause });
  if (typeof code === 'string' && REFUSED.test(code))
    return new HttpError(403, 'What the OpenID provider says cannot be believed', { cause });
  if (said !== undefined || code === 'OAUTH_WWW_AUTHENTICATE_CHALLENGE')
    return new HttpError(502, 'The OpenID provider does not take this application', { cause });
  return outage(cause.message);
}

/** Never the error itself: tokens, codes and the headers of requests hang on it. */
function reasonOf(error: unknown): string {
  const { code, error: said, message } = error as Readonly<Record<string, unknown>>;
  const word = (value: unknown): string =>
    typeof value === 'string' && /^\w{1,60}$/.test(value) ? `${value}: ` : '';
  return word(code) + word(said) + (typeof message === 'string' ? message.slice(0, 200) : 'no reason');
}

function outage(reason?: string): HttpError {
  return new HttpError(503, 'The OpenID provider cannot be asked', {
    headers: { 'Retry-After': String(RETRY) },
    ...(reason !== undefined && { cause: new Error(reason) }),
  });
}

function loadOpenidClient(): Promise<OidcPackage> {
  return import('openid-client');
}

/** When the application is put together, and not with the first request. @throws ObolError E_PACKAGE */
export function checkOpenidClient(name = 'openid-client'): void {
  try {
    createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    throw new ObolError('E_PACKAGE', `oidcLogin() needs the package ${name}: npm install ${name}`, { cause });
  }
}
