/** An OpenID provider for tests, on a real socket: discovery, authorize, token with PKCE, keys and log-out. */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose';

/** What the provider does wrong, once a test says so. */
export interface OidcFaults {
  /** Over the claims of the ID token; undefined leaves one out. */
  claims?: Readonly<Record<string, unknown>>;
  /** Signs with a key that is not in the key set. */
  foreignKey?: boolean;
  /** Over the discovery document; undefined leaves a member out. */
  metadata?: Readonly<Record<string, unknown>>;
  /** Never answers. */
  silent?: boolean;
  /** Begins an answer and sends a byte of it now and then, for ever. */
  dripping?: boolean;
  /** Status of every answer. */
  status?: number;
  /** The one path that `silent`, `dripping`, `status` and `body` are about; else all. */
  path?: string;
  /** Every answer, in place of JSON. */
  body?: string;
  /** How the ID token claims to be signed: not at all, or with the public key for a secret. */
  forgedAlgorithm?: 'none' | 'HS256';
  /** What the token endpoint answers with status 400. */
  tokenError?: string;
}

interface GivenCode {
  readonly challenge: string;
  readonly nonce: string;
  readonly redirectUri: string;
}

/** What was posted to the token endpoint. */
export interface TokenRequest {
  readonly authorization: string | undefined;
  readonly form: URLSearchParams;
}

/** Made once for all providers: one that signs, and one that is in no key set until keys are changed. */
const KEYS = Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')]);

export const CLIENT = { clientId: 'app', clientSecret: 'a secret of the client' };

export class OidcTestProvider {
  faults: OidcFaults = {};
  user = 'smith';
  readonly tokenRequests: TokenRequest[] = [];
  discoveries = 0;
  /** How often its keys were asked for. */
  keyRequests = 0;
  #kid = 'one';
  #keyIndex = 0;
  readonly #codes = new Map<string, GivenCode>();
  #server = this.#create();
  #port = 0;

  static async start(): Promise<OidcTestProvider> {
    const provider = new OidcTestProvider();
    await provider.listen();
    return provider;
  }

  get issuer(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** On the same port as before, where it had one. */
  async listen(): Promise<void> {
    this.#server = this.#create();
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** As a provider does that was set up anew: what signed before is forgotten. */
  changeKeys(kid: string): void {
    this.#kid = kid;
    this.#keyIndex = 1 - this.#keyIndex;
  }

  /** What a browser does there: somebody logs in. @returns the way back */
  authorize(login: URL): URL {
    const asked = login.searchParams;
    const code = randomBytes(16).toString('base64url');
    const redirectUri = asked.get('redirect_uri') ?? '';
    this.#codes.set(code, {
      challenge: asked.get('code_challenge') ?? '',
      nonce: asked.get('nonce') ?? '',
      redirectUri,
    });
    const back = new URL(redirectUri);
    back.searchParams.set('code', code);
    back.searchParams.set('state', asked.get('state') ?? '');
    return back;
  }

  #create() {
    return createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        response.writeHead(500).end(String(error));
      });
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.issuer);
    if (url.pathname.startsWith('/.well-known/')) this.discoveries++;
    if (url.pathname === '/keys') this.keyRequests++;
    if (this.#isAtFault(url.pathname, response)) return;
    if (url.pathname === '/authorize') {
      response.writeHead(303, { Location: this.authorize(url).href }).end();
      return;
    }
    const [code, body] = await this.#json(url.pathname, request);
    response
      .writeHead(code, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
      .end(JSON.stringify(body));
  }

  /** @returns whether that was the whole answer */
  #isAtFault(path: string, response: ServerResponse): boolean {
    const { status, silent, dripping, body, path: only = path } = this.faults;
    if (only !== path) return false;
    if (silent) return true;
    const head = { 'Content-Type': 'application/json', Location: '/elsewhere' };
    if (dripping) {
      response.writeHead(200, head);
      const timer = setInterval(() => response.write(' '), 2);
      response.on('close', () => {
        clearInterval(timer);
      });
      return true;
    }
    if (status === undefined && body === undefined) return false;
    response.writeHead(status ?? 200, head).end(body);
    return true;
  }

  async #json(path: string, request: IncomingMessage): Promise<[number, unknown]> {
    if (path === '/.well-known/openid-configuration') return [200, this.#metadata()];
    if (path === '/keys') {
      const jwk = await exportJWK((await this.#keys()).publicKey);
      return [200, { keys: [{ ...jwk, kid: this.#kid, alg: 'RS256', use: 'sig' }] }];
    }
    if (path !== '/token') return [404, {}];
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    this.tokenRequests.push({ authorization: request.headers.authorization, form });
    return this.#token(form);
  }

  #metadata(): object {
    const { issuer } = this;
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/keys`,
      end_session_endpoint: `${issuer}/end`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      code_challenge_methods_supported: ['S256'],
      ...this.faults.metadata,
    };
  }

  async #token(form: URLSearchParams): Promise<[number, unknown]> {
    const { tokenError } = this.faults;
    if (tokenError !== undefined) return [400, { error: tokenError }];
    const given = this.#codes.get(form.get('code') ?? '');
    this.#codes.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (given?.challenge !== challenge || given.redirectUri !== form.get('redirect_uri'))
      return [400, { error: 'invalid_grant' }];
    const idToken = await this.#idToken(given.nonce);
    return [200, { access_token: 'an access token', token_type: 'Bearer', id_token: idToken }];
  }

  async #idToken(nonce: string): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const { forgedAlgorithm: alg, foreignKey } = this.faults;
    const claims = {
      iss: this.issuer,
      aud: CLIENT.clientId,
      sub: this.user,
      iat: now,
      exp: now + 60,
      nonce,
      ...this.faults.claims,
    };
    if (alg) return forged(alg, claims, await exportSPKI((await this.#keys()).publicKey));
    const { privateKey } = await this.#keys(foreignKey);
    return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: this.#kid }).sign(privateKey);
  }

  async #keys(isForeign = false) {
    const [one, other] = await KEYS;
    return (this.#keyIndex === 0) === isForeign ? other : one;
  }
}

/** A token as anybody could make it who knows the public key. */
function forged(alg: 'none' | 'HS256', claims: object, publicKey: string): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const content = `${encode({ alg })}.${encode(claims)}`;
  const mac = createHmac('sha256', publicKey).update(content).digest('base64url');
  return `${content}.${alg === 'none' ? '' : mac}`;
}
