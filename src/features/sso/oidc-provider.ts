/** The OpenID provider as an application sees it: discovered at first use, and asked through the package openid-client. */
import { createHash } from 'node:crypto';
import type { JwtClaims } from '../auth/bearer/jwt.js';
import { FETCH_SECONDS, ServerFault } from './bounded-fetch.js';
import type { LoginLog } from './login-log.js';
import { assertInstalled, notLoaded } from '../auth/installed.js';
import { isPrivateUrl } from '../auth/transport.js';
import { failureOf, outage, RETRY, unbelievable, type OidcFailure } from './oidc-failure.js';
import { boundedFetch } from './oidc-fetch.js';
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
  readonly customFetch: symbol;
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

/** Seconds until the provider is discovered anew: endpoints and algorithms change without a restart. */
const LIFETIME = 3600;
const ENDPOINTS = ['authorization_endpoint', 'token_endpoint', 'jwks_uri', 'end_session_endpoint'] as const;
/** Answers to other ways to log in than ours. */
const FOREIGN = ['response', 'id_token', 'token'] as const;

/** Printing it shows nothing. */
export class OidcProvider {
  readonly #client: OidcClient;
  readonly #log: LoginLog;
  readonly #load: () => Promise<OidcPackage>;
  #known: Promise<Known> | undefined;
  #knownAt = -Infinity;
  #isDoubtful = false;
  #failedAt = -Infinity;

  /**
   * @param load for Obol's own tests
   * @throws ObolError E_PACKAGE when openid-client is not installed
   */
  constructor(client: OidcClient, log: LoginLog, load?: () => Promise<OidcPackage>) {
    if (!load) assertInstalled('openid-client', 'oidcLogin()');
    this.#client = client;
    this.#log = log;
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
   * Changes the code for what the provider knows of the user, every check made.
   * @param query of the way back
   * @throws HttpError 403 for what cannot be believed, 502 and 503 for a provider that fails
   */
  async claimsOf(query: string, { state, nonce, verifier }: OidcAttempt): Promise<JwtClaims> {
    const { oidc, configuration } = await this.#discovered();
    const url = new URL(this.#client.redirectUri);
    const search = searchOf(query, state, configuration.serverMetadata());
    if (typeof search !== 'string') throw this.#failed(search);
    url.search = search;
    try {
      const tokens = await oidc.authorizationCodeGrant(configuration as never, url, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      this.#log.works('login');
      return tokens.claims() ?? {};
    } catch (error) {
      throw this.#failed(failureOf(error));
    }
  }

  #failed({ error, reason, isOutage }: OidcFailure): Error {
    if (!isOutage) {
      this.#log.refused(reason);
      return error;
    }
    this.#log.failed('login', reason);
    // It may have other keys or endpoints now, of which openid-client learns with the next discovery.
    this.#isDoubtful = true;
    return error;
  }

  #discovered(): Promise<Known> {
    if (isWithin(RETRY, this.#failedAt)) return Promise.reject(outage());
    if (this.#known && isWithin(this.#isDoubtful ? RETRY : LIFETIME, this.#knownAt)) return this.#known;
    this.#isDoubtful = false;
    this.#knownAt = Date.now();
    return (this.#known = this.#discover().then(
      (known) => {
        this.#log.works('discovery');
        return known;
      },
      (error: unknown) => {
        this.#known = undefined;
        this.#failedAt = Date.now();
        this.#log.failed('discovery', failureOf(error).reason);
        throw outage();
      },
    ));
  }

  async #discover(): Promise<Known> {
    const { issuer, clientId, clientSecret } = this.#client;
    const oidc = await this.#load();
    const isPlain = issuer.protocol === 'http:';
    const authentication = clientSecret === undefined ? oidc.None() : oidc.ClientSecretBasic(clientSecret);
    const configuration = await oidc.discovery(issuer, clientId, undefined, authentication, {
      timeout: FETCH_SECONDS,
      [oidc.customFetch]: boundedFetch,
      // Without it the package trusts the connection, and looks at no signature.
      execute: [oidc.enableNonRepudiationChecks, ...(isPlain ? [oidc.allowInsecureRequests] : [])],
    });
    const metadata = configuration.serverMetadata();
    for (const name of ENDPOINTS) checkEndpoint(name, metadata[name]);
    return { oidc, configuration };
  }
}

function checkEndpoint(name: string, value: unknown): void {
  if (value === undefined && name === 'end_session_endpoint') return;
  if (typeof value !== 'string' || !URL.canParse(value) || !isPrivateUrl(new URL(value)))
    throw new ServerFault(`it names no ${name} with https`);
}

/**
 * What openid-client is shown of the way back, which any client can make up: each parameter once, by this provider (RFC 9207).
 * So all that it finds wrong is the provider's doing.
 */
function searchOf(
  query: string,
  state: string,
  metadata: Readonly<Record<string, unknown>>,
): string | OidcFailure {
  const given = new URLSearchParams(query);
  const [code = '', ...codes] = given.getAll('code');
  const [issuer, ...issuers] = given.getAll('iss');
  const isDouble = codes.length + issuers.length > 0 || given.getAll('state').length > 1;
  if (code === '' || isDouble || FOREIGN.some((name) => given.has(name)))
    return unbelievable('the way back has not exactly one code');
  const isSilent =
    issuer === undefined && metadata['authorization_response_iss_parameter_supported'] !== true;
  if (!isSilent && issuer !== metadata['issuer']) return unbelievable('the way back is of another issuer');
  return new URLSearchParams({ code, state, ...(issuer !== undefined && { iss: issuer }) }).toString();
}

/** Whether that was so many seconds ago at most; a clock that was set back makes no client wait. */
function isWithin(seconds: number, time: number): boolean {
  const age = Date.now() - time;
  return age >= 0 && age < seconds * 1000;
}

function loadOpenidClient(): Promise<OidcPackage> {
  return import('openid-client').catch(notLoaded);
}
