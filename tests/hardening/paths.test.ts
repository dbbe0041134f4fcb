/** One path for everybody: guards, prefixes, routes and files see the same, or nobody sees anything. Rows P1 to P9. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { bootstrap, Controller, createGuard, Get, HttpError, makeResponse, urlFor, type Request } from 'obol';
import type { Response } from 'obol';
import { mount } from 'obol/composition';
import { staticFiles } from 'obol/static';
import { request, TestClient } from 'obol/testing';
import { emptySite, SECRET, type Site } from '../support/site.js';
import { collectingLogger } from '../support/collecting-logger.js';
import { RawClient, type RawResponse } from '../support/raw-client.js';
import { serve } from '../support/serve.js';
import { expectWithin } from '../support/timing.js';

const Closed = createGuard('Closed', () => () => {
  throw new HttpError(403);
});

@Closed()
@Controller('/admin')
class AdminController {
  @Get('/')
  index() {
    return SECRET;
  }

  @Get('/<page>')
  page() {
    return SECRET;
  }
}

@Controller()
class OpenController {
  @Get('/administrator')
  neighbour() {
    return 'open';
  }

  @Get('/admin2/<page>')
  other(_req: Request, page: string) {
    return `open ${page}`;
  }

  @Get('/seen/<rest:path>')
  seen(req: Request, rest: string) {
    return { path: req.path, rest, host: req.peer.host };
  }

  @Get('/pair/<a>-<b>')
  pair(_req: Request, a: string, b: string) {
    return [a, b];
  }

  @Get('/pairs/<a>-<b>-<c>/end')
  pairs() {
    return 'pairs';
  }

  @Get('/inline/<a:re:(?:[a-z]+-)*[a-z]+>')
  inline() {
    return 'inline';
  }
}

@Controller()
class ExpressionController {
  @Get(/\/e\/(?<name>.+)/)
  expression(_req: Request, name: unknown) {
    return { name };
  }
}

@Controller('/t/<tenant>')
class TenantController {
  @Get('/x')
  x() {
    return 'x';
  }
}

const logger = collectingLogger();
let app: Awaited<ReturnType<typeof bootstrap>>;
let site: Site;
let port: number;

beforeAll(async () => {
  site = emptySite();
  site.write('admin/page.txt', SECRET);
  site.write('files/page.txt', 'open');
  app = await bootstrap({ controllers: [AdminController, OpenController], logger });
  ({ port } = await app.listen({ port: 0, signals: false, drainLinger: 20 }));
});
beforeEach(() => {
  logger.errors.length = 0;
});
afterAll(async () => {
  await app.close();
  site.remove();
});

async function send(bytes: string, to = port): Promise<RawResponse> {
  const client = await RawClient.connect(to);
  try {
    return await client.send(bytes).response();
  } finally {
    client.destroy();
  }
}

const get = (target: string, host = 'localhost', to = port): Promise<RawResponse> =>
  send(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`, to);

describe('P1 to P4: a guarded prefix', () => {
  test.each([
    ['/admin', 403],
    ['/admin?x', 403],
    ['/admin/', 404],
    ['/admin/page', 403],
    ['/%61dmin', 403],
    ['/%61%64%6d%69%6e', 403],
    ['/%61dmin/page', 403],
    ['/admin/%70age', 403],
    ['/admin/p%2fq', 404],
    ['http://localhost/admin/page', 403],
    ['http://other.example/%61dmin/page', 403],
    ['/admin;x=1', 404],
    ['/admin;x=1/page', 404],
    ['/admin/page;x=1', 403],
    ['//admin', 404],
    ['//admin/page', 404],
    ['///admin/page', 404],
    ['/admin//page', 404],
    ['/ADMIN', 404],
    ['/Admin/page', 404],
    ['/admin%2fpage', 404],
    ['/admin%2Fpage', 404],
    ['/seen/a%2Fb', 404],
    ['/seen/..%2f..%2fadmin', 404],
    ['/%2fadmin/page', 404],
    ['/admin%5cpage', 404],
    ['/admin\\page', 404],
    ['/%2561dmin/page', 404],
    ['/x/../admin/page', 400],
    ['/x/%2e%2e/admin/page', 400],
    ['/./admin/page', 400],
    ['/admin/./page', 400],
    ['/admin/.', 400],
    ['/admin%00', 400],
    ['/admin%20', 404],
    ['/admin%09', 404],
    ['/admin%0a', 404],
    ['/admin%ff', 404],
    ['/admin%ff/page', 404],
    ['/admin/%ff', 400],
    ['/%ffadmin/page', 404],
    ['/administrator', 200],
    ['/admin2/page', 200],
    ['/admi', 404],
    ['/adminx/page', 404],
  ])('%s is %d', async (target, status) => {
    const response = await get(target);
    expect([target, response.status]).toEqual([target, status]);
    expect(response.text).not.toContain(SECRET);
    expect(logger.errors).toEqual([]);
  });
});

describe('P4: the prefix of a mounted folder ends at a slash', () => {
  test.each([
    ['/files/page.txt', 200],
    ['/%66iles/page.txt', 200],
    ['/files', 308],
    ['/files/', 404],
    ['/filesystem', 404],
    ['/filespage.txt', 404],
    ['/files.txt', 404],
    ['/files%2fpage.txt', 404],
    ['//files/page.txt', 404],
    ['/FILES/page.txt', 404],
    ['/files/../admin/page.txt', 400],
    ['/admin/page.txt', 404],
  ])('%s is %d', async (target, status) => {
    const served = await serve(mount('/files', staticFiles(`${site.root}/files`)));
    try {
      const response = await get(target, 'localhost', served.port);
      expect([response.status, response.text.includes(SECRET)]).toEqual([status, false]);
    } finally {
      await served.server.close();
    }
  });
});

describe('P2: a path is decoded once, for everybody', () => {
  test.each([
    ['/seen/a%20b', '/seen/a b', 'a b'],
    ['/seen/%61', '/seen/a', 'a'],
    ['/seen/%2561', '/seen/%2561', '%61'],
    ['/seen/%252e%252e/x', '/seen/%252e%252e/x', '%2e%2e/x'],
    ['/seen/caf%C3%A9', '/seen/café', 'café'],
    ['/seen//x', '/seen//x', '/x'],
    ['/seen/a+b', '/seen/a+b', 'a+b'],
    ['/seen/a;b=c', '/seen/a;b=c', 'a;b=c'],
    ['/seen/a%3Fb%23c', '/seen/a?b#c', 'a?b#c'],
  ])('%s is the path %s, of which the parameter is %s', async (target, path, rest) => {
    expect(JSON.parse((await get(target)).text)).toMatchObject({ path, rest });
  });
});

describe('P5, P6: patterns and several parameters in a segment', () => {
  test.each([
    ['/pair/a-b', 200],
    [`/pair/${'-'.repeat(250)}`, 200],
    [`/pair/${'-'.repeat(8000)}`, 404],
    [`/pair/${'a-'.repeat(4000)}`, 404],
    [`/pairs/${'-'.repeat(8000)}`, 404],
    [`/pairs/${'a-'.repeat(4000)}/en`, 404],
    [`/pairs/${'-'.repeat(250)}/en`, 404],
    [`/inline/${'a-'.repeat(4000)}!`, 404],
    [`/inline/${'a-'.repeat(120)}!`, 404],
    [`/inline/${'a'.repeat(250)}!`, 404],
    [`/${'-/'.repeat(4000)}`, 404],
    [`/seen/${'-/'.repeat(4000)}`, 200],
  ])('cost %.20s… no more than its length', async (target, status) => {
    expect((await get(target)).status).toBe(status);
    expectWithin(10, () => app.handle(request(target)));
  });
});

describe('P7: the forms of a target', () => {
  test.each([
    ['http://localhost/seen/x', '/seen/x', 'localhost'],
    ['http://other.example/seen/x', '/seen/x', 'other.example'],
    ['http://other.example:81/seen/x?y', '/seen/x', 'other.example:81'],
    ['HTTP://OTHER.EXAMPLE/seen/x', '/seen/x', 'OTHER.EXAMPLE'],
    ['https://other.example/seen/http://third.example/x', '/seen/http://third.example/x', 'other.example'],
    ['http://[::1]:80/seen/x', '/seen/x', '[::1]:80'],
    ['/seen/http://other.example/', '/seen/http://other.example/', 'localhost'],
  ])('%s has the path %s on the host %s', async (target, path, host) => {
    expect(JSON.parse((await get(target)).text)).toMatchObject({ path, host });
  });

  test.each([
    'http://',
    'http:///seen/x',
    'http:/seen/x',
    'http:seen/x',
    'http://user@localhost/seen/x',
    'http://user:pass@localhost/seen/x',
    'http://localhost\\@other.example/seen/x',
    'http://local host/seen/x',
    'http://localhost:port/seen/x',
    'http://localhost:99999/seen/x',
    'http://[::1/seen/x',
    'http://%zz/seen/x',
    'ftp://localhost/seen/x',
    'file:///seen/x',
    'javascript:alert(1)',
    'data:,x',
    'localhost/seen/x',
    'localhost:80',
    'seen/x',
    '*',
    '?x',
    '#x',
    '/seen/x#y',
    'http://localhost#/seen/x',
    'http://localhost/../seen/x',
  ])('%s is refused', async (target) => {
    expect((await get(target)).status).toBe(400);
    expect(logger.errors).toEqual([]);
  });

  test('other than of the origin are told apart by method', async () => {
    expect((await send('OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n')).status).toBeLessThan(300);
    expect((await send('CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n')).status).toBe(405);
  });
});

describe('P8: a Host', () => {
  test.each(
    [
      'a b<>',
      'a@b',
      '',
      'user:pass@localhost',
      'localhost/../admin',
      'localhost/admin?',
      'localhost#',
      'localhost\\x',
      'localhost:80:80',
      'localhost:x',
      'localhost:-1',
      'localhost:65536',
      '[::1',
      '::1',
      '[::1]x',
      '[::1%eth0]',
      'http://localhost',
      'a\x01b',
      'caf\xe9',
      '<script>',
      'a\'b"',
    ].filter((host) => host !== 'a,b'),
  )('%j is refused', async (host) => {
    const response = await get('/seen/x', host);
    expect(response.status).toBe(400);
    expect(response.text).not.toContain('<script>');
  });

  test.each([
    ['none', ''],
    ['two', 'Host: localhost\r\nHost: localhost\r\n'],
    ['two that differ', 'Host: localhost\r\nHost: other.example\r\n'],
    ['one and an empty one', 'Host: localhost\r\nhost:\r\n'],
  ])('is refused where there is %s', async (_, fields) => {
    expect((await send(`GET /seen/x HTTP/1.1\r\n${fields}\r\n`)).status).toBe(400);
  });

  test.each(['localhost', 'localhost:80', 'localhost:', 'a.b-c_d~e', '[::1]', '[::1]:8080', '127.0.0.1:1'])(
    '%s is good, and no part of the path',
    async (host) => {
      expect(JSON.parse((await get('/seen/x', host)).text)).toMatchObject({ path: '/seen/x' });
    },
  );
});

describe('P9: what cannot be decoded', () => {
  test.each([
    '/%',
    '/%2',
    '/%zz',
    '/%u0041',
    '/%e0%a4%a',
    '/%00',
    '/%00.html',
    '/seen/%ff',
    '/seen/%c0%af',
    '/seen/%c0%80',
    '/seen/%ed%a0%80',
    '/seen/%f4%90%80%80',
    '/seen/a%25%E7',
    '/seen/%',
    '/seen/a/%ff/b',
    '/admin/%',
    '/seen/x%?y',
  ])('%s is a 400 with a page, and nothing in the log', async (target) => {
    const response = await get(target);
    expect([response.status, response.header('x-content-type-options')]).toEqual([400, 'nosniff']);
    expect(response.header('content-type')).toMatch(/^(?:text|application)\//);
    expect(response.text).toContain('400');
    expect(response.text).not.toMatch(/URIError|decodeURI/);
    expect(logger.errors).toEqual([]);
  });

  test.each(['?%', '?%zz=%', '?%ff', '?%00', '?a=%e0%a4%a'])('%s is no part of the path', async (query) => {
    expect((await get(`/seen/x${query}`)).status).toBe(200);
  });
});

test.each(['/%ff', '/%c0%af', '/%c0%80', '/%ed%a0%80', '/%f4%90%80%80', '/%0d%0aX:%20y', '/%7f', '/%1b[0m'])(
  '%s, which is a name of octets as any other, is a 404 where no route takes it',
  async (target) => {
    const response = await get(target);
    expect([response.status, response.header('x')]).toEqual([404, undefined]);
    expect(logger.errors).toEqual([]);
  },
);

describe('octets that are no UTF-8', () => {
  test.each([
    ['/seen/a%0ab', '/seen/a\nb'],
    ['/seen/%25E7', '/seen/%25E7'],
    ['/seen/%25e7%c3%a7', '/seen/%25e7ç'],
  ])('%s is the path %j', async (target, path) => {
    expect(JSON.parse((await get(target)).text)).toMatchObject({ path });
  });

  test('are a 400 in the parameter of a mount, of an expression and of a prefix, and none beside it', async () => {
    const whole = await bootstrap({ controllers: [ExpressionController, TenantController], logger });
    const mounted = mount('/m/<name>', () => makeResponse('inside'));
    for (const [target, status] of [
      ['/e/a', 200], ['/e/%E7', 400], ['/e/%25E7', 200], ['/%E7/e', 404],
      ['/t/a/x', 200], ['/t/%E7/x', 400], ['/t/a/%E7', 404],
    ] as const) {
      const client = new TestClient(whole);
      expect([target, (await client.get(target)).status]).toEqual([target, status]);
    }
    const missing = (): Response => makeResponse('outside', 'text/plain', {}, 404);
    expect(mounted(request('/m/a/b'), missing)).toMatchObject({ status: 200 });
    expect(mounted(request('/m/a/%E7'), missing)).toMatchObject({ status: 200 });
    expect(() => mounted(request('/m/%E7/b'), missing)).toThrow('A parameter in the path is not valid utf-8');
    await whole.close();
  }); // prettier-ignore
});

test('what a URL is built for is what a request for it finds', async () => {
  for (const rest of ['a b', '100%', 'a?b#c', 'café/ž', '%2e%2e', 'a+b;c', "<'&>"]) {
    const url = urlFor(OpenController, 'seen', rest);
    expect(JSON.parse((await get(url)).text)).toMatchObject({ rest });
  }
});
