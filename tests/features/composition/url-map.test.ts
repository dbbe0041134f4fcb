/** Handlers by host and path. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  bootstrap,
  Controller,
  Get,
  HttpState,
  makeResponse,
  path,
  Post,
  type Handler,
  type Middleware,
} from 'obol';
import { cascade, mount, urlMap, type Composed } from 'obol/composition';
import { request, TestClient } from 'obol/testing';
import { developerError } from '../../support/errors.js';

/** Says its name, and what it sees. */
function named(name: string): Handler {
  return ({ base, path }) => makeResponse(`${name} ${base}|${path}`);
}

/** A map whose handlers are called as their keys. */
function mapOf(...keys: string[]): Composed {
  return urlMap(keys.map((key) => [key, named(key)] as const));
}

/** What answers, or the status where nothing does. */
async function ask(map: Composed, target: string, host = 'any.test', headers = {}): Promise<string> {
  const response = await new TestClient(map).get(target, { headers: { Host: host, ...headers } });
  return response.status === 200
    ? response.text()
    : `${response.status} ${response.headers.get('location') ?? ''}`.trim();
}

describe('paths', () => {
  const map = mapOf('/', '/a', '/a/b/', '/a/b/c/d', '/50%', '/my files', '/ü', '/a%2Fb');

  test.each([
    ['/', '/ |/'],
    ['/x', '/ |/x'],
    ['/a/', '/a /a|/'],
    ['/a/x', '/a /a|/x'],
    ['/ab', '/ |/ab'],
    ['/A/x', '/ |/A/x'],
    ['/a/b/', '/a/b/ /a/b|/'],
    ['/a/b/c', '/a/b/ /a/b|/c'],
    ['/a/b/c/d/', '/a/b/c/d /a/b/c/d|/'],
    ['/a/b/c/dd/', '/a/b/ /a/b|/c/dd/'],
    ['/a/b/c/d/e/f/g', '/a/b/c/d /a/b/c/d|/e/f/g'],
    ['/%61/%78', '/a /a|/x'],
    ['/a%2Fx', '/ |/a%2Fx'],
    ['/a%2Fb/c', '/ |/a%2Fb/c'],
    ['/a%252Fb/c', '/a%2Fb /a%252Fb|/c'],
    ['/%2561/x', '/ |/%2561/x'],
    ['/50%25/x', '/50% /50%25|/x'],
    ['/my%20files/x', '/my files /my files|/x'],
    ['/%C3%BC/x', '/ü /ü|/x'],
    ['/a//b', '/a /a|//b'],
    ['/a?next=/a/b/c', '308 /a/?next=/a/b/c'],
    ['/a/b', '308 /a/b/'],
  ])('%j is answered by %j', async (target, expected) => {
    expect(await ask(map, target)).toBe(expected);
  });

  test.each([['/a/../b'], ['/%2e%2e/a'], ['/a/./b']])('%j is 400', async (target) => {
    expect(await ask(map, target)).toBe('400');
  });

  test('that nothing knows are 404, and the answer names nothing', async () => {
    const response = await new TestClient(mapOf('/secret', '//hidden.test/x')).get('/other');
    expect([response.status, (await response.text()).includes('secret')]).toEqual([404, false]);
  });

  test('may be path values', async () => {
    expect(await ask(urlMap([[path('/shop'), named('shop')]]), '/shop/a')).toBe('shop /shop|/a');
  });

  test('are found as by looking at every one of them', () => {
    const segment = fc.constantFrom('a', 'b', 'ab', '');
    const somePath = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`);
    const keys = fc.uniqueArray(
      somePath.filter((key) => !key.endsWith('/') && !key.startsWith('//')),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(keys, somePath, (known, asked) => {
        const fits = known.filter((key) => `${asked}/`.startsWith(`${key}/`));
        const [longest] = fits.sort((a, b) => b.length - a.length);
        const expected = longest === undefined ? 'none' : longest === asked ? 'slash' : longest;
        const map = urlMap(known.map((key) => [key, () => makeResponse(key)] as const));
        const answer = map(request(asked), () => makeResponse('none'));
        const { status, body } = answer as ReturnType<typeof makeResponse>;
        expect(status === 308 ? 'slash' : body).toBe(expected);
      }),
    );
  });
});

describe('hosts', () => {
  const map = mapOf(
    '/',
    '/deep/path',
    '//one.test',
    '//ONE.test:8080/x',
    '//two.test/y',
    '//*.two.test',
    '//*.deep.two.test/y',
    '//[::1]/z',
    '//[2001:DB8::0:1]:81',
    '//192.0.2.1',
    'https://safe.test/',
    'http://port.test:80/',
    '//*:7000',
    '//bücher.test.',
  );

  test.each([
    ['one.test', '/', '//one.test |/'],
    ['ONE.Test', '/', '//one.test |/'],
    ['one.test.', '/', '//one.test |/'],
    ['one.test:80', '/', '//one.test |/'],
    ['one.test:9999', '/deep/path/a', '//one.test |/deep/path/a'],
    ['one.test:8080', '/x/', '//ONE.test:8080/x /x|/'],
    ['one.test.:8080', '/x/', '//ONE.test:8080/x /x|/'],
    ['one.test:8080', '/xx', '//one.test |/xx'],
    ['one.test:8081', '/x/', '//one.test |/x/'],
    ['one.test.evil.test', '/', '/ |/'],
    ['none.test', '/', '/ |/'],
    ['two.test', '/y/', '//two.test/y /y|/'],
    ['two.test', '/other', '/ |/other'],
    ['two.test', '/deep/path/', '/deep/path /deep/path|/'],
    ['a.two.test', '/y/', '//*.two.test |/y/'],
    ['A.B.Two.Test.', '/', '//*.two.test |/'],
    ['a.deep.two.test', '/y/', '//*.deep.two.test/y /y|/'],
    ['a.deep.two.test', '/', '//*.two.test |/'],
    ['deep.two.test', '/y/', '//*.two.test |/y/'],
    ['atwo.test', '/', '/ |/'],
    ['[::1]', '/z/', '//[::1]/z /z|/'],
    ['[0:0:0:0:0:0:0:1]:8080', '/z/', '//[::1]/z /z|/'],
    ['[::1]', '/', '/ |/'],
    ['[2001:db8:0:0::1]:81', '/', '//[2001:DB8::0:1]:81 |/'],
    ['[2001:db8::1]', '/', '/ |/'],
    ['192.0.2.1:8000', '/', '//192.0.2.1 |/'],
    ['safe.test', '/', '/ |/'],
    ['port.test', '/', 'http://port.test:80/ |/'],
    ['port.test:81', '/', '/ |/'],
    ['any.test:7000', '/', '//*:7000 |/'],
    ['one.test:7000', '/', '//one.test |/'],
    ['xn--bcher-kva.test', '/', '//bücher.test. |/'],
    [`${'a.'.repeat(200)}two.test`, '/', '/ |/'],
  ])('%j with %j is answered by %j', async (host, target, expected) => {
    expect(await ask(map, target, host)).toBe(expected);
  });

  test.each([
    ['http://one.test/x', 'two.test', '//one.test |/x'],
    ['http://ONE.test:8080/x/', 'one.test', '//ONE.test:8080/x /x|/'],
    ['http://none.test/', 'one.test', '/ |/'],
  ])('of a target %j count before Host %j', async (target, host, expected) => {
    const answer = await map(request(target, { headers: { Host: host } }));
    expect(answer.body).toBe(expected);
  });

  test.each([
    ['one.test', ['127.0.0.1'], '//one.test |/'],
    ['one.test', ['192.0.2.7'], '/ |/'],
  ])('that a proxy reports, %j, count where %j is trusted', async (forwarded, trustProxy, expected) => {
    const app = await bootstrap({ controllers: [SiteController], middleware: [map], trustProxy });
    const headers = { Host: 'any.test', 'X-Forwarded-Host': forwarded };
    expect(await (await new TestClient(app).get('/', { headers })).text()).toBe(expected);
  });

  test('with a scheme are asked by that scheme only', async () => {
    const asked = request('/', { headers: { Host: 'safe.test' }, https: true });
    expect((await map(asked)).body).toBe('https://safe.test/ |/');
  });

  test('that the client does not name are none', async () => {
    expect((await mapOf('//one.test', '/')(request('/', { httpVersion: '1.0' }))).body).toBe('/ |/');
  });

  test.each([
    ['//one.test/x', 'one.test', '/x/a', '//one.test/x /x|/a'],
    ['//one.test/x', 'ONE.test.:8080', '/x/a', '//one.test/x /x|/a'],
    ['//one.test', 'one.test', '/x/a', '//one.test |/x/a'],
    ['//*.one.test:80/<name>', 'a.one.test', '/x/a', '//*.one.test:80/<name> /x|/a'],
    ['//one.test/x', 'two.test', '/x/a', '404'],
    ['//one.test', 'two.test', '/x/a', '404'],
    ['//one.test:8080', 'one.test', '/x/a', '404'],
    ['//one.test/x', 'one.test', '/x?a=1', '308 /x/?a=1'],
  ])('of mount(%j), asked of %j for %j: %j', async (point, host, target, expected) => {
    expect(await ask(mount(point, named(point)), target, host)).toBe(expected);
  });
});

describe('a map as middleware', () => {
  test('passes on what it does not know', async () => {
    const app = await bootstrap({ controllers: [SiteController], middleware: [mapOf('/a', '//one.test')] });
    const client = new TestClient(app);
    expect([await textOf(client, '/a/x'), await textOf(client, '/site')]).toEqual(['/a /a|/x', 'site']);
  });

  test('as the handler of a route answers 404 to what it does not know', async () => {
    const app = await bootstrap({ controllers: [SiteController] });
    app.routes.add('/maps/<rest:path>', mapOf('/maps/a'));
    const client = new TestClient(app);
    expect([await textOf(client, '/maps/a/x'), (await client.get('/maps/b')).status]).toEqual([
      '/maps/a /maps/a|/x',
      404,
    ]);
  });
});

describe('mistakes', () => {
  test.each([
    [
      'a key twice',
      ['/a', '/a/'],
      "urlMap(): '/a/' is there already, maybe written in another way; leave one of them out.",
    ],
    [
      'a host twice',
      ['//a.test:80', '//A.test.:080/'],
      "urlMap(): '//A.test.:080/' is there already, maybe written in another way; leave one of them out.",
    ],
    [
      'an address twice',
      ['//[::1]', '//[0::1]'],
      "urlMap(): '//[0::1]' is there already, maybe written in another way; leave one of them out.",
    ],
    [
      'parameters',
      ['/<a>'],
      "urlMap(): '/<a>' has parameters, which the places of a URL map cannot have; use mount('/<a>', handler).",
    ],
  ])('%s: E_MOUNT', (_, keys, message) => {
    expect(() => mapOf(...keys)).toThrow(developerError('E_MOUNT', message));
  });

  test.each([
    ['//'],
    ['//:80'],
    ['///a'],
    ['//a b/'],
    ['//user@a.test/'],
    ['//a.test:port'],
    ['//a.test:0'],
    ['//a.test:70000'],
    ['//::1/'],
    ['//[::1/'],
    ['//[::g]/'],
    ['//*a.test'],
    ['//a.*.test'],
    ['//**'],
    ['//*:0'],
    ['//*x:80'],
    ['ftp://a.test/'],
  ])('the host of %j: E_MOUNT', (key) => {
    const message =
      `The host of '${key}' cannot be read; write a host, or host and port, in front of the path, as in ` +
      '"//example.org/shop", "http://example.org:8080/", "//[::1]/" or "//*.example.org".';
    expect(() => mount(key, named(''))).toThrow(developerError('E_MOUNT', message));
  });

  test.each([['shop'], [''], ['//a.test/a?b']])('the path of %j: E_PATH_TEMPLATE', (key) => {
    expect(() => mapOf(key)).toThrow(expect.objectContaining({ code: 'E_PATH_TEMPLATE' }));
  });

  test('no handler: E_HANDLER', () => {
    expect(() => urlMap({ '/a': undefined as never })).toThrow(
      developerError(
        'E_HANDLER',
        "urlMap(), '/a': undefined is no handler; give it an application, a folder of staticFiles(), or a function (request) => response.",
      ),
    );
  });
});

async function textOf(client: TestClient, target: string): Promise<string> {
  return (await client.get(target)).text();
}

@Controller()
class SiteController {
  @Get('/site') site() {
    return 'site';
  }
}

@Controller('/goods')
class GoodsController {
  @Get('/') list() {
    return [];
  }
  @Post('/<id:int>') change(_req: unknown, id: number) {
    return id;
  }
  @HttpState(404) missing() {
    return 'missing';
  }
}

describe('the table of an application', () => {
  /** Methods, path and host of every route. */
  function routesOf(table: { toJSON(): object }): string[] {
    const { routes } = JSON.parse(JSON.stringify(table)) as {
      routes: { path: string; host?: string; methods: string[] }[];
    };
    return routes.map((route) => [route.methods[0], route.path, route.host].filter(Boolean).join(' '));
  }

  const shop = () => bootstrap({ controllers: [GoodsController] });

  test.each<[string, (handler: { handle: Handler }) => Middleware, string[]]>([
    ['mount', (inner) => mount('/shop', inner), ['GET /shop/goods', 'POST /shop/goods/<id:int>']],
    [
      'mount with a host',
      (inner) => mount('//shop.test:81/a', inner.handle),
      ['GET /a/goods shop.test:81', 'POST /a/goods/<id:int> shop.test:81'],
    ],
    [
      'mount in mount',
      (inner) => mount('//*.test', mount('/<a>', mount('/b', inner))),
      ['GET /<a>/b/goods *.test', 'POST /<a>/b/goods/<id:int> *.test'],
    ],
    [
      'urlMap',
      (inner) => urlMap({ '/': inner, 'https://[::1]/x': inner }),
      [
        'GET /goods',
        'POST /goods/<id:int>',
        'GET /x/goods https://[::1]',
        'POST /x/goods/<id:int> https://[::1]',
      ],
    ],
    [
      'cascade',
      (inner) => cascade([named(''), mount('/a', inner)]),
      ['GET /a/goods', 'POST /a/goods/<id:int>'],
    ],
    ['the application itself', (inner) => inner.handle, ['GET /goods', 'POST /goods/<id:int>']],
    ['a plain handler', () => mount('/a', named('')), []],
  ])('shows those behind %s', async (_, middleware, expected) => {
    const app = await bootstrap({ controllers: [SiteController], middleware: [middleware(await shop())] });
    expect(routesOf(app.table)).toEqual(['GET /site', ...expected]);
    expect([...app.routes].map(({ path }) => path)).toHaveLength(expected.length + 1);
  });

  test('shows what is a route, a default handler, or stands around a route', async () => {
    const [a, b, c] = [mount('/a', await shop()), mount('/b', await shop()), mount('/c', await shop())];
    const app = await bootstrap({ controllers: [SiteController] });
    app.routes.add('/a/<rest:path>', a, ['GET', 'POST']).add('/wrapped', () => '', { middleware: [b] });
    app.table.defaults.add(c);
    expect(routesOf(app.table)).toEqual(
      expect.arrayContaining(['GET /a/goods', 'GET /b/goods', 'GET /c/goods', 'POST /c/goods/<id:int>']),
    );
  });

  test('shows states with the prefix, and every entry with base and host', async () => {
    const app = await bootstrap({
      controllers: [SiteController],
      middleware: [mount('//one.test/shop', await shop())],
    });
    const { states, routes, filters } = app.table.toJSON();
    expect(states).toMatchObject([{ status: 404, prefix: '/shop/goods', base: '/shop', host: 'one.test' }]);
    expect(routes[1]).toMatchObject({
      base: '/shop',
      host: 'one.test',
      target: GoodsController,
      property: 'list',
    });
    expect(filters).toEqual([...app.table.filters]);
    expect(String(app.routes)).toContain('//one.test/shop/goods');
  });

  test('ends where two applications are mounted in each other', async () => {
    const [one, two] = [await shop(), await shop()];
    one.routes.add('/two/<rest:path>', mount('/two', two));
    two.routes.add('/one/<rest:path>', mount('/one', one));
    expect(routesOf(one.table)).toEqual([
      'GET /goods',
      'POST /goods/<id:int>',
      'GET /two/<rest:path>',
      'GET /two/goods',
      'POST /two/goods/<id:int>',
      'GET /two/one/<rest:path>',
      'GET /two/one/goods',
      'POST /two/one/goods/<id:int>',
      'GET /two/one/two/<rest:path>',
    ]);
  });
});
