/** Requests within a request: forward() and include(). */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import {
  bootstrap,
  Controller,
  DECLINED,
  Get,
  HttpError,
  makeResponse,
  Post,
  reply,
  Response,
  UpgradeResponse,
  type Handler,
  type Request,
} from 'obol';
import { cgiProgram } from 'obol/cgi';
import { cascade, errorDocuments, forward, include, mount, urlMap } from 'obol/composition';
import { csrf, csrfToken } from 'obol/csrf';
import { adopting, ContextKey, handlerOf, type Feature } from 'obol/kit';
import { sessions } from 'obol/session';
import { request, TestClient } from 'obol/testing';
import { commonLogLine } from '../../../src/hosts/node/access-log.js';
import { collectingLogger } from '../../support/collecting-logger.js';
import { developerError } from '../../support/errors.js';
import { ScriptsFolder } from '../../support/scripts.js';

/** A server of plain handlers, by path. */
function site(handlers: Readonly<Record<string, Handler>>): Handler {
  return (asked) => handlers[asked.path]?.(asked) ?? makeResponse('nothing', 'text/plain', {}, 404);
}

/** What a handler sees of its request. */
const seen: Handler = async (asked) =>
  makeResponse({
    asked: `${asked.method} ${asked.target}`,
    headers: Object.fromEntries(asked.headers),
    body: await asked.readText(),
  });

const text = (body: string, headers = {}): Handler => {
  return () => makeResponse(body, 'text/plain', headers);
};

describe('forward()', () => {
  test.each([
    ['the target, and keeps the query where that has none', '/a?x=1', '/seen', 'GET /seen?x=1'],
    ['a query of its own in place of that of the request', '/a?x=1', '/seen?y=2', 'GET /seen?y=2'],
    ['an empty query, which takes it away', '/a?x=1', '/seen?', 'GET /seen?'],
    ['a relative URL', '/a?x=1', 'seen', 'GET /seen?x=1'],
    ['an absolute URL of this server', '/a', 'http://localhost/seen?z', 'GET /seen?z'],
    ['the same in another spelling', '/a', 'HTTP://LOCALHOST:80/seen', 'GET /seen'],
  ])('answers by %s', async (_, path, url, expected) => {
    const handler = site({ '/a': (asked) => forward(asked, url), '/seen': seen });
    const response = await new TestClient(handler).get(path);
    expect(await response.json()).toMatchObject({ asked: expected });
  });

  test('keeps method, headers and body', async () => {
    const handler = site({ '/a': (asked) => forward(asked, '/seen'), '/seen': seen });
    const response = await new TestClient(handler).put('/a', {
      body: 'all of it',
      headers: { 'X-Own': 'yes', 'Content-Type': 'text/plain' },
    });
    expect(await response.json()).toMatchObject({
      asked: 'PUT /seen',
      headers: { 'X-Own': 'yes', 'Content-Length': '9', 'Content-Type': 'text/plain' },
      body: 'all of it',
    });
  });

  test('gives a body that was read whole once more', async () => {
    const handler = site({
      '/a': async (asked) => {
        await asked.readText();
        return forward(asked, '/seen');
      },
      '/seen': seen,
    });
    const response = await new TestClient(handler).post('/a', { body: 'twice' });
    expect(await response.json()).toMatchObject({ body: 'twice' });
  });

  test('refuses a body that was read in part', async () => {
    const handler = site({
      '/a': async (asked) => {
        for await (const chunk of asked.stream) if (chunk) break;
        return forward(asked, '/seen');
      },
      '/seen': seen,
    });
    const chunks = ['one', 'two'];
    expect((await new TestClient(handler).post('/a', { body: chunks })).status).toBe(400);
  });

  test('leaves the body behind with the method GET', async () => {
    const handler = site({ '/a': (asked) => forward(asked, '/seen', { method: 'GET' }), '/seen': seen });
    const response = await new TestClient(handler).post('/a', {
      json: { a: 1 },
      headers: { 'X-Own': 'yes' },
    });
    expect(await response.json()).toEqual({
      asked: 'GET /seen',
      headers: { Host: 'localhost', 'X-Own': 'yes' },
      body: '',
    });
  });

  test('answers conditions and HEAD as a request of the client itself', async () => {
    const handler = site({
      '/a': (asked) => forward(asked, '/b'),
      '/b': text('content', { ETag: '"1"' }),
    });
    const client = new TestClient(handler);
    expect((await client.get('/a', { headers: { 'If-None-Match': '"1"' } })).status).toBe(304);
    const head = await client.head('/a');
    expect([head.headers.get('content-length'), await head.text()]).toEqual(['7', '']);
  });

  test('is answered at once where the other handler answers at once', () => {
    let answer: unknown;
    const handler = site({ '/a': (asked) => (answer = forward(asked, '/b')), '/b': text('b') });
    return new TestClient(handler).get('/a').then(() => {
      expect(answer).toBeInstanceOf(Response);
    });
  });

  test.each([
    ['of another server', 'http://evil.example/seen'],
    ['of another port', 'http://localhost:81/seen'],
    ['of another scheme', 'https://localhost/seen'],
    ['with user information', 'http://localhost@evil.example/seen'],
    ['that names a host alone', '//evil.example/seen'],
    ['of no scheme of the web', 'javascript:alert(1)'],
    ['of a file', 'file:///etc/passwd'],
    ['with a line break', '/seen\r\nX: y'],
    ['with a dot segment', '/../seen'],
    ['with an encoded dot segment', '/%2e%2e/seen'],
    ['with a NUL', '/seen%00'],
    ['with a fragment', '/seen#part'],
    ['with a bad escape', '/%zz'],
  ])('refuses a URL %s', async (_, url) => {
    const handler = site({ '/a': (asked) => forward(asked, url), '/seen': seen });
    expect((await new TestClient(handler).get('/a')).status).toBe(400);
  });

  test.each(['/\\evil.example', '/%2f%2fevil.example', '/https:%2f%2fevil.example', 'evil.example'])(
    'never leaves the server by %j',
    async (url) => {
      const handler = site({ '/a': (asked) => forward(asked, url) });
      expect((await new TestClient(handler).get('/a')).status).toBe(404);
    },
  );

  test('names the option that is wrong', async () => {
    const handler = site({ '/a': (asked) => forward(asked, '/b', { method: 'get it' }) });
    await expect(new TestClient(handler).get('/a')).rejects.toMatchObject({ code: 'E_SETTING' });
  });

  test('is a mistake where nothing has the request', () => {
    const message =
      "A request for '/b' was made within one that neither a host nor an application has, so nothing can answer it. " +
      'In a test, send the outer request by a TestClient.';
    expect(() => forward(request('/a'), '/b')).toThrow(developerError('E_SUBREQUEST', message));
  });
});

describe('a loop', () => {
  const logger = collectingLogger();
  const loops = site({
    '/loop': (asked) => forward(asked, '/again'),
    '/again': (asked) => forward(asked, '/loop'),
    '/deeper': (asked) => forward(asked, `/deeper?${'x'.repeat(asked.query.length + 1)}`),
    '/post': (asked) =>
      asked.method === 'POST' ? forward(asked, '', { method: 'GET' }) : makeResponse('got'),
    '/steps': (asked) => {
      const left = Number(asked.query);
      return left === 0 ? makeResponse('there') : forward(asked, `?${String(left - 1)}`);
    },
  });
  const handler = adopting({ logger }, loops);

  test.each([
    ['development', 'a loop: GET /loop -> GET /again -> GET /loop'],
    ['production', undefined],
  ])('is 508, and what the client may read of it in %s is %j', async (mode, detail) => {
    process.env['NODE_ENV'] = mode;
    try {
      const response = await new TestClient(adopting({ logger }, loops)).get('/loop');
      expect([response.status, (await response.json<{ detail?: string }>()).detail]).toEqual([508, detail]);
    } finally {
      process.env['NODE_ENV'] = 'test';
    }
    expect(logger.errors.splice(0)).toEqual(['GET /loop: 508 a loop: GET /loop -> GET /again -> GET /loop']);
  });

  test('is found where the URL is another one each time', async () => {
    await expect(new TestClient(handler).get('/deeper').then(({ status }) => status)).resolves.toBe(508);
  });

  test.each([
    [8, 200],
    [9, 508],
  ])('is none in %i requests one within another, or is: %i', async (steps, status) => {
    expect((await new TestClient(handler).get(`/steps?${String(steps)}`)).status).toBe(status);
  });

  test('is none where the method changes', async () => {
    expect(await (await new TestClient(handler).post('/post', { body: 'x' })).text()).toBe('got');
  });
});

describe('include()', () => {
  test.each<[string, Handler, string]>([
    ['closes the connection without an answer', () => DECLINED, 'closes the connection without an answer'],
    [
      'takes the connection over',
      () => new UpgradeResponse('echo', () => undefined),
      'takes the connection over',
    ],
  ])('of what %s is an error with its URL', async (_, part, why) => {
    const page: Handler = async (asked) => makeResponse(await (await include(asked, '/part')).text());
    const client = new TestClient(site({ '/page': page, '/part': part }));
    await expect(client.get('/page')).rejects.toThrow(
      developerError(
        'E_SUBREQUEST',
        `GET /page includes GET /part, which ${why}, so it is no part of a page. Include another URL, or forward to it.`,
      ),
    );
  });

  async function included(part: Handler, headers = {}, init = {}): Promise<unknown> {
    const page: Handler = async (asked) => makeResponse(await (await include(asked, '/part', init)).text());
    const client = new TestClient(site({ '/page': page, '/part': part }));
    return await (await client.request('/page', { headers, ...init })).text();
  }

  test('gives text, bytes and chunks of what the other URL answers', async () => {
    const parts: Readonly<Record<string, () => unknown>> = {
      text: () => 'é',
      bytes: () => Buffer.from('é'),
      latin: () => reply(Buffer.from('é', 'latin1'), 'text/plain; charset=iso-8859-1'),
      *stream() {
        yield 'one ';
        yield 'two';
      },
      nothing: () => null,
    };
    const answers: Handler = (asked) => makeResponse(parts[asked.query]?.());
    const page: Handler = async (asked) => {
      const ask = (): Response | Promise<Response> => include(asked, `/part?${asked.query}`);
      let chunks = 0;
      for await (const chunk of (await ask()).chunks()) chunks += chunk.length > 0 ? 1 : 0;
      return makeResponse([await (await ask()).text(), (await (await ask()).bytes()).length, chunks]);
    };
    const client = new TestClient(site({ '/page': page, '/part': answers }));
    const got = Object.keys(parts).map(async (name) => [
      name,
      await (await client.get(`/page?${name}`)).json(),
    ]);
    expect(await Promise.all(got)).toEqual([
      ['text', ['é', 2, 1]],
      ['bytes', ['é', 2, 1]],
      ['latin', ['é', 1, 1]],
      ['stream', ['one two', 7, 2]],
      ['nothing', ['', 0, 0]],
    ]);
  });

  test('asks with GET, the headers of the client, and none about content, conditions or the connection', async () => {
    const headers = {
      'X-Own': 'yes',
      Cookie: 'a=b',
      'If-None-Match': '"1"',
      'If-Modified-Since': 'Sun, 06 Nov 1994 08:49:37 GMT',
      'If-Range': '"1"',
      Range: 'bytes=0-1',
      'Accept-Encoding': 'gzip',
      'Content-Type': 'text/plain',
      Connection: 'Upgrade',
      Upgrade: 'websocket',
    };
    expect(JSON.parse(String(await included(seen, headers)))).toEqual({
      asked: 'GET /part',
      headers: { Host: 'localhost', 'X-Own': 'yes', Cookie: 'a=b' },
      body: '',
    });
  });

  test('asks with the method, headers and body that it is given', async () => {
    const init = { method: 'POST', headers: { 'X-Own': 'other' }, body: 'é' };
    expect(JSON.parse(String(await included(seen, { 'X-Own': 'yes' }, init)))).toEqual({
      asked: 'POST /part',
      headers: { Host: 'localhost', 'X-Own': 'other', 'Content-Length': '2' },
      body: 'é',
    });
  });

  test('is never part of the content, nor unchanged', async () => {
    const part: Handler = () => {
      const response = makeResponse('all of it', 'text/plain', { ETag: '"1"' });
      return response.makePartial();
    };
    expect(await included(part, { 'If-None-Match': '"1"', Range: 'bytes=0-1' })).toBe('all of it');
  });

  test('has no say in the status of the page', async () => {
    const page: Handler = async (asked) => makeResponse((await include(asked, '/part')).status);
    expect(await (await new TestClient(site({ '/page': page })).get('/page')).json()).toBe(404);
  });
});

describe('the answer with a part in it', () => {
  test.each([
    ['of parts that follow each other', ['a=1', 'a=2'], ['page=0', 'a=2']],
    ['of a part and of the page', ['page=1'], ['page=1']],
    [
      'of a path or domain of its own',
      [
        'a=1; Path=/x',
        'a=2; path=/y',
        'a=3; Domain=example.org; Path=/x',
        'a=4; domain=Example.org; path=/x',
      ],
      ['page=0', 'a=1; Path=/x', 'a=2; path=/y', 'a=4; domain=Example.org; path=/x'],
    ],
  ])('has the last of cookies of one name, %s', async (_, parts, expected) => {
    const handler = site({
      '/page': async (asked) => {
        for (const part of parts) await include(asked, `/part?${encodeURIComponent(part)}`);
        return makeResponse('page', 'text/plain', { 'Set-Cookie': 'page=0' });
      },
      '/part': (asked) =>
        makeResponse('part', 'text/plain', { 'Set-Cookie': decodeURIComponent(asked.query) }),
    });
    const { headers } = await new TestClient(handler).get('/page');
    expect(headers.getAll('set-cookie')).toEqual(expected);
  });

  /** The head of a page with those headers, and a part with those. */
  async function head(page: object, part: object, sent: Record<string, string> = {}): Promise<unknown[]> {
    const handler = site({
      '/page': async (asked) => {
        await include(asked, '/part');
        return makeResponse('page', 'text/plain', page as Record<string, string>);
      },
      '/part': text('part', part),
    });
    const { headers } = await new TestClient(handler).get('/page', { headers: sent });
    return [headers.get('cache-control'), headers.get('vary'), headers.getAll('set-cookie')];
  }

  const cached = (value: string): object => ({ 'Cache-Control': value });
  const hour = 'public, max-age=3600';

  test.each([
    ['nothing in either', {}, {}, [undefined, undefined, []]],
    [
      'cookies of both',
      { 'Set-Cookie': 'a=1' },
      { 'Set-Cookie': ['b=2', 'c=3'] },
      ['private', undefined, ['a=1', 'b=2', 'c=3']],
    ],
    ['Vary of both', { Vary: 'Accept' }, { Vary: 'accept, X-Tenant' }, [undefined, 'Accept, X-Tenant', []]],
    ['a part that may be kept as long', cached(hour), cached(hour), [hour, undefined, []]],
    ['a part that may be kept longer', cached(hour), cached('public, max-age=7200'), [hour, undefined, []]],
    [
      'a part that may be kept for a minute',
      cached(hour),
      cached('max-age=60'),
      ['public, max-age=60', undefined, []],
    ],
    [
      'a part that proxies may keep for less',
      cached('s-maxage=60, max-age=9'),
      cached('s-maxage=5, max-age=60'),
      ['s-maxage=5, max-age=9', undefined, []],
    ],
    [
      'a part of one client',
      cached('public, s-maxage=60, max-age=5'),
      cached('private'),
      ['max-age=5, private', undefined, []],
    ],
    [
      'a part that depends on cookies',
      cached(hour),
      { Vary: 'Accept, Cookie' },
      ['max-age=3600, private', 'Accept, Cookie', []],
    ],
    ['a part that depends on anything', cached(hour), { Vary: '*' }, ['max-age=3600, private', '*', []]],
    ['a part that must not be kept', cached(hour), cached('No-Store'), ['no-store', undefined, []]],
    ['a part that must be asked for', cached(hour), cached('no-cache'), [`${hour}, no-cache`, undefined, []]],
    ['a page that says nothing', {}, cached('max-age=60'), [undefined, undefined, []]],
    ['a page that must not be kept', cached('no-store'), cached('private'), ['no-store', undefined, []]],
  ])('has %s', async (_, page, part, expected) => {
    expect(await head(page, part)).toEqual(expected);
  });

  test.each([
    ['nothing of caches', {}, 'max-age=3600, private'],
    ['that all may keep it', cached('public'), hour],
  ])(
    'was asked for with a password, and is of one client where the part says %s',
    async (_, part, expected) => {
      expect((await head(cached(hour), part, { Authorization: 'Basic eDp5' }))[0]).toBe(expected);
    },
  );

  test('leaves a response alone that a handler gives to all', async () => {
    const page = makeResponse('page');
    const handler = site({
      '/page': async (asked) => {
        if (asked.query !== '') await include(asked, '/part');
        return page;
      },
      '/part': text('part', { 'Set-Cookie': 'a=1' }),
    });
    const client = new TestClient(handler);
    const cookies = async (path: string): Promise<string[]> =>
      (await client.get(path)).headers.getAll('set-cookie');
    expect([await cookies('/page?with'), await cookies('/page')]).toEqual([['a=1'], []]);
  });

  test('has them too where an error is the answer', async () => {
    const handler = adopting({ logger: collectingLogger() }, (asked) => {
      if (asked.path === '/part') return makeResponse('part', 'text/plain', { 'Set-Cookie': 'a=1' });
      void include(asked, '/part');
      throw new Error('later');
    });
    const response = await new TestClient(handler).get('/page');
    expect([response.status, response.headers.getAll('set-cookie')]).toEqual([500, ['a=1']]);
  });

  test('has those of parts of its first chunk; a later one is warned of', async () => {
    const logger = collectingLogger();
    const parts = site({
      '/page': (asked) =>
        makeResponse(
          (async function* () {
            yield* (await include(asked, '/first')).chunks();
            yield* (await include(asked, '/second')).chunks();
          })(),
        ),
      '/first': text('1', { 'Set-Cookie': 'a=1' }),
      '/second': text('2', { 'Set-Cookie': 'b=2' }),
    });
    const response = await new TestClient(adopting({ logger }, parts)).get('/page');
    expect([response.headers.getAll('set-cookie'), await response.text()]).toEqual([['a=1'], '12']);
    expect(logger.warnings).toEqual([
      'GET /page: the part GET /second came after the head of the answer had gone out, so its cookies, Vary and Cache-Control are ' +
        'lost. Include it before the first chunk of the stream.',
    ]);
  });

  test('is late for nothing where a part has nothing to say', async () => {
    const logger = collectingLogger();
    async function* page(asked: Request) {
      yield '<main>';
      yield* (await include(asked, '/part')).chunks();
    }
    const parts = site({ '/page': (asked) => makeResponse(page(asked)), '/part': text('part') });
    const response = await new TestClient(adopting({ logger }, parts)).get('/page');
    expect([await response.text(), logger.warnings]).toEqual(['<main>part', []]);
  });
});

describe('a request within a request', () => {
  describe('has the session of the outer one', () => {
    const visits = sessions<Record<string, number>>({ keys: [randomBytes(32)] });

    @Controller()
    class Visits {
      @Get('/page') async page(asked: Request) {
        visits.of(asked).set('page', 1);
        return (await include(asked, '/part')).text();
      }
      @Get('/late') async late(asked: Request) {
        const part = await include(asked, '/part');
        visits.of(asked).set('page', 1);
        return part.text();
      }
      @Get('/moved') moved(asked: Request) {
        visits.of(asked).set('page', 1);
        return forward(asked, '/part');
      }
      @Get('/public') async public(asked: Request) {
        await include(asked, '/part');
        return reply('', { headers: { 'Cache-Control': 'public' } });
      }
      @Get('/missing') missing(asked: Request) {
        visits.of(asked).set('page', 1);
        throw new HttpError(410);
      }
      @Get('/part') part(asked: Request) {
        visits.of(asked).set('part', 1);
        return Object.keys(visits.of(asked).data);
      }
      @Get('/read') read(asked: Request) {
        return Object.keys(visits.of(asked).data);
      }
    }

    const documents = errorDocuments({ 410: '/read' });
    const turned: Feature = {
      middleware: [(asked, next) => (asked.path === '/turned' ? forward(asked, '/part') : next(asked))],
    };

    test.each([
      ['/page', ['page', 'part'], ['page', 'part']],
      ['/late', ['part'], ['part', 'page']],
      ['/moved', ['page', 'part'], ['page', 'part']],
      ['/turned', ['part'], ['part']],
      ['/missing', ['page'], ['page']],
    ])('%s', async (path, shown, kept) => {
      const app = await bootstrap({
        controllers: [Visits],
        features: [documents, turned, visits],
        logger: collectingLogger(),
      });
      const client = new TestClient(app);
      const response = await client.get(path, { headers: { Accept: 'text/html' } });
      expect([await response.json(), response.headers.getAll('set-cookie').length]).toEqual([shown, 1]);
      expect(await (await client.get('/read')).json()).toEqual(kept);
    });

    test('and is as private', async () => {
      const app = await bootstrap({ controllers: [Visits], features: [visits] });
      const response = await new TestClient(app).get('/public');
      expect(response.headers.get('cache-control')).toBe('private');
    });
  });

  test('has tokens of the same secret as the outer one', async () => {
    @Controller()
    class Forms {
      @Get('/') async page(asked: Request) {
        const part = await include(asked, '/part');
        return [csrfToken(asked), await part.text()];
      }
      @Get('/part') part(asked: Request) {
        return csrfToken(asked);
      }
      @Post('/') sent() {
        return 'sent';
      }
    }
    const client = new TestClient(await bootstrap({ controllers: [Forms], middleware: [csrf()] }));
    const response = await client.get('/');
    expect(response.headers.getAll('set-cookie')).toHaveLength(1);
    for (const token of await response.json<string[]>())
      expect((await client.post('/', { headers: { 'X-CSRF-Token': token } })).status).toBe(200);
  });

  test('has the slots of the outer one, and a user of its own', async () => {
    const KEY = new ContextKey<string>('test.key');
    const handler = site({
      '/a': (asked) => {
        asked.set(KEY, 'value');
        asked.user = 'admin';
        return forward(asked, '/b');
      },
      '/b': (asked) => makeResponse([asked.get(KEY), asked.user]),
    });
    expect(await (await new TestClient(handler).get('/a')).json()).toEqual(['value', null]);
  });

  test('is logged as what the client has asked for', async () => {
    const handler = site({
      '/a': (asked) => forward(asked, '/b', { method: 'GET' }),
      '/b': (asked) => {
        const entry = { request: asked, status: 200, length: 1, complete: true, milliseconds: 1 };
        return makeResponse(commonLogLine(entry));
      },
    });
    expect(await (await new TestClient(handler).post('/a')).text()).toContain('"POST /a HTTP/1.1" 200 1');
  });

  test('comes through the handler of the host, from wherever it is made', async () => {
    const inner = site({ '/a': (asked) => forward(asked, '/seen'), '/seen': text('inner') });
    const outer: Handler = (asked) => mount('/inner', inner)(asked, site({ '/seen': seen }));
    const response = await new TestClient(outer).get('/inner/a');
    expect(await response.json()).toMatchObject({ asked: 'GET /seen' });
  });

  test.each([
    ['relative', 'b'],
    ['whole', '/inner/b'],
  ])('is made below a mount by a %s URL', async (_, url) => {
    const inner = site({ '/a': (asked) => forward(asked, url), '/b': text('inner b') });
    const response = await new TestClient(mount('/inner', inner)).get('/inner/a');
    expect(await response.text()).toBe('inner b');
  });

  test('comes through the outermost application where a handler is called without a host', async () => {
    const app = adopting({}, site({ '/a': (asked) => forward(asked, '/seen'), '/seen': text('seen') }));
    expect(await (await app(request('/a'))).text()).toBe('seen');
  });

  test('is answered by the settings of the application that answers', async () => {
    const inner = adopting({ securityHeaders: { every: { 'X-Inner': 'yes' } } }, text('inner'));
    const outer = adopting({}, (asked) =>
      mount('/inner', inner)(asked, (plain) => forward(plain, '/inner/')),
    );
    expect((await new TestClient(outer).get('/a')).headers.get('x-inner')).toBe('yes');
  });

  test('has the nonce of the page that it becomes a part of', async () => {
    const handler = adopting(
      {},
      site({
        '/page': async (asked) =>
          makeResponse(`${asked.cspNonce} ${await (await include(asked, '/part')).text()}`),
        '/part': (asked) => makeResponse(asked.cspNonce),
        '/later': async (asked) => makeResponse(await (await include(asked, '/part')).text()),
      }),
    );
    const client = new TestClient(handler);
    const [page, part] = (await (await client.get('/page')).text()).split(' ');
    expect(part).toBe(page);
    const later = await client.get('/later');
    expect(later.headers.get('content-security-policy')).toContain(`'nonce-${await later.text()}'`);
  });

  test('calls back for its end when that of the client is over, and once', async () => {
    const over: string[] = [];
    const handler = site({
      '/page': async (asked) => {
        asked.onClose(() => over.push('page'));
        const part = await include(asked, '/part');
        over.push('answered');
        return makeResponse(await part.text());
      },
      '/part': (asked) => {
        asked.onClose(() => over.push('part'));
        return makeResponse('part');
      },
    });
    await new TestClient(handler).get('/page');
    expect(over).toEqual(['answered', 'page', 'part']);
  });

  test('lets go of the stream of a part that is not read', async () => {
    const over: string[] = [];
    const handler = site({
      '/page': async (asked) => makeResponse((await include(asked, '/part')).status),
      '/part': async (asked) => {
        const stream = (async function* () {
          try {
            yield 'one';
            yield 'two';
          } finally {
            over.push('part');
          }
        })();
        return makeResponse(stream).open(asked);
      },
    });
    await new TestClient(handler).get('/page');
    expect(over).toEqual(['part']);
  });

  test('ends the stream of a part with the page that it is put into', async () => {
    const over: string[] = [];
    const handler = site({
      '/page': (asked) =>
        makeResponse(
          (async function* () {
            yield 'begin';
            yield* (await include(asked, '/part')).chunks();
          })(),
        ),
      '/part': () =>
        makeResponse(
          (async function* () {
            try {
              for (;;) yield Promise.resolve('part');
            } finally {
              over.push('part');
            }
          })(),
        ),
    });
    const leaving = new AbortController();
    const quiet = adopting({ logger: collectingLogger() }, handler);
    const response = await new TestClient(quiet).get('/page', { signal: leaving.signal });
    await expect(
      (async () => {
        for await (const chunk of response.body) if (String(chunk) === 'part') leaving.abort();
      })(),
    ).rejects.toThrow();
    expect(over).toEqual(['part']);
  });
});

describe('the signal of the client aborts', () => {
  let heard: Error | undefined;
  const waiting: Handler = (asked) =>
    new Promise((_, reject) => {
      asked.signal.addEventListener('abort', () => {
        heard = asked.signal.reason as Error;
        reject(heard);
      });
    });
  const other: Handler = () => makeResponse('nothing', 'text/plain', {}, 404);
  const at = (outer: Handler): Handler => site({ '/a': outer, '/b': waiting });

  test.each<[string, Handler]>([
    ['below a mount', mount('/', waiting)],
    ['below a host', urlMap({ '//localhost': waiting })],
    ['in a cascade', cascade([other, waiting])],
    ['in an application', adopting({ logger: collectingLogger() }, waiting)],
    ['in a forward', at((asked) => forward(asked, '/b'))],
    ['in an include', at(async (asked) => makeResponse((await include(asked, '/b')).status))],
  ])('what it waits for %s', async (_, handler) => {
    const leaving = new AbortController();
    heard = undefined;
    const answer = new TestClient(handler).get('/a', { signal: leaving.signal });
    await new Promise(setImmediate);
    leaving.abort();
    await expect(answer).rejects.toThrow();
    expect(heard).toMatchObject({ status: 499 });
  });

  test.each<[string, (script: Handler) => Handler]>([
    ['itself', (script) => script],
    ['in a forward', (script) => site({ '/a': (asked) => forward(asked, '/b'), '/b': script })],
  ])('a CGI script %s, whose process is killed', async (_, around) => {
    const scripts = new ScriptsFolder();
    const script = scripts.script('wait.sh', 'printf "Content-Type: text/plain\\n\\n$$"\nexec sleep 60');
    const leaving = new AbortController();
    const handler = adopting({ logger: collectingLogger() }, around(handlerOf(cgiProgram(script))));
    const { body } = await new TestClient(handler).get('/a', { signal: leaving.signal });
    let id = 0;
    const reading = async (): Promise<void> => {
      for await (const chunk of body) {
        id = Number(String(chunk));
        leaving.abort();
      }
    };
    await expect(reading()).rejects.toThrow();
    while (isThere(id)) await sleep(2);
    scripts.remove();
  });
});

/** Whether there is such a process. */
function isThere(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch {
    return false;
  }
}
