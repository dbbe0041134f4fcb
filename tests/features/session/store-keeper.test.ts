/** A store that fails, or is slow: what requests are told, and what the log. */
import { describe, expect, test } from '@jest/globals';
import { HttpError } from 'obol';
import { memorySessionStore, type SessionStore } from 'obol/session';
import { deferred } from '../../support/serve.js';
import { cookieOf, dataFor, site } from './site.js';

const SMITH = { user: 'smith' };
type Failing = keyof SessionStore | undefined;

/** A store that fails in one of the things it does, at once or later. */
function failingStore(later: boolean): SessionStore & { failing: Failing } {
  const store = memorySessionStore();
  const run = (name: Failing, work: () => unknown): unknown => {
    const act = (): unknown => {
      if (own.failing === name) throw new TypeError('no\nconnection');
      return work();
    };
    return later ? Promise.resolve().then(act) : act();
  };
  const own = {
    failing: undefined as Failing,
    load: (id: string) => run('load', () => store.load(id)) as ReturnType<SessionStore['load']>,
    create: (...args: Parameters<SessionStore['create']>) =>
      run('create', () => {
        store.create(...args);
      }) as void | Promise<void>,
    update: (...args: Parameters<SessionStore['update']>) =>
      run('update', () => store.update(...args)) as boolean,
    destroy: (id: string) =>
      run('destroy', () => {
        store.destroy(id);
      }) as void | Promise<void>,
  };
  return own;
}

describe.each([
  ['at once', false],
  ['later', true],
])('a store that fails %s', (_when, later) => {
  const steps: [Failing, string, object | undefined][] = [
    ['load', '/login', undefined],
    ['create', '/login', undefined],
    ['update', '/set', { user: 'jones' }],
    ['destroy', '/logout', undefined],
    ['destroy', '/login', undefined],
  ];

  test.each(steps)(
    'to %s is a 503 for POST %s, and nothing for who needs no session',
    async (failing, path, json) => {
      const store = failingStore(later);
      const { client, log, logger } = await site({ store });
      await client.post('/set', { json: SMITH });
      store.failing = failing;
      const response = await client.post(path, json && { json });
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
      expect(response.headers.has('set-cookie')).toBe(false);
      expect(await response.text()).not.toContain('connection');
      expect(log.warnings).toEqual([
        'The session store fails; requests that need it get 503: TypeError: no\\nconnection',
      ]);
      expect(logger.errors).toEqual([]);
      client.cookies.clear();
      expect((await client.get('/untouched')).status).toBe(200);
    },
  );

  test('is told of once when it goes and once when it is back', async () => {
    const store = failingStore(later);
    const { client, log } = await site({ store });
    await client.post('/set', { json: SMITH });
    store.failing = 'load';
    for (let i = 0; i < 3; i++) expect((await client.get('/data')).status).toBe(503);
    store.failing = undefined;
    for (let i = 0; i < 3; i++) expect(await (await client.get('/data')).json()).toEqual(SMITH);
    expect(log.warnings).toEqual([
      'The session store fails; requests that need it get 503: TypeError: no\\nconnection',
      'The session store answers again.',
    ]);
  });
});

test('a store that tells of its failures itself is passed on as it is, without a word', async () => {
  const own = new HttpError(503, 'My store', { headers: { 'Retry-After': '7' } });
  for (const load of [
    () => Promise.reject(own),
    (): never => {
      throw own;
    },
  ]) {
    // prettier-ignore
    const { client, log } = await site({ store: { ...failingStore(true), load } });
    await client.post('/set', { json: SMITH });
    const response = await client.get('/data');
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '7']);
    expect(log.warnings).toEqual([]);
  }
});

test('a store that does not answer is a 503 after 800 ms', async () => {
  const store = { ...failingStore(true), load: () => new Promise<undefined>(() => undefined) };
  const { client, log } = await site({ store });
  await client.post('/set', { json: SMITH });
  expect((await client.get('/data')).status).toBe(503);
  expect(log.warnings).toEqual([
    'The session store fails; requests that need it get 503: Error: no answer within 800 ms',
  ]);
});

test('what a store throws need be no error', async () => {
  const load = async (): Promise<never> => {
    // oxlint-disable-next-line typescript/only-throw-error -- that is what is tried here
    throw 'gone';
  };
  const store: SessionStore = { ...failingStore(true), load };
  const { client, log } = await site({ store });
  expect((await client.get('/data', { headers: { Cookie: `SESSID=${'A'.repeat(43)}` } })).status).toBe(503);
  expect(log.warnings).toEqual(["The session store fails; requests that need it get 503: 'gone'"]);
});

test('the cookie is a token that the store never sees', async () => {
  const seen: string[] = [];
  const store = failingStore(false);
  const { client } = await site({ store: { ...store, create: (id, all) => { seen.push(id, ...all.set.values()); return store.create(id, all); } } }); // prettier-ignore
  await client.post('/set', { json: SMITH });
  const token = cookieOf(client);
  expect(token).toMatch(/^[\w-]{43}$/);
  expect(seen).toEqual([expect.not.stringContaining(token), '"smith"']);
});

test.each([
  'A'.repeat(42),
  'A'.repeat(44),
  `${'A'.repeat(42)}B`,
  `${'A'.repeat(42)}.`,
  '../../etc/passwd',
  '__proto__',
])('what cannot be a token is not looked up: %j', async (token) => {
  const store = { ...failingStore(false), load: () => { throw new Error('asked') } }; // prettier-ignore
  const { client, log } = await site({ store });
  expect(await dataFor(client, token)).toEqual({});
  expect(log.lines).toEqual(['GET /data: the session was refused: it is no token of a session']);
});

test('a session that is unknown leaves its cookie, since another request may have just replaced it', async () => {
  const { client, log } = await site({ store: memorySessionStore() });
  const response = await client.get('/data', { headers: { Cookie: `SESSID=${'A'.repeat(43)}` } });
  expect(response.headers.has('set-cookie')).toBe(false);
  expect(log.lines).toEqual(['GET /data: the session was refused: the store does not know it']);
});

test('changes to a session that another request has ended are lost, and told of', async () => {
  const store = failingStore(false);
  const reached = deferred();
  const ended = deferred();
  const update: SessionStore['update'] = async (...args) => {
    reached.resolve();
    await ended.promise;
    return store.update(...args);
  };
  const { client, newClient, log } = await site({ store: { ...store, update } });
  await client.post('/set', { json: SMITH });
  const token = cookieOf(client);
  const changing = newClient().post('/set', {
    json: { user: 'jones' },
    headers: { Cookie: `SESSID=${token}` },
  });
  await reached.promise;
  await client.post('/logout');
  ended.resolve();
  const response = await changing;
  expect([response.status, response.headers.has('set-cookie')]).toEqual([200, false]);
  expect(log.lines).toEqual([
    'POST /set: the session was refused: it was ended by another request, so its changes are lost',
  ]);
  expect(await dataFor(newClient(), token)).toEqual({});
});

test('holds 256 KiB and no more', async () => {
  const { client, logger } = await site({ store: memorySessionStore() });
  expect((await client.post('/set', { json: { large: 'x'.repeat(262_000) } })).status).toBe(200);
  expect((await client.post('/set', { json: { large: 'x'.repeat(262_144) } })).status).toBe(500);
  expect(logger.errors.join()).toContain('The session has 262152 bytes; 262144 are the most.');
});
