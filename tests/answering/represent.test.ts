/** What of a response a request asked for: parts of any body, and whether it has changed. */
import { openSync, writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, describe, expect, test } from '@jest/globals';
import { FileStream, OpenDescriptor } from '../../src/files/file-stream.js';
import * as answering from '../../src/answering/represent.js';
import type { RangeSpec } from '../../src/http/range.js';
import { Response, toBytes, type Body, type ChunkStream } from '../../src/message/response.js';
import { NoContentResponse, RedirectResponse } from '../../src/message/responses.js';
import type { HeadersInit } from '../../src/message/headers.js';
import { request } from '../../src/hosts/testing/request.js';
import type { Request } from '../../src/message/request.js';
import { BACKWARD_CASE, describeReceived, RANGE_CASES, type RangeCase } from '../support/byteranges.js';

/** At once: these requests are of no application. */
const represent = (asked: Request, response: Response): Response =>
  answering.represent(asked, response) as Response;

const DIGITS = '0123456789';
const TAG = '"v1"';
const DATE = 'Sun, 06 Nov 1994 08:49:37 GMT';
const EARLIER = 'Sun, 06 Nov 1994 08:49:36 GMT';

const folder = mkdtempSync(join(tmpdir(), 'obol-represent-'));
const file = join(folder, 'digits');
writeFileSync(file, DIGITS);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function* asyncChunks(): AsyncGenerator<string> {
  for (const chunk of ['01', '', '2345', '6', '789']) yield chunk;
}

function* chunks(): Generator<Uint8Array> {
  for (let i = 0; i < 10; i += 2) yield Buffer.from(DIGITS.slice(i, i + 2));
}

const openFile = (): FileStream => new FileStream(new OpenDescriptor(openSync(file, 'r')), 0, 10);

/** Every kind of body there is, each the ten digits. */
const RANDOM_ACCESS: readonly (readonly [string, () => Body])[] = [
  ['text', () => DIGITS],
  ['bytes', () => Buffer.from(DIGITS)],
  ['a file', openFile],
];
const FORWARD: readonly (readonly [string, () => Body])[] = [
  ['an array of chunks', () => [...chunks()]],
  ['a generator', chunks],
  ['an async generator', asyncChunks],
  ['a Node stream', () => Readable.from(asyncChunks())],
  ['a web stream', () => Readable.toWeb(Readable.from(chunks(), { objectMode: false })) as ChunkStream],
];

function divisible(body: Body, headers: HeadersInit = {}): Response {
  const response = new Response(body, { contentType: 'text/plain', headers, length: 10 });
  response.etag = TAG;
  response.headers.set('Last-Modified', DATE);
  return response.makePartial();
}

async function read(response: Response): Promise<string> {
  const { body } = response;
  if (!response.isStream) return Buffer.from(toBytes((body ?? '') as string)).toString();
  const list: Uint8Array[] = [];
  for await (const chunk of response.takeStream()) list.push(toBytes(chunk));
  return Buffer.concat(list).toString();
}

async function received(response: Response): Promise<RangeCase> {
  return describeReceived({
    status: response.status,
    type: response.contentType,
    range: response.headers.get('content-range'),
    length: String(response.length),
    body: await read(response),
  });
}

const get = (headers: HeadersInit, method = 'GET') => request('/', { method, headers });

describe.each([...RANDOM_ACCESS, ...FORWARD])('of %s', (kind, body) => {
  test.each(RANGE_CASES)('%s gets %d %j', async (range, status, expected) => {
    const response = represent(get({ Range: range }), divisible(body()));
    expect(await received(response)).toEqual(['', status, expected]);
  });

  test('ranges that run back are sent in the order asked for, or the whole where it cannot be had', async () => {
    const [range, ...expected] = BACKWARD_CASE;
    const response = represent(get({ Range: range }), divisible(body()));
    const isForward = FORWARD.some(([name]) => name === kind);
    expect(await received(response)).toEqual(['', ...(isForward ? [200, DIGITS] : expected)]);
  });
});

describe('a range', () => {
  test('means nothing to HEAD, and the headers are those of the whole', () => {
    const response = divisible(DIGITS);
    expect(represent(get({ Range: 'bytes=0-1' }, 'HEAD'), response)).toBe(response);
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('means nothing to %s', (method) => {
    const response = divisible(DIGITS);
    expect(represent(get({ Range: 'bytes=0-1', 'If-None-Match': TAG }, method), response)).toBe(response);
  });

  test.each([201, 404, 500])('means nothing to a %d', (status) => {
    const response = divisible(DIGITS);
    response.status = status;
    expect(represent(get({ Range: 'bytes=0-1', 'If-Match': '"v2"' }), response)).toBe(response);
  });

  test('means nothing to a response that does not accept it', () => {
    const response = new Response(DIGITS, { headers: { 'Accept-Ranges': 'none', ETag: TAG } });
    expect(represent(get({ Range: 'bytes=0-1' }), response)).toBe(response);
    const plain = new Response(DIGITS, { headers: { 'X-A': '1' } });
    expect(represent(get({ Range: 'bytes=0-1', 'If-Match': '"v2"' }), plain)).toBe(plain);
  });

  test('means nothing to a stream of unknown length', () => {
    const response = new Response(chunks()).makePartial();
    expect(represent(get({ Range: 'bytes=0-1' }), response)).toBe(response);
  });

  test('beyond nothing at all is not satisfiable', () => {
    const response = represent(get({ Range: 'bytes=0-' }), new Response('').makePartial());
    expect([response.status, response.headers.get('content-range')]).toEqual([416, 'bytes */0']);
  });

  test('counts bytes, not characters', async () => {
    const response = represent(get({ Range: 'bytes=1-2' }), new Response('aüb').makePartial());
    expect([await read(response), response.headers.get('content-range')]).toEqual(['ü', 'bytes 1-2/4']);
  });

  test.each([
    ['the same tag', TAG, 206],
    ['the same date', DATE, 206],
    ['an earlier date', EARLIER, 200],
    ['another tag', '"v2"', 200],
    ['the tag as a weak one', `W/${TAG}`, 200],
    ['junk', 'junk', 200],
    ['an asterisk', '*', 200],
  ])('with If-Range of %s gets what its state allows', (_, ifRange, status) => {
    const response = represent(get({ Range: 'bytes=0-1', 'If-Range': ifRange }), divisible(DIGITS));
    expect(response.status).toBe(status);
  });

  test('keeps every header of the whole, Accept-Ranges once', () => {
    const whole = divisible(DIGITS, { 'Cache-Control': 'max-age=5', 'X-Own': 'a' });
    whole.makePartial().setCookie('a', '1');
    const response = represent(get({ Range: 'bytes=0-1' }), whole);
    expect([...response.headers]).toEqual([...whole.headers, ['Content-Range', 'bytes 0-1/10']]);
    expect(response.headers.getAll('accept-ranges')).toEqual(['bytes']);
  });

  test('of a response without a type has no type either', async () => {
    const untyped = (): Response => new Response(DIGITS, { contentType: '' }).makePartial();
    expect(represent(get({ Range: 'bytes=0-1' }), untyped()).contentType).toBe('');
    const several = represent(get({ Range: 'bytes=0-1,4-5' }), untyped());
    expect((await read(several)).split('\r\n')[1]).toBe('Content-Range: bytes 0-1/10');
  });

  test('draws another boundary each time', () => {
    const boundary = (): string => represent(get({ Range: 'bytes=0-0,9-9' }), divisible(DIGITS)).contentType;
    expect(boundary()).not.toBe(boundary());
  });

  test('leaves the response itself as it was, so that it can be given again', async () => {
    const shared = divisible(DIGITS);
    const before = [...shared.headers];
    for (const range of ['bytes=0-1', 'bytes=0-0,9-9', 'bytes=20-']) represent(get({ Range: range }), shared);
    expect([shared.status, shared.body, ...shared.headers]).toEqual([200, DIGITS, ...before]);
    expect(await read(represent(get({ Range: 'bytes=3-4' }), shared))).toBe('34');
  });
});

describe('makePartial with ranges', () => {
  test('sends those to a client that asked for some', async () => {
    const response = new Response(DIGITS).makePartial([[null, 3]]);
    expect(await read(represent(get({ Range: 'bytes=0-1' }), response))).toBe('789');
  });

  test('sends the whole for other units', () => {
    const pages = new Response(DIGITS).makePartial([[0, 1]], 'pages');
    expect(represent(get({ Range: 'pages=0-1' }), pages)).toBe(pages);
    expect(pages.headers.get('accept-ranges')).toBe('pages');
  });

  test('sends the whole where they are too many, and 416 where there is nothing', () => {
    const many = new Response(DIGITS).makePartial(Array.from({ length: 11 }, () => [0, 0] as const));
    expect(represent(get({ Range: 'bytes=0-1' }), many)).toBe(many);
    const beyond = new Response(DIGITS).makePartial([[10, null]]);
    expect(represent(get({ Range: 'bytes=0-1' }), beyond).status).toBe(416);
  });
});

describe('a condition', () => {
  test.each<[Record<string, string>, number]>([
    [{ 'If-None-Match': TAG }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'If-None-Match': '"v2"' }, 200],
    [{ 'If-Modified-Since': DATE }, 304],
    [{ 'If-Modified-Since': EARLIER }, 200],
    [{ 'If-None-Match': TAG, 'If-Modified-Since': EARLIER }, 304],
    [{ 'If-Match': '"v2"' }, 412],
    [{ 'If-Match': '"v2"', 'If-None-Match': TAG }, 412],
    [{ 'If-Unmodified-Since': EARLIER }, 412],
    [{ 'If-None-Match': TAG, Range: 'bytes=0-1' }, 304],
    [{ 'If-Match': '"v2"', Range: 'bytes=0-1' }, 412],
    [{ 'If-Match': TAG, Range: 'bytes=0-1' }, 206],
  ])('%j gets %d', (headers, status) => {
    expect(represent(get(headers), divisible(DIGITS)).status).toBe(status);
  });

  test.each(['GET', 'HEAD'])('that holds for the cache of a %s gets 304', (method) => {
    expect(represent(get({ 'If-None-Match': TAG }, method), divisible(DIGITS)).status).toBe(304);
  });

  test('on a second line of the header counts too', () => {
    const headers: [string, string][] = [['If-None-Match', '"a"'], ['If-None-Match', TAG]]; // prettier-ignore
    expect(represent(get(headers), divisible(DIGITS)).status).toBe(304);
  });

  test('a 304 has what caches need and what is about no content', () => {
    const whole = divisible(DIGITS, {
      'Cache-Control': 'max-age=5',
      'Content-Location': '/x',
      'Content-Encoding': 'identity',
      'Content-Disposition': 'inline',
      Expires: DATE,
      Vary: 'Accept',
      'X-Own': 'a',
    }).setCookie('a', '1');
    const response = represent(get({ 'If-None-Match': TAG }), whole);
    expect(Object.fromEntries(response.headers)).toEqual({
      'Cache-Control': 'max-age=5',
      'Content-Location': '/x',
      ETag: TAG,
      Expires: DATE,
      'Set-Cookie': 'a=1; Path=/; HttpOnly; SameSite=Lax',
      Vary: 'Accept',
      'X-Own': 'a',
    });
    expect([response.body, response.length]).toEqual([null, undefined]);
  });

  test('a 304 has Last-Modified where there is no tag', () => {
    const whole = new Response(DIGITS, { headers: { 'Last-Modified': DATE } });
    expect([...represent(get({ 'If-Modified-Since': DATE }), whole).headers]).toEqual([
      ['Last-Modified', DATE],
    ]);
  });

  test.each<[number, Record<string, string>]>([
    [412, { 'If-Match': '"v2"' }],
    [416, { Range: 'bytes=10-' }],
  ])('a %d has a page of its own that no cache keeps', (status, headers) => {
    const whole = divisible(DIGITS, {
      'Cache-Control': 'max-age=5, public',
      'Content-Language': 'en',
      'Content-Security-Policy': "default-src 'self'",
      Expires: DATE,
      Vary: 'Cookie, Accept',
      'Access-Control-Allow-Origin': '*',
    });
    const response = represent(get({ ...headers, Accept: 'text/plain' }), whole);
    expect(response.status).toBe(status);
    expect(Object.fromEntries(response.headers)).toEqual({
      'Content-Type': 'text/plain; charset=utf-8',
      'Access-Control-Allow-Origin': '*',
      ETag: TAG,
      Vary: 'Accept, Cookie',
      ...(status === 416 && { 'Content-Range': 'bytes */10' }),
    });
  });

  test('without a validator that it could be about is not judged', () => {
    const response = new NoContentResponse({ status: 200, headers: { 'X-A': '1' } });
    expect(represent(get({ 'If-None-Match': '*' }), response)).toBe(response);
  });
});

describe('a stream that is replaced', () => {
  const opened = (): { stream: PassThrough; response: Response } => {
    const stream = new PassThrough();
    return { stream, response: divisible(stream) };
  };

  test.each<Record<string, string>>([
    { 'If-None-Match': TAG },
    { 'If-Match': '"v2"' },
    { Range: 'bytes=10-' },
  ])('for %j is let go of', (headers) => {
    const { stream, response } = opened();
    represent(get(headers), response);
    expect(stream.destroyed).toBe(true);
  });

  test('by a part is let go of with it, even while it is read', async () => {
    const { stream, response } = opened();
    const part = represent(
      get({ Range: 'bytes=5-6' }),
      response,
    ).takeStream() as AsyncIterable<Uint8Array> & {
      destroy(): Promise<void>;
    };
    const reading = part[Symbol.asyncIterator]();
    stream.write('012');
    await reading.next();
    await reading.next();
    const pending = reading.next().catch(() => undefined);
    await part.destroy();
    expect(stream.destroyed).toBe(true);
    await pending;
  });

  test('is read no further than the last byte asked for', async () => {
    let given = 0;
    let ended = false;
    function* counting(): Generator<string> {
      try {
        for (const digit of DIGITS) {
          given++;
          yield digit;
        }
      } finally {
        ended = true;
      }
    }
    expect(await read(represent(get({ Range: 'bytes=2-4' }), divisible(counting())))).toBe('234');
    expect([given, ended]).toEqual([5, true]);
  });

  test('that ends too soon ends the part too', async () => {
    const short = new Response(['012'], { length: 10 }).makePartial();
    expect(await read(represent(get({ Range: 'bytes=2-4' }), short))).toBe('2');
  });
});

describe('ranges that the handler gives', () => {
  const given = (ranges: readonly RangeSpec[], headers: HeadersInit = {}) => {
    const response = new Response(DIGITS, { contentType: 'text/plain', headers });
    return response.makePartial(ranges);
  };

  test.each<[readonly RangeSpec[], string, string]>([
    [[[null, 3]], 'bytes 7-9/10', '789'],
    [[[0, 3]], 'bytes 0-3/10', '0123'],
    [[[8, null]], 'bytes 8-9/10', '89'],
    [[[0, 99]], 'bytes 0-9/10', DIGITS],
  ])('%j are sent without a Range, and whatever one says', async (ranges, range, body) => {
    for (const headers of [{}, { Range: 'bytes=0-0' }, { 'If-Range': '"other"' }, { Range: 'nonsense' }]) {
      const response = represent(get(headers), given(ranges));
      expect([response.status, response.headers.get('content-range')]).toEqual([206, range]);
      expect(await read(response)).toBe(body);
    }
    expect(represent(get({}, 'HEAD'), given(ranges)).headers.get('content-range')).toBe(range);
  });

  test('several of them are sent in parts', () => {
    const response = represent(get({}), given([[0, 1], [4, 5]])); // prettier-ignore
    expect([response.status, response.contentType]).toEqual([
      206,
      expect.stringContaining('multipart/byteranges'),
    ]);
  });

  test('beyond the end are 416', () => {
    expect(represent(get({}), given([[20, 30]])).status).toBe(416);
  });

  test.each(['POST', 'PUT'])('mean nothing to %s, nor to another status', (method) => {
    expect(represent(get({}, method), given([[0, 1]])).status).toBe(200);
    const failed = given([[0, 1]]).with({ status: 404 });
    expect(represent(get({}), failed)).toBe(failed);
  });
});

describe('a redirect with a message', () => {
  const page = (accept: string | undefined, location = '/login?a=1&b=2', message = 'Log in <first>') =>
    represent(
      get(accept === undefined ? {} : { Accept: accept }),
      new RedirectResponse(location, { message }),
    );

  test.each([undefined, '*/*', 'application/json', 'text/plain', 'text/html;q=0'])(
    'is text for Accept %s',
    (accept) => {
      const response = page(accept);
      expect([response.contentType, response.body]).toEqual(['text/plain; charset=utf-8', 'Log in <first>']);
      expect([response.headers.get('location'), response.headers.get('vary')]).toEqual([
        '/login?a=1&b=2',
        'Accept',
      ]);
    },
  );

  test.each(['text/html', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'])(
    'is a link for Accept %s',
    (accept) => {
      const response = page(accept);
      expect([response.status, response.contentType]).toEqual([302, 'text/html; charset=utf-8']);
      expect(response.body).toContain(
        '<p>Log in &lt;first&gt;</p>\n<p><a href="/login?a=1&amp;b=2">/login?a=1&amp;b=2</a></p>',
      );
      expect([response.headers.get('location'), response.headers.get('vary')]).toEqual([
        '/login?a=1&b=2',
        'Accept',
      ]);
    },
  );

  test.each(['https://a/b', '//a/b', './c:d', '?x:y', '#x:y', ''])('links to %j', (location) => {
    expect(page('text/html', location).body).toContain(`<a href="${location}">`);
  });

  test.each(['javascript:alert(1)', 'JavaScript:alert(1)', 'data:text/html,x', 'mailto:a@b'])(
    'has no link to %s',
    (location) => {
      const { body } = page('text/html', location);
      expect(body).toContain('<p>Log in');
      expect(body).not.toContain('<a ');
    },
  );

  test('has nothing to say without one, and names a type for what is written', () => {
    const bare = new RedirectResponse('/x');
    expect([represent(get({ Accept: 'text/html' }), bare), bare.body, bare.contentType]).toEqual([
      bare,
      null,
      '',
    ]);
    expect(bare.write('moved').contentType).toBe('text/plain; charset=utf-8');
    expect(new RedirectResponse('/x').write(Buffer.from('x')).contentType).toBe('application/octet-stream');
  });
});
