/** What a handler returns, and what the client gets for it. */
import { EventEmitter } from 'node:events';
import { Readable, Writable } from 'node:stream';
import { runInNewContext } from 'node:vm';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  abort,
  AfterResponse,
  Controller,
  DECLINED,
  ErrorHandler,
  Get,
  GeneratorResponse,
  HttpError,
  HttpState,
  JsonResponse,
  makeResponse,
  redirect,
  reply,
  Response,
  TextResponse,
  type Request,
} from 'obol';
import type { TestClient } from '../../src/hosts/testing/test-client.js';
import type { CollectingLogger } from '../support/collecting-logger.js';
import { request } from '../../src/hosts/testing/request.js';
import { start } from '../support/client.js';

class Point {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
}

class Money {
  toJSON() {
    return { amount: '1.50' };
  }
}

class Page {
  toResponse(request: Request) {
    return new TextResponse(`page of ${request.path}`, { status: 203 });
  }
}

function* words() {
  yield 'one ';
  yield Buffer.from('two ');
  yield 'drei ü';
}

async function* asyncWords() {
  yield await Promise.resolve('one ');
  yield new Uint8Array([116, 119, 111]);
}

/** A value of another realm. */
const inRealm = (code: string): unknown => runInNewContext(code);

/** A stream of the web as older browsers and packages have it. */
function readerOnly(texts: string[]) {
  const queue = texts.map((text) => Buffer.from(text));
  const read = () => Promise.resolve({ done: queue.length === 0, value: queue.shift() });
  return Object.assign(Object.create({ cancel: () => undefined }) as object, {
    getReader: () => ({ read, cancel: () => Promise.resolve() }),
  });
}

/** A stream of Node as packages have it that are older than async iterators. */
function oldStream(texts: string[]) {
  const stream = Readable.from(texts.map((text) => Buffer.from(text)));
  const own = ['on', 'once', 'pause', 'pipe', 'resume', 'destroy'] as const;
  return Object.assign(
    Object.create({}) as object,
    Object.fromEntries(own.map((name) => [name, stream[name].bind(stream) as unknown])),
  );
}

/** A Response as node-fetch has it: of a class of its own, with a body that is a stream of Node. */
class PackageResponse {
  readonly type = 'default';
  readonly status = 202;
  readonly url = 'http://elsewhere/';
  readonly headers = new Headers({ 'Content-Type': 'text/css', 'Content-Encoding': 'gzip', 'X-Own': '1' });
  readonly body = Readable.from([Buffer.from('body {}')]);
  text = () => Promise.resolve('body {}');
  arrayBuffer = () => Promise.resolve(new ArrayBuffer(0));
}

const HTML = 'text/html; charset=utf-8';
const JSON_TYPE = 'application/json';

const VALUES: Record<string, () => unknown> = {
  string: () => 'Hé',
  empty: () => '',
  buffer: () => Buffer.from('bytes'),
  uint8: () => new Uint8Array([104, 105]),
  view: () => new DataView(new Uint8Array([120, 104, 105]).buffer, 1),
  arraybuffer: () => new Uint8Array([104, 105]).buffer,
  generator: () => words(),
  asyncgenerator: () => asyncWords(),
  set: () => new Set(['a', 'b']),
  chunks: () => [Buffer.from('a'), Buffer.from('b')],
  iterable: () => ({ [Symbol.iterator]: words }),
  asynciterable: () => Object.assign(Object.create(null) as object, { [Symbol.asyncIterator]: asyncWords }),
  unpromised: () => ({ [Symbol.asyncIterator]: () => words() }),
  oldstream: () => oldStream(['ol', 'd']),
  boxed: () => Object('boxed') as unknown,
  boxednumber: () => Object(5) as unknown,
  readable: () => Readable.from([Buffer.from('a'), Buffer.from('b')]),
  webstream: () => new Blob(['web']).stream(),
  readeronly: () => readerOnly(['re', 'ad']),
  blob: () => new Blob(['blob'], { type: 'text/css' }),
  untyped: () => new Blob(['blob']),
  file: () => new File(['f'], 'f.txt', { type: 'image/png' }),
  typedblob: () => reply(new Blob(['blob'], { type: 'text/css' }), 'text/x-own'),
  params: () => new URLSearchParams({ a: '1 2', b: 'ü' }),
  url: () => new URL('http://a/b'),
  foreign: () => inRealm("new Set([1, 'a'])"),
  foreignobject: () => inRealm('({ a: [1] })'),
  foreignbytes: () => inRealm('new Uint8Array([104, 105])'),
  iterabletojson: () => Object.assign(new Set([1]), { toJSON: () => ({ own: true }) }),
  object: () => ({ a: 1, b: undefined }),
  bare: () => Object.assign(Object.create(null) as object, { a: 1 }),
  array: () => [1, 'two', null],
  emptyarray: () => [],
  number: () => 0,
  boolean: () => false,
  date: () => new Date(0),
  instance: () => new Point(1, 2),
  tojson: () => new Money(),
  text: () => reply('x', 'text/plain'),
  svg: () => reply('<svg/>', 'image/svg+xml'),
  csv: () => reply('x', 'text/csv; charset=iso-8859-1'),
  textjson: () => reply({ a: 1 }, 'text/x-json'),
  textbytes: () => reply(Buffer.from('x'), 'text/plain'),
};

@Controller()
class ValuesController {
  @Get('/v/<name>') value(_req: Request, name: string) {
    return VALUES[name]?.();
  }
  @Get('/async/<name>') async later(_req: Request, name: string) {
    return VALUES[name]?.();
  }
  @Get('/null') none() {
    return null;
  }
  @Get('/undefined') nothing() {
    return undefined;
  }
  @Get('/gone') gone() {
    return reply(null, { status: 410, headers: { 'X-Why': 'old' } });
  }
  @Get('/ok') ok() {
    return reply(null, { status: 200 });
  }
  @Get('/answer/<n:int>') answer(_req: Request, n: number) {
    return [
      new Page(),
      { toResponse: () => new TextResponse('literal') },
      reply(new Page(), { status: 201 }),
    ][n];
  }
  @Get('/web') web() {
    const headers = new Headers({ 'X-Web': 'yes', 'Content-Type': 'text/css' });
    headers.append('Set-Cookie', 'a=1');
    headers.append('Set-Cookie', 'b=2');
    return new globalThis.Response('body {}', { status: 203, headers });
  }
  @Get('/package') package() {
    return new PackageResponse();
  }
  @Get('/web-empty') webEmpty() {
    return new globalThis.Response(null, { status: 204 });
  }
  @Get('/own') own() {
    return new JsonResponse([1], { status: 202, headers: { 'X-Own': '1' } });
  }
  @Get('/declined') declined() {
    return DECLINED;
  }
  @Get('/made') made() {
    return makeResponse('x', 'text/plain', [['X-A', 'v']], 418);
  }
  @Get('/several') several() {
    return reply({ id: 1 }, JSON_TYPE, { Location: '/1', Vary: ['A', 'B'] }, 201);
  }
  @Get('/nested') nested() {
    return reply(reply('inner', { status: 201 }), { status: 500, headers: { 'X-Outer': '1' } });
  }
  @Get('/sized') sized() {
    return new GeneratorResponse(words(), { length: 15 });
  }
}

describe('a handler returns', () => {
  let client: TestClient;
  let logger: CollectingLogger;
  beforeAll(async () => {
    ({ client, logger } = await start(ValuesController));
  });

  test.each([
    ['string', HTML, 'Hé', '3'],
    ['empty', HTML, '', '0'],
    ['buffer', HTML, 'bytes', '5'],
    ['uint8', HTML, 'hi', '2'],
    ['view', HTML, 'hi', '2'],
    ['arraybuffer', HTML, 'hi', '2'],
    ['generator', HTML, 'one two drei ü', undefined],
    ['asyncgenerator', HTML, 'one two', undefined],
    ['set', JSON_TYPE, '["a","b"]', '9'],
    ['chunks', HTML, 'ab', undefined],
    ['iterable', HTML, 'one two drei ü', undefined],
    ['asynciterable', HTML, 'one two', undefined],
    ['unpromised', HTML, 'one two drei ü', undefined],
    ['oldstream', HTML, 'old', undefined],
    ['boxed', HTML, 'boxed', '5'],
    ['boxednumber', JSON_TYPE, '5', '1'],
    ['readable', HTML, 'ab', undefined],
    ['webstream', HTML, 'web', undefined],
    ['readeronly', HTML, 'read', undefined],
    ['blob', 'text/css', 'blob', '4'],
    ['untyped', 'application/octet-stream', 'blob', '4'],
    ['file', 'image/png', 'f', '1'],
    ['typedblob', 'text/x-own', 'blob', '4'],
    ['params', 'application/x-www-form-urlencoded', 'a=1+2&b=%C3%BC', '14'],
    ['url', JSON_TYPE, '"http://a/b"', '12'],
    ['foreign', JSON_TYPE, '[1,"a"]', '7'],
    ['foreignobject', JSON_TYPE, '{"a":[1]}', '9'],
    ['foreignbytes', HTML, 'hi', '2'],
    ['iterabletojson', JSON_TYPE, '{"own":true}', '12'],
    ['object', JSON_TYPE, '{"a":1}', '7'],
    ['bare', JSON_TYPE, '{"a":1}', '7'],
    ['array', JSON_TYPE, '[1,"two",null]', '14'],
    ['emptyarray', JSON_TYPE, '[]', '2'],
    ['number', JSON_TYPE, '0', '1'],
    ['boolean', JSON_TYPE, 'false', '5'],
    ['date', JSON_TYPE, '"1970-01-01T00:00:00.000Z"', '26'],
    ['instance', JSON_TYPE, '{"x":1,"y":2}', '13'],
    ['tojson', JSON_TYPE, '{"amount":"1.50"}', '17'],
    ['text', 'text/plain; charset=utf-8', 'x', '1'],
    ['svg', 'image/svg+xml', '<svg/>', '6'],
    ['csv', 'text/csv; charset=iso-8859-1', 'x', '1'],
    ['textjson', 'text/x-json; charset=utf-8', '{"a":1}', '7'],
    ['textbytes', 'text/plain', 'x', '1'],
  ])('%s as %s', async (name, type, body, length) => {
    for (const way of ['v', 'async']) {
      const response = await client.get(`/${way}/${name}`);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe(type);
      expect(response.headers.get('content-length')).toBe(length);
      expect(await response.text()).toBe(body);
    }
    expect(logger.errors).toEqual([]);
  });

  test.each(['/null', '/undefined', '/ok', '/web-empty'])('%s as 204 without content', async (path) => {
    const response = await client.get(path);
    expect(response.status).toBe(204);
    expect(response.headers.get('content-type')).toBeUndefined();
    expect(response.headers.get('content-length')).toBeUndefined();
    expect(await response.text()).toBe('');
  });

  test('null with a status keeps the status and the headers', async () => {
    const response = await client.get('/gone');
    expect([response.status, response.headers.get('x-why')]).toEqual([410, 'old']);
    expect([response.headers.get('content-length'), await response.text()]).toEqual(['0', '']);
  });

  test.each([
    ['/answer/0', 203, 'page of /answer/0'],
    ['/answer/1', 200, 'literal'],
    ['/answer/2', 203, 'page of /answer/2'],
  ])('%s, an object with toResponse, which answers for itself', async (path, status, body) => {
    const response = await client.get(path);
    expect([response.status, await response.text()]).toEqual([status, body]);
  });

  test('a response of the web with its status, headers and body', async () => {
    const response = await client.get('/web');
    expect([response.status, await response.text()]).toEqual([203, 'body {}']);
    expect(response.headers.getAll('content-type')).toEqual(['text/css']);
    expect(response.headers.getAll('set-cookie')).toEqual(['a=1', 'b=2']);
    expect(response.headers.get('x-web')).toBe('yes');
  });

  test('a response of a package, known by its shape, decoded already where it was fetched', async () => {
    const response = await client.get('/package');
    expect([response.status, await response.text()]).toEqual([202, 'body {}']);
    expect(response.headers.getAll('content-type')).toEqual(['text/css']);
    expect([response.headers.get('x-own'), response.headers.get('content-encoding')]).toEqual([
      '1',
      undefined,
    ]);
  });

  test('a response, which stays itself', async () => {
    const response = await client.get('/own');
    expect([response.status, response.headers.get('x-own')]).toEqual([202, '1']);
  });

  test('what makeResponse made', async () => {
    const response = await client.get('/made');
    expect([response.status, response.headers.get('x-a'), await response.text()]).toEqual([418, 'v', 'x']);
  });

  test('reply() with type, headers and status', async () => {
    const response = await client.get('/several');
    expect([response.status, response.headers.get('location')]).toEqual([201, '/1']);
    expect(response.headers.getAll('vary')).toEqual(['A', 'B']);
  });

  test('a reply in a reply, where the inner one wins', async () => {
    const response = await client.get('/nested');
    expect([response.status, response.headers.get('x-outer'), await response.text()]).toEqual([
      201,
      '1',
      'inner',
    ]);
  });

  test('a stream of known length', async () => {
    const response = await client.get('/sized');
    expect([response.headers.get('content-length'), await response.text()]).toEqual(['15', 'one two drei ü']);
  });

  test('DECLINED, which closes the connection', async () => {
    await expect(client.get('/declined')).rejects.toThrow(
      'The connection was closed without an answer to GET /declined',
    );
  });
});

const circular: Record<string, unknown> = {};
circular['self'] = circular;

const UNUSABLE: Record<string, () => unknown> = {
  map: () => new Map([['a', 1]]),
  bigint: () => 10n,
  function: () => () => 1,
  symbol: () => Symbol('s'),
  error: () => new RangeError('no'),
  promise: () => reply(Promise.resolve('x')),
  circular: () => circular,
  throwing: () => ({ toJSON: () => { throw new RangeError('too long'); } }), // prettier-ignore
  nojson: () => Object.assign(Object.create(null) as object, { toJSON: () => undefined }),
  nojsonclass: () => new (class Silent { toJSON() { return undefined; } })(), // prettier-ignore
  foreignmap: () => inRealm('new Map([[1, 2]])'),
  foreignerror: () => inRealm("new RangeError('no')"),
  formdata: () => new FormData(),
  headers: () => new Headers(),
  pattern: () => /a/,
  nan: () => NaN,
  infinite: () => reply(-Infinity),
  member: () => ({ people: [{ tags: new Set(['a']) }] }),
  mapmember: () => [{ 'by name': new Map() }],
  promisemember: () => ({ later: Promise.resolve(1) }),
  generatormember: () => new Point(words() as never, 1),
  weakmember: () => ({ weak: new WeakMap() }),
  patternmember: () => [[/a/]],
  blobmember: () => ({ file: new Blob(['a']) }),
  foreignmember: () => ({ bytes: inRealm('new ArrayBuffer(2)') }),
  bytesmember: () => ({ bytes: new Uint8Array(2) }),
  errormember: () => ({ errors: [new RangeError('no')] }),
  nanmember: () => ({ mean: NaN }),
  endlessmember: () => [1, -Infinity],
  neverdate: () => new Date(NaN),
  nevermember: () => ({ at: new Date(NaN) }),
  boxednan: () => Object(NaN) as unknown,
  request: () => new globalThis.Request('http://a/'),
  signal: () => new AbortController().signal,
  weak: () => new WeakRef({}),
  transform: () => new TransformStream(),
  emitter: () => new EventEmitter(),
  writable: () => new Writable(),
  taken: () => { const { body } = new globalThis.Response('x'); body?.getReader(); return body; }, // prettier-ignore
  pairs: () => new Map([[1, 2]]).entries(),
  answer: () => ({ toResponse: () => 'text' }),
  answernull: () => ({ toResponse: () => null }),
};

@Controller()
class UnusableController {
  @Get('/<name>') value(_req: Request, name: string) {
    return UNUSABLE[name]?.();
  }
}

describe('a value that cannot become a response is answered with 500, and the log says of', () => {
  const LEAD = 'What UnusableController.value returned cannot be sent:';
  test.each([
    [
      'map',
      `a Map cannot become a response. Return Object.fromEntries(map) for a JSON object, or [...map] for a list of pairs.`,
    ],
    [
      'bigint',
      `a bigint cannot become a response. JSON has no big integers: return String(value) or Number(value).`,
    ],
    ['function', `a function cannot become a response. Call the function and return what it gives.`],
    [
      'symbol',
      `a symbol cannot become a response. Return text, bytes, a plain object, an array, a number, a boolean, null, a generator, a stream or reply(...).`,
    ],
    ['error', `a RangeError cannot become a response. Throw errors instead of returning them.`],
    ['promise', `a Promise cannot become a response. Await the promise before you put it into reply().`],
    ['circular', `the value has no JSON text: Converting circular structure to JSON`],
    ['throwing', 'the value has no JSON text: too long.'],
    ['nojson', `the toJSON() of an object gives nothing; let it give a value.`],
    ['nojsonclass', `the toJSON() of a Silent gives nothing; let it give a value.`],
    ['foreignmap', 'a Map cannot become a response. Return Object.fromEntries(map)'],
    ['foreignerror', 'a RangeError cannot become a response. Throw errors instead of returning them.'],
    ['formdata', 'a FormData cannot become a response. Return Object.fromEntries(form) for a JSON object'],
    ['headers', 'a Headers cannot become a response. Return Object.fromEntries(headers) for a JSON object.'],
    ['pattern', 'a RegExp cannot become a response. Return String(value).'],
    ['nan', 'NaN cannot become a response. JSON has no such number: return null, or String(value).'],
    ['infinite', '-Infinity cannot become a response. JSON has no such number'],
    ['member', 'its member people[0].tags is a Set, which JSON makes {} of. Write [...set].'],
    ['mapmember', 'its member [0].by name is a Map, which JSON makes {} of. Write Object.fromEntries(map).'],
    ['promisemember', 'its member later is a Promise, which JSON makes {} of. Await it.'],
    ['generatormember', 'its member x is a generator, which'],
    ['weakmember', 'its member weak is a WeakMap, which JSON makes {} of. Write what it holds.'],
    ['patternmember', 'its member [0][0] is a RegExp, which JSON makes {} of.'],
    ['blobmember', 'its member file is a Blob, which JSON makes {} of.'],
    ['foreignmember', 'its member bytes is an ArrayBuffer, which JSON makes {} of.'],
    [
      'bytesmember',
      'its member bytes is a Uint8Array, which JSON makes an object of. Write [...bytes], or text',
    ],
    [
      'errormember',
      'its member errors[0] is a RangeError, whose message JSON leaves out. Write what clients',
    ],
    ['nanmember', 'its member mean is NaN, which JSON makes null of. Write null.'],
    ['endlessmember', 'its member [1] is -Infinity, which JSON makes null of.'],
    [
      'neverdate',
      'a Date cannot become a response. Its time is NaN: look where it was made, or return null.',
    ],
    ['nevermember', 'its member at is an invalid Date, which JSON makes null of.'],
    ['boxednan', 'NaN cannot become a response. JSON has no such number'],
    ['request', 'a Request cannot become a response. Return text, bytes'],
    ['signal', 'an AbortSignal cannot become a response.'],
    ['weak', 'a WeakRef cannot become a response.'],
    ['transform', 'a TransformStream cannot become a response.'],
    ['emitter', 'an EventEmitter cannot become a response.'],
    ['writable', 'a Writable cannot become a response.'],
    ['taken', 'the stream is read elsewhere, or was read already. Return one that nothing has read.'],
    ['pairs', 'a stream gives strings or bytes, not an Array. Return [...items] for a JSON array'],
    [
      'answer',
      `toResponse() of an object gave a string instead of a Response. Return a Response at once; makeResponse(value) makes one.`,
    ],
    ['answernull', `toResponse() of an object gave null instead of a Response.`],
  ])('%s', async (name, text) => {
    const { client, logger } = await start(UnusableController);
    const response = await client.get(`/${name}`);
    expect(response.status).toBe(500);
    expect(logger.errors).toHaveLength(1);
    expect(logger.errors[0]).toContain(
      `GET /${name} (UnusableController.value): ObolError [E_RESPONSE_TYPE]: ${LEAD} ${text}`,
    );
  });

  test('nothing in production of a member that JSON makes {} of, which takes time to find', async () => {
    process.env['NODE_ENV'] = 'production';
    try {
      const { client } = await start(UnusableController);
      expect(await (await client.get('/member')).text()).toBe('{"people":[{"tags":{}}]}');
    } finally {
      process.env['NODE_ENV'] = 'test';
    }
  });

  test('each cause once', async () => {
    const { client, logger } = await start(UnusableController);
    await client.get('/circular');
    await client.get('/map');
    for (const line of logger.errors) {
      expect(line.match(/no JSON text|cannot become/g)).toHaveLength(1);
      expect(line).not.toMatch(/\\n|caused by|\]\.\./);
    }
  });

  test('makeResponse, with the code E_RESPONSE_TYPE, without a handler to name', () => {
    expect(() => makeResponse(10n)).toThrow(
      expect.objectContaining({
        code: 'E_RESPONSE_TYPE',
        message:
          'a bigint cannot become a response. JSON has no big integers: return String(value) or Number(value).',
      }),
    );
  });
});

@Controller()
class BrokenStreamController {
  static ended = 0;
  @Get('/mid') *mid() {
    try {
      yield 'first';
      throw new Error('half way');
    } finally {
      BrokenStreamController.ended++;
    }
  }
  @Get('/short') short() {
    return new GeneratorResponse(['abc'], { length: 4 });
  }
  @Get('/long') long() {
    return new GeneratorResponse(['abc', 'def'], { length: 4 });
  }
  @Get('/number') *number() {
    yield 1;
  }
  @Get('/later-number') *laterNumber() {
    yield 'x';
    yield 1;
  }
  @Get('/null') *nothing() {
    yield null;
  }
  @Get('/failed') failed() {
    return new Readable({ read() { this.destroy(new Error('no such file')); } }); // prettier-ignore
  }
  @Get('/early') async early() {
    const stream = new Readable({ read: () => undefined });
    const response = makeResponse(stream);
    stream.destroy(new Error('gone before it was read'));
    await new Promise((resolve) => setImmediate(resolve));
    return response;
  }
  @Get('/twice') twice() {
    return SHARED;
  }
  @Get('/endless') *endless() {
    try {
      for (;;) yield 'x';
    } finally {
      BrokenStreamController.ended++;
    }
  }
}

@Controller()
class AbortingController {
  *good() {
    yield 'x';
  }
  @Get('/now') *now() {
    abort(404);
    yield 'x';
  }
  @Get('/later') async *later() {
    await Promise.resolve();
    abort(404);
    yield 'x';
  }
  @Get('/stream') stream() {
    return new Readable({ read() { this.destroy(new HttpError(404)); } }); // prettier-ignore
  }
  @Get('/nested') nested() {
    return reply(this.later(), 'text/plain', { 'X-A': '1' }, 201);
  }
  @Get('/response') async response() {
    await Promise.resolve();
    return new GeneratorResponse(this.now(), { length: 1 });
  }
  @Get('/redirect') *redirect() {
    redirect('/login');
    yield 'x';
  }
  @Get('/class') *fails() {
    throw new SyntaxError('at 3');
    yield 'x';
  }
  @Get('/crash-later') async *crashes() {
    await Promise.reject(new Error('x'));
    yield 'x';
  }
  @Get('/after') plain() {
    return 'x';
  }
  @AfterResponse() after(req: Request) {
    return req.path === '/after' ? this.later() : undefined;
  }
  @ErrorHandler(SyntaxError) syntax(_req: Request, error: SyntaxError) {
    return [Buffer.from(error.message)];
  }
  @HttpState(404) async *missing() {
    await Promise.resolve();
    yield 'missing';
  }
  @HttpState(500) *sorry() {
    yield 'sorry';
  }
  @AfterResponse() mark(_req: Request, response: Response) {
    if (response.status === 404) response.headers.set('X-Missing', 'yes');
  }
}

const SHARED = new GeneratorResponse(['once']);

describe('a stream', () => {
  test.each([
    ['/mid', 'half way'],
    ['/short', 'The connection was cut: wrong Content-Length'],
    ['/long', 'The connection was cut: wrong Content-Length'],
    ['/later-number', 'A stream gives strings or bytes, not a number'],
  ])('of %s that goes wrong makes reading the body throw', async (path, message) => {
    const { client } = await start(BrokenStreamController);
    const response = await client.get(path);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow(message);
  });

  test.each([
    ['/number', 'a stream gives strings or bytes, not a number. Return [...items] for a JSON array'],
    ['/null', 'a stream gives strings or bytes, not null.'],
    ['/failed', 'Error: no such file'],
    ['/early', 'Error: gone before it was read'],
  ])('of %s that goes wrong before its first chunk is a crash of the handler', async (path, message) => {
    const { client, logger } = await start(BrokenStreamController);
    expect((await client.get(path)).status).toBe(500);
    expect(logger.errors).toEqual([expect.stringContaining(message)]);
  });

  test.each(['GET', 'HEAD'])(
    'that aborts before its first chunk is answered to %s as any handler',
    async (method) => {
      const { client, logger } = await start(AbortingController);
      for (const path of ['/now', '/later', '/stream', '/nested', '/response']) {
        const response = await client.request(path, { method });
        expect([path, response.status, response.headers.get('x-missing')]).toEqual([path, 404, 'yes']);
      }
      expect((await client.request('/redirect', { method })).headers.get('location')).toBe('/login');
      expect((await client.request('/after', { method })).status).toBe(404);
      expect(await (await client.get('/class')).text()).toBe('at 3');
      expect(await (await client.get('/crash-later')).text()).toBe('sorry');
      expect(logger.errors).toHaveLength(1);
    },
  );

  test('is asked at once where it is synchronous, later where it is not', () => {
    const now = new AbortingController().good();
    const response = makeResponse(now).open(request('/'));
    expect(response).toBeInstanceOf(Response);
    expect(makeResponse(asyncWords()).open(request('/'))).toBeInstanceOf(Promise);
  });

  test('is sent once', async () => {
    const { client } = await start(BrokenStreamController);
    expect(await (await client.get('/twice')).text()).toBe('once');
    await expect(client.get('/twice')).rejects.toMatchObject({
      code: 'E_RESPONSE_REUSED',
      message: 'A response with a stream was sent twice; make a new one per request.',
    });
  });

  test('runs its finally when the reader stops early', async () => {
    const { client } = await start(BrokenStreamController);
    BrokenStreamController.ended = 0;
    for await (const chunk of (await client.get('/endless')).body) {
      expect(Buffer.from(chunk).toString()).toBe('x');
      break;
    }
    expect(BrokenStreamController.ended).toBe(1);
  });

  test('is never started for HEAD', async () => {
    const { client } = await start(BrokenStreamController);
    const response = await client.head('/mid');
    expect([response.status, await response.text()]).toEqual([200, '']);
  });
});

test('Response is the class of what every handler becomes', () => {
  expect(makeResponse('x')).toBeInstanceOf(Response);
  expect(() => new HttpError(99)).toThrow('99 is not a status that a response can have; use 200 to 599.');
});
