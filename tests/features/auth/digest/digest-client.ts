/** A digest client written for the tests, from RFC 7616 alone: it shares no code with the server. */
import { createHash } from 'node:crypto';
import type { TestClient } from '../../../../src/hosts/testing/test-client.js';
import type { TestRequestInit } from '../../../../src/hosts/testing/test-client-options.js';
import type { TestResponse } from '../../../../src/hosts/testing/test-response.js';

const NODE_NAMES: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-256': 'sha256',
  'SHA-512-256': 'sha512-256',
};

/** A challenge taken apart, its quotes removed. */
export type Challenge = Readonly<Record<string, string>>;

/** What a client knows, and what of its answer shall be otherwise; `undefined` leaves a parameter out. */
export interface Answer {
  readonly user: string;
  readonly password: string;
  readonly method?: string;
  readonly uri: string;
  readonly body?: string;
  readonly qop?: string;
  readonly nc?: string;
  readonly cnonce?: string;
  /** Parameters as they are sent, quotes included, over those computed. */
  readonly sent?: Readonly<Record<string, string | undefined>>;
}

/** The challenges of a response, one to a line. */
export function challengesOf(response: TestResponse): Challenge[] {
  return response.headers.getAll('www-authenticate').map(parseChallenge);
}

export function parseChallenge(line: string): Challenge {
  const parts = line.replace(/^Digest /, '').matchAll(/([\w*-]+)=(?:"((?:[^"\\]|\\.)*)"|([^,]*))/g);
  return Object.fromEntries(
    [...parts].map(([, name = '', quoted, token]) => [name, quoted?.replace(/\\(.)/g, '$1') ?? token ?? '']),
  );
}

/** Everything that goes into the hash, and the hash. */
export function compute(challenge: Challenge, answer: Answer): Record<string, string> {
  const { user, password, method = 'GET', uri, body = '', qop = 'auth' } = answer;
  const { nc = '00000001', cnonce = 'f2/wE4q74E6zIJEtWaHKaf5wv' } = answer;
  const { realm = '', nonce = '', algorithm = 'MD5' } = challenge;
  const hash = (text: string): string =>
    createHash(NODE_NAMES[algorithm.replace('-sess', '')] ?? '')
      .update(text)
      .digest('hex');
  const ha1 = hash(`${user}:${realm}:${password}`);
  const key = algorithm.endsWith('-sess') ? hash(`${ha1}:${nonce}:${cnonce}`) : ha1;
  const ha2 = hash(qop === 'auth-int' ? `${method}:${uri}:${hash(body)}` : `${method}:${uri}`);
  return {
    userhash: hash(`${user}:${realm}`),
    response: hash(`${key}:${nonce}:${nc}:${cnonce}:${qop}:${ha2}`),
    rspauth: hash(`${key}:${nonce}:${nc}:${cnonce}:auth:${hash(`:${uri}`)}`),
    nc,
    cnonce,
    qop,
  };
}

/** The Authorization header: characters beyond ASCII as the bytes of UTF-8, as browsers send them. */
export function authorization(challenge: Challenge, answer: Answer): string {
  const { response = '', nc = '', cnonce = '', qop = '' } = compute(challenge, answer);
  const { realm = '', nonce = '', algorithm } = challenge;
  const parameters: Record<string, string | undefined> = {
    username: quote(answer.user),
    realm: quote(realm),
    nonce: quote(nonce),
    uri: quote(answer.uri),
    algorithm,
    response: quote(response),
    qop,
    nc,
    cnonce: quote(cnonce),
    ...answer.sent,
  };
  const parts = Object.entries(parameters).filter(([, value]) => value !== undefined);
  const text = `Digest ${parts.map(([name, value]) => `${name}=${String(value)}`).join(', ')}`;
  return Buffer.from(text).toString('latin1');
}

/** Asks, and answers the first challenge, or the one of an algorithm. */
export async function login(
  client: TestClient,
  answer: Answer,
  init: TestRequestInit & { readonly algorithm?: string } = {},
): Promise<TestResponse> {
  const { algorithm, ...request } = init;
  const method = answer.method ?? 'GET';
  const target = init.headers === undefined ? answer.uri : answer.uri.replace(/^https?:\/\/[^/]+/, '');
  const challenges = challengesOf(await client.request(target, { ...request, method }));
  const challenge = challenges.find((each) => algorithm === undefined || each['algorithm'] === algorithm);
  const headers = { Authorization: authorization(challenge ?? {}, answer) };
  return client.request(target, { ...request, method, headers });
}

export function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
