/** What passes and what is refused, by what a client sends. */
import { describe, expect, test } from '@jest/globals';
import {
  bootstrap,
  Controller,
  HttpState,
  Post,
  Response,
  Use,
  type HttpError,
  type Middleware,
  type Request,
  type TrustProxy,
} from 'obol';
import { csrf, CsrfRefused, type CsrfOptions } from 'obol/csrf';
import { request, TestClient, type RequestInit } from 'obol/testing';
import { collectingLogger } from '../../support/collecting-logger.js';

const COOKIE = { Cookie: 'SESSID=1' };
const done: Parameters<Middleware>[1] = () => new Response('done');

/** `done`, or why it was refused. */
async function outcome(init: RequestInit, options: CsrfOptions = {}): Promise<string> {
  return outcomeOf(request('/pay', { method: 'POST', ...init }), options);
}

async function outcomeOf(asked: Request, options: CsrfOptions = {}): Promise<string> {
  try {
    return (await csrf(options)(asked, done)).body as string;
  } catch (error) {
    if (error instanceof CsrfRefused) return error.reason;
    throw error;
  }
}

describe('with fetch metadata, whatever else is sent', () => {
  test.each<[site: string, more: Record<string, string>, outcome: string]>([
    ['same-origin', {}, 'done'],
    ['same-origin', { Origin: 'http://localhost' }, 'done'],
    ['same-origin', { Origin: 'https://public.name.behind.a.proxy' }, 'done'],
    ['none', {}, 'done'],
    ['same-site', {}, 'site'],
    ['same-site', { Origin: 'http://other.localhost' }, 'site'],
    ['cross-site', {}, 'site'],
    ['cross-site', { Origin: 'https://evil.example' }, 'site'],
    ['cross-site', { Origin: 'null' }, 'site'],
    ['cross-site', { Origin: 'http://localhost' }, 'site'],
    ['cross-site', { Authorization: 'Bearer abc' }, 'site'],
    ['', {}, 'site'],
    ['Same-Origin', {}, 'site'],
    ['same-origin, cross-site', {}, 'site'],
    ['same-origin;a', {}, 'site'],
    ['unheard-of', { Origin: 'http://localhost' }, 'site'],
  ])('%j with %j: %s', async (site, more, expected) => {
    expect(await outcome({ headers: { 'Sec-Fetch-Site': site, ...more } })).toBe(expected);
    expect(await outcome({ headers: { 'Sec-Fetch-Site': site, ...more, ...COOKIE } })).toBe(expected);
  });

  test('two fields of it are none of the good ones', async () => {
    const headers: [string, string][] = [
      ['Sec-Fetch-Site', 'same-origin'],
      ['Sec-Fetch-Site', 'same-origin'],
    ];
    expect(await outcome({ headers })).toBe('site');
  });
});

describe('without fetch metadata, by Origin', () => {
  test.each<[host: string, origin: string, outcome: string]>([
    ['localhost', 'http://localhost', 'done'],
    ['LOCALHOST', 'http://localhost', 'done'],
    ['localhost:80', 'http://localhost', 'done'],
    ['localhost:8080', 'http://localhost:8080', 'done'],
    ['[::1]:8080', 'http://[::1]:8080', 'done'],
    ['localhost', 'https://localhost', 'origin'],
    ['localhost:443', 'https://localhost', 'origin'],
    ['localhost:8080', 'http://localhost', 'origin'],
    ['localhost', 'http://localhost:8080', 'origin'],
    ['localhost', 'http://localhost.evil.example', 'origin'],
    ['localhost', 'http://evil-localhost', 'origin'],
    ['localhost', 'http://localhost@evil.example', 'origin'],
    ['localhost', 'http://localhost/', 'origin'],
    ['localhost', 'http://localhost, http://localhost', 'origin'],
    ['localhost', 'localhost', 'origin'],
    ['localhost', 'null', 'origin'],
    ['localhost', '', 'origin'],
    ['null', 'null', 'origin'],
    ['', 'http://', 'origin'],
    ['evil example', 'http://evil example', 'origin'],
  ])('to %j from %j: %s', async (host, origin, expected) => {
    const headers = { Host: host, Origin: origin };
    expect(await outcome({ headers })).toBe(expected);
    expect(await outcome({ headers: { ...headers, ...COOKIE } })).toBe(expected);
  });

  test.each<[headers: Record<string, string>, trustProxy: TrustProxy, status: number]>([
    [{ 'X-Forwarded-Proto': 'https', Origin: 'https://localhost' }, ['127.0.0.1'], 200],
    [{ 'X-Forwarded-Proto': 'https', Origin: 'http://localhost' }, ['127.0.0.1'], 403],
    [{ 'X-Forwarded-Proto': 'https', Origin: 'https://localhost' }, false, 403],
    [{ 'X-Forwarded-Host': 'shop.example', Origin: 'http://shop.example' }, ['127.0.0.1'], 200],
    [{ 'X-Forwarded-Host': 'shop.example', Origin: 'http://shop.example' }, false, 403],
    [{ 'X-Forwarded-Proto': 'https,http', Origin: 'https://localhost' }, 2, 200],
    [{ 'X-Forwarded-Proto': 'https,http', Origin: 'https://localhost' }, 1, 403],
    [
      {
        'X-Forwarded-Proto': 'https, http',
        'X-Forwarded-For': '9.9.9.9, 10.0.0.1',
        Origin: 'https://localhost',
      },
      ['127.0.0.1', '10.0.0.0/8'],
      200,
    ],
    [{ 'X-Forwarded-Proto': 'https,http', Origin: 'https://localhost' }, false, 403],
  ])('%j with trustProxy %j is answered %i', async (headers, trustProxy, status) => {
    const app = await bootstrap({ controllers: [Shop], middleware: [csrf()], trustProxy });
    expect((await new TestClient(app).post('/pay', { headers })).status).toBe(status);
  });
});

test.each([
  ['https://tools.example', 'done'],
  ['https://tools.example.', 'done'],
  ['http://tools.example', 'origin'],
  ['http://localhost', 'origin'],
  ['https://evil.example', 'origin'],
])('where the origins of the server are named, Host has no say: %s is %s', async (Origin, expected) => {
  const headers = { Origin, Host: new URL(Origin).host, ...COOKIE };
  expect(await outcome({ headers }, { origins: ['https://tools.example'] })).toBe(expected);
});

describe('trusted origins', () => {
  const trustedOrigins = ['https://shop.example', 'http://10.0.0.1:8080'];

  test.each<[headers: Record<string, string>, outcome: string]>([
    [{ Origin: 'https://shop.example' }, 'done'],
    [{ Origin: 'https://shop.example', 'Sec-Fetch-Site': 'cross-site' }, 'done'],
    [{ Origin: 'https://shop.example', 'Sec-Fetch-Site': 'same-site' }, 'done'],
    [{ Origin: 'https://shop.example.' }, 'done'],
    [{ Origin: 'https://shop.example.evil' }, 'origin'],
    [{ Origin: 'http://10.0.0.1:8080' }, 'done'],
    [{ Origin: 'http://10.0.0.1' }, 'origin'],
    [{ Origin: 'http://shop.example' }, 'origin'],
    [{ Origin: 'https://shop.example:8443' }, 'origin'],
    [{ Origin: 'https://www.shop.example' }, 'origin'],
    [{ Origin: 'https://SHOP.example' }, 'origin'],
    [{ Origin: 'null', 'Sec-Fetch-Site': 'cross-site' }, 'site'],
    [{ 'Sec-Fetch-Site': 'cross-site' }, 'site'],
    [{ Referer: 'https://shop.example/', ...COOKIE }, 'token-missing'],
  ])('%j: %s', async (headers, expected) => {
    expect(await outcome({ headers }, { trustedOrigins })).toBe(expected);
  });
});

describe('with neither', () => {
  test.each<[headers: Record<string, string>, outcome: string]>([
    [{}, 'done'],
    [{ Authorization: 'Bearer abc' }, 'done'],
    [{ Authorization: 'bearer abc' }, 'done'],
    [{ ...COOKIE }, 'token-missing'],
    [{ Cookie: '' }, 'token-missing'],
    [{ Authorization: 'Basic YTpi' }, 'token-missing'],
    [{ Authorization: 'Digest username="a"' }, 'token-missing'],
    [{ Authorization: 'Negotiate abc' }, 'token-missing'],
    [{ Authorization: '' }, 'token-missing'],
    [{ Authorization: 'Bearer a, Basic b=c=d' }, 'token-missing'],
    [{ Authorization: 'Bearer abc', ...COOKIE }, 'token-missing'],
  ])('%j: %s', async (headers, expected) => {
    expect(await outcome({ headers })).toBe(expected);
  });

  test('what counts as credentials can be said', async () => {
    expect(await outcome({}, { hasCredentials: () => true })).toBe('token-missing');
    expect(await outcome({ headers: COOKIE }, { hasCredentials: () => false })).toBe('done');
  });
});

test.each([
  'application/x-www-form-urlencoded',
  'Application/X-WWW-Form-Urlencoded',
  'multipart/form-data; boundary=b',
  'text/plain',
  'application/json',
  'application/json ;',
  'no type',
  undefined,
])('O4: the check does not depend on the Content-Type, here %j', async (type) => {
  const headers = { Origin: 'https://evil.example', ...(type !== undefined && { 'Content-Type': type }) };
  expect(await outcome({ headers, body: 'a=b' })).toBe('origin');
});

test.each([
  ['GET', 'done'],
  ['HEAD', 'done'],
  ['OPTIONS', 'done'],
  ['TRACE', 'done'],
  ['POST', 'site'],
  ['PUT', 'site'],
  ['PATCH', 'site'],
  ['DELETE', 'site'],
  ['get', 'site'],
  ['PROPFIND', 'site'],
  ['', 'site'],
])('a %j from another site: %s', async (method, expected) => {
  expect(await outcome({ method, headers: { 'Sec-Fetch-Site': 'cross-site' } })).toBe(expected);
});

test('except() lets a webhook through, and nothing else', async () => {
  const except = ({ path }: Request): boolean => path === '/hooks/paid';
  const init = { method: 'POST', headers: { Origin: 'https://bank.example', ...COOKIE } };
  expect(await outcomeOf(request('/hooks/paid', init), { except })).toBe('done');
  expect(await outcomeOf(request('/hooks/%70aid', init), { except })).toBe('done');
  expect(await outcomeOf(request('/hooks/paid/x', init), { except })).toBe('origin');
});

test('a request that passes by its head is answered synchronously', () => {
  for (const init of [{}, { method: 'POST', headers: { 'Sec-Fetch-Site': 'same-origin' } }])
    expect(csrf()(request('/', init), done)).toBeInstanceOf(Response);
});

@Controller('/pay')
class Shop {
  @Post('/') pay() {
    return 'paid';
  }
}

describe('the answer', () => {
  const FOREIGN =
    'This request came from another site, so nothing was done. Open the page on this site, and send it from there.';
  const UNPROVED =
    'There is no proof that this request came from a page of this site, so nothing was done. ' +
    'Load the page again with cookies allowed, and send it once more.';

  async function refusal(headers: Record<string, string>, options?: CsrfOptions) {
    const app = await bootstrap({ controllers: [Shop], middleware: [csrf(options)] });
    const response = await new TestClient(app).post('/pay', {
      headers: { Accept: 'application/json', ...headers },
    });
    expect(response.status).toBe(403);
    return response.json<{ detail: string }>();
  }

  test.each<[Record<string, string>, string]>([
    [{ 'Sec-Fetch-Site': 'cross-site' }, FOREIGN],
    [{ Origin: 'https://evil.example' }, FOREIGN],
    [COOKIE, UNPROVED],
    [{ ...COOKIE, 'X-CSRF-Token': 'x' }, UNPROVED],
  ])('%j is told what to do', async (headers, detail) => {
    expect(await refusal(headers)).toEqual({ type: 'about:blank', title: 'Forbidden', status: 403, detail });
  });

  test.each<[Record<string, string>, string, string]>([
    [
      { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' },
      'Sec-Fetch-Site: "cross-site", Origin: "https://evil.example", Host: "localhost".',
      'Name the origin in trustedOrigins',
    ],
    [{ Origin: 'null' }, 'Sec-Fetch-Site: none, Origin: "null", Host: "localhost".', 'trustProxy'],
    [COOKIE, 'Sec-Fetch-Site: none, Origin: none, Host: "localhost".', 'csrfField(request)'],
    [{ ...COOKIE, 'X-CSRF-Token': 'x' }, 'Origin: none', 'The token is not of this session'],
  ])('%j tells developers more in debug mode', async (headers, seen, cure) => {
    const { detail } = await refusal(headers, { debug: true });
    expect(detail).toContain(seen);
    expect(detail).toContain(cure);
  });

  test('shows nothing of a request unescaped, nor all of it', async () => {
    const app = await bootstrap({ controllers: [Shop], middleware: [csrf({ debug: true })] });
    const headers = { Accept: 'text/html', Origin: `<script>${'x'.repeat(5000)}` };
    const page = await (await new TestClient(app).post('/pay', { headers })).text();
    expect(page).toContain('Origin: &quot;&lt;script&gt;xxx');
    expect(page).not.toContain('<script>');
    expect(page).not.toContain('x'.repeat(257));
  });

  test('around one route, goes to the state handler of the application', async () => {
    @Controller()
    class Guarded {
      @Post('/') @Use(csrf()) change() {
        return 'changed';
      }

      @HttpState(403) refused(_req: Request, error: HttpError) {
        return { reason: error instanceof CsrfRefused && error.reason };
      }
    }
    const app = await bootstrap({ controllers: [Guarded], logger: collectingLogger() });
    const client = new TestClient(app);
    const answer = await client.post('/', { headers: { 'Sec-Fetch-Site': 'same-site' } });
    expect([answer.status, await answer.json()]).toEqual([403, { reason: 'site' }]);
    expect(await (await client.post('/', { headers: { 'Sec-Fetch-Site': 'none' } })).text()).toBe('changed');
  });
});
