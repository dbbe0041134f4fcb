/** What `cors()` lets pages of other origins read, case by case of the fetch standard. */
import { describe, expect, test } from '@jest/globals';
import { abort, Controller, createGuard, DECLINED, Get, HttpState, Post, Put, Response, Route } from 'obol';
import { mount } from 'obol/composition';
import { cors, type CorsOptions } from 'obol/cors';
import { csrf } from 'obol/csrf';
import { TestClient, type TestResponse } from 'obol/testing';
import { start } from '../../support/client.js';
import { developerError } from '../../support/errors.js';
import { RawClient } from '../../support/raw-client.js';
import { problemsOf } from '../../support/problems.js';

const SHOP = 'https://shop.example';
const BLOG = 'https://blog.example';
const EVIL = 'https://evil.example';

const Closed = createGuard('Closed', () => () => abort(403));
const shared = new Response('shared', { headers: { ETag: '"1"' } });

@Controller()
class ApiController {
  @Get('/') index() {
    return 'index';
  }
  @Put('/') replace() {
    return 'replaced';
  }
  @Post('/') add() {
    return 'added';
  }
  @Get('/shared') shared() {
    return shared;
  }
  @Get('/stream') *stream() {
    yield 'streamed';
  }
  @Get('/own') own() {
    return new Response('own', { headers: { 'Access-Control-Allow-Origin': '*' } });
  }
  @Get('/language') language() {
    return new Response('language', { headers: { Vary: 'Accept-Language' } });
  }
  @Get('/any') any() {
    return new Response('any', { headers: { Vary: '*' } });
  }
  @Get('/closed') @Closed() closed() {
    return 'never';
  }
  @Get('/crash') crash(): never {
    throw new RangeError('crash');
  }
  @Get('/declined') declined() {
    return DECLINED;
  }
  @Route('/options', 'OPTIONS') options() {
    return 'options of its own';
  }
  @HttpState(410) gone() {
    return 'gone';
  }
}

async function clientOf(options: CorsOptions): Promise<TestClient> {
  return (await start(ApiController, { features: [cors(options)] })).client;
}

/** The fields of CORS, and Vary. */
function fieldsOf({ headers }: TestResponse): Record<string, string> {
  const fields = [...headers].map(([name, value]) => [name.toLowerCase(), value] as const);
  return Object.fromEntries(fields.filter(([name]) => /^(?:access-control-|vary$)/.test(name)));
}

const from = (origin: string | undefined): Record<string, string> =>
  origin === undefined ? {} : { Origin: origin };
const question = (origin: string, method: string, asked?: string) => ({
  headers: {
    Origin: origin,
    'Access-Control-Request-Method': method,
    ...(asked === undefined ? {} : { 'Access-Control-Request-Headers': asked }),
  },
});

const allow = (origin: string) => ({ 'access-control-allow-origin': origin });
const CREDENTIALS = { 'access-control-allow-credentials': 'true' };
const VARY = { vary: 'Origin' };

describe('an answer', () => {
  const two = { origins: [SHOP, BLOG] };
  const decided = { origins: (origin: string) => /^https:\/\/(?:shop|blog)\.example$/.test(origin) };

  test.each<[what: string, CorsOptions, origin: string | undefined, Record<string, string>]>([
    ['of a star is for all', { origins: '*' }, SHOP, allow('*')],
    ['of a star is for caches too', { origins: '*' }, undefined, allow('*')],
    ['of a star is for pages without an origin', { origins: '*' }, 'null', allow('*')],
    ['of one origin is always the same', { origins: [SHOP] }, SHOP, allow(SHOP)],
    ['of one origin is the same for others', { origins: [SHOP] }, EVIL, allow(SHOP)],
    ['of one origin is the same for none', { origins: [SHOP] }, undefined, allow(SHOP)],
    ['of a list has the first', two, SHOP, { ...allow(SHOP), ...VARY }],
    ['of a list has the last', two, BLOG, { ...allow(BLOG), ...VARY }],
    ['of a list has no other', two, EVIL, VARY],
    ['of a list has none for none', two, undefined, VARY],
    ['of a list compares exactly: scheme', two, 'http://shop.example', VARY],
    ['of a list compares exactly: port', two, `${SHOP}:443`, VARY],
    ['of a list compares exactly: case', two, 'https://SHOP.example', VARY],
    ['of a list compares exactly: the end', two, `${SHOP}.evil.example`, VARY],
    ['of a list compares exactly: the beginning', two, 'https://evil-shop.example', VARY],
    ['of a list compares exactly: a slash', two, `${SHOP}/`, VARY],
    ['of a list does not know null', two, 'null', VARY],
    ['of a list may know null', { origins: [SHOP, 'null'] }, 'null', { ...allow('null'), ...VARY }],
    ['of a list does not know two at once', two, `${SHOP}, ${BLOG}`, VARY],
    ['of a function has what it allows', decided, BLOG, { ...allow(BLOG), ...VARY }],
    ['of a function has nothing else', decided, EVIL, VARY],
    ['of a function has none for none', decided, undefined, VARY],
    [
      'with credentials says so',
      { ...two, credentials: true },
      SHOP,
      { ...allow(SHOP), ...CREDENTIALS, ...VARY },
    ],
    ['with credentials says so to no other', { ...two, credentials: true }, EVIL, VARY],
    [
      'with credentials for one origin',
      { origins: [SHOP], credentials: true },
      SHOP,
      { ...allow(SHOP), ...CREDENTIALS },
    ],
    [
      'names the fields that may be read',
      { origins: '*', exposedHeaders: ['ETag', 'X-Request-Id'] },
      SHOP,
      { ...allow('*'), 'access-control-expose-headers': 'ETag, X-Request-Id' },
    ],
    ['names no fields to others', { ...two, exposedHeaders: ['ETag'] }, EVIL, VARY],
  ])('%s', async (_what, options, origin, expected) => {
    const client = await clientOf(options);
    expect(fieldsOf(await client.get('/', { headers: from(origin) }))).toEqual(expected);
  });

  test.each([
    ['/', 'GET', 200],
    ['/', 'HEAD', 200],
    ['/', 'OPTIONS', 204],
    ['/', 'DELETE', 405],
    ['/nowhere', 'GET', 404],
    ['/%zz', 'GET', 400],
    ['/closed', 'GET', 403],
    ['/crash', 'GET', 500],
    ['/stream', 'GET', 200],
    ['/options', 'OPTIONS', 200],
  ])('to %s %s can be read, whatever it is', async (path, method, status) => {
    const client = await clientOf({ origins: [SHOP, BLOG] });
    const response = await client.request(path, { method, headers: { ...from(BLOG), Accept: 'text/plain' } });
    expect(response.status).toBe(status);
    expect(response.headers.get('access-control-allow-origin')).toBe(BLOG);
    expect(response.headers.get('vary')).toMatch(/\bOrigin$/);
  });

  test("can be read where the application's own middleware refuses", async () => {
    const features = [cors({ origins: [SHOP, BLOG] })];
    const { client } = await start(ApiController, { middleware: [csrf()], features });
    const response = await client.post('/', { headers: { ...from(SHOP), 'Sec-Fetch-Site': 'cross-site' } });
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([403, SHOP]);
  });

  test('can be read where the body is refused', async () => {
    const features = [cors({ origins: '*' })];
    const { client } = await start(ApiController, { features, json: { limit: 1 } });
    const response = await client.post('/', { headers: from(SHOP), json: 'long' });
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([413, '*']);
  });

  test('can be read where it is that nothing has changed', async () => {
    const client = await clientOf({ origins: [SHOP, BLOG] });
    const response = await client.get('/shared', { headers: { ...from(SHOP), 'If-None-Match': '"1"' } });
    expect([response.status, fieldsOf(response)]).toEqual([304, { ...allow(SHOP), ...VARY }]);
  });

  test('can be read where the server gives it, because the handler takes too long', async () => {
    @Controller()
    class SlowController {
      @Get('/') slow() {
        return new Promise<string>(() => undefined);
      }
    }
    const { app } = await start(SlowController, { features: [cors({ origins: [SHOP, BLOG] })] });
    const server = await app.listen({ port: 0, signals: false, handlerTimeout: 20, drainLinger: 1 });
    const client = await RawClient.connect(server.port);
    const response = await client.request('GET /', [`Origin: ${SHOP}`]).response();
    await app.close();
    expect(response.status).toBe(503);
    expect(response.header('access-control-allow-origin')).toBe(SHOP);
    expect(response.header('vary')).toBe('Origin');
  });

  test('of one response for all origins is another for each', async () => {
    const client = await clientOf({ origins: [SHOP, BLOG] });
    for (const origin of [SHOP, BLOG, EVIL]) {
      const response = await client.get('/shared', { headers: from(origin) });
      expect(fieldsOf(response)).toEqual(origin === EVIL ? VARY : { ...allow(origin), ...VARY });
    }
    expect([...shared.headers].map(([name]) => name)).toEqual(['Content-Type', 'ETag']);
  });

  test.each([
    ['keeps an origin that the handler set', '/own', allow('*')],
    ['adds to Vary', '/language', { ...allow(SHOP), vary: 'Accept-Language, Origin' }],
    ['adds nothing to what varies by everything', '/any', { ...allow(SHOP), vary: '*' }],
  ])('%s', async (_what, path, expected) => {
    const client = await clientOf({ origins: [SHOP, BLOG] });
    expect(fieldsOf(await client.get(path, { headers: from(SHOP) }))).toEqual(expected);
  });

  test('that is none stays none', async () => {
    const client = await clientOf({ origins: [SHOP, BLOG] });
    await expect(client.get('/declined', { headers: from(SHOP) })).rejects.toThrow(
      'closed without an answer',
    );
  });
});

describe('a preflight', () => {
  const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, QUERY';
  const kept = { 'access-control-max-age': '600' };

  test.each<[what: string, CorsOptions, Record<string, string>]>([
    [
      'allows all by default',
      { origins: '*' },
      {
        ...allow('*'),
        'access-control-allow-methods': METHODS,
        'access-control-allow-headers': '*, Authorization',
        ...kept,
      },
    ],
    [
      'with credentials allows what is asked for, since a star means nothing there',
      { origins: [SHOP, BLOG], credentials: true },
      {
        ...allow(SHOP),
        ...CREDENTIALS,
        'access-control-allow-methods': METHODS,
        'access-control-allow-headers': 'content-type, x-a',
        ...kept,
        vary: 'Origin, Access-Control-Request-Headers',
      },
    ],
    [
      'allows what the options name, for as long as they say',
      {
        origins: [SHOP, BLOG],
        methods: ['PUT'],
        headers: ['X-A', 'X-B'],
        maxAge: 0,
        exposedHeaders: ['ETag'],
      },
      {
        ...allow(SHOP),
        'access-control-allow-methods': 'PUT',
        'access-control-allow-headers': 'X-A, X-B',
        'access-control-max-age': '0',
        ...VARY,
      },
    ],
    [
      'allows no more than every page may, where the options name none',
      { origins: [SHOP], methods: [], headers: [] },
      { ...allow(SHOP), ...kept },
    ],
  ])('%s', async (_what, options, expected) => {
    const client = await clientOf(options);
    const response = await client.options('/', question(SHOP, 'PUT', 'content-type, x-a'));
    expect([response.status, fieldsOf(response)]).toEqual([204, expected]);
  });

  test.each<[what: string, path: string]>([
    ['a path that is none', '/nowhere'],
    ['a path that is malformed', '/%zz'],
    ['a guard', '/closed'],
    ['options of its own', '/options'],
  ])('is answered before %s is looked at', async (_what, path) => {
    const client = await clientOf({ origins: '*' });
    const response = await client.options(path, question(SHOP, 'GET'));
    expect([response.status, await response.text()]).toEqual([204, '']);
  });

  test.each([EVIL, 'null', 'https://shop.example.evil.example', ''])('of %j is refused', async (origin) => {
    const client = await clientOf({ origins: [SHOP, BLOG], credentials: true });
    const response = await client.options('/', question(origin, 'PUT', 'x-a'));
    expect([response.status, fieldsOf(response)]).toEqual([403, VARY]);
  });

  test.each([
    ['is reflected as it came', 'x-a,x-b', 'x-a, x-b'],
    ['may have any white space', ' x-a ,\tx-b', 'x-a, x-b'],
    ['may have empty members', ',x-a,,', 'x-a'],
    ['has no members that are no names', 'x a, x-b, <i>, é', 'x-b'],
    ['may hold nothing of use', ' , ', undefined],
    ['may be missing', undefined, undefined],
  ])('the list of fields %s', async (_what, asked, expected) => {
    const client = await clientOf({ origins: [SHOP], credentials: true });
    const { headers } = await client.options('/', question(SHOP, 'PUT', asked));
    expect(headers.get('access-control-allow-headers')).toBe(expected);
    expect(headers.get('vary')).toBe('Access-Control-Request-Headers');
  });

  test.each<[string, Record<string, string>]>([
    ['an origin', { 'Access-Control-Request-Method': 'PUT' }],
    ['a method', { Origin: SHOP }],
  ])('is none without %s: the answer lists the methods', async (_what, headers) => {
    const client = await clientOf({ origins: [SHOP] });
    const response = await client.options('/', { headers });
    expect([response.status, response.headers.get('allow')]).toEqual([204, 'GET, HEAD, POST, PUT, OPTIONS']);
  });
});

describe('a browser by the rules of the fetch standard', () => {
  interface Asked {
    readonly origin?: string;
    readonly method?: string;
    readonly headers?: Record<string, string>;
    readonly credentials?: boolean;
  }

  /** https://fetch.spec.whatwg.org/#cors-check */
  function passes({ headers }: TestResponse, { origin = SHOP, credentials = false }: Asked): boolean {
    const allowed = headers.get('access-control-allow-origin');
    if (!credentials && allowed === '*') return true;
    return allowed === origin && (!credentials || headers.get('access-control-allow-credentials') === 'true');
  }

  const list = (response: TestResponse, name: string): string[] =>
    (response.headers.get(name) ?? '').split(',').map((member) => member.trim());

  /** https://fetch.spec.whatwg.org/#cors-preflight-fetch */
  async function mayAsk(client: TestClient, asked: Asked): Promise<boolean> {
    const { origin = SHOP, method = 'GET', headers = {}, credentials = false } = asked;
    const names = Object.keys(headers).map((name) => name.toLowerCase());
    const isSimple = ['GET', 'HEAD', 'POST'].includes(method);
    if (isSimple && names.length === 0) return true;
    const response = await client.options('/', question(origin, method, names.sort().join(',')));
    const methods = list(response, 'access-control-allow-methods');
    const allowed = list(response, 'access-control-allow-headers').map((name) => name.toLowerCase());
    const has = (members: string[], member: string, byStar = true): boolean =>
      members.includes(member) || (byStar && !credentials && members.includes('*'));
    return (
      passes(response, asked) &&
      response.status === 204 &&
      (isSimple || has(methods, method)) &&
      names.every((name) => has(allowed, name, name !== 'authorization'))
    );
  }

  async function outcome(options: CorsOptions, asked: Asked): Promise<string> {
    const { origin = SHOP, method = 'GET', headers = {} } = asked;
    const client = await clientOf(options);
    if (!(await mayAsk(client, asked))) return 'not asked';
    const response = await client.request('/', { method, headers: { ...headers, ...from(origin) } });
    return passes(response, asked) ? await response.text() : 'not read';
  }

  const personal = { origins: [SHOP, BLOG], credentials: true };

  test.each<[CorsOptions, Asked, string]>([
    [{ origins: '*' }, {}, 'index'],
    [{ origins: '*' }, { origin: 'null' }, 'index'],
    [{ origins: '*' }, { credentials: true }, 'not read'],
    [{ origins: '*' }, { method: 'PUT', headers: { Authorization: 'Bearer a', 'X-A': 'b' } }, 'replaced'],
    [{ origins: '*' }, { method: 'PUT', credentials: true }, 'not asked'],
    [{ origins: [SHOP] }, { method: 'POST' }, 'added'],
    [{ origins: [SHOP] }, { method: 'POST', origin: EVIL }, 'not read'],
    [{ origins: [SHOP] }, { method: 'PUT', origin: EVIL }, 'not asked'],
    [{ origins: [SHOP] }, { credentials: true }, 'not read'],
    [{ origins: [SHOP], methods: ['GET'] }, { method: 'PUT' }, 'not asked'],
    [{ origins: [SHOP], methods: ['GET'] }, { method: 'POST' }, 'added'],
    [{ origins: [SHOP], headers: ['X-A'] }, { headers: { 'x-a': '1' } }, 'index'],
    [{ origins: [SHOP], headers: ['X-A'] }, { headers: { 'x-b': '1' } }, 'not asked'],
    [{ origins: [SHOP], headers: ['*'] }, { headers: { 'x-b': '1' } }, 'index'],
    [{ origins: [SHOP], headers: ['*'] }, { headers: { authorization: '1' } }, 'not asked'],
    [personal, { credentials: true }, 'index'],
    [personal, { origin: BLOG, credentials: true }, 'index'],
    [personal, { origin: EVIL, credentials: true }, 'not read'],
    [personal, { method: 'PUT', headers: { Authorization: 'a', 'X-A': 'b' }, credentials: true }, 'replaced'],
    [personal, { method: 'PUT', headers: { 'X-A': 'b' } }, 'replaced'],
    [{ origins: [SHOP, 'null'] }, { origin: 'null' }, 'index'],
    [{ origins: ['capacitor://localhost', SHOP] }, { origin: 'capacitor://localhost' }, 'index'],
  ])('with %j: %j is %s', async (options, asked, expected) => {
    expect(await outcome(options, asked)).toBe(expected);
  });
});

describe('a function that decides', () => {
  test('may take its time, and sees the request', async () => {
    const origins = async (origin: string, { path }: { readonly path: string }): Promise<boolean> => {
      await Promise.resolve();
      return origin === SHOP && path === '/shared';
    };
    const client = await clientOf({ origins });
    const read = async (path: string): Promise<unknown> =>
      fieldsOf(await client.get(path, { headers: from(SHOP) }));
    expect([await read('/shared'), await read('/')]).toEqual([{ ...allow(SHOP), ...VARY }, VARY]);
  });

  test.each<[origin: string, asked: boolean, withCredentials: boolean]>([
    ['https://a.example', true, true],
    ['chrome-extension://abc', true, true],
    ['null', true, false],
    ['https://a.example/path', false, false],
    ['https://evil.example?https://a.example', false, false],
    ['https://user@a.example', false, false],
    ['a.example', false, false],
    ['*', false, false],
    ['', false, false],
  ])('is asked about %j: %s; with credentials: %s', async (origin, ...expected) => {
    const outcomes = [];
    for (const credentials of [false, true]) {
      const client = await clientOf({ origins: () => true, credentials });
      const { headers } = await client.get('/', { headers: from(origin) });
      outcomes.push(headers.get('access-control-allow-origin') === origin);
    }
    expect(outcomes).toEqual(expected);
  });

  test('that fails is a crash, and lets no page read', async () => {
    const { client, logger } = await start(ApiController, {
      features: [
        cors({
          origins: () => {
            throw new RangeError('no list');
          },
        }),
      ],
    });
    const response = await client.get('/', { headers: from(SHOP) });
    expect([response.status, response.headers.has('access-control-allow-origin')]).toEqual([500, false]);
    expect(logger.errors.join('\n')).toContain('no list');
  });
});

describe('an application inside another', () => {
  test('may have origins of its own', async () => {
    const inner = await start(ApiController, { features: [cors({ origins: '*' })] });
    const { client } = await start(ApiController, { middleware: [mount('/public', inner.app)] });
    expect(fieldsOf(await client.get('/public/', { headers: from(EVIL) }))).toEqual(allow('*'));
    expect((await client.options('/public/', question(EVIL, 'PUT'))).status).toBe(204);
    expect(fieldsOf(await client.get('/', { headers: from(EVIL) }))).toEqual({});
  });
});

const origin = (text: string, right: string): string =>
  `cors.origins[0]: ${text} is not an origin as browsers send it; write "${right}".`;
const STAR = 'with credentials, browsers take "*" for a name like any other; write the names down';

test.each<[unknown, string]>([
  [
    {},
    'cors.origins: undefined is not "*", a list of origins such as ["https://shop.example.com"], or a function (origin) => boolean.',
  ],
  [
    { origins: true },
    'cors.origins: true is not "*", a list of origins such as ["https://shop.example.com"], or a function (origin) => boolean.',
  ],
  [
    { origins: SHOP },
    `cors.origins: "${SHOP}" is not "*", a list of origins such as ["https://shop.example.com"], or a function (origin) => boolean.`,
  ],
  [
    { origins: [] },
    'cors.origins: there is none; give "*", a list of origins such as ["https://shop.example.com"], or a function (origin) => boolean.',
  ],
  [{ origins: [`${SHOP}/`] }, origin(`"${SHOP}/"`, SHOP)],
  [{ origins: ['https://SHOP.example:443'] }, origin('"https://SHOP.example:443"', SHOP)],
  [{ origins: ['https://*.example'] }, origin('"https://*.example"', 'https://shop.example.com')],
  [{ origins: ['*'] }, origin('"*"', 'https://shop.example.com')],
  [{ origins: ['capacitor://localhost/'] }, origin('"capacitor://localhost/"', 'https://shop.example.com')],
  [{ origins: [/shop/] }, origin('/shop/', 'https://shop.example.com')],
  [
    { origins: '*', credentials: true },
    'cors.origins: pages of every origin could act as the user; with credentials, name those that may.',
  ],
  [
    { origins: [SHOP, 'null'], credentials: true },
    'cors.origins: every site can make a page of the origin null, which could act as the user; leave it out.',
  ],
  [
    { origins: [SHOP], credentials: true, headers: ['*'] },
    `cors.headers: ${STAR}, or leave the option out to allow all.`,
  ],
  [{ origins: [SHOP], credentials: true, exposedHeaders: ['*'] }, `cors.exposedHeaders: ${STAR}.`],
  [{ origins: '*', credentials: 'yes' }, 'cors.credentials: "yes" is not true or false.'],
  [
    { origins: '*', methods: ['put'] },
    'cors.methods[0]: "put" is not "GET" or "HEAD" or "POST" or "PUT" or "PATCH" or "DELETE" or "OPTIONS" or "TRACE" or "QUERY". Did you mean "PUT"?',
  ],
  [
    { origins: '*', headers: ['X A'] },
    'cors.headers[0]: "X A" is not the name of a field, such as "X-Request-Id".',
  ],
  [
    { origins: '*', exposedHeaders: 'ETag' },
    'cors.exposedHeaders: "ETag" is not a list of field names, such as ["X-Request-Id"].',
  ],
  [{ origins: '*', maxAge: -1 }, 'cors.maxAge: -1 is not a whole number of seconds, 0 or more.'],
])('%j is refused', (options, message) => {
  expect(() => cors(options as CorsOptions)).toThrow(developerError('E_SETTING', message));
});

test('an application has one of it', async () => {
  const features = [cors({ origins: '*' }), cors({ origins: [SHOP] })];
  expect(await problemsOf([ApiController], { features })).toMatchObject([{ code: 'E_FEATURE' }]);
});
