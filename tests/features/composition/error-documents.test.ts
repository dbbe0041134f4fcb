/** Pages of the application in place of its answers to errors. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  bootstrap,
  Controller,
  DECLINED,
  Get,
  HttpError,
  HttpState,
  makeResponse,
  Post,
  reply,
  type BootstrapOptions,
  type Request,
  UpgradeResponse,
} from 'obol';
import * as composition from 'obol/composition';
import { ErrorDocument, errorDocuments, forward, include, mount, originalError } from 'obol/composition';
import { requestId } from 'obol/request-id';
import { request, TestClient, type TestResponse } from 'obol/testing';
import * as obol from 'obol';
import { collectingLogger } from '../../support/collecting-logger.js';
import { run } from '../../support/compile.js';
import { problemsOf } from '../../support/problems.js';

const logger = collectingLogger();
const HTML = { headers: { Accept: 'text/html' } };

beforeEach(() => {
  for (const lines of [logger.errors, logger.warnings, logger.notes, logger.details]) lines.length = 0;
});

@Controller('/errors')
class Pages {
  @Get('/plain') plain(req: Request) {
    const { status, method, url, error } = originalError(req) ?? {};
    const thrown = error instanceof Error ? error.message : error;
    return reply(JSON.stringify({ asked: req.method, status, method, url, thrown }), 'text/html', {
      'Cache-Control': 'public, max-age=3600',
      ETag: '"page"',
      'Set-Cookie': 'page=1',
      Vary: 'Accept-Language',
    });
  }
  @Get('/same') same(req: Request) {
    return reply('gone', { status: originalError(req)?.status ?? 200 });
  }
  @Get('/crash') crash() {
    throw new Error('the page fails');
  }
  @Get('/refuses') refuses() {
    throw new HttpError(403);
  }
  @Get('/moved') moved() {
    return reply('', { status: 302, headers: { Location: '/' } });
  }
  @Get('/empty') empty() {
    return null;
  }
  @Get('/declines') declines() {
    return DECLINED;
  }
  @Get('/upgrades') upgrades() {
    return new UpgradeResponse('echo', () => undefined);
  }
  @Get('/with-parts') async withParts(req: Request) {
    return `page with ${String((await include(req, '/no-part')).status)}`;
  }
}

@Controller()
class Shop {
  @Get('/crash') crash() {
    throw new Error('the handler fails');
  }
  @Get('/given') given() {
    return reply('gone', 'text/plain', { 'Set-Cookie': 'shop=1', Vary: 'Accept', 'X-Own': 'yes' }, 410);
  }
  @Get('/login') login() {
    throw new HttpError(401, 'Who?', {
      headers: { 'WWW-Authenticate': ['Basic realm="a"', 'Digest realm="b"'] },
    });
  }
  @Get('/later') later() {
    throw new HttpError(503, 'Later', { headers: { 'Retry-After': '120' } });
  }
  @Get('/range') range() {
    throw new HttpError(416, 'No', { headers: { 'Content-Range': 'bytes */10' } });
  }
  @Post('/only-post') post() {
    return 'posted';
  }
  @Get('/cached') cached() {
    return reply('gone', 'text/plain', { 'Cache-Control': 'max-age=60' }, 410);
  }
  @Get('/away') away(req: Request) {
    return forward(req, '/nothing');
  }
}

async function client(
  documents: Record<number, string>,
  more: Partial<BootstrapOptions> = {},
): Promise<TestClient> {
  const features = [errorDocuments(documents)];
  return new TestClient(await bootstrap({ controllers: [Pages, Shop], logger, features, ...more }));
}

async function shown(response: TestResponse): Promise<unknown> {
  return [response.status, await response.json()];
}

describe('an error document', () => {
  test.each([
    ['a path that nothing has', 'GET /nothing?x=1', 404, 'Nothing is here'],
    ['a crash', 'GET /crash', 500, 'the handler fails'],
    ['an answer that a handler gives', 'GET /given', 410, undefined],
    ['another method', 'GET /only-post', 405, 'GET is not allowed here'],
    ['a request with a body', 'POST /nothing', 404, 'Nothing is here'],
    ['a forward', 'GET /away', 404, 'Nothing is here'],
  ] as const)('takes the place of the answer to %s', async (_, asked, status, thrown) => {
    const [method = '', url = ''] = asked.split(' ');
    const all = { 404: '/errors/plain', 405: '/errors/plain', 410: '/errors/plain', 500: '/errors/plain' };
    const response = await (await client(all)).request(url, { method, ...HTML });
    const [was, page] = (await shown(response)) as [number, Record<string, unknown>];
    expect(was).toBe(status);
    expect(page).toMatchObject({ asked: 'GET', status, ...(thrown !== undefined && { thrown }) });
  });

  test('takes the place of what middleware refuses, and of a target that is malformed', async () => {
    const refusing = (req: Request): never => {
      throw new HttpError(req.path === '/nothing' ? 404 : 403);
    };
    const asked = await client(
      { 400: '/errors/same', 403: '/errors/same' },
      {
        middleware: [(req, next) => (req.subrequestOf ? next(req) : refusing(req))],
      },
    );
    const statuses = [await asked.get('/given', HTML), await asked.get('/%zz', HTML)];
    expect(await Promise.all(statuses.map(async (one) => [one.status, await one.text()]))).toEqual([
      [403, 'gone'],
      [400, 'gone'],
    ]);
  });

  test.each([
    ['challenges', '/login', 'www-authenticate', ['Basic realm="a"', 'Digest realm="b"']],
    ['the methods that are allowed', '/only-post', 'allow', ['POST, OPTIONS']],
    ['when to come again', '/later', 'retry-after', ['120']],
    ['the length of what a range lies outside of', '/range', 'content-range', ['bytes */10']],
    ['other fields', '/given', 'x-own', ['yes']],
    ['cookies of both', '/given', 'set-cookie', ['shop=1', 'page=1']],
    ['Vary of both', '/given', 'vary', ['Accept-Language, Accept']],
    ['no validators of the page', '/given', 'etag', []],
    ['no life in caches from the page', '/given', 'cache-control', ['private']],
    ['the life in caches that the error has', '/cached', 'cache-control', ['max-age=60, private']],
  ])('has %s', async (_, path, name, values) => {
    const all = Object.fromEntries([401, 405, 410, 416, 503].map((status) => [status, '/errors/plain']));
    expect((await (await client(all)).get(path, HTML)).headers.getAll(name)).toEqual(values);
  });

  test('is answered to HEAD with its length', async () => {
    const response = await (await client({ 410: '/errors/same' })).head('/given', HTML);
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([
      410,
      '4',
      '',
    ]);
  });

  test('is answered whole, whatever the client has or wants of the other', async () => {
    const headers = { ...HTML.headers, 'If-None-Match': '*', Range: 'bytes=0-0' };
    const response = await (await client({ 404: '/errors/same' })).get('/nothing', { headers });
    expect([response.status, await response.text()]).toEqual([404, 'gone']);
  });

  test.each([
    ['is nothing', '/errors/none', 'answered 404'],
    ['is refused', '/errors/refuses', 'answered 403'],
    ['leads elsewhere', '/errors/moved', 'answered 302'],
    ['has no content', '/errors/empty', 'answered 204'],
    ['declines', '/errors/declines', 'closes the connection without an answer'],
    ['changes the protocol', '/errors/upgrades', 'takes the connection over'],
  ])('that %s leaves the ordinary answer, and is one line', async (_, document, what) => {
    const response = await (await client({ 410: document })).get('/given', HTML);
    expect([response.status, await response.text()]).toEqual([410, 'gone']);
    expect(logger.errors).toEqual([
      `GET /given (Shop.given): the error document ${document} ${what}, so the ordinary answer is sent`,
    ]);
  });

  test('that crashes leaves the ordinary answer, and its crash is the line', async () => {
    const response = await (await client({ 410: '/errors/crash' })).get('/given', HTML);
    expect([response.status, await response.text()]).toEqual([410, 'gone']);
    expect(logger.errors).toEqual([expect.stringMatching(/^GET \/errors\/crash .*the page fails/)]);
  });

  test('that a client asks for itself, and that is nothing, is the ordinary answer', async () => {
    const response = await (await client({ 404: '/errors/none' })).get('/errors/none', HTML);
    expect(response.status).toBe(404);
    expect(logger.errors).toEqual([]);
  });

  test('may be asked for by a client, and knows of no error then', async () => {
    expect(await shown(await (await client({})).get('/errors/plain'))).toEqual([200, { asked: 'GET' }]);
    expect(originalError(request('/errors/plain'))).toBeUndefined();
  });

  test('has parts, which have no error documents of their own', async () => {
    const response = await (await client({ 404: '/errors/with-parts' })).get('/nothing', HTML);
    expect([response.status, await response.text()]).toEqual([404, 'page with 404']);
    expect(logger.errors).toEqual([]);
  });

  test('has the id of the request', async () => {
    const features = [requestId({ generate: () => 'id-1' }), errorDocuments({ 404: '/errors/plain' })];
    const asked = await client({}, { features });
    expect((await asked.get('/nothing', HTML)).headers.getAll('x-request-id')).toEqual(['id-1']);
  });
});

describe('what the host refuses in place of a response', () => {
  @Controller('/digits')
  class Digits {
    @Get('/') digits() {
      const headers = { ETag: '"v1"', 'Set-Cookie': 'shop=1', Vary: 'Accept-Language' };
      return makeResponse('0123456789', 'text/plain', headers).makePartial();
    }
  }
  @Controller('/digits')
  @ErrorDocument(416, '/errors/same')
  class WithPage extends Digits {}

  const CONDITION = { 'If-Match': '"v0"', ...HTML.headers };
  const RANGE = { Range: 'bytes=99-', ...HTML.headers };
  const all = { 412: '/errors/plain', 416: '/errors/plain' };

  test.each([
    ['a condition', CONDITION, 412, 'A precondition does not hold'],
    ['a range', RANGE, 416, 'The range lies outside of the 10 bytes'],
  ])('has an error document: %s', async (_, headers, status, thrown) => {
    const response = await (await client(all, { controllers: [Pages, Digits] })).get('/digits', { headers });
    const page = { asked: 'GET', status, method: 'GET', url: '/digits', thrown };
    expect(await shown(response)).toEqual([status, page]);
    expect(response.headers.getAll('Set-Cookie')).toEqual(['shop=1', 'page=1']);
    expect(response.headers.get('Content-Range')).toBe(status === 416 ? 'bytes */10' : undefined);
    expect(response.headers.get('Vary')).toBe('Accept-Language, Accept');
  });

  test('has that of the nearest controller', async () => {
    const response = await (await client(all, { controllers: [Pages, WithPage] })).get('/digits', { headers: RANGE }); // prettier-ignore
    expect([response.status, await response.text()]).toEqual([416, 'gone']);
  });

  test('has the ordinary page for a client that asks for JSON', async () => {
    const headers = { ...RANGE, Accept: 'application/json' };
    const response = await (await client(all, { controllers: [Pages, Digits] })).get('/digits', { headers });
    expect(await shown(response)).toEqual([416, expect.objectContaining({ title: 'Range Not Satisfiable' })]);
  });

  test('is of the application that has answered', async () => {
    const shop = await bootstrap({ controllers: [Pages, Digits], features: [errorDocuments(all)], logger });
    const outer = await client({}, { controllers: [Pages], middleware: [mount('/shop', shop)] });
    const page = { asked: 'GET', status: 416, url: '/shop/digits' };
    expect(await shown(await outer.get('/shop/digits', { headers: RANGE }))).toMatchObject([416, page]);
    const bare = await bootstrap({ controllers: [Pages, Digits], logger });
    const around = await client(all, { controllers: [Pages], middleware: [mount('/shop', bare)] });
    const response = await around.get('/shop/digits', { headers: RANGE });
    expect(await response.text()).toContain('The range lies outside of the 10 bytes');
  });
});

describe('a client', () => {
  test.each([
    [undefined, 'gone'],
    ['*/*', 'gone'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'gone'],
    ['application/json, text/html;q=0.1', 'gone'],
    ['application/json', 'problem'],
    ['application/problem+json, */*', 'problem'],
    ['application/json, text/plain, */*', 'problem'],
    ['text/plain', 'problem'],
    ['image/png', 'problem'],
  ])('that accepts %j gets the page, or the ordinary answer: %s', async (accept, expected) => {
    const headers = accept === undefined ? {} : { Accept: accept };
    const response = await (await client({ 404: '/errors/same' })).get('/nothing', { headers });
    expect((await response.text()) === 'gone' ? 'gone' : 'problem').toBe(expected);
  });

  test('gets the page in any case with always', async () => {
    const features = [errorDocuments({ 404: '/errors/same' }, { always: true })];
    const response = await (
      await client({}, { features })
    ).get('/nothing', { headers: { Accept: 'application/json' } });
    expect([response.status, await response.text()]).toEqual([404, 'gone']);
  });
});

describe('an application inside another', () => {
  @Controller()
  class Inner {
    @Get('/errors/404') missing() {
      return 'inner page';
    }
    @HttpState(410) gone() {
      return 'inner state';
    }
    @Get('/gone') given() {
      throw new HttpError(410);
    }
  }

  test('has error documents of its own, by paths of its own, and keeps its other answers', async () => {
    const inner = await bootstrap({
      controllers: [Inner],
      logger,
      features: [errorDocuments({ 404: '/errors/404' })],
    });
    const asked = await client(
      { 404: '/errors/same', 410: '/errors/same' },
      { middleware: [mount('/inner', inner)] },
    );
    const texts = ['/inner/nothing', '/inner/gone', '/nothing'].map(async (path) => {
      const response = await asked.get(path, HTML);
      return [response.status, await response.text()];
    });
    expect(await Promise.all(texts)).toEqual([
      [404, 'inner page'],
      [410, 'inner state'],
      [404, 'gone'],
    ]);
  });
});

describe('@ErrorDocument', () => {
  @Controller('/shop')
  @ErrorDocument(404, '/errors/same')
  class Below {
    @Get('/here') here() {
      return makeResponse('other', 'text/plain', {}, 404);
    }
  }

  @Controller('/shop/deeper')
  @ErrorDocument(404, '/errors/with-parts')
  class Deeper {}

  test.each([
    ['/shop/here', 'gone'],
    ['/shop/nothing', 'gone'],
    ['/shop/deeper/nothing', 'page with 404'],
    ['/shopping', 'general'],
    ['/nothing', 'general'],
  ])('answers %s with %j: the nearest prefix counts', async (path, expected) => {
    @Controller('/general')
    class General {
      @Get('/page') page() {
        return 'general';
      }
    }
    const asked = await client({ 404: '/general/page' }, { controllers: [Pages, Below, Deeper, General] });
    const response = await asked.get(path, HTML);
    expect([response.status, await response.text()]).toEqual([404, expected]);
  });

  test.each(['legacy', 'standard'] as const)('stands on classes of %s decorators', async (protocol) => {
    const code = `
      const { Controller } = require('obol');
      const { ErrorDocument } = require('obol/composition');
      @ErrorDocument(404, '/errors/same') @Controller('/made') class Made {}
      exports.Made = Made;`;
    const { Made } = run(code, protocol, { obol, 'obol/composition': composition }) as { Made: typeof Below };
    const asked = await client({}, { controllers: [Pages, Made] });
    expect(await (await asked.get('/made/nothing', HTML)).text()).toBe('gone');
  });

  test('needs errorDocuments() among the features', async () => {
    expect(await problemsOf([Below])).toEqual([
      expect.objectContaining({
        code: 'E_FEATURE',
        member: 'Below',
        message:
          'What a decorator says here is read by errorDocuments(), which the application does not have: add that to features.',
      }),
    ]);
  });

  test.each([
    [
      200,
      '/errors/same',
      'E_STATUS',
      '@ErrorDocument: 200 is no status of an error; use one from 400 to 599.',
    ],
    [404, 'errors', 'E_SETTING', 'a path of the application such as "/errors/404"'],
    [404, '//evil.example', 'E_SETTING', 'a path of the application such as "/errors/404"'],
  ])('refuses %i %j', (status, url, code, message) => {
    expect(() => ErrorDocument(status, url)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) as unknown }),
    );
  });
});
