/** What methods of modules get, what becomes of what they return, and who may call them. */
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { bootstrap, Controller, Get, HttpError, reply, Response, type BootstrapOptions } from 'obol';
import {
  CheckBasic,
  cookieLogin,
  formLogin,
  FormLogin,
  Groups,
  logIn,
  logins,
  MinimumAccess,
} from 'obol/auth';
import { csrf, csrfToken } from 'obol/csrf';
import {
  Expose,
  moduleContext,
  modules,
  WebModule,
  type ModuleClass,
  type ModuleContext,
  type ModulesOptions,
  type PageContext,
} from 'obol/modules';
import { request, TestClient } from 'obol/testing';
import { Throttle } from 'obol/throttle';
import { collectingLogger } from '../../support/collecting-logger.js';

const KEY = 'a key of thirty-two bytes or more than that';

@Controller()
class Home {
  @Get('/log-in/<name>') logIn(asked: Parameters<typeof logIn>[0], name: string) {
    logIn(asked, { user: name, groups: ['staff'] });
    return 'in';
  }
}

/** What becomes of something outside of development, where mistakes of the author are shown at once. */
async function inProduction<T>(make: () => Promise<T>): Promise<T> {
  const { NODE_ENV: before } = process.env;
  process.env['NODE_ENV'] = 'production';
  return make().finally(() => (process.env['NODE_ENV'] = before));
}

interface Site extends Omit<ModulesOptions, 'modules'> {
  readonly more?: Partial<BootstrapOptions>;
}

/** A client of an application with these modules and logins in cookies. */
async function site(tree: ModuleClass | readonly ModuleClass[], { more = {}, ...options }: Site = {}) {
  const { features = [], ...rest } = more;
  const logger = collectingLogger();
  const app = await bootstrap({
    controllers: [Home],
    logger,
    ...rest,
    features: [
      logins(cookieLogin({ keys: [KEY] })),
      ...features,
      modules({ modules: [tree].flat(), ...options }),
    ],
  });
  return { client: new TestClient(app, { expect: 'any' }), logger };
}

test('an answer depends on the login, also where none is logged in: no cache gives it to others', async () => {
  const { client } = await site(Echo);
  const fieldsOf = async (path: string) => {
    const { headers } = await client.get(path);
    return [headers.get('vary'), headers.get('cache-control')];
  };
  expect(await fieldsOf('/echo/call/')).toEqual(['Cookie', 'private']);
  await client.get('/log-in/Ann');
  expect(await fieldsOf('/echo/call/')).toEqual(['Cookie', 'private']);
});

@WebModule('echo')
class Echo {
  calls = 0;
  @Expose() call({ arguments: words, inputs, csrfToken = 'none' }: ModuleContext) {
    this.calls += 1;
    return { words, inputs, csrfToken, calls: this.calls };
  }
  @Expose('POST', { arguments: false }) async own({ request: asked, arguments: words }: ModuleContext) {
    return { words, json: await asked.readJson() };
  }
  @Expose() user({ user }: ModuleContext) {
    return { ...user };
  }
  @Expose() token({ user }: ModuleContext) {
    return user.csrf;
  }
  @Expose() async check({ user, csrfToken: token }: ModuleContext) {
    return { isGood: await user.checkCsrf(token) };
  }
  @Expose() environment({ environment }: ModuleContext) {
    return { ...environment };
  }
  @Expose() configuration({ configuration }: ModuleContext) {
    return configuration;
  }
}

const JSON_TYPE = { 'Content-Type': 'application/json' };
const BODY =
  '{"csrf_token":"t","arguments":{"2":{"value":"a","input":false},"1":{"value":"b","input":true}}}';

describe('a body', () => {
  test.each([
    ['of JSON', JSON_TYPE, BODY, 200],
    ['of JSON with a charset', { 'Content-Type': 'application/json; charset=utf-8' }, BODY, 200],
    ['of a kind of JSON', { 'Content-Type': 'application/problem+json' }, BODY, 200],
    ['that is none', JSON_TYPE, '', 200],
    ['of a form', { 'Content-Type': 'application/x-www-form-urlencoded' }, 'a=b', 415],
    ['of text', { 'Content-Type': 'text/plain' }, BODY, 415],
    ['of bytes', { 'Content-Type': 'application/octet-stream' }, BODY, 415],
    ['of a malformed type', { 'Content-Type': 'json' }, BODY, 415],
    ['of no type', {}, BODY, 415],
    ['in a charset that is not known', { 'Content-Type': 'application/json; charset=ebcdic' }, BODY, 415],
    ['that is encoded', { ...JSON_TYPE, 'Content-Encoding': 'gzip' }, BODY, 415],
    ['that is no JSON', JSON_TYPE, '{', 400],
    ['that is no UTF-8', JSON_TYPE, Buffer.from('{"csrf_token":"\xff"}', 'latin1'), 400],
    ['that is a list', JSON_TYPE, '[1,2]', 400],
    ['with an object for a value', JSON_TYPE, '{"arguments":{"a":{"value":{},"input":false}}}', 400],
    ['of a megabyte and a byte', JSON_TYPE, `"${'x'.repeat(1024 * 1024)}"`, 413],
  ])('%s', async (_, headers, body, status) => {
    const { client } = await site(Echo);
    const response = await client.post('/echo/call/', { headers, body });
    expect(response.status).toBe(status);
  });

  test('is arguments, inputs and a token', async () => {
    const { client } = await site(Echo);
    const response = await client.post('/echo/call/', { headers: JSON_TYPE, body: BODY });
    expect(await response.json()).toEqual({ words: ['a'], inputs: ['b'], csrfToken: 't', calls: 1 });
  });

  test('that is there and has no byte is none', async () => {
    const { client } = await site(Echo);
    const response = await client.post('/echo/call/', { headers: JSON_TYPE, body: Readable.from([]) });
    expect([response.status, (await response.json<{ words: unknown }>()).words]).toEqual([200, []]);
  });

  test('is left to a method that wants it so', async () => {
    const { client } = await site(Echo);
    const response = await client.post('/echo/own/', { headers: JSON_TYPE, body: '[{"jsonrpc":"2.0"}]' });
    expect(await response.json()).toEqual({ words: [], json: [{ jsonrpc: '2.0' }] });
  });
});

describe('what another site may have sent is 403, and no method sees it', () => {
  const COOKIE = { Cookie: 'a=b' };
  test.each<[what: string, headers: Record<string, string>, status: number]>([
    ['a page of this server', { Origin: 'http://localhost' }, 200],
    ['a page of this server, by its address', { Origin: 'http://127.0.0.1' }, 200],
    ['a page of this site, as its browser says', { 'Sec-Fetch-Site': 'same-origin' }, 200],
    ['a bookmark', { 'Sec-Fetch-Site': 'none', ...COOKIE }, 200],
    ['a program that has nothing of the user', {}, 200],
    ['another site', { Origin: 'https://evil.example' }, 403],
    ['another site, with fetch metadata', { 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['a neighbour', { 'Sec-Fetch-Site': 'same-site' }, 403],
    [
      'another site that knows our origin',
      { 'Sec-Fetch-Site': 'cross-site', Origin: 'http://localhost' },
      403,
    ],
    ['a frame without an origin', { Origin: 'null' }, 403],
    ['another port', { Origin: 'http://localhost:8081' }, 403],
    ['another scheme', { Origin: 'https://localhost' }, 403],
    ['a scheme that is none', { Origin: 'sptth://localhost' }, 403],
    ['a name that another machine answers to', { Host: 'evil.example', Origin: 'http://evil.example' }, 403],
    ['no page at all, with a cookie', COOKIE, 403],
    ['no page at all, with a password', { Authorization: 'Basic YTpi' }, 403],
  ])('%s', async (_, headers, status) => {
    const { client } = await site(Echo);
    const refused = await client.post('/echo/call/', { headers: { ...JSON_TYPE, ...headers }, body: BODY });
    const own = await client.post('/echo/call/', { headers: { ...JSON_TYPE, Origin: 'http://localhost' } });
    const { calls } = await own.json<{ calls: number }>();
    expect([refused.status, calls]).toEqual([status, status === 200 ? 2 : 1]);
  });

  test.each([
    ['no call', JSON_TYPE, '[]'],
    ['no JSON', JSON_TYPE, '{'],
    ['of another type', { 'Content-Type': 'text/plain' }, BODY],
    ['of no type', {}, 'a=b'],
    ['too large', JSON_TYPE, 'x'.repeat(1024 * 1024 + 1)],
  ])('a body that is %s proves nothing', async (_, headers, body) => {
    const { client } = await site(Echo);
    const { status } = await client.post('/echo/call/', { headers: { ...headers, ...COOKIE }, body });
    expect(status).toBe(403);
  });

  test('where origins are configured, neither Host nor address have a say', async () => {
    const { client } = await site(Echo, { origins: ['https://tools.example.com'] });
    const statuses = ['https://tools.example.com', 'http://localhost', 'http://127.0.0.1'].map(
      async (Origin) => {
        return (await client.post('/echo/call/', { headers: { ...JSON_TYPE, Origin } })).status;
      },
    );
    expect(await Promise.all(statuses)).toEqual([200, 403, 403]);
  });

  test('GET needs no proof', async () => {
    const { client } = await site(Echo);
    const { status } = await client.get('/echo/call/', {
      headers: { Origin: 'https://evil.example', Cookie: 'a=b' },
    });
    expect(status).toBe(200);
  });
});

describe('a token', () => {
  const features = [{ middleware: [csrf({ key: KEY })] }];
  test.each([
    ['of the modules', {}],
    ['of the application', { more: { features } }],
  ])('%s lets clients through that report no origin', async (_, options: Site) => {
    const { client } = await site(Echo, options);
    const token = await (await client.get('/echo/token/')).text();
    const inBody = await client.post('/echo/check/', {
      headers: JSON_TYPE,
      body: JSON.stringify({ csrf_token: token }),
    });
    const inHeader = await client.post('/echo/call/', { headers: { 'X-CSRF-Token': token } });
    const wrong = await client.post('/echo/call/', { headers: JSON_TYPE, body: '{"csrf_token":"wrong"}' });
    const missing = await client.post('/echo/call/');
    const statuses = [inBody, inHeader, wrong, missing].map(({ status }) => status);
    // What csrf() of the application refuses does not come as far as the modules, which alone look into a body.
    expect(statuses).toEqual([options.more ? 403 : 200, 200, 403, 403]);
  });

  test('is checked by a module that asks', async () => {
    const { client } = await site(Echo);
    const token = await (await client.get('/echo/token/')).text();
    const ask = async (text: string): Promise<unknown> => {
      const headers = { ...JSON_TYPE, Origin: 'http://localhost' };
      return (
        await client.post('/echo/check/', { headers, body: JSON.stringify({ csrf_token: text }) })
      ).json();
    };
    expect([await ask(token), await ask('other'), await ask('')]).toEqual([
      { isGood: true },
      { isGood: false },
      { isGood: false },
    ]);
  });

  test('sets no cookie unless it is asked for', async () => {
    const { client } = await site(Echo);
    const { headers } = await client.get('/echo/user/');
    expect(headers.get('set-cookie')).toBeUndefined();
  });

  test('is that of the page, too', async () => {
    @WebModule('page')
    class Page {
      @Expose() form({ request: asked }: ModuleContext) {
        return csrfToken(asked);
      }
    }
    const { client } = await site(Page);
    const token = await (await client.get('/page/form/')).text();
    expect((await client.post('/page/form/', { headers: { 'X-CSRF-Token': token } })).status).toBe(200);
  });
});

describe('the user', () => {
  const PEOPLE = [
    { id: 7, name: 'Ann', groups: [0, 1, 500], email: 'ann@example.com' },
    { id: 8, name: 'Bob', groups: [0, 1, 'editors'], email: 'bob@example.com' },
    { id: 9, name: 'Cyd', email: 'cyd@example.com' },
  ];
  const users = (login: unknown) => PEOPLE.find(({ name }) => name === login);

  async function userOf(name: string | undefined, options: Site = {}): Promise<unknown> {
    const { client } = await site(Echo, options);
    if (name !== undefined) await client.get(`/log-in/${name}`);
    const response = await client.get('/echo/user/');
    return response.status === 200 ? response.json() : response.status;
  }

  const ip = '127.0.0.1';

  test.each<[string, string | undefined, Site, unknown]>([
    ['is id 0 where none is logged in', undefined, {}, { id: 0, name: 'Not Authenticated', groups: [0], ip }],
    ['is the login where users are not known', 'Ann', {}, { id: 1, name: 'Ann', groups: ['staff'], ip }],
    ['is what the application knows', 'Ann', { users }, { ...PEOPLE[0], ip }],
    ['may come later', 'Bob', { users: (login) => Promise.resolve(users(login)) }, { ...PEOPLE[1], ip }],
    ['may have no groups', 'Cyd', { users }, { ...PEOPLE[2], groups: [], ip }],
    ['is refused where it is not known', 'Eve', { users }, 403],
    [
      'is Unknown where that is accepted',
      'Eve',
      { users, acceptUnknownUser: true },
      { id: 1, name: 'Unknown', groups: [0, 1], ip },
    ],
    ['is refused where none is logged in', undefined, { acceptUnauthenticatedUser: false }, 401],
    [
      'passes where one is logged in',
      'Ann',
      { users, acceptUnauthenticatedUser: false },
      { ...PEOPLE[0], ip },
    ],
    [
      'has no other address than that of the connection',
      'Ann',
      { users: () => ({ id: 1, name: 'x', groups: [1], ip: '8.8.8.8', csrf: 'x' }) },
      { id: 1, name: 'x', groups: [1], ip },
    ],
  ])('%s', async (_, name, options, expected) => {
    expect(await userOf(name, options)).toEqual(expected);
  });

  test('of a guard before all modules counts', async () => {
    const check = CheckBasic('Staff', {
      verify: (user: string, password: string) => user === 'Ann' && password === 'pw',
    });
    const { client } = await site(Echo, { guards: [check], users, acceptUnauthenticatedUser: false });
    const headers = { Authorization: `Basic ${Buffer.from('Ann:pw').toString('base64')}` };
    const statuses = [await client.get('/echo/user/'), await client.get('/echo/user/', { headers })];
    expect(statuses.map(({ status }) => status)).toEqual([401, 200]);
  });

  test('who is often right is never locked out, who is often wrong is', async () => {
    const verify = (user: string, password: string) => password === `of ${user}`;
    const check = CheckBasic('Staff', { verify }, { throttle: new Throttle({ failures: 3 }) });
    const { client } = await site(Echo, { guards: [check] });
    const logInAs = async (name: string, password: string): Promise<number> => {
      const headers = { Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` };
      return (await client.get('/echo/user/', { headers })).status;
    };
    const right = [];
    for (let i = 0; i < 8; i++) right.push(await logInAs('Ann', 'of Ann'));
    const wrong = [];
    for (let i = 0; i < 4; i++) wrong.push(await logInAs('Bob', `guess ${String(i)}`));
    expect([right, wrong, await logInAs('Bob', 'of Bob')]).toEqual([
      Array(8).fill(200),
      [401, 401, 401, 429],
      429,
    ]);
  });

  test('is sent to the form that logs in, programs are not', async () => {
    const keeper = cookieLogin({ keys: [KEY] });
    const login = formLogin({ keeper, users: { verify: () => true } });
    const app = await bootstrap({
      controllers: [Home],
      features: [login, modules({ modules: [Echo], acceptUnauthenticatedUser: false })],
    });
    const client = new TestClient(app, { expect: 'any', followRedirects: false });
    const browser = await client.get('/echo/user/', { headers: { Accept: 'text/html' } });
    const program = await client.get('/echo/user/', { headers: { Accept: 'application/json' } });
    expect([browser.status, browser.headers.get('location'), program.status]).toEqual([
      303,
      '/login?next=%2Fecho%2Fuser%2F',
      401,
    ]);
    expect(app.resolve(FormLogin)).toBeInstanceOf(FormLogin);
  });

  @WebModule('guarded')
  @MinimumAccess(500)
  class Guarded {
    @Expose() everyone() {
      return 'ok';
    }
    @Expose() @Groups('editors') few() {
      return 'ok';
    }
  }

  @WebModule('grouped')
  class Grouped {
    @Expose() @Groups('editors', '500') few() {
      return 'ok';
    }
  }

  test.each([
    ['/guarded/everyone/', [401, 200, 403, 403]],
    ['/guarded/few/', [401, 403, 403, 403]],
    ['/grouped/few/', [401, 200, 200, 403]],
  ])('%s goes by the groups of none, Ann, Bob and Cyd', async (path, statuses) => {
    const found = [];
    for (const name of [undefined, 'Ann', 'Bob', 'Cyd']) {
      const { client } = await site([Guarded, Grouped], { users });
      if (name !== undefined) await client.get(`/log-in/${name}`);
      found.push((await client.get(path)).status);
    }
    expect(found).toEqual(statuses);
  });

  test.each([
    ['none', undefined, {}],
    ['a known one', 'Ann', { users }],
    ['an unknown one', 'Eve', { users, acceptUnknownUser: true }],
  ])('is %s, whose groups no module can change for the next request', async (_, name, options: Site) => {
    @WebModule('climb')
    class Climb {
      @Expose() it({ user }: ModuleContext) {
        const before = user.groups.length;
        return { before, isAdded: Reflect.set(user.groups, before, 900) };
      }
    }
    const { client } = await site(Climb, options);
    if (name !== undefined) await client.get(`/log-in/${name}`);
    const answers = [await client.get('/climb/it/'), await client.get('/climb/it/')];
    const [first, second] = await Promise.all(answers.map((answer) => answer.json<{ isAdded: boolean }>()));
    expect(first).toMatchObject({ isAdded: false });
    expect(second).toEqual(first);
  });

  test('is asked for once in a request', async () => {
    const asked: unknown[] = [];
    const { client } = await site(Guarded, {
      users: (login) => {
        asked.push(login);
        return users(login);
      },
    });
    await client.get('/log-in/Ann');
    await client.get('/guarded/everyone/');
    expect(asked).toEqual(['Ann']);
  });
});

test('the environment says what was asked, and nothing of the process', async () => {
  process.env['MODULE_SECRET'] = 'secret';
  const { client } = await site(Echo);
  const headers = { 'X-One': '1', X_Two: '2', Proxy: 'evil', Authorization: 'Bearer abc', Cookie: 'a=b' };
  const response = await client.get('/echo/environment/?a=%20b', { headers });
  expect(await response.json()).toEqual({
    REQUEST_METHOD: 'GET',
    URL_PATH: '/echo/environment/',
    SCRIPT_NAME: '',
    PATH_INFO: '/echo/environment/',
    QUERY_STRING: 'a=%20b',
    SERVER_PROTOCOL: 'HTTP/1.1',
    SERVER_NAME: 'localhost',
    SERVER_PORT: '80',
    REMOTE_ADDR: '127.0.0.1',
    REMOTE_IP: '127.0.0.1',
    REMOTE_PORT: expect.stringMatching(/^\d+$/),
    SUB_DIRECTORIES_NUMBER: '2',
    HTTP_HOST: 'localhost',
    HTTP_X_ONE: '1',
  });
  delete process.env['MODULE_SECRET'];
});

test.each([
  ['/echo/environment/?a=b', '/echo/environment/', 'localhost'],
  ['http://other.test:81/echo/environment/x%20y?a', '/echo/environment/x%20y', 'other.test:81'],
])('the environment of %s has texts alone, with %s for its URL at %s', (target, path, host) => {
  const { environment } = moduleContext(request(target));
  expect([environment['URL_PATH'], environment['HTTP_HOST']]).toEqual([path, host]);
  for (const name of ['constructor', 'toString', '__proto__'])
    expect([name, environment[name]]).toEqual([name, undefined]);
});

describe('the configuration', () => {
  test('is what modules are told, and no secret', async () => {
    const { client } = await site(Echo, {
      debug: true,
      csrf: { key: KEY },
      server: {
        interface: '127.0.0.1',
        port: 8080,
        loginMethods: ['form'],
        failuresToBlock: 5,
        blockSeconds: 900,
      },
    });
    expect(await (await client.get('/echo/configuration/')).json()).toEqual({
      interface: '127.0.0.1',
      port: 8080,
      debug: true,
      security: true,
      loginMethods: ['form'],
      acceptUnauthenticatedUser: true,
      acceptUnknownUser: false,
      modules: ['echo'],
      modulesPath: [],
      scriptsPath: [],
      log: {},
      failuresToBlock: 5,
      blockSeconds: 900,
    });
  });

  test.each([
    [{}, false],
    [{ more: { debug: true } }, true],
    [{ debug: false, more: { debug: true } }, false],
    [{ debug: true }, true],
  ])('says with %j whether the application is being debugged: %s', async (options: Site, debug) => {
    const { client } = await site(Echo, options);
    expect(await (await client.get('/echo/configuration/')).json()).toMatchObject({ debug });
  });

  test('cannot be changed, nor what is in it', async () => {
    const frozen: unknown[] = [];
    @WebModule('change')
    class Change {
      @Expose() it({ configuration }: ModuleContext) {
        frozen.push(configuration, configuration.modules, configuration.log, configuration.loginMethods);
        return frozen.map(Object.isFrozen);
      }
    }
    const { client } = await site(Change, { server: { log: { level: 'info' } } });
    expect(await (await client.get('/change/it/')).json()).toEqual([true, true, true, true]);
  });
});

describe('what a method returns', () => {
  /** What becomes of a value. */
  async function answer(
    value: unknown,
    more: Partial<BootstrapOptions> = {},
  ): Promise<[number, string, string]> {
    @WebModule('give')
    class Give {
      @Expose() it() {
        return value;
      }
      page_404({ status, filename }: PageContext) {
        return `page ${String(status)} ${filename}`;
      }
      page_418() {
        return [418, { 'X-Page': 'yes' }, 'short and stout'];
      }
      page_500() {
        return ['500 Broken', null, ''];
      }
    }
    const { client } = await site(Give, { more });
    const response = await client.get('/give/it/name');
    return [response.status, response.headers.get('content-type') ?? '', await response.text()];
  }

  const HTML = 'text/html; charset=utf-8';
  const PLAIN = { 'Content-Type': 'text/plain' };

  test.each<[what: string, value: unknown, expected: unknown[]]>([
    ['a triple', [200, {}, 'text'], [200, HTML, 'text']],
    [
      'a triple with a status as text',
      ['201 Created', PLAIN, 'text'],
      [201, 'text/plain; charset=utf-8', 'text'],
    ],
    ['a triple with a code as text', ['404', {}, 'text'], [404, HTML, 'text']],
    ['a triple without headers', [200, null, { a: 1 }], [200, 'application/json', '{"a":1}']],
    ['a triple of bytes', [200, PLAIN, Buffer.from('bytes')], [200, 'text/plain', 'bytes']],
    ['a triple of chunks', [200, PLAIN, ['a', 'b'].values()], [200, 'text/plain; charset=utf-8', 'ab']],
    ['a triple with nothing', [204, {}, null], [204, '', '']],
    ['a triple with an empty text', [200, {}, ''], [200, HTML, '']],
    ['a response', new Response('text', { status: 202 }), [202, HTML, 'text']],
    ['plain data', { a: 1 }, [200, 'application/json', '{"a":1}']],
    ['nothing', undefined, [204, '', '']],
    ['a list of two', [200, {}], [200, 'application/json', '[200,{}]']],
    ['a list of four', [200, {}, 'a', 'b'], [200, 'application/json', '[200,{},"a","b"]']],
    ['a list of three numbers', [200, 300, 400], [200, 'application/json', '[200,300,400]']],
    ['a list with a list second', [200, [], 'a'], [200, 'application/json', '[200,[],"a"]']],
    ['a list with no status first', [1, {}, 'a'], [200, 'application/json', '[1,{},"a"]']],
    ['a list with a text first', ['200ok', {}, 'a'], [200, 'application/json', '["200ok",{},"a"]']],
    ['an error status without a body', [404, {}, ''], [404, HTML, 'page 404 name']],
    ['an error status as text without a body', ['404 Not Found', null, null], [404, HTML, 'page 404 name']],
    ['an error status of another kind', ["418 I'm a teapot", {}, ''], [418, HTML, 'short and stout']],
    [
      'an empty response with an error status',
      new Response('', { status: 404 }),
      [404, HTML, 'page 404 name'],
    ],
    ['an empty reply with an error status', reply(null, { status: 404 }), [404, HTML, 'page 404 name']],
    ['an error status with a body', [404, {}, 'own'], [404, HTML, 'own']],
  ])('%s', async (_, value, expected) => {
    expect(await answer(value)).toEqual(expected);
  });

  test('a page without a body gives way to the plain one, and so does an error without a page', async () => {
    const [failed, , text] = await answer([500, {}, '']);
    const [other] = await answer([409, {}, '']);
    expect([failed, text.includes('Internal Server Error'), other]).toEqual([500, true, 409]);
  });

  test('headers of an error without a body are kept', async () => {
    @WebModule('busy')
    class Busy {
      @Expose() it() {
        return [503, { 'retry-after': '9' }, ''];
      }
      page_503() {
        return 'busy';
      }
    }
    const { client } = await site(Busy);
    const response = await client.get('/busy/it/');
    expect([response.status, response.headers.get('Retry-After'), await response.text()]).toEqual([
      503,
      '9',
      'busy',
    ]);
  });

  test.each(['Content-Security-Policy', 'content-security-policy', 'CONTENT-SECURITY-POLICY'])(
    'a security header can be changed by the name %s, and not deleted',
    async (name) => {
      @WebModule('headers')
      class Changed {
        @Expose() change() {
          return [200, { [name]: "default-src 'none'" }, ''];
        }
        @Expose() empty() {
          return [200, { [name]: '' }, ''];
        }
      }
      const get = async (path: string) => (await site(Changed)).client.get(path);
      const refused = await get('/headers/empty/');
      const [changed, kept] = await inProduction(async () => [
        await get('/headers/change/'),
        await get('/headers/empty/'),
      ]);
      expect([refused.status, changed.headers.getAll(name), kept.headers.getAll(name)]).toEqual([
        500,
        ["default-src 'none'"],
        [expect.stringContaining("default-src 'self'")],
      ]);
    },
  );
});

describe('pages of errors', () => {
  const pages: { fails: boolean } = { fails: false };

  @WebModule('inner', { pages: 'below' })
  class Inner {
    @Expose() crash() {
      throw new Error('crashed');
    }
    page_404({ request: asked }: PageContext) {
      return `inner ${asked.path}`;
    }
  }

  @WebModule('outer', { children: [Inner] })
  class Outer {
    @Expose() refuse() {
      throw new HttpError(403);
    }
    @Expose() crash() {
      throw new RangeError('crashed');
    }
    page_403({ user, error, status }: PageContext) {
      return `${user.name} ${String(status)} ${error.message}`;
    }
    page_404({ filename, environment, configuration }: PageContext) {
      return [
        '404 Not Found',
        { 'X-Page': 'outer' },
        [filename, environment['PATH_INFO'], configuration.debug].join(),
      ];
    }
    page_500({ error }: PageContext) {
      if (pages.fails) throw new Error('the page failed');
      return (error.cause as Error).message;
    }
  }

  test.each([
    ['what a method has thrown', '/outer/refuse/', 403, 'Not Authenticated 403 Forbidden'],
    ['what a method has broken', '/outer/crash/', 500, 'crashed'],
    ['what no module has', '/nowhere', 404, 'nowhere,/nowhere,false'],
    ['a module without a method', '/outer/nothing/', 404, ',/outer/nothing/,false'],
    [
      'what is not there below a module with pages of its own',
      '/outer/inner/x/y',
      404,
      'inner /outer/inner/x/y',
    ],
    ['what is broken below a module without that page', '/outer/inner/crash/', 500, 'crashed'],
  ])('%s', async (_, path, status, text) => {
    const { client } = await site(Outer);
    const response = await client.get(path);
    expect([response.status, await response.text()]).toEqual([status, text]);
  });

  test('are made in debug as well, and the log has what went wrong', async () => {
    const { client, logger } = await site(Outer, { debug: true, more: { debug: true } });
    const response = await client.get('/outer/crash/');
    expect([response.status, await response.text()]).toEqual([500, 'crashed']);
    expect(logger.errors).toEqual([expect.stringContaining('RangeError: crashed')]);
  });

  test('that fail give way to the plain page; the log has both', async () => {
    pages.fails = true;
    const { client, logger } = await site(Outer);
    const response = await client.get('/outer/crash/');
    pages.fails = false;
    expect([response.status, await response.text()]).toEqual([
      500,
      expect.stringContaining('Internal Server Error'),
    ]);
    expect(logger.errors).toEqual([
      expect.stringContaining('RangeError: crashed'),
      expect.stringContaining('the page failed'),
    ]);
  });

  test.each([[null], [undefined], [''], [new Uint8Array()], [reply('')]])(
    'that return nothing, such as %p, give way to the plain page',
    async (nothing) => {
      @WebModule('silent')
      class Silent {
        page_404() {
          return nothing;
        }
      }
      const { client } = await site(Silent);
      const response = await client.get('/nowhere');
      expect([response.status, await response.text()]).toEqual([404, expect.stringContaining('Not Found')]);
    },
  );

  test('of what cannot even be read', async () => {
    @WebModule('unreadable')
    class Unreadable {
      page_400({ filename, status, environment }: PageContext) {
        return JSON.stringify([filename, status, environment['PATH_INFO'], environment['URL_PATH']]);
      }
    }
    const { client } = await site(Unreadable);
    const response = await client.get('/unreadable/%zz');
    expect([response.status, await response.text()]).toEqual([400, '["",400,"","/unreadable/%zz"]']);
  });

  test('HEAD has no body', async () => {
    const { client } = await site(Outer);
    const response = await client.request('/nowhere', { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([404, '']);
  });

  test('twice for the whole application are a mistake', () => {
    @WebModule('second')
    class Second {
      page_404() {
        return '';
      }
    }
    const expected = {
      code: 'E_MODULE',
      message: expect.stringMatching(/^Outer and Second both have page_404/),
    };
    expect(() => modules({ modules: [Outer, Second] })).toThrow(expect.objectContaining(expected));
  });

  test('find an unknown user anonymous, and are made all the same', async () => {
    const { client } = await site(Outer, { users: () => undefined });
    await client.get('/log-in/Eve');
    const response = await client.get('/outer/refuse/');
    expect([response.status, await response.text()]).toEqual([
      403,
      'Not Authenticated 403 The user is not known here',
    ]);
  });
});

describe('alone', () => {
  test('a method gets what the test says', () => {
    const context = moduleContext(request('/echo/user/abc'), {
      user: { name: 'Ann', email: 'a@example.com' },
    });
    expect(context).toMatchObject({ filename: 'abc', arguments: [], inputs: [], csrfToken: undefined });
    expect(new Echo().user(context)).toMatchObject({
      id: 0,
      name: 'Ann',
      email: 'a@example.com',
      groups: [0],
    });
    expect(context.signal).toBe(context.request.signal);
    expect(context.configuration.modules).toEqual([]);
  });

  test('tokens of one test are good in the next', async () => {
    const token = new Echo().token(moduleContext(request('/')));
    const check = (csrfToken: string) => new Echo().check(moduleContext(request('/'), { csrfToken }));
    expect([await check(token), await check('other')]).toEqual([{ isGood: true }, { isGood: false }]);
  });
});
