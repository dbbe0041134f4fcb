/**
 * Whoever guesses must not learn which names there are: for a name that nobody has, the server does the same work and says the
 * same as for a wrong password. Counted here is every hash that is made, and every question that the users are asked; and that
 * keys are not tried one after another.
 */
import * as crypto from 'node:crypto';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Request } from 'obol';
import type { DigestHash, DigestOptions } from 'obol/auth';
import type { TestClient, TestResponse } from 'obol/testing';
import { authorization, challengesOf, compute, quote } from '../features/auth/digest/digest-client.js';
import { cryptoWithCheapScrypt } from '../support/cheap-scrypt.js';

/** What was done since it was last emptied, in this order. */
const done: string[] = [];

/** The same function, which leaves a line each time. */
function noted<A extends unknown[], R>(work: (...args: A) => R, line: (...args: A) => string) {
  return (...args: A): R => {
    done.push(line(...args));
    return work(...args);
  };
}

const scryptLine = (_password: unknown, _salt: unknown, length: number, cost: crypto.ScryptOptions): string =>
  `scrypt ${String(cost.N)} ${String(cost.r)} ${String(cost.p)} ${String(length)}`;

jest.unstable_mockModule('node:crypto', () => ({
  ...crypto,
  createHash: noted(crypto.createHash, (name) => `hash ${name}`),
  hash: noted(crypto.hash as (...args: unknown[]) => unknown, (name) => `hash ${String(name)}`),
  createHmac: noted(crypto.createHmac, (name) => `hmac ${name}`),
  createDecipheriv: noted(
    crypto.createDecipheriv as (...args: unknown[]) => unknown,
    (name) => `decipher ${String(name)}`,
  ),
  scryptSync: noted(crypto.scryptSync as (...args: unknown[]) => unknown, () => 'scrypt at once'),
  timingSafeEqual: noted(crypto.timingSafeEqual, (a) => `compare ${String(a.byteLength)}`),
  scrypt: noted(
    cryptoWithCheapScrypt.scrypt as (...args: unknown[]) => void,
    scryptLine as (...args: unknown[]) => string,
  ),
}));

const { Controller, Get, Post } = await import('obol');
const auth = await import('obol/auth');
const { phcText } = await import('../../src/features/auth/passwords/phc-string.js');
const { codecOf } = await import('../../src/features/session/options.js');
const { start } = await import('../support/client.js');

const { CheckBasic, CheckBearer, CheckDigest, FormLogin, hexdigest } = auth;
const SECRET = '8f3c1d0b7a695e4f'.repeat(4);

/** What a refusal says, without what is new each time. */
async function told(response: TestResponse, user: string): Promise<unknown> {
  const fields = [...response.headers].map(([name, value]) => [name, plain(value, user)]);
  return [response.status, fields, plain(await response.text(), user)];
}

function plain(text: string, user: string): string {
  return text
    .replaceAll(user, 'USER')
    .replace(/(nonce|value)="[\w-]{40,}"/g, '$1')
    .replace(/=[\w-]{100,};/, '=;');
}

/** The work and the answer of one request. */
async function traced(user: string, ask: () => Promise<TestResponse>): Promise<unknown> {
  done.length = 0;
  const response = await ask();
  const work = [...done];
  expect(work.length).toBeGreaterThan(0);
  expect(response.status).toBe(401);
  return { work, told: await told(response, user) };
}

test('what is made is counted', async () => {
  done.length = 0;
  await auth.verifyPassword('pw', await auth.hashPassword('pw', { algorithm: 'scrypt' }));
  hexdigest('a', 'b', 'c');
  const scrypt = 'scrypt 32768 8 3 32';
  expect(done).toEqual([scrypt, scrypt, 'compare 32', 'hash md5']);
});

describe('digest', () => {
  @Controller()
  class Zone {
    @Get('/') @CheckDigest('zone') index(req: Request) {
      return { user: req.user };
    }
    @Get('/one') @CheckDigest('zone', 'smith') one() {
      return 'only smith';
    }
  }

  /** Users who are looked up elsewhere: each question is a line. */
  function usersElsewhere(hashes: readonly DigestHash[], later: boolean) {
    const map = new auth.PasswordMap();
    for (const name of ['smith', 'jones'])
      map.set(
        'zone',
        name,
        hashes.map((hash) => hexdigest(name, 'zone', 'secret', hash)),
      );
    const answer = <T>(value: T): T | Promise<T> => (later ? Promise.resolve(value) : value);
    return {
      find: (realm: string, user: string, hash: DigestHash) => {
        done.push('find');
        return answer(map.find(realm, user, hash));
      },
      findHashed: (realm: string, userhash: string, hash: DigestHash) => {
        const found = map.findHashed(realm, userhash, hash);
        done.push('findHashed');
        return answer(found);
      },
    };
  }

  async function guess(user: string, path: string, options: Partial<DigestOptions>, later = false) {
    const authMap = usersElsewhere(['MD5', 'SHA-256'], later);
    const settings = { secretKey: SECRET, authMap, ...options };
    const { client } = await start(Zone, { features: [auth.digest(settings)] });
    const [challenge = {}] = challengesOf(await client.get(path));
    const answer = { user, password: 'wrong', uri: path, qop: [options.authQop ?? 'auth'].flat()[0] ?? '' };
    const sent = options.authUserhash
      ? { username: quote(compute(challenge, answer)['userhash'] ?? ''), userhash: 'true' }
      : {};
    const headers = { Authorization: authorization(challenge, { ...answer, sent }) };
    await client.get('/'); // Whatever is made once has been made.
    return traced(user, () => client.get(path, { headers }));
  }

  test.each<[string, string, Partial<DigestOptions>]>([
    ['SHA-256', '/', {}],
    ['MD5', '/', { authAlgorithm: 'MD5' }],
    ['MD5-sess', '/', { authAlgorithm: 'MD5-sess' }],
    ['SHA-256-sess', '/', { authAlgorithm: 'SHA-256-sess' }],
    ['a choice of algorithms', '/', { authAlgorithm: ['SHA-256', 'MD5'] }],
    ['an algorithm that nobody has a hash for', '/', { authAlgorithm: 'SHA-512-256' }],
    ['auth-int', '/', { authQop: 'auth-int' }],
    ['one user only', '/one', {}],
    ['no throttle', '/', { throttle: false }],
  ])('with %s', async (_name, path, options) => {
    for (const later of [false, true])
      expect(await guess('smoth', path, options, later)).toEqual(await guess('smith', path, options, later));
  });

  test('with a nonce that has let somebody in', async () => {
    const settings = { secretKey: SECRET, authMap: usersElsewhere(['SHA-256'], false) };
    const { client } = await start(Zone, { features: [auth.digest(settings)] });
    const [challenge = {}] = challengesOf(await client.get('/'));
    const ask = (user: string, password: string, nc: string): Promise<TestResponse> => {
      const headers = { Authorization: authorization(challenge, { user, password, uri: '/', nc }) };
      return client.get('/', { headers });
    };
    expect((await ask('jones', 'secret', '00000001')).status).toBe(200);
    const unknown = await traced('smoth', () => ask('smoth', 'wrong', '00000002'));
    expect(await traced('smith', () => ask('smith', 'wrong', '00000003'))).toEqual(unknown);
  });

  test('a name with characters that none can have asks the same questions', async () => {
    expect(await guess('sm:th', '/', {})).toEqual(await guess('smith', '/', {}));
  });

  test('with a hash in place of the name', async () => {
    const options = { authUserhash: true };
    for (const later of [false, true])
      expect(await guess('smoth', '/', options, later)).toEqual(await guess('smith', '/', options, later));
  });
});

/** Users with hashes of these costs (ln of scrypt), by names of one length */
function usersOf(...costs: readonly number[]) {
  const map = new auth.PasswordHashMap(undefined, { algorithm: 'scrypt' });
  for (const [index, ln] of costs.entries()) {
    const salt = Buffer.alloc(16, index);
    const tag = crypto.scryptSync('pw', salt, 32, { N: 2 ** ln, r: 1, p: 1 });
    map.setHash(
      `user ${String(index)}`,
      phcText({ algorithm: 'scrypt', parameters: { ln, r: 1, p: 1 }, salt, tag }),
    );
  }
  return map;
}

const AGES: [string, number[]][] = [
  ['hashes of today\u2019s making', []],
  ['hashes that were made long ago', [4, 4]],
  ['one hash that costs more', [6]],
];

describe('Basic', () => {
  const basic = (user: string): object => ({
    headers: { Authorization: `Basic ${Buffer.from(`${user}:wrong`).toString('base64')}` },
  });

  async function guesses(costs: readonly number[]): Promise<(user: string) => Promise<unknown>> {
    const users = usersOf(...costs);
    if (costs.length === 0) await users.set('user 0', 'pw');
    @Controller()
    class Zone {
      @Get('/') @CheckBasic('zone', users) index() {
        return 'in';
      }
    }
    const { client } = await start(Zone);
    await client.get('/', basic('anybody')); // From the first failure on there is something to look up.
    return (user) => traced(user, () => client.get('/', basic(user)));
  }

  test.each(AGES)('with %s', async (_name, costs) => {
    const guess = await guesses(costs);
    const known = await guess('user 0');
    for (const unknown of ['user x', 'user y', 'user z']) expect(await guess(unknown)).toEqual(known);
  });

  test('with hashes of several ages, a name that nobody has takes as long as one of them, always the same', async () => {
    const guess = await guesses([4, 5, 6]);
    const known: unknown[] = [];
    for (const user of ['user 0', 'user 1', 'user 2']) known.push(await guess(user));
    const names = Array.from({ length: 40 }, (_, index) => `user ${String.fromCharCode(65 + index)}`);
    const seen = new Set<string>();
    for (const name of names) {
      const unknown = await guess(name);
      expect(known).toContainEqual(unknown);
      expect(await guess(name)).toEqual(unknown);
      seen.add(JSON.stringify(unknown));
    }
    expect(seen.size).toBe(3);
  });
});

describe('a form', () => {
  @Controller()
  class Pages {
    constructor(private readonly login: InstanceType<typeof FormLogin>) {}

    @Get('/login') form(req: Request) {
      return this.login.page(req);
    }
    @Post('/login') submit(req: Request) {
      return this.login.submit(req);
    }
  }
  // The type above is none that the compiler could leave for the container.
  Reflect.defineMetadata('design:paramtypes', [FormLogin], Pages);

  async function guesses(costs: readonly number[]): Promise<(user: string) => Promise<unknown>> {
    const users = usersOf(...costs);
    if (costs.length === 0) await users.set('user 0', 'pw');
    const login = auth.formLogin({ users, keeper: auth.cookieLogin({ keys: [SECRET] }) });
    const { client } = await start(Pages, { features: [login] });
    await submit(client, { user: 'anybody', password: 'wrong' });
    return (user) => traced(user, () => submit(client, { user, password: 'wrong' }));
  }

  function submit(client: TestClient, fields: Record<string, string>): Promise<TestResponse> {
    const headers = {
      'Content-Type': 'application/x-www-form-urlencoded',
      'Sec-Fetch-Site': 'same-origin',
    };
    return client.post('/login', { headers, body: new URLSearchParams(fields).toString() });
  }

  test.each(AGES)('with %s', async (_name, costs) => {
    const guess = await guesses(costs);
    const known = await guess('user 0');
    for (const unknown of ['user x', 'user y', 'user z']) expect(await guess(unknown)).toEqual(known);
  });
});

describe('a bearer token', () => {
  let client: TestClient;

  beforeAll(async () => {
    const given = [auth.newToken(), auth.newToken(), auth.newToken()];
    const tokens = new auth.StaticTokens(given.map(({ hash }) => ({ hash, user: 'ci' })));
    @Controller()
    class Zone {
      @Get('/') @CheckBearer(tokens) index() {
        return 'in';
      }
    }
    ({ client } = await start(Zone));
  });

  test('is compared with every one there is, as a whole and by its hash', async () => {
    for (const token of ['x', 'y'.repeat(43), 'z'.repeat(4000)]) {
      const headers = { Authorization: `Bearer ${token}` };
      const { work } = (await traced(token, () => client.get('/', { headers }))) as { work: unknown };
      expect(work).toEqual(['hash sha256', 'compare 32', 'compare 32', 'compare 32']);
    }
  });
});

describe('the keys of sessions', () => {
  const keys = [1, 2, 3].map((seed) => crypto.createHash('sha256').update(String(seed)).digest());
  const ciphers = (): string[] => done.filter((line) => line.startsWith('decipher'));

  test.each([0, 1, 2])('are not tried one after another, here for what key %i has sealed', (place) => {
    const value = codecOf({ keys: keys.slice(place) }).encode('content', 'SESSID');
    const codec = codecOf({ keys });
    done.length = 0;
    expect(codec.decode(value, 'SESSID').problem).toBeUndefined();
    expect(ciphers()).toEqual(['decipher aes-256-gcm']);
  });

  test('are not tried at all for what none of them has sealed', () => {
    const value = codecOf({ keys: keys.slice(2) }).encode('content', 'SESSID');
    const codec = codecOf({ keys: keys.slice(0, 2) });
    done.length = 0;
    expect(codec.decode(value, 'SESSID').problem).toBe('it was sealed with a key that is not ours');
    expect(ciphers()).toEqual([]);
  });

  test('that are passphrases go through scrypt once each, when the application starts', () => {
    done.length = 0;
    const phrases = ['correct horse, battery & staples', 'the goat has eaten all 12 of them'];
    const codecs = (['sealed', 'signed'] as const).map((kind) => codecOf({ kind, keys: phrases }));
    const slow = (): number => done.filter((line) => line === 'scrypt at once').length;
    expect(slow()).toBe(4);
    for (const codec of codecs)
      for (let i = 0; i < 3; i++) codec.decode(codec.encode('content', 'SESSID'), 'SESSID');
    expect(slow()).toBe(4);
  });
});
