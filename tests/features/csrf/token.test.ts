/** Tokens: who accepts one, in which place, and what it leaves in a response. */
import { setImmediate } from 'node:timers/promises';
import { describe, expect, jest, test } from '@jest/globals';
import {
  bootstrap,
  Controller,
  Data,
  Form,
  Get,
  HttpState,
  Post,
  reply,
  Response,
  Use,
  type Request,
} from 'obol';
import { csrf, CSRF_FIELD, CSRF_HEADER, csrfField, csrfToken, type CsrfOptions } from 'obol/csrf';
import { request, TestClient, type RequestInit, type TestResponse } from 'obol/testing';
import { buildRequest } from '../../../src/hosts/testing/request.js';
import { createToken, isTokenOf } from '../../../src/features/csrf/token.js';
import { collectingLogger } from '../../support/collecting-logger.js';
import { developerError } from '../../support/errors.js';
import { bodyOf, field, file } from '../../support/multipart.js';

const KEY = 'a key of thirty-two bytes or more';
const MIB = 1024 * 1024;

@Controller()
class Pages {
  @Get('/form') form(req: Request) {
    return `<form method="post" action="/">${csrfField(req)}</form>`;
  }

  @Get('/token') token(req: Request) {
    return reply(csrfToken(req), 'text/plain');
  }

  @Get('/plain') plain() {
    return 'nothing to send here';
  }

  @Get('/cached') cached(req: Request) {
    return reply(csrfToken(req), { headers: { 'Cache-Control': 'no-store', Vary: 'Accept' } });
  }

  @Get('/late') *late(req: Request) {
    // The head waits for the first chunk, and the token would be on time in it.
    yield '';
    yield csrfToken(req);
  }

  @Post('/') change({ form, json }: Request) {
    const fields = form.fields.map(({ name, value }) => [name, value]);
    return { fields, files: form.files.map(({ filename }) => filename), json: json ?? null };
  }

  @Post('/few') @Form({ fields: 2 }) few() {
    return 'few';
  }

  @Post('/raw') @Data(false) @Form(false) async raw(req: Request) {
    const chunks: Buffer[] = [];
    for await (const chunk of req.stream) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  }
}

async function start(options: CsrfOptions = {}) {
  const app = await bootstrap({
    controllers: [Pages],
    logger: collectingLogger(),
    middleware: [csrf(options)],
    trustProxy: ['127.0.0.1'],
  });
  return new TestClient(app);
}

/** The detail of a refusal, else the content. */
async function told(response: TestResponse): Promise<string> {
  const text = await response.text();
  return `${String(response.status)} ${text}`;
}

async function tokenFor(client: TestClient): Promise<string> {
  return (await client.get('/token')).text();
}

/** The status of a POST by a client that says nothing of origins, with this token in the header. */
async function statusWith(client: TestClient, token: string, init: RequestInit = {}): Promise<number> {
  return (await client.post('/', { headers: { [CSRF_HEADER]: token }, ...init })).status;
}

const urlencoded = (body: string): RequestInit => ({
  headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  body,
});
const multipart = (...parts: string[]): RequestInit => ({
  headers: { 'Content-Type': 'multipart/form-data; boundary=b' },
  body: bodyOf(...parts),
});

describe('a token', () => {
  test('is 86 characters that need no escape anywhere', () => {
    expect(createToken(Buffer.from(KEY), 'secret')).toMatch(/^[\w-]{86}$/);
  });

  test('is never written the same way twice, in any of its parts', () => {
    const tokens = Array.from({ length: 50 }, () => createToken(Buffer.from(KEY), 'secret'));
    for (const part of [(token: string) => token.slice(0, 40), (token: string) => token.slice(-40)])
      expect(new Set(tokens.map(part)).size).toBe(50);
  });

  test('is good for its key and secret only', () => {
    const key = Buffer.from(KEY);
    const token = createToken(key, 'secret');
    expect(isTokenOf(token, key, 'secret')).toBe(true);
    expect(isTokenOf(token, key, Buffer.from('secret'))).toBe(true);
    expect(isTokenOf(token, key, 'another')).toBe(false);
    expect(isTokenOf(token, Buffer.from(`${KEY}!`), 'secret')).toBe(false);
  });

  test('is no good when any of its bits is another', () => {
    const key = Buffer.from(KEY);
    const bytes = Buffer.from(createToken(key, 'secret'), 'base64url');
    const flipped = Array.from({ length: 8 * bytes.length }, (_, bit) => {
      const copy = Buffer.from(bytes);
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return copy.toString('base64url');
    });
    expect(flipped.filter((token) => isTokenOf(token, key, 'secret'))).toEqual([]);
  });

  test.each<[string, (token: string) => string]>([
    ['empty', () => ''],
    ['cut by one character', (token) => token.slice(0, -1)],
    ['cut in half', (token) => token.slice(0, 43)],
    ['longer', (token) => `${token}A`],
    ['padded', (token) => `${token}==`],
    ['with a character of other base64', (token) => token.replace(/^./, '+')],
    ['with a character that decoders skip', (token) => `${token.slice(0, -1)} `],
    ['with a wide character', (token) => `${token.slice(0, -1)}Ā`],
    ['with another last character for the same bytes', otherLast],
    ['of zeros', () => 'A'.repeat(86)],
    ['of a proof without mask', (token) => 'A'.repeat(43) + token.slice(43)],
  ])('is no good %s', (_, change) => {
    const key = Buffer.from(KEY);
    expect(isTokenOf(change(createToken(key, 'secret')), key, 'secret')).toBe(false);
  });

  /** Four of the last six bits stand for nothing. */
  function otherLast(token: string): string {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const other = token.slice(0, -1) + (alphabet[alphabet.indexOf(token.slice(-1)) + 1] ?? '');
    expect(Buffer.from(other, 'base64url')).toEqual(Buffer.from(token, 'base64url'));
    return other;
  }
});

describe('the cookie', () => {
  const setCookies = async (client: TestClient, path: string, init?: RequestInit): Promise<string[]> =>
    (await client.get(path, init)).headers.getAll('set-cookie');

  test('is set only when a token was asked for, and once', async () => {
    const client = await start();
    expect(await setCookies(client, '/plain')).toEqual([]);
    expect(await setCookies(client, '/token')).toEqual([
      expect.stringMatching(/^csrf=c1\.[\w-]{8}\.[\w-]{58}\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/),
    ]);
    expect(await setCookies(client, '/token')).toEqual([]);
  });

  test('belongs to this host alone over https', async () => {
    const headers = { 'X-Forwarded-Proto': 'https' };
    const client = await start();
    expect(await setCookies(client, '/token', { headers })).toEqual([
      expect.stringMatching(
        /^__Host-csrf=c1\.[\w-]{8}\.[\w-]{58}\.[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax$/,
      ),
    ]);
    const token = await (await client.get('/token', { headers })).text();
    expect(await statusWith(client, token, { headers: { ...headers, [CSRF_HEADER]: token } })).toBe(200);
  });

  test('over https, one without the prefix is none', async () => {
    const client = await start();
    const token = await tokenFor(client);
    expect(await statusWith(client, token)).toBe(200);
    const headers = { 'X-Forwarded-Proto': 'https', [CSRF_HEADER]: token };
    expect(await statusWith(client, token, { headers })).toBe(403);
  });

  test.each<[string, (value: string) => string]>([
    ['invented', () => 'invented'],
    ['empty', () => ''],
    ['with nothing before the signature', (value) => value.slice(-44)],
    ['without signature', (value) => value.slice(0, -44)],
    ['with another signature', (value) => `${value.slice(0, -43)}${'A'.repeat(43)}`],
    ['with other random bytes', (value) => `${value.slice(0, 12)}${'A'.repeat(58)}${value.slice(-44)}`],
    ['of another kind', (value) => value.replace(/^c1/, 'l1')],
    ['longer', (value) => `${value}A`],
  ])('is taken for none and replaced when it is %s', async (_, change) => {
    const client = await start();
    const token = await tokenFor(client);
    client.cookies.set('csrf', change(client.cookies.get('csrf') ?? ''));
    expect(await statusWith(client, token)).toBe(403);
    expect(await setCookies(client, '/token')).toHaveLength(1);
    expect(await statusWith(client, await tokenFor(client))).toBe(200);
  });

  test.each<[string, RequestInit, number]>([
    ['for want of a token, whose page has one', {}, 1],
    ['for a wrong token', { headers: { [CSRF_HEADER]: 'wrong' } }, 1],
    // Such a client needs no token, and may have a cookie that another site's request does not carry.
    ['as one of another site', { headers: { 'Sec-Fetch-Site': 'cross-site' } }, 0],
  ])('comes with a refusal %s', async (_, init, cookies) => {
    @Controller()
    class Refusing {
      @HttpState(403) again(req: Request) {
        return reply(csrfToken(req), 'text/plain');
      }
    }
    const app = await bootstrap({ controllers: [Pages, Refusing], middleware: [csrf()] });
    const client = new TestClient(app);
    client.cookies.set('SESSID', '1');
    const refused = await client.post('/', init);
    expect([refused.status, refused.headers.getAll('set-cookie').length]).toEqual([403, cookies]);
    expect(await statusWith(client, await refused.text())).toBe(cookies === 1 ? 200 : 403);
  });

  test('comes once with a refusal that a route makes within csrf()', async () => {
    @Controller()
    class Route {
      @Post('/') @Use(csrf()) change() {
        return 'changed';
      }

      @HttpState(403) again(req: Request) {
        return reply(csrfToken(req), 'text/plain');
      }
    }
    const middleware = [csrf({ except: () => true, key: KEY })];
    const client = new TestClient(await bootstrap({ controllers: [Route], middleware }));
    const refused = await client.post('/', { cookies: { SESSID: '1' } });
    expect([refused.status, refused.headers.getAll('set-cookie').length]).toEqual([403, 1]);
  });

  test('keeps the page out of caches that others share', async () => {
    const client = await start();
    const headersOf = async (path: string): Promise<unknown> => {
      const { headers } = await client.get(path);
      return [headers.get('vary'), headers.get('cache-control')];
    };
    expect(await headersOf('/token')).toEqual(['Cookie', 'private']);
    expect(await headersOf('/token')).toEqual(['Cookie', 'private']);
    expect(await headersOf('/cached')).toEqual(['Accept, Cookie', 'no-store']);
    expect(await headersOf('/plain')).toEqual([undefined, undefined]);
  });
});

describe('a client that says nothing of origins', () => {
  test('passes with a token in the header, again and again', async () => {
    const client = await start();
    const token = await tokenFor(client);
    expect(await statusWith(client, token)).toBe(200);
    expect(await statusWith(client, token)).toBe(200);
    const init = { headers: { [CSRF_HEADER]: token }, json: { a: 1 } };
    expect(await told(await client.post('/', init))).toBe('200 {"fields":[],"files":[],"json":{"a":1}}');
  });

  test('passes with the field of a page, in forms of both kinds', async () => {
    const client = await start();
    const page = await (await client.get('/form')).text();
    const [, token = ''] = /<input type="hidden" name="_csrf" value="([\w-]{86})"><\/form>$/.exec(page) ?? [];
    expect(await told(await client.post('/', urlencoded(`a=1&_csrf=${token}&b=%C5%BE`)))).toBe(
      `200 {"fields":[["a","1"],["_csrf","${token}"],["b","ž"]],"files":[],"json":null}`,
    );
    const parts = [field('a', '1'), file('f', 'a.txt', 'x'.repeat(200_000)), field(CSRF_FIELD, token)];
    expect(await told(await client.post('/', multipart(...parts)))).toBe(
      `200 {"fields":[["a","1"],["_csrf","${token}"]],"files":["a.txt"],"json":null}`,
    );
  });

  test('is refused with the token of another client', async () => {
    const [mine, other] = [await start({ key: KEY }), await start({ key: KEY })];
    const [token, foreign] = [await tokenFor(mine), await tokenFor(other)];
    expect(await statusWith(mine, foreign)).toBe(403);
    expect(await statusWith(mine, token)).toBe(200);
  });

  test('is refused with a token and no cookie of ours', async () => {
    const client = await start();
    const token = await tokenFor(client);
    client.cookies.clear();
    expect(
      await statusWith(client, token, { cookies: { SESSID: '1' }, headers: { [CSRF_HEADER]: token } }),
    ).toBe(403);
  });

  test('a token holds in another process with the same key, and in no other', async () => {
    const [first, same, other] = [
      await start({ key: KEY }),
      await start({ key: Buffer.from(KEY) }),
      await start(),
    ];
    const token = await tokenFor(first);
    for (const client of [same, other]) client.cookies.set('csrf', first.cookies.get('csrf') ?? '');
    expect([await statusWith(same, token), await statusWith(other, token)]).toEqual([200, 403]);
  });

  test.each<[string, (token: string) => RequestInit, number]>([
    ['no token', () => urlencoded('a=1'), 403],
    ['two tokens', (token) => urlencoded(`_csrf=${token}&_csrf=${token}`), 403],
    ['an empty token', () => urlencoded('_csrf='), 403],
    ['an escaped token', (token) => urlencoded(`%5Fcsrf=${token}`), 200],
    ['a name in capitals', (token) => urlencoded(`_CSRF=${token}`), 403],
    ['a name with brackets', (token) => urlencoded(`_csrf[]=${token}`), 403],
    ['an upper-case type', (token) => typed(token, 'Application/X-WWW-FORM-urlencoded'), 200],
    ['no type', (token) => ({ body: `_csrf=${token}` }), 403],
    ['a type of text', (token) => typed(token, 'text/plain'), 403],
    ['a malformed type', (token) => typed(token, 'application/x-www-form-urlencoded;;='), 403],
    ['an unknown charset', (token) => typed(token, 'application/x-www-form-urlencoded; charset=utf-7'), 415],
    ['a bad escape', (token) => urlencoded(`_csrf=${token}&a=%zz`), 400],
    ['a token in the query', () => ({}), 403],
    ['a token in a file', (token) => multipart(file(CSRF_FIELD, 'a', token)), 403],
    ['a multipart form cut short', (token) => cut(multipart(field(CSRF_FIELD, token), field('a', '1'))), 400],
    ['an encoded form', (token) => encoded(urlencoded(`_csrf=${token}`)), 403],
    ['as much as is read', (token) => urlencoded(filled(token, MIB)), 200],
    ['more than is read', (token) => urlencoded(filled(token, MIB + 1)), 403],
    ['more than is read, in chunks', (token) => chunked(filled(token, MIB + 1)), 413],
  ])('is answered by its form: %s', async (_, init, status) => {
    const client = await start();
    const token = await tokenFor(client);
    expect((await client.post(`/?_csrf=${token}`, init(token))).status).toBe(status);
  });

  test('the header decides where both are there', async () => {
    const client = await start();
    const token = await tokenFor(client);
    const good = urlencoded(`_csrf=${token}`);
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded', [CSRF_HEADER]: 'wrong' };
    expect((await client.post('/', { ...good, headers })).status).toBe(403);
    expect((await client.post('/', { ...good, headers: { ...headers, [CSRF_HEADER]: token } })).status).toBe(
      200,
    );
    expect((await client.post('/', { ...good, headers: { ...headers, [CSRF_HEADER]: '' } })).status).toBe(
      403,
    );
  });

  test('the route still reads the form in its own way', async () => {
    const client = await start();
    const token = await tokenFor(client);
    const post = async (path: string, body: string): Promise<string> =>
      told(await client.post(path, { ...urlencoded(body) }));
    expect(await post('/few', `_csrf=${token}&a=1`)).toBe('200 few');
    expect(await post('/few', `_csrf=${token}&a=1&b=2`)).toMatch(/^413 /);
    expect(await post('/raw', `_csrf=${token}&a=1`)).toBe(`200 _csrf=${token}&a=1`);
  });

  function typed(token: string, type: string): RequestInit {
    return { headers: { 'Content-Type': type }, body: `_csrf=${token}` };
  }

  function cut(init: RequestInit): RequestInit {
    return { ...init, body: (init.body as Buffer).subarray(0, -8) };
  }

  function encoded(init: RequestInit): RequestInit {
    return { ...init, headers: { ...(init.headers as object), 'Content-Encoding': 'gzip' } };
  }

  function filled(token: string, size: number): string {
    return `_csrf=${token}&a=`.padEnd(size, 'x');
  }

  function chunked(body: string): RequestInit {
    return { ...urlencoded(body), body: [body.slice(0, 1000), body.slice(1000)] };
  }
});

describe('secretOf', () => {
  const secretOf = ({ cookies }: Request): string | undefined => cookies.get('SESSID');

  test('binds tokens to the session, without a cookie of their own', async () => {
    const client = await start({ secretOf });
    client.cookies.set('SESSID', 'one');
    const token = await tokenFor(client);
    expect(client.cookies.toObject()).toEqual(
      Object.assign(Object.create(null) as object, { SESSID: 'one' }),
    );
    expect(await statusWith(client, token)).toBe(200);
    client.cookies.set('SESSID', 'two');
    expect(await statusWith(client, token)).toBe(403);
  });

  test.each([undefined, '', new Uint8Array()])('%j leaves it to the cookie', async (none) => {
    const client = await start({ secretOf: () => none });
    const token = await tokenFor(client);
    expect(client.cookies.get('csrf')).toMatch(/^c1\./);
    expect(await statusWith(client, token)).toBe(200);
  });

  test('once there is a session, the token of the time before is no good', async () => {
    const client = await start({ secretOf });
    const token = await tokenFor(client);
    client.cookies.set('SESSID', 'one');
    expect(await statusWith(client, token)).toBe(403);
    expect(await statusWith(client, await tokenFor(client))).toBe(200);
  });

  test('a promise is waited for where a token is checked', async () => {
    const known = await start({ key: KEY, secretOf });
    known.cookies.set('SESSID', 'one');
    const token = await tokenFor(known);
    const client = await start({ key: KEY, secretOf: async (req) => secretOf(req) });
    client.cookies.set('SESSID', 'one');
    expect(await statusWith(client, token)).toBe(200);
    client.cookies.set('SESSID', 'two');
    expect(await statusWith(client, token)).toBe(403);
  });

  test.each<[string, () => Promise<string>]>([
    ['kept', async () => 'secret'],
    ['broken', () => Promise.reject(new Error('the store is away'))],
  ])('a promise that is %s is an error where a token is made, and nothing more', async (_, later) => {
    const unhandled = jest.fn();
    process.once('unhandledRejection', unhandled);
    const asked = request('/');
    await csrf({ secretOf: later })(asked, () => {
      const message =
        'secretOf gave a promise, and a token was asked for: give the secret at once where a page needs it, as a ' +
        'session can that has been loaded.';
      expect(() => csrfToken(asked)).toThrow(developerError('E_CSRF', message));
      return new Response();
    });
    await setImmediate();
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe('developers are told', () => {
  test('that the middleware is missing', () => {
    const message =
      'A token was asked for, but csrf() has not seen the request; add it to the application: middleware: [csrf()].';
    expect(() => csrfToken(buildRequest('/', {}))).toThrow(developerError('E_CSRF', message));
    expect(() => csrfField(buildRequest('/', {}))).toThrow(developerError('E_CSRF', message));
  });

  const LATE =
    'A token was asked for when the head of the response had gone out, so that its cookie cannot be set any more: ask ' +
    'before the handler returns, not in a generator or stream that it returns.';

  test('that it is too late for a cookie, unless the client has one', async () => {
    const client = await start();
    await expect((await client.get('/late')).text()).rejects.toThrow(developerError('E_CSRF', LATE));
    await tokenFor(client);
    const token = await (await client.get('/late')).text();
    expect(await statusWith(client, token)).toBe(200);
  });

  test.each(['at once', 'later'])(
    'so after an error %s, when no response of the route comes',
    async (when) => {
      let late: unknown;
      @Controller()
      class Failing {
        @Get('/') @Use(csrf()) fail() {
          if (when === 'at once') throw new RangeError('failed');
          return Promise.reject(new RangeError('failed'));
        }

        @HttpState(500) page(req: Request) {
          try {
            csrfToken(req);
          } catch (error) {
            late = error;
          }
          return 'the page of an error';
        }
      }
      const app = await bootstrap({ controllers: [Failing], logger: collectingLogger() });
      expect((await new TestClient(app).get('/')).status).toBe(500);
      expect(late).toEqual(developerError('E_CSRF', LATE));
    },
  );
});
