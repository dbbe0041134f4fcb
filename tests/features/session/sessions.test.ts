/** Sessions of an application, kept in the three ways there are. */
import { inspect } from 'node:util';
import { afterAll, afterEach, describe, expect, jest, test } from '@jest/globals';
import { abort, Controller, createGuard, DECLINED, Get, HttpState, Response, type Request } from 'obol';
import {
  fileSessionStore,
  memorySessionStore,
  Session,
  sessions,
  type SessionOptions,
  type SessionStore,
} from 'obol/session';
import { defaultLog } from '../../../src/ground/log/logger.js';
import { mount } from '../../../src/features/composition/mount.js';
import { buildRequest, request as makeRequest } from '../../../src/hosts/testing/request.js';
import type { Logger } from '../../../src/ground/log/log.js';
import { start } from '../../support/client.js';
import { collectingLogger } from '../../support/collecting-logger.js';
import { developerError } from '../../support/errors.js';
import { surroundings } from '../../support/surroundings.js';
import { TestFolder } from '../../support/folder.js';
import { problemsOf } from '../../support/problems.js';
import { clock, cookieOf, dataFor, KEY, OTHER_KEY, SessionController, site, type Kept } from './site.js';

const SMITH = { user: 'smith' };
const folder = new TestFolder();
let time: ReturnType<typeof clock> | undefined;

afterEach(() => {
  time?.restore();
  time = undefined;
});
afterAll(() => {
  folder.remove();
});

const KINDS: [string, () => Partial<SessionOptions<Kept>>][] = [
  ['sealed', () => ({ kind: 'sealed' })],
  ['signed', () => ({ kind: 'signed' })],
  ['in memory', () => ({ store: memorySessionStore() })],
  ['in files', () => ({ store: fileSessionStore(folder.path) })],
];

const IsUser = createGuard('IsUser', (setup, user: string) => {
  const session = setup.resolve<Session<Kept>>(Session);
  return () => {
    if (session.get('user') !== user) abort(403);
  };
});

@Controller('/guarded')
class GuardedController {
  @IsUser('smith') @Get('/smith') smith() {
    return 'smith';
  }
  @IsUser('jones') @Get('/jones') jones() {
    return 'jones';
  }
}

describe.each([...KINDS, ['in a slow store', () => ({ store: slowStore() })] as (typeof KINDS)[number]])(
  'a guard takes a session %s',
  (_kind, options) => {
    test('which is there when it checks', async () => {
      const given = options();
      const keys = 'store' in given ? {} : { keys: [KEY] };
      const features = [sessions({ ...keys, ...given })];
      const { client } = await start([SessionController, GuardedController], { features });
      await client.post('/set', { json: SMITH });
      const answers = [await client.get('/guarded/smith'), await client.get('/guarded/jones')];
      expect(answers.map(({ status }) => status)).toEqual([200, 403]);
    });
  },
);

describe.each(KINDS)('a session %s', (_kind, options) => {
  test('is there with the next request', async () => {
    const { client } = await site(options());
    await client.post('/set', { json: { user: 'Jürgen "Ř" 😀', list: [1, 2] } });
    expect(await (await client.get('/data')).json()).toEqual({ user: 'Jürgen "Ř" 😀', list: [1, 2] });
  });

  test('belongs to one client', async () => {
    const { client, newClient } = await site(options());
    await client.post('/set', { json: SMITH });
    expect(await (await newClient().get('/data')).json()).toEqual({});
  });

  test('says nothing while it is not touched', async () => {
    const { client } = await site(options());
    const first = await client.get('/untouched');
    await client.post('/set', { json: SMITH });
    const second = await client.get('/untouched');
    for (const { headers } of [first, second])
      expect(['vary', 'cache-control', 'set-cookie'].map((name) => headers.has(name))).toEqual([
        false,
        false,
        false,
      ]);
  });

  test('is private once it is read, and not written', async () => {
    const { client } = await site(options());
    await client.post('/set', { json: SMITH });
    for (const each of [
      await client.get('/data'),
      await site(options()).then((other) => other.client.get('/data')),
    ])
      expect(['vary', 'cache-control', 'set-cookie'].map((name) => each.headers.get(name))).toEqual([
        'Cookie',
        'private',
        undefined,
      ]);
  });

  test('is written when it has changed, deep inside too', async () => {
    const { client, newClient } = await site(options());
    await client.post('/set', { json: { list: [] } });
    await client.post('/push');
    expect(await dataFor(newClient(), cookieOf(client))).toEqual({ list: [1] });
  });

  test('is not kept when it is empty', async () => {
    const { client } = await site(options());
    await client.post('/clear');
    expect(client.cookies.get('SESSID')).toBeUndefined();
    await client.post('/set', { json: SMITH });
    const before = cookieOf(client);
    const response = await client.post('/clear');
    expect(response.headers.get('set-cookie')).toMatch(/^SESSID=; Max-Age=0; /);
    if ('store' in options()) expect(await dataFor(client, before)).toEqual({});
  });

  test('ends with destroy, and its cookie goes even when it was worth nothing', async () => {
    const { client } = await site(options());
    await client.post('/set', { json: SMITH });
    await client.post('/logout');
    expect(client.cookies.get('SESSID')).toBeUndefined();
    const response = await client.post('/logout', { headers: { Cookie: `SESSID=${'A'.repeat(43)}` } });
    expect(response.headers.get('set-cookie')).toMatch(/^SESSID=; Max-Age=0; /);
  });

  test('can leave a last word behind', async () => {
    const { client } = await site(options());
    await client.post('/set', { json: SMITH });
    await client.post('/farewell');
    expect(await (await client.get('/flash')).json()).toEqual({ notice: 'See you' });
    expect(client.cookies.get('SESSID')).toBeUndefined();
  });

  test('gives a flash value once', async () => {
    const { client } = await site(options());
    await client.post('/set', { json: SMITH });
    await client.post('/flash');
    expect(await (await client.get('/data')).json()).toEqual(SMITH);
    expect(await (await client.get('/flash')).json()).toEqual({ notice: 'Saved' });
    expect(await (await client.get('/flash')).json()).toEqual({ notice: null });
  });

  test('keeps its content and changes its id at login', async () => {
    const { client } = await site(options());
    await client.post('/set', { json: { list: [1] } });
    const before = await (await client.get('/about')).json<{ id: string }>();
    const { id } = await (await client.post('/login')).json<{ id: string }>();
    expect(id).not.toBe(before.id);
    expect(await (await client.get('/about')).json()).toMatchObject({ id, isNew: false });
    expect(await (await client.get('/data')).json()).toEqual({ list: [1], user: 'smith' });
  });

  test('lives on while it is used, for a day at most', async () => {
    time = clock();
    const { client } = await site(options());
    await client.post('/set', { json: SMITH });
    for (let hours = 1; hours < 24; hours++) {
      time.forward(3600);
      expect(await (await client.get('/data')).json()).toEqual(SMITH);
    }
    time.forward(3600);
    expect(await (await client.get('/data')).json()).toEqual({});
  });

  test('has ended after two hours without use', async () => {
    time = clock();
    const { client } = await site(options());
    await client.post('/set', { json: SMITH });
    time.forward(7199);
    expect(await (await client.get('/data')).json()).toEqual(SMITH);
    time.forward(7200);
    expect(await (await client.get('/data')).json()).toEqual({});
  });

  test('ends when it says itself', async () => {
    time = clock();
    const { client } = await site(options());
    await client.post('/short');
    time.forward(9);
    expect(await (await client.get('/data')).json()).toEqual(SMITH);
    time.forward(1);
    expect(await (await client.get('/data')).json()).toEqual({});
  });

  test('is written before a stream begins, and can be read in it', async () => {
    const { client } = await site(options());
    await client.post('/set', { json: SMITH });
    const response = await client.get('/stream');
    expect([response.headers.get('vary'), response.headers.get('cache-control')]).toEqual([
      'Cookie',
      'private',
    ]);
    expect(await response.text()).toBe('smith');
  });

  test('cannot be changed when the head has gone out', async () => {
    const { client } = await site(options());
    expect(await (await client.get('/late')).text()).toBe('too E_SESSION_SENT');
  });

  test('is kept whatever the handler throws', async () => {
    const { client } = await site(options());
    expect((await client.get('/fails')).status).toBe(500);
    expect(await (await client.get('/data')).json()).toEqual(SMITH);
  });

  test('is an error of the developer when it holds what it cannot keep', async () => {
    const { client, logger } = await site(options());
    const response = await client.post('/date');
    expect([response.status, response.headers.has('set-cookie')]).toEqual([500, false]);
    expect(logger.errors.join()).toContain(': The session value "user" is a Date');
  });

  test('goes into a copy of a response that everybody gets', async () => {
    const { client, newClient } = await site(options());
    await client.get('/shared-and-set');
    const other = await newClient().get('/shared');
    expect([await other.text(), other.headers.has('set-cookie')]).toEqual(['the same for everybody', false]);
    expect(other.headers.getAll('vary')).toEqual(['Cookie']);
  });

  test('leaves Cache-Control and Vary as they were, but for its own', async () => {
    const { client } = await site(options());
    const { headers } = await client.get('/own-headers');
    expect([headers.get('vary'), headers.get('cache-control')]).toEqual(['Accept, Cookie', 'no-store']);
    expect((await client.get('/vary-all')).headers.get('vary')).toBe('*');
  });

  test('is given to guards and middleware by the feature', async () => {
    const { client, feature } = await site(options());
    await client.post('/set', { json: SMITH });
    const request = makeRequest('/', { cookies: { SESSID: cookieOf(client) } });
    const session = feature.of(request);
    expect(feature.of(request)).toBe(session);
    expect((await session.load()).get('user')).toBe('smith');
  });
});

test.each(KINDS)(
  'cookies that are too many are refused as such where the session is %s',
  async (_kind, options) => {
    const { client } = await site(options());
    const response = await client.get('/data', { headers: { Cookie: 'a=1; '.repeat(101) } });
    expect(response.status).toBe(431);
  },
);

test.each(KINDS)(
  'what `accepts` throws is a crash like any other where the session is %s',
  async (_kind, options) => {
    const accepts = (): boolean => {
      throw new RangeError('on purpose');
    };
    const { client, logger } = await site({ ...options(), accepts });
    await client.post('/set', { json: SMITH });
    expect((await client.get('/data')).status).toBe(500);
    expect(logger.errors.join()).toContain('RangeError: on purpose');
  },
);

describe('of an application below a base', () => {
  async function mounted(prefix: string) {
    const inner = await site({ keys: [OTHER_KEY] });
    const outer = await site({}, { middleware: [mount(prefix, inner.app)] });
    return { ...outer, logger: inner.logger };
  }

  test('and of the one around it are two, each with a cookie of its own', async () => {
    const { client } = await mounted('/shop');
    await client.post('/set', { json: SMITH });
    const response = await client.post('/shop/set', { json: { user: 'jones' } });
    expect(response.headers.get('set-cookie')).toMatch(
      /^SESSID-shop=[\w-]+; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    expect(await (await client.get('/data')).json()).toEqual(SMITH);
    expect(await (await client.get('/shop/data')).json()).toEqual({ user: 'jones' });
    await client.post('/shop/logout');
    expect(await (await client.get('/shop/data')).json()).toEqual({});
    expect(await (await client.get('/data')).json()).toEqual(SMITH);
  });

  test('are others for each value of its parameters', async () => {
    const { client } = await mounted('/<name>/shop');
    await client.post('/a/shop/set', { json: SMITH });
    expect(await (await client.get('/b/shop/data')).json()).toEqual({});
    expect(await (await client.get('/a/shop/data')).json()).toEqual(SMITH);
  });
});

test('is found where the application wants no cookies for its handlers', async () => {
  const { client } = await start(SessionController, {
    features: [sessions({ keys: [KEY] })],
    autoCookies: false,
  });
  await client.post('/set', { json: SMITH });
  expect(await (await client.get('/data')).json()).toEqual(SMITH);
});

describe('the time of last use', () => {
  test('is written once a minute at most', async () => {
    time = clock();
    const { client } = await site();
    await client.post('/set', { json: SMITH });
    time.forward(59);
    expect((await client.get('/data')).headers.has('set-cookie')).toBe(false);
    time.forward(1);
    expect((await client.get('/data')).headers.has('set-cookie')).toBe(true);
    expect((await client.get('/data')).headers.has('set-cookie')).toBe(false);
    expect((await client.post('/touch')).headers.has('set-cookie')).toBe(true);
  });

  test('is not written where nothing is kept', async () => {
    const { client } = await site();
    expect((await client.post('/touch')).headers.has('set-cookie')).toBe(false);
  });
});

describe('the cookie', () => {
  const https = { Forwarded: 'proto=https', 'X-Forwarded-Proto': 'https' };
  const setBy = async (
    cookie: SessionOptions<Kept>['cookie'] = {},
    headers = {},
  ): Promise<string | undefined> => {
    const { client } = await site({ cookie }, { trustProxy: 1 });
    const response = await client.post('/set', { json: SMITH, headers });
    return response.headers.get('set-cookie')?.replace(/=[\w-]{50,}/, '=*');
  };

  test.each<[SessionOptions<Kept>['cookie'], object, string]>([
    [{}, {}, 'SESSID=*; Path=/; HttpOnly; SameSite=Lax'],
    [{}, https, '__Host-SESSID=*; Path=/; Secure; HttpOnly; SameSite=Lax'],
    [{ secure: true }, {}, '__Host-SESSID=*; Path=/; Secure; HttpOnly; SameSite=Lax'],
    [{ secure: false }, https, 'SESSID=*; Path=/; HttpOnly; SameSite=Lax'],
    [{ name: 'sid', path: '/app' }, {}, 'sid=*; Path=/app; HttpOnly; SameSite=Lax'],
    [{ name: 'sid', path: '/app' }, https, '__Secure-sid=*; Path=/app; Secure; HttpOnly; SameSite=Lax'],
    [
      { domain: 'example.org' },
      https,
      '__Secure-SESSID=*; Domain=example.org; Path=/; Secure; HttpOnly; SameSite=Lax',
    ],
    [{ name: '__Host-a', secure: true }, {}, '__Host-a=*; Path=/; Secure; HttpOnly; SameSite=Lax'],
    [{ sameSite: 'Strict', httpOnly: false }, {}, 'SESSID=*; Path=/; SameSite=Strict'],
    [{ sameSite: 'None', secure: true }, {}, '__Host-SESSID=*; Path=/; Secure; HttpOnly; SameSite=None'],
    [{ persistent: true }, {}, 'SESSID=*; Max-Age=7200; Path=/; HttpOnly; SameSite=Lax'],
  ])('with %j and %j is %s', async (cookie, headers, expected) => {
    expect(await setBy(cookie, headers as Record<string, string>)).toBe(expected);
  });

  test('of http is not taken over https', async () => {
    const { client, newClient } = await site({}, { trustProxy: 1 });
    await client.post('/set', { json: SMITH });
    const response = await newClient().get('/data', {
      headers: { ...https, Cookie: `SESSID=${cookieOf(client)}` },
    });
    expect(await response.json()).toEqual({});
  });
});

describe('wrong options', () => {
  const LEAST = 'is not a whole number of seconds, 1 or more.';
  test.each<[object, string, string]>([
    [{ keys: [KEY], maxAge: 0 }, 'E_SETTING', `sessions.maxAge: 0 ${LEAST}`],
    [{ keys: [KEY], idle: '1' }, 'E_SETTING', `sessions.idle: "1" ${LEAST}`],
    [{ keys: [KEY], kind: 'plain' }, 'E_SETTING', 'sessions.kind: "plain" is not "sealed" or "signed".'],
    [
      {},
      'E_SETTING',
      'sessions: give them either keys (or OBOL_SECRET_KEY), for sessions in cookies, or a store, for sessions on the server.',
    ],
    [
      { keys: [KEY], store: memorySessionStore() },
      'E_SETTING',
      'sessions: give them either keys (or OBOL_SECRET_KEY), for sessions in cookies, or a store, for sessions on the server.',
    ],
    [
      { store: { load: () => undefined } },
      'E_SETTING',
      'sessions.store: it has no method create(); give memorySessionStore(), fileSessionStore(folder) or redisSessionStore(connection).',
    ],
    [
      { store: 'redis://prod' },
      'E_SETTING',
      'sessions.store: a string has no method load(); give memorySessionStore(), fileSessionStore(folder) or redisSessionStore(connection).',
    ],
    [
      { keys: KEY },
      'E_SETTING',
      'sessions.keys: it is not a list of keys, such as [process.env.SESSION_KEY].',
    ],
    [
      { keys: [KEY], maxage: 5 },
      'E_SETTING',
      'sessions.maxage: there is no such option. Did you mean "maxAge"?',
    ],
    [
      { keys: [KEY], cookie: { samesite: 'Strict' } },
      'E_SETTING',
      'sessions.cookie.samesite: there is no such option. Did you mean "sameSite"?',
    ],
    [
      { keys: [KEY], cookie: { name: 'a b' } },
      'E_COOKIE',
      'The cookie "a b" cannot be set: its name may hold letters, digits and !#$%&\'*+-.^_`|~ only.',
    ],
    [
      { keys: [KEY], cookie: { sameSite: 'None' } },
      'E_COOKIE',
      'The cookie "SESSID" cannot be set: sameSite "None" needs secure: true.',
    ],
  ])('%j', (options, code, message) => {
    expect(() => sessions(options as SessionOptions)).toThrow(developerError(code as 'E_SETTING', message));
  });

  test('without an application, failures of the store are warnings on the console', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const debug = jest.spyOn(console, 'debug').mockImplementation(() => undefined);
    const store: SessionStore = { ...slowStore(), load: () => Promise.reject(new Error('gone')) };
    const feature = sessions({ store });
    await feature.start?.(surroundings(defaultLog));
    const request = (value: string): Request => makeRequest('/', { cookies: { SESSID: value } });
    await expect(feature.of(request('A'.repeat(43))).load()).rejects.toMatchObject({ status: 503 });
    await feature.of(request('refused')).load();
    expect(warn.mock.calls).toEqual([
      [expect.stringMatching(/WARN {2}The session store fails; requests that need it get 503: Error: gone$/)],
    ]);
    expect(debug.mock.calls).toEqual([]);
    warn.mockRestore();
    debug.mockRestore();
  });

  test('sessions that are used without being among the features are a mistake', () => {
    const feature = sessions({ keys: [KEY] });
    expect(() => feature.of(buildRequest('/', {}))).toThrow(
      developerError(
        'E_SESSION_FEATURE',
        'These sessions are no part of the application, so nothing would write them: add what sessions() gave to the ' +
          'features of bootstrap, before what uses it.',
      ),
    );
  });

  test('a controller that takes a session where there are none is a mistake found at bootstrap', async () => {
    @Controller()
    class Forgetful {
      constructor(readonly session: Session) {}
      @Get('/') index() {
        return null;
      }
    }
    expect((await problemsOf([Forgetful])).map(({ code }) => code)).toEqual(['E_DEPENDENCY']);
  });
});

describe('what nobody is answered', () => {
  const failing: SessionStore = { ...slowStore(), load: () => Promise.reject(new Error('gone')) };
  const asked = async (store: SessionStore, logger: Logger, cookie: string): Promise<number> => {
    const { client } = await site({ store }, { logger });
    return (await client.get('/data', { headers: { Cookie: `SESSID=${cookie}` } })).status;
  };

  test('is told to the logger of the application: refused cookies as details, failing stores as warnings', async () => {
    const logger = collectingLogger();
    expect(await asked(failing, logger, 'refused')).toBe(200);
    expect(await asked(failing, logger, 'A'.repeat(43))).toBe(503);
    expect(logger).toMatchObject({
      details: ['GET /data: the session was refused: it is no token of a session'],
      warnings: ['The session store fails; requests that need it get 503: Error: gone'],
      errors: [],
    });
  });

  test('is one line without the query, which may be secret', async () => {
    const { client, log } = await site();
    await client.get('/data?a=%0Ab', { headers: { Cookie: 'SESSID=refused' } });
    expect(log.lines).toEqual(['GET /data: the session was refused: it is not base64url']);
  });

  test('is told to a logger that takes no details, where it matters', async () => {
    const lines: unknown[] = [];
    const add = (line: unknown): void => void lines.push(line);
    const few: Logger = { error: add, warn: add };
    expect(await asked(failing, few, 'refused')).toBe(200);
    expect(await asked(failing, few, 'A'.repeat(43))).toBe(503);
    expect(lines).toEqual([expect.stringContaining('The session store fails')]);
  });
});

/** A store that takes its time, so that what has to wait for it is seen. */
function slowStore(): SessionStore {
  const store = memorySessionStore();
  const later = async <T>(work: () => T): Promise<T> => {
    await new Promise((resolve) => setImmediate(resolve));
    return work();
  };
  return {
    load: (id) => later(() => store.load(id)),
    create: (id, session) =>
      later(() => {
        store.create(id, session);
      }),
    update: (id, changes) => later(() => store.update(id, changes)),
    destroy: (id) =>
      later(() => {
        store.destroy(id);
      }),
  };
}

describe('with a store that takes its time', () => {
  @Controller()
  class Early {
    constructor(session: Session<Kept>) {
      session.get('user');
    }

    @Get('/early')
    early() {
      return null;
    }
  }

  @Controller()
  class Missing {
    constructor(private readonly session: Session<Kept>) {}

    @HttpState(404)
    missing() {
      return this.session.get('user') ?? 'nobody';
    }
  }

  async function loggedIn(controller: new (session: Session<Kept>) => object) {
    const store = slowStore();
    const { client } = await site({ store });
    await client.post('/set', { json: SMITH });
    const { app, logger } = await start(controller, {
      features: [sessions<Kept>({ store })],
    });
    return { app, logger, cookies: { SESSID: cookieOf(client) } };
  }

  test('a controller is not called before its session is there', async () => {
    const { client } = await site({ store: slowStore() });
    await client.post('/set', { json: SMITH });
    expect(await (await client.get('/data')).json()).toEqual(SMITH);
  });

  test('nor is a handler of a status', async () => {
    const { app, cookies } = await loggedIn(Missing);
    const response = await app.handle(makeRequest('/nowhere', { cookies }));
    expect([response.status, response.body]).toEqual([404, 'smith']);
  });

  test('its constructor is, and cannot use it', async () => {
    const { app, cookies, logger } = await loggedIn(Early);
    expect((await app.handle(makeRequest('/early', { cookies }))).status).toBe(500);
    expect(logger.errors.join()).toContain(': The session is still being read from its store.');
    expect((await app.handle(makeRequest('/early'))).status).toBe(204);
  });

  test('a guard that does not wait is told so', async () => {
    const { client, feature } = await site({ store: slowStore() });
    await client.post('/set', { json: SMITH });
    const request = makeRequest('/', { cookies: { SESSID: cookieOf(client) } });
    const refused = expect.objectContaining({ code: 'E_SESSION_LOAD' }) as unknown as Error;
    expect(() => feature.of(request).data).toThrow(refused);
    expect(inspect(feature.of(request))).toBe('Session { not read yet }');
    await feature.of(request).load();
    expect({ ...feature.of(request).data }).toEqual(SMITH);
  });

  test('a request without a cookie waits for nothing', async () => {
    const { app } = await site({ store: slowStore() });
    expect(app.handle(makeRequest('/data'))).toBeInstanceOf(Response);
  });
});

test('an answer that is none has no session either', async () => {
  @Controller()
  class Declining {
    constructor(private readonly session: Session<Kept>) {}
    @Get('/') index(_req: Request) {
      this.session.set('user', 'smith');
      return DECLINED;
    }
  }
  const { app } = await start(Declining, { features: [sessions({ keys: [KEY] })] });
  expect(await app.handle(makeRequest('/'))).toBe(DECLINED);
  expect(DECLINED.headers.has('set-cookie')).toBe(false);
});
