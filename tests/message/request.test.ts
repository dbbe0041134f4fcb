/** A request, and what it tells when asked. */
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { ContextKey } from '../../src/ground/context-key.js';
import { compileTrust } from '../../src/http/forwarded.js';
import { DEFAULT_SETTINGS } from '../../src/answering/default-settings.js';
import { Headers } from '../../src/message/headers.js';
import { Request } from '../../src/message/request.js';
import type { RequestSource } from '../../src/message/request-source.js';
import type { Settings } from '../../src/message/settings.js';
import type { BodySource } from '../../src/message/body-bytes.js';
import type { BodyOptions } from '../../src/message/request-body.js';
import { buildRequest, request, TestSocket } from '../../src/hosts/testing/request.js';
import { developerError } from '../support/errors.js';

function source(init: Partial<RequestSource>): RequestSource {
  const head = { httpVersion: '1.1', rawHeaders: [], socket: new TestSocket('127.0.0.1') };
  return Object.assign(Readable.from([]), head, init);
}

async function* chunked(...chunks: string[]): AsyncGenerator<string> {
  yield* chunks;
}

describe('a request', () => {
  test('knows target, path and query', () => {
    const req = request('/a%20b?x=1&x=2&y=');
    expect([req.method, req.target, req.path, req.query]).toEqual([
      'GET',
      '/a%20b?x=1&x=2&y=',
      '/a b',
      'x=1&x=2&y=',
    ]);
    expect(req.args.getList('x')).toEqual(['1', '2']);
    expect(req.args).toBe(req.args);
    expect([req.httpVersion, typeof req.startTime]).toEqual(['1.1', 'number']);
  });

  test('without method and target is GET /', () => {
    const req = new Request(source({}), DEFAULT_SETTINGS);
    expect([req.method, req.target, req.path]).toEqual(['GET', '/', '/']);
  });

  test.each(['/%zz', 'x', ''])('refuses the target %j when the path is asked for', (target) => {
    const req = request(target);
    expect(() => req.path).toThrow(
      expect.objectContaining({ status: 400, message: 'The request target is malformed' }),
    );
    expect(() => req.args).toThrow('The request target is malformed');
  });

  test('knows its cookies', () => {
    const req = request('/', { cookies: { a: '1', b: '2' } });
    expect([...req.cookies]).toEqual([['a', '1'], ['b', '2']]); // prettier-ignore
    expect(request('/').cookies.size).toBe(0);
  });

  test.each([
    ['Text/HTML; Charset=ISO-8859-1', 'text/html', 'iso-8859-1'],
    ['application/json', 'application/json', 'utf-8'],
    ['nonsense', '', 'utf-8'],
    [undefined, '', 'utf-8'],
  ])('of Content-Type %s has media type %j and charset %j', (type, mimeType, charset) => {
    const req = request('/', { headers: type === undefined ? {} : { 'Content-Type': type } });
    expect([req.mimeType, req.charset]).toEqual([mimeType, charset]);
  });

  test.each([
    [{ 'Content-Length': '5' }, 5, true],
    [{ 'Content-Length': '0' }, 0, true],
    [{ 'Content-Length': '-1' }, -1, false],
    [{ 'Content-Length': '1e3' }, -1, false],
    [{ 'Transfer-Encoding': 'chunked' }, -1, true],
    [{}, -1, false],
  ])('with %j declares %i bytes', (headers, length, hasBody) => {
    const req = request('/', { headers });
    expect([req.contentLength, req.hasBody]).toEqual([length, hasBody]);
  });

  test('has no parameters before it is routed, and those of its route afterwards', () => {
    const req = request('/');
    expect([req.route, req.paramValues, Object.keys(req.params)]).toEqual([undefined, [], []]);
    const parameters = [{ name: 'a' }, { name: '__proto__' }];
    Object.assign(req, { route: { path: '/<a>/<__proto__>', name: 'C.m', parameters }, paramValues: [1, 2] });
    expect(Object.entries(req.params)).toEqual([['a', 1], ['__proto__', 2]]); // prettier-ignore
    expect(Object.getPrototypeOf(req.params)).toBeNull();
  });

  test('holds values in typed slots', () => {
    const first = new ContextKey<number>('n');
    const second = new ContextKey<number>('n');
    const req = request('/');
    expect(req.get(first)).toBeUndefined();
    req.set(first, 5);
    req.set(second, 6);
    expect([req.get(first), req.get(second), first.name]).toEqual([5, 6, 'n']);
  });

  test('knows its peer', () => {
    const req = request('http://example.com:81/x', { remoteAddress: '192.0.2.1' });
    expect([req.path, req.peer.host, req.peer.address]).toEqual(['/x', 'example.com:81', '192.0.2.1']);
    expect(req.peer).toBe(req.peer);
  });
});

describe('the body of a request', () => {
  test('gives its body as text', async () => {
    expect(await request('/', { body: 'žluť' }).readText()).toBe('žluť');
    await expect(request('/', { body: 'abcd' }).readText(3)).rejects.toMatchObject({ status: 413 });
  });

  test('is read once', async () => {
    const req = request('/', { body: 'abc' });
    const [first, second] = await Promise.all([req.readBytes(), req.readBytes()]);
    expect(first.toString()).toBe('abc');
    expect(second).toBe(first);
  });

  test('is a stream for who reads it himself', async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of request('/', { body: 'abc' }).stream) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString()).toBe('abc');
  });

  test('is a stream within a limit of its reader', async () => {
    let text = '';
    for await (const chunk of request('/', { body: 'abc' }).readStream(3)) text += String(chunk);
    expect(text).toBe('abc');
    expect(() => request('/', { body: 'abcd' }).readStream(3)).toThrow('The body is larger than 3 bytes');
    const endless = request('/', { body: ['ab', 'cd'] }).readStream(3);
    await expect(endless.toArray()).rejects.toMatchObject({ status: 413 });
  });

  test('longer than the limit is refused before it is read', async () => {
    await expect(request('/', { body: 'abcd' }).readBytes(3)).rejects.toMatchObject({
      status: 413,
      message: 'The body is larger than 3 bytes',
    });
  });

  test('is left in json by readJson', async () => {
    const req = request('/', { body: '{"a":1}' });
    expect(await req.readJson()).toEqual({ a: 1 });
    expect(req.json).toEqual({ a: 1 });
    expect(await request('/', { body: '' }).readJson()).toBeUndefined();
  });
});

describe('what was read', () => {
  const body = '{"a":1}';
  const JSON_TYPE = { 'Content-Type': 'application/json' };
  const nothing = (): null => null;

  test('whole is in data, and may be read again in any way', async () => {
    const req = request('/', { body, headers: JSON_TYPE });
    await req.readAutomatic(nothing);
    expect([req.json, req.data?.toString()]).toEqual([{ a: 1 }, body]);
    expect((await req.readBytes()).toString()).toBe(body);
    expect(await req.readJson()).toEqual({ a: 1 });
    const chunks: unknown[] = [];
    for await (const chunk of req.stream) chunks.push(chunk);
    expect(chunks.map(String)).toEqual([body]);
    await expect(req.readBytes(3)).rejects.toMatchObject({ status: 413 });
  });

  test('and was empty is an empty stream', async () => {
    const req = request('/', { body: chunked() });
    await req.readBytes();
    const chunks: unknown[] = [];
    for await (const chunk of req.stream) chunks.push(chunk);
    expect([chunks, req.data]).toEqual([[], Buffer.alloc(0)]);
  });

  test('as a stream is left to its reader', async () => {
    const req = request('/', { body, headers: JSON_TYPE });
    const { stream } = req;
    expect(req.readAutomatic(nothing)).toBeUndefined();
    for await (const chunk of stream) expect(String(chunk)).toBe(body);
    expect(req.readAutomatic(nothing)).toBeUndefined();
  });

  test('by a guard that does not wait for it is parsed when it is there', async () => {
    const req = request('/', { body, headers: JSON_TYPE });
    const bytes = req.readBytes();
    await req.readAutomatic(nothing);
    expect([req.json, await bytes]).toEqual([{ a: 1 }, Buffer.from(body)]);
    expect(req.readAutomatic(nothing)).toBeUndefined();
  });

  test('as a form is the same form for everybody', async () => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const req = request('/', { body: 'a=1', headers });
    const form = await req.readForm();
    expect([await req.readForm(), req.form, form.getFirst('a')]).toEqual([form, form, '1']);
  });
});

describe('a body that is no stream of Node', () => {
  const headers = ['Content-Type', 'application/json', 'Transfer-Encoding', 'chunked'];
  const head = { method: 'POST', url: '/', httpVersion: '1.1', rawHeaders: headers };
  const made = (body?: BodySource): Request =>
    new Request({ ...head, socket: new TestSocket('127.0.0.1'), body }, DEFAULT_SETTINGS);
  async function* failing(): AsyncGenerator<string> {
    yield '{"a":';
    throw new Error('gone');
  }

  test.each<[string, () => BodySource]>([
    ['a stream of the web', () => new Blob(['{"a":', '"é"}']).stream()],
    ['a generator of texts', () => chunked('{"a":', '', '"é"}')],
    ['bytes one after another', () => [new TextEncoder().encode('{"a":'), Buffer.from('"é"}')]],
  ])('%s is read as any other', async (_name, body) => {
    const automatic = made(body());
    await automatic.readAutomatic(() => null);
    expect([automatic.json, automatic.isCut]).toEqual([{ a: 'é' }, false]);
    let text = '';
    for await (const chunk of made(body()).stream) text += String(chunk);
    expect(text).toBe('{"a":"é"}');
    await expect(made(body()).readBytes(5)).rejects.toMatchObject({ status: 413 });
  });

  test('is not asked for bytes before they are wanted, and is cancelled with its stream', async () => {
    const seen: string[] = [];
    const bytes = Buffer.from('{"a":1}');
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
      seen.push('pull');
      controller.enqueue(bytes);
    };
    const cancelled = new Promise<void>((cancel) => {
      const body = new ReadableStream<Uint8Array>({ pull, cancel: () => { cancel(); } }, { highWaterMark: 0 }); // prettier-ignore
      const rawHeaders = ['Content-Length', String(bytes.length)];
      const { stream } = new Request(
        { ...head, rawHeaders, socket: new TestSocket('127.0.0.1'), body },
        DEFAULT_SETTINGS,
      );
      expect(seen).toEqual([]);
      stream.once('data', () => stream.destroy());
    });
    await cancelled;
    expect(seen[0]).toBe('pull');
  });

  test('fails as one that is cut', async () => {
    const req = made(failing());
    await expect(req.readJson()).rejects.toMatchObject({ status: 400 });
    expect(req.isCut).toBe(true);
  });

  test('may not be there', async () => {
    expect(await made().readBytes()).toEqual(Buffer.alloc(0));
  });
});

test('the progress of a form that nobody reads ends with the request', async () => {
  const req = request('/', { body: 'a=1' });
  const taken: unknown[] = [];
  const following = (async () => {
    for await (const figures of req.progress) taken.push(figures);
  })();
  expect(req.progress).toBe(req.progress);
  req.close(() => undefined);
  await following;
  expect([taken, req.progress.state]).toEqual([[], 'waiting']);
});

describe('a body that is neither JSON nor a form', () => {
  const settings = (more: Partial<Settings>): Settings => ({ ...DEFAULT_SETTINGS, ...more });
  const asks = (body: string | AsyncGenerator<string>, more: Partial<Settings> = {}): Request =>
    buildRequest('/', { body }, settings(more));

  test.each<[string, Partial<Settings>, BodyOptions, string | undefined]>([
    ['small', {}, {}, 'small'],
    ['12345', { dataSize: 5 }, {}, '12345'],
    ['123456', { dataSize: 5 }, {}, undefined],
    ['small', { autoData: false }, {}, undefined],
    ['small', {}, { data: false }, undefined],
    ['small', { autoData: false }, { data: 5 }, 'small'],
  ])('%j with %j and %j leaves %j in data', async (body, more, options, data) => {
    const req = asks(body, more);
    await req.readAutomatic(() => null, options);
    expect(req.data?.toString()).toBe(data);
  });

  test('of unknown length is left to the handler, unless the route wants it', async () => {
    const left = asks(chunked('abc'));
    expect(left.readAutomatic(() => null)).toBeUndefined();
    const wanted = asks(chunked('abc'));
    expect(await wanted.readAutomatic(() => wanted.data?.toString(), { data: 3 })).toBe('abc');
  });

  test.each([asks('abcd'), asks(chunked('ab', 'cd'))])(
    'over the limit of its route is refused',
    async (req) => {
      await expect(req.readAutomatic(() => null, { data: 3 })).rejects.toMatchObject({ status: 413 });
    },
  );
});

test.each([
  [1, 'https://example.com/a', ['203.0.113.9', 'example.com', 'https']],
  [false, 'http://inner/a', [undefined, undefined, undefined]],
] as const)('behind %s trusted proxies, the forwarded headers count or not', (trusted, url, forwarded) => {
  const headers = {
    Host: 'inner',
    'X-Forwarded-For': '203.0.113.9',
    'X-Forwarded-Host': 'example.com',
    'X-Forwarded-Proto': 'https',
  };
  const req = buildRequest('/', { headers }, { ...DEFAULT_SETTINGS, trust: compileTrust(trusted) });
  expect(req.constructUrl('/a')).toBe(url);
  expect([req.forwardedFor, req.forwardedHost, req.forwardedProto]).toEqual(forwarded);
});

describe('switched off', () => {
  const headers = { Cookie: 'a=1' };

  test('query and cookies are empty', () => {
    const req = buildRequest(
      '/?a=1',
      { headers },
      { ...DEFAULT_SETTINGS, autoArgs: false, autoCookies: false },
    );
    expect([req.args.size, req.cookies.size, req.query]).toEqual([0, 0, 'a=1']);
  });
});

test.each([
  ['/a', {}, 'http://localhost/a'],
  ['a?b', {}, 'http://localhost/a?b'],
  ['/a', { Host: 'example.com:8080' }, 'http://example.com:8080/a'],
  ['/a', { Host: 'example.com:80' }, 'http://example.com/a'],
  ['/a', { Host: '[::1]:81' }, 'http://[::1]:81/a'],
  ['HTTPS://other/a', {}, 'HTTPS://other/a'],
  ['//other/a', {}, 'http://localhost//other/a'],
])('constructUrl(%j) of %j is %s', (path, headers, url) => {
  expect(request('/', { headers }).constructUrl(path)).toBe(url);
});

test('constructUrl says so when the client named no host', () => {
  expect(() => new Request(source({}), DEFAULT_SETTINGS).constructUrl('/')).toThrow(
    expect.objectContaining({ status: 400, message: 'The request names no host' }),
  );
});

describe('a view below a prefix', () => {
  test.each([
    ['/shop/a', '/shop', '/a'],
    ['/shop', '/shop', '/'],
    ['/shop//a', '/shop', '//a'],
    ['/a%2Fb/c', '/a%2Fb', '/c'],
    ['/shop', '', '/shop'],
  ])('of %j, %j, has the rest as its path', (target, prefix, rest) => {
    const view = request(target).below(prefix);
    expect([view.base, view.path]).toEqual([prefix, rest]);
  });

  test.each([
    ['/shopping/a', '/shop'],
    ['/a/shop', '/shop'],
    ['/shop/a', '/shop/'],
    ['/shop', '/shop/a'],
    ['/shop/a', '/'],
  ])('of %j is E_BASE for %j, which are no segments at its beginning', (target, prefix) => {
    expect(() => request(target).below(prefix)).toThrow(expect.objectContaining({ code: 'E_BASE' }));
  });
});

describe('the end of a request', () => {
  test('aborts its signal when the client leaves', () => {
    const socket = new TestSocket('127.0.0.1');
    const req = new Request(source({ socket }), DEFAULT_SETTINGS);
    const { signal } = req;
    expect([signal.aborted, req.signal === signal]).toEqual([false, true]);
    socket.destroy();
    expect(signal.reason).toMatchObject({ status: 499, message: 'The client left' });
  });

  test('aborts the signal of a client that has left already', () => {
    const socket = new TestSocket('127.0.0.1');
    socket.destroy();
    expect(new Request(source({ socket }), DEFAULT_SETTINGS).signal.aborted).toBe(true);
  });

  test('leaves nothing listening on the socket', () => {
    const socket = new TestSocket('127.0.0.1');
    const req = new Request(source({ socket }), DEFAULT_SETTINGS);
    expect([req.signal.aborted, socket.listenerCount('close')]).toEqual([false, 1]);
    req.close(() => undefined);
    expect(socket.listenerCount('close')).toBe(0);
  });

  test('calls back once, everyone, whatever another throws', () => {
    const thrown: unknown[] = [];
    const req = request('/');
    let calls = 0;
    expect(req.hasClosers).toBeFalsy();
    req.onClose(() => {
      throw new Error('closer failed');
    });
    req.onClose(() => calls++);
    expect(req.hasClosers).toBe(true);
    req.close((error) => thrown.push(error));
    req.close((error) => thrown.push(error));
    expect([calls, thrown]).toEqual([1, [new Error('closer failed')]]);
  });
});

test('sends no interim answer where no host can', () => {
  expect(request('/').sendInterim(103, new Headers({ Link: '</a.css>; rel=preload' }))).toBe(false);
});

test.each([100, 101, 200, 102.5, NaN])('refuses to send %p as an interim answer', (status) => {
  expect(() => request('/').sendInterim(status, new Headers())).toThrow(
    developerError(
      'E_STATUS',
      `${status} is not a status that an interim answer can have; use 102 to 199, such as 103 for early hints.`,
    ),
  );
});
