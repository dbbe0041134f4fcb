/** TestClient: a whole application without a socket. */
import { existsSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  abort,
  Controller,
  Get,
  GeneratorResponse,
  HttpError,
  makeResponse,
  METHOD_ALL,
  redirect,
  reply,
  Route,
  TextResponse,
  UpgradeResponse,
  type Request,
  type Response,
} from 'obol';
import { staticFiles } from 'obol/static';
import { CommandEnvironment, UploadedFile, type TestRequestInit } from 'obol/testing';
import { CookieJar } from '../../../src/hosts/testing/cookie-jar.js';
import type { CookieTarget } from '../../../src/hosts/testing/stored-cookie.js';
import { TestClient } from '../../../src/hosts/testing/test-client.js';
import { start } from '../../support/client.js';
import { developerError } from '../../support/errors.js';

async function* silent() {
  yield await new Promise<string>(() => undefined);
}

@Controller()
class ClientController {
  @Route('/echo', METHOD_ALL) echo(req: Request) {
    const { method, json, user } = req;
    const headers = Object.fromEntries(req.headers);
    return { method, json, user, headers, cookies: Object.fromEntries(req.cookies) };
  }
  @Get('/login') login() {
    return reply('in', {
      headers: { 'Set-Cookie': ['sid=1; Path=/; HttpOnly', 'theme=dark', '='] },
    });
  }
  @Get('/logout') logout() {
    const gone = 'theme=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT';
    return reply('out', { headers: { 'Set-Cookie': ['sid=; Max-Age=0', gone] } });
  }
  @Get('/renew') renew() {
    return reply('on', {
      headers: { 'Set-Cookie': 'sid=2; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT' },
    });
  }
  @Route('/to/<status:int>', METHOD_ALL) to(_req: Request, status: number) {
    redirect('/echo?from=here', { status });
  }
  @Get('/away') away() {
    redirect('https://elsewhere.example/x');
  }
  @Get('/home') home(req: Request) {
    redirect(`http://${req.peer.host}/echo`);
  }
  @Get('/loop') loop() {
    redirect('/loop');
  }
  @Get('/stream') *stream() {
    yield 'one';
    yield 'two';
  }
  @Get('/sized') sized() {
    return new GeneratorResponse(['abc'], { length: 3 });
  }
}

interface Echo {
  readonly method: string;
  readonly json?: unknown;
  readonly user: unknown;
  readonly headers: Record<string, string>;
  readonly cookies: Record<string, string>;
}

let client: TestClient;
beforeAll(async () => {
  const { app } = await start(ClientController);
  client = new TestClient(app, { headers: { 'X-Client': 'yes', 'X-Both': 'client' } });
});

describe('a test client', () => {
  test.each(['get', 'post', 'put', 'patch', 'delete', 'options'] as const)('sends %s', async (method) => {
    const echo = await (await client[method]('/echo', { user: 'anna' })).json<Echo>();
    expect([echo.method, echo.user]).toEqual([method.toUpperCase(), 'anna']);
  });

  test('sends its own headers unless the request says otherwise', async () => {
    const { headers } = await (await client.get('/echo', { headers: { 'x-both': 'request' } })).json<Echo>();
    expect(headers).toMatchObject({ 'X-Client': 'yes', 'x-both': 'request' });
    expect(headers).not.toHaveProperty('X-Both');
  });

  test('sends HEAD, which has no body', async () => {
    const response = await client.head('/echo');
    expect([response.status, response.ok, await response.text()]).toEqual([200, true, '']);
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(0);
    expect((await client.get('/nowhere')).ok).toBe(false);
  });

  test('keeps cookies, and loses those that have expired', async () => {
    await client.get('/login');
    expect(client.cookies.toObject()).toEqual({ sid: '1', theme: 'dark' });
    const { cookies } = await (await client.get('/echo', { cookies: { theme: 'light' } })).json<Echo>();
    expect(cookies).toEqual({ sid: '1', theme: 'light' });
    await client.get('/renew');
    expect(client.cookies.get('sid')).toBe('2');
    await client.get('/logout');
    expect(client.cookies.toObject()).toEqual({});
  });

  test('has cookies that a test can set', () => {
    client.cookies.set('__proto__', '1');
    expect(Object.keys(client.cookies.toObject())).toEqual(['__proto__']);
    expect([client.cookies.delete('__proto__'), client.cookies.get('__proto__')]).toEqual([true, undefined]);
    client.cookies.set('a', '1');
    client.cookies.clear();
    expect(client.cookies.toObject()).toEqual({});
  });

  test('gives a streamed body piece by piece', async () => {
    const pieces: string[] = [];
    for await (const piece of (await client.get('/stream')).body) pieces.push(Buffer.from(piece).toString());
    expect(pieces).toEqual(['one', 'two']);
    expect(await (await client.get('/sized')).text()).toBe('abc');
  });

  test('sends to a plain handler, whose errors are thrown', async () => {
    const plain = new TestClient((request) => new TextResponse(request.path));
    expect(await (await plain.get('/x')).text()).toBe('/x');
    const failing = new TestClient(() => {
      throw new Error('plain');
    });
    await expect(failing.get('/')).rejects.toThrow('plain');
  });
});

describe('redirects', () => {
  test('are followed on demand only', async () => {
    expect((await client.get('/to/302')).status).toBe(302);
    const following = new TestClient((await start(ClientController)).app, { followRedirects: true });
    expect((await following.get('/to/302')).status).toBe(200);
    expect((await following.get('/to/302', { followRedirects: false })).status).toBe(302);
  });

  test.each([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [303, 'HEAD', 'HEAD'],
    [302, 'PUT', 'PUT'],
    [307, 'POST', 'POST'],
    [308, 'DELETE', 'DELETE'],
  ])('of %i go on from %s with %s', async (status, method, then) => {
    const response = await client.request(`/to/${status}`, { method, followRedirects: true });
    expect(response.status).toBe(200);
    if (method !== 'HEAD') expect((await response.json<Echo>()).method).toBe(then);
  });

  test('keep the body where they repeat the request, and drop it with its headers where not', async () => {
    const init = { json: { a: 1 }, followRedirects: true, headers: { 'Content-Type': 'application/json' } };
    expect((await (await client.request('/to/307', init)).json<Echo>()).json).toEqual({ a: 1 });
    const echo = await (await client.request('/to/303', init)).json<Echo>();
    expect([echo.json, echo.headers['Content-Type'], echo.method]).toEqual([undefined, undefined, 'GET']);
  });

  test('to another host are the answer', async () => {
    const response = await client.get('/away', { followRedirects: true });
    expect([response.status, response.headers.get('location')]).toEqual([302, 'https://elsewhere.example/x']);
  });

  test('to the host that was asked are followed', async () => {
    const headers = { Host: 'example.com:81' };
    const echo = await (await client.get('/home', { followRedirects: true, headers })).json<Echo>();
    expect(echo.headers['Host']).toBe('example.com:81');
  });

  test('end after ten', async () => {
    await expect(client.get('/loop', { followRedirects: true })).rejects.toThrow(
      'More than 10 redirects, the last from /loop',
    );
  });
});

describe('a body of a test client', () => {
  const client = new TestClient(async (req: Request) => {
    const isForm = req.mimeType.includes('form');
    const form = isForm ? await req.readForm() : undefined;
    const files = await Promise.all(
      (form?.files ?? []).map(async (file) => [file.name, file.filename, file.type, await file.text()]),
    );
    const text = isForm ? '' : (await req.readBytes()).toString();
    const fields = [...(form ?? [])].filter(([, value]) => typeof value === 'string');
    return new TextResponse(JSON.stringify([req.mimeType, fields, files, text]));
  });
  const formData = new FormData();
  formData.append('a', '1');
  formData.append('f', new Blob(['x'], { type: 'text/x' }), 'x.txt');
  const urlencoded = 'application/x-www-form-urlencoded';
  const multipart = 'multipart/form-data';

  test.each<[string, TestRequestInit, unknown]>([
    [
      'form',
      { form: { a: ['1', 2], b: true } },
      [
        urlencoded,
        [
          ['a', '1'],
          ['a', '2'],
          ['b', 'true'],
        ],
        [],
        '',
      ],
    ],
    ['form of URLSearchParams', { form: new URLSearchParams('a=1') }, [urlencoded, [['a', '1']], [], '']],
    ['body of URLSearchParams', { body: new URLSearchParams('a=1') }, [urlencoded, [['a', '1']], [], '']],
    ['body of FormData', { body: formData }, [multipart, [['a', '1']], [['f', 'x.txt', 'text/x', 'x']], '']],
    ['form of FormData', { form: formData }, [multipart, [['a', '1']], [['f', 'x.txt', 'text/x', 'x']], '']],
    [
      'files',
      { form: { a: '1' }, files: { f: { filename: 'x', content: Buffer.from('x') } } },
      [multipart, [['a', '1']], [['f', 'x', 'application/octet-stream', 'x']], ''],
    ],
    [
      'files alone',
      { files: { f: [UploadedFile.of('f', 'x')] } },
      [multipart, [], [['f', 'unnamed', 'application/octet-stream', 'x']], ''],
    ],
    [
      'a File within a form',
      { form: { f: new File(['x'], 'x.txt') } },
      [multipart, [], [['f', 'x.txt', 'application/octet-stream', 'x']], ''],
    ],
    ['body of a Blob', { body: new Blob(['x'], { type: 'text/x' }) }, ['text/x', [], [], 'x']],
    ['data', { data: 'x' }, ['', [], [], 'x']],
  ])('is %s', async (_, init, expected) => {
    expect(await (await client.post('/', init)).json()).toEqual(expected);
  });

  test('is sent again where a redirect repeats it', async () => {
    const moving = new TestClient(async (req: Request) =>
      req.path === '/'
        ? new TextResponse('', { status: 307, headers: { Location: '/next' } })
        : new TextResponse((await req.readForm()).getFile('f')?.filename ?? ''),
    );
    const init = { files: { f: { filename: 'x', content: 'x' } }, followRedirects: true };
    expect(await (await moving.post('/', init)).text()).toBe('x');
  });
});

describe('what a plain handler lets escape', () => {
  test.each<[string, unknown, number]>([
    ['an HTTP error', new HttpError(404), 404],
    ['a response', new TextResponse('', { status: 409 }), 409],
    ['a response that abort() throws', () => abort(new TextResponse('', { status: 418 })), 418],
    ['a redirect', () => redirect('/x', { status: 303 }), 303],
  ])('is answered as on a server: %s', async (_, thrown, status) => {
    const client = new TestClient(() => {
      if (typeof thrown === 'function') (thrown as () => never)();
      throw thrown;
    });
    expect((await client.get('/')).status).toBe(status);
  });

  test('is answered by staticFiles for a file that is not there', async () => {
    const client = new TestClient(staticFiles(import.meta.dirname));
    expect((await client.get('/none')).status).toBe(404);
  });
});

describe('options of a test client', () => {
  test.each<[object, string]>([
    [
      { follow: true },
      'TestClient.follow: there is no such option. The options are followRedirects, expect, headers, https.',
    ],
    [
      { followRedirect: true },
      'TestClient.followRedirect: there is no such option. Did you mean "followRedirects"?',
    ],
    [{ followRedirects: 'yes' }, 'TestClient.followRedirects: "yes" is not true or false.'],
    [{ expect: '2x' }, 'TestClient.expect: "2x" is not a status, a class such as "2xx", or "any".'],
    [{ headers: 'x' }, 'TestClient.headers: "x" is not an object or a list of pairs.'],
  ])('%j is refused', (options, message) => {
    expect(() => new TestClient(() => new TextResponse(''), options)).toThrow(
      developerError('E_SETTING', message),
    );
  });

  test.each<[object, string]>([
    [{ headrs: {} }, 'TestClient.request.headrs: there is no such option. Did you mean "headers"?'],
    [{ params: {} }, 'TestClient.request.params: there is no such option.'],
    [{ expect: 99 }, 'TestClient.request.expect: 99 is not a status, a class such as "2xx", or "any".'],
    [{ form: {}, json: 1 }, 'A request has one body, not json and form; files go with form alone.'],
  ])('%j is refused in a request', async (init, message) => {
    await expect(client.post('/echo', init)).rejects.toThrow(
      expect.objectContaining({
        code: 'E_SETTING',
        message: expect.stringContaining(message),
      }),
    );
  });
});

describe('an expected status', () => {
  const to = (status: number): TestClient =>
    new TestClient(() => new TextResponse('why', { status }), { expect: ['2xx', '3xx'] });

  test.each<[number, TestRequestInit['expect'], boolean]>([
    [200, undefined, true],
    [301, undefined, true],
    [404, undefined, false],
    [404, 404, true],
    [404, [200, 404], true],
    [404, '4xx', true],
    [404, 'any', true],
    [404, ['2xx', 403], false],
    [200, 404, false],
  ])('%i is what %j expects: %s', async (status, expected, isRight) => {
    const answer = to(status).get('/x', { expect: expected });
    if (isRight) expect((await answer).status).toBe(status);
    else await expect(answer).rejects.toMatchObject({ name: 'AssertionError', actual: status });
  });

  test('shows where another answer begins, and a stream not at all', async () => {
    await expect(to(404).get('/x')).rejects.toThrow('GET /x was answered with 404, not 2xx or 3xx:\nwhy');
    await expect(client.get('/stream', { expect: 204 })).rejects.toThrow(
      /^GET \/stream was answered with 200, not 204$/,
    );
  });

  test('is that of the last redirect', async () => {
    expect((await client.get('/to/302', { followRedirects: true, expect: 200 })).url).toBe(
      'http://localhost/echo?from=here',
    );
    await expect(client.get('/to/302', { expect: 200 })).rejects.toThrow(
      'GET /to/302 was answered with 302, not 200',
    );
  });
});

describe('follow()', () => {
  test('asks for what a response redirects to', async () => {
    expect((await (await (await client.get('/to/302')).follow()).json<Echo>()).method).toBe('GET');
  });

  test.each([
    ['/echo', 'The response with 200 redirects nowhere.'],
    ['/away', 'The response with 302 redirects to https://elsewhere.example/x, which is another host.'],
  ])('of %s is an error', async (path, message) => {
    await expect((await client.get(path)).follow()).rejects.toThrow(message);
  });
});

describe('a client that leaves', () => {
  test('gives up its request, and the application hears of it', async () => {
    const leaving = new AbortController();
    let closed = false;
    let signal: AbortSignal | undefined;
    const client = new TestClient((req: Request) => {
      signal = req.signal;
      req.onClose(() => (closed = true));
      return new Promise<Response>(() => undefined);
    });
    const answer = client.get('/', { signal: leaving.signal });
    await setImmediate();
    leaving.abort(new Error('gone'));
    await expect(answer).rejects.toThrow('gone');
    expect([signal?.aborted, closed]).toEqual([true, true]);
  });

  test.each<[string, (end: () => void) => Parameters<typeof makeResponse>[0]]>([
    ['a generator', () => silent()],
    [
      'a stream of the web',
      (end) => new ReadableStream({ pull: () => new Promise(() => undefined), cancel: end }),
    ],
    ['a stream of Node', (end) => new PassThrough().on('close', end)],
  ])('reads no further in %s that never gives anything', async (name, make) => {
    const leaving = new AbortController();
    let isEnded = name === 'a generator';
    const stream = make(() => (isEnded = true));
    const client = new TestClient(() => makeResponse(reply(stream, { early: true })));
    const reading = (await client.get('/', { signal: leaving.signal })).text();
    leaving.abort();
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
    await setImmediate();
    expect(isEnded).toBe(true);
  });

  test('ends a stream that waits', async () => {
    const leaving = new AbortController();
    let isOver = false;
    async function* ticks(signal: AbortSignal) {
      try {
        yield 'one';
        await new Promise((resolve) => {
          signal.addEventListener('abort', resolve);
        });
      } finally {
        isOver = true;
      }
    }
    const client = new TestClient((req: Request) => new GeneratorResponse(ticks(req.signal)));
    const pieces: string[] = [];
    const reading = (async () => {
      for await (const piece of (await client.get('/', { signal: leaving.signal })).body) {
        pieces.push(Buffer.from(piece).toString());
        leaving.abort();
      }
    })();
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
    await setImmediate();
    expect([pieces, isOver]).toEqual([['one'], true]);
  });

  test('had left before', async () => {
    await expect(client.get('/echo', { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
});

describe('the cookie jar', () => {
  const https = { host: 'www.example.com', path: '/a/b', isSecure: true };
  const http = { ...https, isSecure: false };
  const named = (pairs: readonly (readonly [string, string])[]): string =>
    pairs.map((pair) => pair.join('=')).join('; ');

  test.each<[string, CookieTarget, CookieTarget, string]>([
    ['a=1', https, https, 'a=1'],
    ['a=1', https, { ...https, path: '/a' }, 'a=1'],
    ['a=1', https, { ...https, path: '/ab' }, ''],
    ['a=1', { ...https, path: '/a' }, { ...https, path: '/x' }, 'a=1'],
    ['a=1; Path=/x', https, https, ''],
    ['a=1; Path=/x', https, { ...https, path: '/x/y' }, 'a=1'],
    ['a=1; Path=x', https, https, 'a=1'],
    ['a=1', https, { ...https, host: 'example.com' }, ''],
    ['a=1; Domain=example.com', https, { ...https, host: 'example.com' }, 'a=1'],
    ['a=1; Domain=.EXAMPLE.com', https, { ...https, host: 'shop.example.com' }, 'a=1'],
    ['a=1; Domain=example.com', https, { ...https, host: 'badexample.com' }, ''],
    ['a=1; Domain=other.com', https, https, ''],
    ['a=1; Domain=com', https, https, ''],
    ['a=1; Domain=shop.www.example.com', https, https, ''],
    ['a=1; Domain=localhost', { ...https, host: 'localhost' }, { ...https, host: 'localhost' }, 'a=1'],
    ['a=1; Domain=0.0.1', { ...https, host: '127.0.0.1' }, { ...https, host: '127.0.0.1' }, ''],
    ['a=1; Secure', https, http, ''],
    ['a=1; secure=x', https, https, 'a=1'],
    ['a=1; Secure', http, https, ''],
    ['a=1; SameSite=None', https, https, ''],
    ['a=1; SameSite=None; Secure', https, https, 'a=1'],
    ['__Secure-a=1', https, https, ''],
    ['__Secure-a=1; Secure', https, https, '__Secure-a=1'],
    ['__Host-a=1; Secure; Path=/', https, https, '__Host-a=1'],
    ['__hOST-a=1; Secure', https, https, ''],
    ['__Host-a=1; Secure; Path=/; Domain=www.example.com', https, https, ''],
    ['=__Host-a=1; Secure; Path=/', https, https, ''],
    ['a', https, https, '=a'],
    ['=', https, https, ''],
    ['a=1; Max-Age=0', https, https, ''],
    ['a=1; Max-Age=-1; Expires=Fri, 01 Jan 2100 00:00:00 GMT', https, https, ''],
    ['a=1; Max-Age=x', https, https, 'a=1'],
    ['a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT', https, https, ''],
    ['a=1; Expires=01-jan-70 0:0:0', https, https, ''],
    ['a=1; Expires=1 Jan 2099 00:00:00', https, https, 'a=1'],
    ['a=1; Expires=nonsense', https, https, 'a=1'],
    ['a=1; Expires=31 Feb 2001 00:00:00', https, https, 'a=1'],
    ['a=\x01', https, https, ''],
    [`a=${'x'.repeat(4096)}`, https, https, ''],
    [`a=1; Path=/${'x'.repeat(1024)}`, https, https, 'a=1'],
  ])('%s, set at %j, goes to %j as "%s"', (header, from, to, sent) => {
    const jar = new CookieJar();
    jar.store([header], from);
    expect(named(jar.sentTo(to))).toBe(sent);
  });

  test('sends longer paths first, then the older', () => {
    const jar = new CookieJar();
    jar.store(['a=1; Path=/', 'b=2; Path=/a', 'c=3; Path=/', 'a=4; Path=/'], https);
    expect(named(jar.sentTo(https))).toBe('b=2; a=4; c=3');
  });

  test('lets no plain request replace a cookie of a secure one', () => {
    const jar = new CookieJar();
    jar.store(['a=1; Secure; Path=/'], https);
    jar.store(['a=2; Path=/', 'a=3; Path=/a', 'a=; Max-Age=0; Path=/'], http);
    expect(named(jar.sentTo(https))).toBe('a=1');
  });

  test('shows what it keeps, for at most 400 days', () => {
    const jar = new CookieJar();
    jar.store(['a=1; Max-Age=999999999; HttpOnly; SameSite=strict; Path=/'], https);
    const [cookie] = jar.list();
    expect(cookie).toMatchObject({
      domain: https.host,
      hostOnly: true,
      path: '/',
      httpOnly: true,
      secure: false,
      sameSite: 'Strict',
    });
    expect(cookie?.expires).toBeLessThanOrEqual(Date.now() + 400 * 86_400_000);
  });

  test.each<[string, TestRequestInit, string]>([
    ['over https', { https: true }, '__Host-a=1'],
    ['on this machine', {}, '__Host-a=1'],
    [
      'behind a proxy with TLS',
      { headers: { Host: 'example.com', 'X-Forwarded-Proto': 'https' } },
      '__Host-a=1',
    ],
    [
      'behind one that says Forwarded',
      { headers: { Host: 'example.com', Forwarded: 'for=x;proto=https' } },
      '__Host-a=1',
    ],
    ['over plain http', { headers: { Host: 'example.com' } }, ''],
  ])('of a client keeps secure cookies %s', async (_, init, cookie) => {
    const headers = { 'Set-Cookie': '__Host-a=1; Secure; Path=/' };
    const client = new TestClient(
      (req: Request) => new TextResponse(req.headers.get('cookie') ?? '', { headers }),
    );
    await client.get('/', init);
    expect(await (await client.get('/', init)).text()).toBe(cookie);
  });
});

test('has no connection that a response could take over', async () => {
  const client = new TestClient(() => new UpgradeResponse('echo', () => undefined));
  await expect(client.get('/ws')).rejects.toThrow(
    'GET /ws takes over its connection; for a WebSocket, open it by client.webSocket(), and test any other protocol on a server that listens',
  );
});

describe('a command environment', () => {
  const SCRIPT = `
    const fs = require('node:fs');
    fs.writeFileSync('new/b.txt', fs.readFileSync(0));
    fs.writeFileSync('changed', 'two');
    fs.writeFileSync('same', fs.readFileSync('same'));
    fs.rmSync('gone');
    console.log(process.env.NAME, process.cwd() === fs.realpathSync(process.argv[1]));
    console.error('oops');
    process.exitCode = 3;
  `;

  test('shows what a program prints, how it ends, and what it leaves', async () => {
    const environment = new CommandEnvironment();
    for (const name of ['new/a.txt', 'changed', 'same', 'gone']) environment.write(name, 'one');
    const options = { stdin: 'typed', env: { NAME: 'smith', NODE_OPTIONS: '' } };
    expect(await environment.run(process.execPath, ['-e', SCRIPT, environment.folder], options)).toEqual({
      code: 3,
      stdout: 'smith true\n',
      stderr: 'oops\n',
      created: ['new/b.txt'],
      changed: ['changed'],
      deleted: ['gone'],
    });
    expect(environment.read('new/b.txt')).toBe('typed');
    environment.remove();
    expect(() => environment.read('same')).toThrow('ENOENT');
  });

  test('kills what takes too long, and is gone after its block', async () => {
    let folder: string;
    {
      using environment = new CommandEnvironment();
      folder = environment.folder;
      const ended = await environment.run('sleep', ['60'], { timeout: 20 });
      expect(ended).toMatchObject({ code: null, created: [] });
    }
    expect(existsSync(folder)).toBe(false);
  });

  test('rejects what cannot be run', async () => {
    using environment = new CommandEnvironment();
    await expect(environment.run('no-such-program')).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(environment.run('true', [], { input: 'x' } as never)).rejects.toThrow(
      'CommandEnvironment.run.input: there is no such option.',
    );
  });
});
