import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { abort, HttpError, redirect, TextResponse, type Request } from 'obol';
import { TestClient } from 'obol/testing';
import { BaseHandler } from 'obol/base-handler';
import { VERSION } from '../../../src/ground/version.js';
import { collectingLogger } from '../../support/collecting-logger.js';
import { serve } from '../../support/serve.js';

class Sample extends BaseHandler {
  override readonly logger = collectingLogger();

  doGET(req: Request): unknown {
    if (req.path === '/crash') throw new Error('secret');
    if (req.path === '/reject') return Promise.reject(new Error('secret'));
    if (req.path === '/abort') abort(409, 'Somebody was faster');
    if (req.path === '/moved') redirect('/');
    if (req.path === '/thrown') throw new TextResponse('thrown', { status: 418 }); // oxlint-disable-line typescript/only-throw-error
    if (req.path === '/later') return Promise.resolve(Symbol('no answer'));
    if (req.path === '/function') return () => 'no answer';
    return { path: req.path };
  }

  async doPOST(req: Request): Promise<string> {
    return (await req.readBytes()).toString().toUpperCase();
  }
}

test('answers with the method of the request, sync or async', async () => {
  const client = new TestClient(new Sample());
  expect(await (await client.get('/a')).json()).toEqual({ path: '/a' });
  expect(await (await client.post('/a', { body: 'abc' })).text()).toBe('ABC');
});

test('answers HEAD as GET, without content', async () => {
  const response = await new TestClient(new Sample()).head('/a');
  expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([
    200,
    '13',
    '',
  ]);
});

test.each([
  ['OPTIONS', 204, 'GET, HEAD, POST, OPTIONS'],
  ['PUT', 405, 'GET, HEAD, POST, OPTIONS'],
  ['BREW', 501, undefined],
  ['constructor', 501, undefined],
])('answers %s with %i and Allow %j', async (method, status, allow) => {
  const response = await new TestClient(new Sample()).request('/', { method });
  expect([response.status, response.headers.get('allow')]).toEqual([status, allow]);
});

test.each([
  ['/abort', 409],
  ['/moved', 302],
  ['/thrown', 418],
  ['/crash', 500],
  ['/reject', 500],
  ['/function', 500],
  ['/later', 500],
])('answers GET %s with %i', async (path, status) => {
  const handler = new Sample();
  const response = await new TestClient(handler).get(path);
  expect(response.status).toBe(status);
  expect(await response.text()).not.toContain('secret');
  const { errors } = handler.logger;
  expect(errors).toHaveLength(status === 500 ? 1 : 0);
});

test('shows errors by its own template', async () => {
  class Own extends Sample {
    override readonly errorTemplate = ({ title }: { title: string }): string => `<h1>${title}</h1>`;
  }
  const response = await new TestClient(new Own()).get('/abort', { headers: { Accept: 'text/html' } });
  expect(await response.text()).toBe('<h1>409 - Conflict</h1>');
});

test.each([
  ['/abort', 1],
  ['/crash', 2],
])(
  'GET %s is a plain 500 when the template fails as well, and each failure is one log line',
  async (path, lines) => {
    class Broken extends Sample {
      override readonly errorTemplate = (): string => {
        throw new Error('the template fails');
      };
    }
    const handler = new Broken();
    const response = await new TestClient(handler).get(path, { headers: { Accept: 'text/html' } });
    expect([response.status, await response.text()]).toEqual([500, '500 Internal Server Error\n']);
    expect(handler.logger.errors).toHaveLength(lines);
  },
);

describe('version strings', () => {
  const handler = new Sample();

  test('name server and system', () => {
    expect(handler.versionString()).toBe(`Obol/${VERSION} Node.js/${process.versions.node}`);
  });

  test('name the version of the package', () => {
    const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
    expect(VERSION).toBe((JSON.parse(text) as { version: string }).version);
  });
});

test('dates are those of headers', () => {
  expect(new Sample().dateTimeString(784_111_777_000)).toBe('Sun, 06 Nov 1994 08:49:37 GMT');
  expect(Date.parse(new Sample().dateTimeString())).toBeGreaterThan(Date.now() - 2000);
});

test('listens as it is', async () => {
  const { server, port } = await serve(new Sample().handle);
  try {
    const response = await fetch(`http://127.0.0.1:${port}/x`);
    expect(await response.json()).toEqual({ path: '/x' });
  } finally {
    await server.close();
  }
});

test('may throw any status', async () => {
  class Picky extends BaseHandler {
    doGET(): never {
      throw new HttpError(402);
    }
  }
  expect((await new TestClient(new Picky()).get('/')).status).toBe(402);
});
