/** Flaws that cookie sessions were known for, and the right answer to each: rows E1 to E6. */
import { createCipheriv, hkdfSync } from 'node:crypto';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import { memorySessionStore, RevokedSessions, Session, sessions, type SessionOptions } from 'obol/session';
import { sessionKeys } from '../../src/features/session/keys.js';
import { codecOf } from '../../src/features/session/options.js';
import {
  clock,
  cookieOf,
  dataFor,
  KEY,
  OTHER_KEY,
  randomKey,
  site,
  type Kept,
} from '../features/session/site.js';
import { expectWithin } from '../support/timing.js';

const DAY = 86_400;
const SMITH = { user: 'smith' };
let time: ReturnType<typeof clock> | undefined;

afterEach(() => {
  time?.restore();
  time = undefined;
});

/** A site with a session of Smith's, and its cookie. */
async function loggedIn(options: Partial<SessionOptions<Kept>> = {}) {
  const all = await site(options);
  await all.client.post('/set', { json: SMITH });
  return { ...all, cookie: cookieOf(all.client) };
}

/** Expects an empty session, one line about it, and the cookie removed. */
async function expectRefused(at: Awaited<ReturnType<typeof site>>, value: string): Promise<void> {
  at.log.lines.length = 0;
  at.client.cookies.clear();
  const response = await at.client.get('/data', { headers: { Cookie: `SESSID=${value}` } });
  expect([response.status, await response.text()]).toEqual([200, '{}']);
  expect(at.log.lines).toHaveLength(1);
  expect(at.log.lines[0]).toMatch(/^GET \/data: the session was refused: [a-z0-9 ,]+$/);
  expect(response.headers.getAll('set-cookie')).toEqual([
    'SESSID=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; HttpOnly; SameSite=Lax',
  ]);
  expect(at.logger.errors).toEqual([]);
}

const KINDS = ['sealed', 'signed'] as const;

describe.each(KINDS)('E1 a copy of a %s cookie', (kind) => {
  test('ends when nobody used it for two hours', async () => {
    time = clock();
    const at = await loggedIn({ kind });
    time.forward(7199);
    expect(await dataFor(at.client, at.cookie)).toEqual(SMITH);
    time.forward(1);
    await expectRefused(at, at.cookie);
  });

  test('ends after a day of use', async () => {
    time = clock();
    const at = await loggedIn({ kind });
    for (let used = 0; used < DAY - 3600; used += 3600) {
      time.forward(3600);
      await at.client.get('/data');
    }
    expect(await (await at.client.get('/data')).json()).toEqual(SMITH);
    time.forward(3600);
    const last = cookieOf(at.client);
    await expectRefused(at, last);
  });

  test('ends with a logout where sessions can be revoked', async () => {
    const at = await loggedIn({ kind, revoked: new RevokedSessions() });
    await at.client.post('/logout');
    expect(await dataFor(at.client, at.cookie)).toEqual({});
    expect(at.log.lines).toEqual(['GET /data: the session was refused: it was ended before its time']);
  });

  test('ends when the application does not accept it any more', async () => {
    const epochs = new Map([['smith', 0]]);
    const accepts = ({ issuedAt, data }: { issuedAt: Date; data: Partial<Kept> }): boolean =>
      issuedAt.getTime() >= (epochs.get(data.user ?? '') ?? 0);
    const at = await loggedIn({ kind, accepts });
    expect(await dataFor(at.client, at.cookie)).toEqual(SMITH);
    epochs.set('smith', Date.now() + 1000);
    expect(await dataFor(at.client, at.cookie)).toEqual({});
  });

  test('from the future is refused, but for the difference of two clocks', async () => {
    time = clock();
    const at = await site({ kind });
    time.forward(60);
    await at.client.post('/set', { json: SMITH });
    const early = cookieOf(at.client);
    time.forward(-60);
    expect(await dataFor(at.client, early)).toEqual(SMITH);
    time.forward(-1);
    await expectRefused(at, early);
  });
});

test('E2 the life of a session is what is sealed in it, whatever its cookie says', async () => {
  time = clock();
  const at = await loggedIn({ cookie: { persistent: true } });
  const response = await at.client.post('/touch');
  expect(response.headers.get('set-cookie')).toContain('; Max-Age=7200; ');
  const kept = cookieOf(at.client);
  time.forward(7200);
  await expectRefused(at, kept);
});

describe.each(KINDS)('E3 keys of %s cookies', (kind) => {
  const options = (...keys: Buffer[]): Partial<SessionOptions<Kept>> => ({ kind, keys });

  test('the first one seals', async () => {
    const { cookie } = await loggedIn(options(KEY, OTHER_KEY));
    const newer = await site(options(KEY));
    expect(await dataFor(newer.client, cookie)).toEqual(SMITH);
    await expectRefused(await site(options(OTHER_KEY)), cookie);
  });

  test('all of them open', async () => {
    const { cookie } = await loggedIn(options(OTHER_KEY));
    for (const keys of [
      [OTHER_KEY, KEY],
      [KEY, OTHER_KEY],
      [KEY, randomKey(), OTHER_KEY],
    ])
      // prettier-ignore
      expect(await dataFor((await site(options(...keys))).client, cookie)).toEqual(SMITH);
  });

  test('one that was taken away opens nothing', async () => {
    const { cookie } = await loggedIn(options(OTHER_KEY));
    await expectRefused(await site(options(KEY, randomKey())), cookie);
  });

  test('what an old one opened is sealed with the first', async () => {
    const { cookie } = await loggedIn(options(OTHER_KEY));
    const both = await site(options(KEY, OTHER_KEY));
    await dataFor(both.client, cookie);
    const renewed = cookieOf(both.client);
    expect(await dataFor((await site(options(KEY))).client, renewed)).toEqual(SMITH);
  });
});

test.each([
  ['sealed', { keys: [KEY] }],
  ['stored', { store: memorySessionStore() }],
])('E4 a %s session gets another id at login', async (_kind, options) => {
  const at = await loggedIn(options);
  const before = await (await at.client.get('/about')).json<{ id: string }>();
  const after = await (await at.client.post('/login')).json<{ id: string }>();
  expect(after.id).not.toBe(before.id);
  expect(cookieOf(at.client)).not.toBe(at.cookie);
  expect(await (await at.client.get('/about')).json()).toMatchObject({ id: after.id, isNew: false });
});

test('E4 the id of before the login opens nothing in a store', async () => {
  const at = await loggedIn({ store: memorySessionStore() });
  await at.client.post('/login');
  expect(await dataFor(at.client, at.cookie)).toEqual({});
});

test('E4 an id that the client makes up is never taken', async () => {
  const at = await site({ store: memorySessionStore() });
  const planted = `${'A'.repeat(42)}A`;
  await at.client.post('/set', { json: SMITH, headers: { Cookie: `SESSID=${planted}` } });
  expect(cookieOf(at.client)).not.toBe(planted);
  expect(await dataFor(at.client, planted)).toEqual({});
});

test('E5 logging out of a store ends every copy', async () => {
  const at = await loggedIn({ store: memorySessionStore() });
  await at.client.post('/logout');
  expect(at.client.cookies.get('SESSID')).toBeUndefined();
  expect(await dataFor(at.client, at.cookie)).toEqual({});
});

describe.each(KINDS)('E6 refuses a %s cookie', (kind) => {
  test('of which any one bit is another', async () => {
    const at = await loggedIn({ kind });
    const wrong: string[] = [];
    for (let i = 0; i < at.cookie.length; i++) {
      for (let bit = 0; bit < 7; bit++) {
        const char = String.fromCharCode(at.cookie.charCodeAt(i) ^ (1 << bit));
        // A semicolon ends the value and quotes or blanks at the ends are not part of it: that is cut, and below.
        if (/[;\s"\p{Cc}]/u.test(char)) continue;
        const value = at.cookie.slice(0, i) + char + at.cookie.slice(i + 1);
        if (JSON.stringify(await dataFor(at.client, value)) !== '{}') wrong.push(value);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('cut anywhere', async () => {
    const at = await loggedIn({ kind });
    for (let length = 0; length < at.cookie.length; length++) {
      await expectRefused(at, at.cookie.slice(0, length));
      expect(await dataFor(at.client, at.cookie.slice(length + 1))).toEqual({});
    }
  });

  test.each([
    ['with more behind it', (value: string) => `${value}A`],
    ['with its end repeated', (value: string) => value + value.slice(-8)],
    ['twice', (value: string) => value + value],
    ['padded', (value: string) => `${value}=`],
    ['in the alphabet of plain base64', (value: string) => `+/${value.slice(2)}`],
    ['with rubbish in it', (value: string) => `${value.slice(0, 20)}!${value.slice(20)}`],
    ['in capitals', (value: string) => value.toUpperCase()],
    ['back to front', (value: string) => Array.from(value).reverse().join('')],
    [
      'percent-encoded',
      (value: string) => value.replace(/./, (char) => `%${char.charCodeAt(0).toString(16)}`),
    ],
    ['with characters beyond ASCII', (value: string) => `${value}é`],
    ['of nothing but dots', () => '...'],
    ['that is JSON', () => '{"user":"smith"}'],
    ['of 4 KiB', () => 'A'.repeat(4096)],
    ['of 8,000 characters', (value: string) => value.padEnd(8000, 'A')],
    ['that is empty', () => ''],
  ])('%s', async (_name, change) => {
    const at = await loggedIn({ kind });
    await expectRefused(at, change(at.cookie));
  });

  test('of another name', async () => {
    const named = await site({ kind, cookie: { name: 'OTHER' } });
    await named.client.post('/set', { json: SMITH });
    await expectRefused(await site({ kind }), cookieOf(named.client, 'OTHER'));
  });

  test('of the other kind', async () => {
    const { cookie } = await loggedIn({ kind: kind === 'sealed' ? 'signed' : 'sealed' });
    await expectRefused(await site({ kind }), cookie);
  });

  test('with a tag shorter than 16 bytes', async () => {
    if (kind !== 'sealed') return;
    const at = await loggedIn();
    const bytes = Buffer.from(at.cookie, 'base64url');
    for (const length of [4, 8, 12, 13, 14, 15])
      await expectRefused(at, bytes.subarray(0, bytes.length - 16 + length).toString('base64url'));
  });

  test('in linear time', () => {
    const codec = codecOf({ keys: [KEY] });
    const value = codec.encode('x'.repeat(3000), 'SESSID');
    expectWithin(5, () => codec.decode(`${value.slice(0, -1)}!`, 'SESSID'));
  });
});

describe.each(KINDS)('E7 a %s cookie that was opened a moment ago', (kind) => {
  /** Logged in, and the cookie opened since. */
  async function opened(options: Partial<SessionOptions<Kept>> = {}) {
    const at = await loggedIn({ kind, ...options });
    for (let i = 0; i < 3; i++) expect(await dataFor(at.client, at.cookie)).toEqual(SMITH);
    return at;
  }

  test('is refused when nobody used it for two hours', async () => {
    time = clock();
    const at = await opened();
    time.forward(7200);
    await expectRefused(at, at.cookie);
    await expectRefused(at, at.cookie);
  });

  test('is refused when its day is over', async () => {
    time = clock();
    const at = await opened({ idle: DAY * 2 });
    time.forward(DAY - 1);
    expect(await dataFor(at.client, at.cookie)).toEqual(SMITH);
    time.forward(1);
    await expectRefused(at, at.cookie);
  });

  test('is refused when the clock goes back to before it was issued', async () => {
    time = clock();
    const at = await opened();
    time.forward(-61);
    await expectRefused(at, at.cookie);
  });

  test('is refused when it was revoked', async () => {
    const at = await opened({ revoked: new RevokedSessions() });
    await at.client.post('/logout', { headers: { Cookie: `SESSID=${at.cookie}` } });
    expect(await dataFor(at.client, at.cookie)).toEqual({});
    expect(at.log.lines).toEqual(['GET /data: the session was refused: it was ended before its time']);
  });

  test('is refused when the application does not accept it any more', async () => {
    let isAccepted = true;
    const at = await opened({ accepts: () => isAccepted });
    isAccepted = false;
    expect(await dataFor(at.client, at.cookie)).toEqual({});
  });

  test('is refused by an application without its key', async () => {
    const at = await opened({ keys: [KEY] });
    await expectRefused(await site({ kind, keys: [OTHER_KEY] }), at.cookie);
  });

  test('is refused under another name', async () => {
    const at = await site({ kind }, { trustProxy: 1 });
    await at.client.post('/set', { json: SMITH });
    const value = cookieOf(at.client);
    expect(await dataFor(at.client, value)).toEqual(SMITH);
    at.client.cookies.clear();
    const headers = {
      Forwarded: 'proto=https',
      'X-Forwarded-Proto': 'https',
      Cookie: `__Host-SESSID=${value}`,
    };
    expect(await (await at.client.get('/data', { headers })).json()).toEqual({});
    expect(at.log.lines).toEqual([
      'GET /data: the session was refused: it was changed, or belongs to another cookie',
    ]);
    expect(await dataFor(at.client, value)).toEqual(SMITH);
  });

  test('is refused with any one bit changed', async () => {
    const at = await opened();
    for (let i = 0; i < at.cookie.length; i++) {
      const char = String.fromCharCode(at.cookie.charCodeAt(i) ^ 1);
      await expectRefused(at, at.cookie.slice(0, i) + char + at.cookie.slice(i + 1));
    }
    expect(await dataFor(at.client, at.cookie)).toEqual(SMITH);
  });

  test('is sealed with the first key each time, while it is one of another', async () => {
    const old = await loggedIn({ kind, keys: [OTHER_KEY] });
    const at = await site({ kind, keys: [KEY, OTHER_KEY] });
    for (let i = 0; i < 3; i++) {
      expect(await dataFor(at.client, old.cookie)).toEqual(SMITH);
      expect(cookieOf(at.client)).not.toBe(old.cookie);
    }
  });

  test('knows nothing of what a request does to what it holds', async () => {
    const at = await site({ kind });
    await at.client.post('/set', { json: { list: [0] } });
    const cookie = cookieOf(at.client);
    for (let i = 0; i < 3; i++) {
      const response = await at.client.post('/push', { headers: { Cookie: `SESSID=${cookie}` } });
      expect(response.headers.has('set-cookie')).toBe(true);
      expect(await dataFor(at.client, cookieOf(at.client))).toEqual({ list: [0, 1] });
      expect(await dataFor(at.client, cookie)).toEqual({ list: [0] });
    }
  });

  test('leaves its time of last use alone when a request writes it', async () => {
    time = clock();
    const at = await opened();
    time.forward(60);
    expect(await dataFor(at.client, at.cookie)).toEqual(SMITH);
    time.forward(7140);
    await expectRefused(at, at.cookie);
  });

  test('is never taken for that of another client', async () => {
    const at = await site({ kind });
    const clients = Array.from({ length: 20 }, () => at.newClient());
    await Promise.all(clients.map((client, i) => client.post('/set', { json: { user: `user ${i}` } })));
    for (let round = 0; round < 3; round++) {
      const seen = await Promise.all(clients.map(async (client) => (await client.get('/data')).json()));
      expect(seen).toEqual(clients.map((_, i) => ({ user: `user ${i}` })));
      await Promise.all(clients.map((client) => client.post('/touch')));
    }
  });
});

test('E6 100 KiB of cookie are refused as any header of that size', async () => {
  const at = await site();
  const response = await at.client.get('/data', { headers: { Cookie: `SESSID=${'A'.repeat(102_400)}` } });
  expect([response.status, at.log.lines]).toEqual([431, []]);
});

test('a seal is made as documented: version, key id, salt, nonce, AES-256-GCM over the content', () => {
  const name = '__Host-SESSID';
  const id = Buffer.from(sessionKeys([KEY]).first.id, 'hex');
  const salt = Buffer.alloc(24, 7);
  const head = Buffer.concat([Buffer.of(2), id, salt]);
  const key = new Uint8Array(hkdfSync('sha256', KEY, salt, `obol-session-v2:${name}`, 32));
  const nonce = Buffer.alloc(12, 9);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.concat([head, Buffer.from(name)]));
  const sealed = Buffer.concat([head, nonce, cipher.update('text'), cipher.final(), cipher.getAuthTag()]);
  const codec = codecOf({ keys: [KEY] });
  expect(codec.decode(sealed.toString('base64url'), name)).toEqual({ text: 'text', isOld: false });
});

test('no two seals of one content are alike, and none tells the content', async () => {
  const cookies = new Set<string>();
  for (let i = 0; i < 50; i++) cookies.add((await loggedIn()).cookie);
  expect(cookies.size).toBe(50);
  for (const cookie of cookies)
    expect(Buffer.from(cookie, 'base64url').toString('latin1')).not.toContain('smith');
});

describe('secrets', () => {
  const SECRET = 'a passphrase that nobody is to read anywhere, 42 times';

  test.each([
    ['the feature', () => sessions({ keys: [SECRET] })],
    ['the keys', () => sessionKeys([SECRET])],
    ['the codec', () => codecOf({ keys: [SECRET] })],
    ['the signing codec', () => codecOf({ kind: 'signed', keys: [SECRET] })],
    ['a session', () => Session.of({ user: SECRET })],
  ])('are not shown with %s', (_name, make) => {
    const shown = inspect(make(), { depth: Infinity, showHidden: true });
    expect(shown).not.toContain('passphrase');
  });

  test('are not in what is logged or answered when a session cannot be kept', async () => {
    const at = await site({}, { debug: true });
    const response = await at.client.post('/set', { json: { large: SECRET.repeat(100) } });
    const everything = (await response.text()) + at.logger.errors.join() + at.log.lines.join();
    expect([response.status, everything.includes('passphrase'), at.logger.errors.length]).toEqual([
      500,
      false,
      1,
    ]);
    expect(at.logger.errors[0]).toContain('The largest values: "large" (5402).');
  });

  test('are not in the id, which may be logged', async () => {
    const at = await loggedIn({ store: memorySessionStore() });
    const { id } = await (await at.client.get('/about')).json<{ id: string }>();
    expect(id).not.toBe(at.cookie);
    expect(await dataFor(at.client, id)).toEqual({});
  });
});

describe.each(['__proto__', 'constructor', 'prototype'])('a key %s', (key) => {
  const refused = expect.objectContaining({ code: 'E_SESSION_DATA' }) as unknown as Error;
  const poison = JSON.parse(`{"${key}":{"isAdmin":true}}`) as Record<string, unknown>;

  test('is refused at any depth', () => {
    expect(() => Session.of().set(key, 1)).toThrow(refused);
    expect(() => Session.of().set('a', [{ b: poison }])).toThrow(refused);
    expect(() => Session.of().flash(key, 1)).toThrow(refused);
  });

  test.each([`.${key}`, `!${key}`, '.user'])(
    'is refused when it comes back from a store as %j',
    async (at) => {
      const store = memorySessionStore();
      const { client, log, newClient } = await site({ store });
      await client.post('/set', { json: SMITH });
      const { id } = await (await client.get('/about')).json<{ id: string }>();
      const times = { issuedAt: 0, expiresAt: Infinity, seenAt: 0, ...store.load(id), endsAt: Infinity };
      store.update(id, { ...times, set: new Map([[at, JSON.stringify(poison)]]), deleted: [] });
      expect(await dataFor(newClient(), cookieOf(client))).toEqual({});
      expect(log.lines).toEqual(['GET /data: the session was refused: its content is not that of a session']);
      expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined();
    },
  );
});
