/** What is compressed, into what, and what the headers say of it. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import {
  DECLINED,
  GeneratorResponse,
  JsonResponse,
  NotModifiedResponse,
  PartialResponse,
  Response,
  TextResponse,
  type Handler,
  type Middleware,
} from 'obol';
import { compression, type Coding, type CompressionOptions } from 'obol/compression';
import { TestClient, request as requestOf } from 'obol/testing';
import { decoded, HAS_ZSTD } from '../../support/decode.js';

const TEXT = 'A line that is said again and again.\n'.repeat(100);
const around = (wrap: Middleware, handle: Handler): Handler => {
  return (request) => wrap(request, handle);
};

function clientOf(handle: Handler, options: CompressionOptions = {}): TestClient {
  return new TestClient(around(compression(options), handle));
}

/** What the client of one header gets: the coding, and the content taken out of it. */
async function answerTo(accepted: string | undefined, handle: Handler, options?: CompressionOptions) {
  const headers: Record<string, string> = accepted === undefined ? {} : { 'Accept-Encoding': accepted };
  const response = await clientOf(handle, options).get('/', { headers });
  const coding = response.headers.get('content-encoding');
  return { coding, headers: response.headers, text: decoded(await response.bytes(), coding) };
}

const text = (): Response => new TextResponse(TEXT);
const THREE: CompressionOptions = { encodings: ['br', 'gzip', 'deflate'] };

describe('Accept-Encoding', () => {
  test.each<[string | undefined, string | undefined]>([
    [undefined, undefined],
    ['', undefined],
    ['identity', undefined],
    ['gzip', 'gzip'],
    ['GZip', 'gzip'],
    ['x-gzip', 'gzip'],
    ['deflate', 'deflate'],
    ['br', 'br'],
    ['gzip, deflate, br', 'br'],
    ['gzip, br;q=0.9', 'gzip'],
    ['gzip;q=0.5, deflate;q=0.6', 'deflate'],
    ['gzip;q=0', undefined],
    ['gzip;q=0, deflate', 'deflate'],
    ['gzip;q=0.0000', undefined],
    ['gzip;q=nonsense', undefined],
    ['gzip;q=0.001', 'gzip'],
    ['identity;q=0.5, gzip;q=0.1', undefined],
    ['identity, gzip', 'gzip'],
    ['*', 'br'],
    ['*, br;q=0', 'gzip'],
    ['*;q=0', undefined],
    ['*;q=0, gzip', 'gzip'],
    ['identity;q=0', undefined],
    ['identity;q=0, compress', undefined],
    ['compress, exi, sdch', undefined],
    ['gzip,,, br', 'br'],
    ['gzippy', undefined],
    [`${'x,'.repeat(200)}gzip`, 'gzip'],
  ])('%j is answered with %p', async (accepted, expected) => {
    const { coding, text: content, headers } = await answerTo(accepted, text, THREE);
    expect(coding).toBe(expected);
    expect(content).toBe(TEXT);
    expect(headers.get('vary')).toBe('Accept-Encoding');
  });

  test('of equals, the first of encodings is taken', async () => {
    const { coding } = await answerTo('br, gzip, deflate', text, { encodings: ['deflate', 'gzip', 'br'] });
    expect(coding).toBe('deflate');
  });

  test('is read anew when too many were remembered', async () => {
    const client = clientOf(text, THREE);
    const codingFor = async (accepted: string): Promise<string | undefined> =>
      (await client.get('/', { headers: { 'Accept-Encoding': accepted } })).headers.get('content-encoding');
    for (let i = 0; i < 100; i++) expect(await codingFor(`x${i}, gzip`)).toBe('gzip');
    expect(await codingFor('x99, gzip')).toBe('gzip');
    expect(await codingFor('br')).toBe('br');
  });

  test('that refuses content as it is gets even short content encoded', async () => {
    const short = (): Response => new TextResponse('short');
    expect(await answerTo('gzip, *;q=0', short)).toMatchObject({ coding: 'gzip', text: 'short' });
    expect(await answerTo('gzip, *;q=0', () => new TextResponse(''))).toMatchObject({
      coding: undefined,
      text: '',
    });
  });
});

describe('every coding gives back what was put in', () => {
  const codings: Coding[] = ['br', 'gzip', 'deflate', ...(HAS_ZSTD ? (['zstd'] as const) : [])];
  const noise = randomBytes(40_000).toString('base64');
  const bodies: [string, string][] = [
    ['of little text', TEXT],
    ['of much text', TEXT.repeat(20)],
    ['of more text than is encoded in one piece', TEXT.repeat(400)],
    ['of noise', noise],
    ['beyond ASCII', 'žluťoučký kůň 🐎 '.repeat(100)],
  ];
  const cases = codings.flatMap((coding) => bodies.map(([name, body]) => [coding, name, body] as const));

  test.each(cases)('%s %s', async (coding, _name, body) => {
    expect(await answerTo(coding, () => new TextResponse(body))).toMatchObject({ coding, text: body });
    const bytes = Buffer.from(body);
    expect((await answerTo(coding, () => new Response(bytes))).text).toBe(body);
    const pieces = function* (): Generator<Uint8Array> {
      for (let i = 0; i < bytes.length; i += 5000) yield bytes.subarray(i, i + 5000);
    };
    for (const flush of [false, true])
      expect((await answerTo(coding, () => new GeneratorResponse(pieces()), { flush })).text).toBe(body);
  });

  test('with levels of their own', async () => {
    const levels = { br: 11, gzip: 1, deflate: 9, zstd: 10 };
    for (const coding of codings) expect((await answerTo(coding, text, { levels })).text).toBe(TEXT);
  });
});

describe('length', () => {
  test.each<[number, CompressionOptions, boolean]>([
    [1023, {}, false],
    [1024, {}, true],
    [99, { threshold: 100 }, false],
    [100, { threshold: 100 }, true],
    [1, { threshold: 0 }, true],
  ])('of %i bytes with %j is compressed: %p', async (length, options, expected) => {
    const { coding } = await answerTo('gzip', () => new TextResponse('x'.repeat(length)), options);
    expect(coding !== undefined).toBe(expected);
  });

  test('counts bytes and not characters', async () => {
    expect((await answerTo('gzip', () => new TextResponse('é'.repeat(512)))).coding).toBe('gzip');
  });

  test('of a stream counts where it is known', async () => {
    const stream = (length?: number) => () =>
      new GeneratorResponse(['abc'], { contentType: 'text/plain', length });
    expect((await answerTo('gzip', stream(3))).coding).toBeUndefined();
    expect(await answerTo('gzip', stream())).toMatchObject({ coding: 'gzip', text: 'abc' });
  });

  test('declared is that of what is sent', async () => {
    const client = clientOf(text);
    const response = await client.get('/', { headers: { 'Accept-Encoding': 'gzip' } });
    expect(response.headers.get('content-length')).toBe(String((await response.bytes()).byteLength));
  });
});

describe('a response is sent as it is', () => {
  const filled = (init: ConstructorParameters<typeof Response>[1]) => (): Response =>
    new Response(TEXT, init);
  const plain = (headers: Record<string, string>) => filled({ contentType: 'text/plain', headers });

  test.each<[string, Handler, string | undefined]>([
    ['that is an image', filled({ contentType: 'image/png' }), undefined],
    ['without a type', filled({ contentType: '' }), undefined],
    ['that is encoded already', plain({ 'Content-Encoding': 'br' }), undefined],
    ['with Content-Range', plain({ 'Content-Range': 'bytes 0-1/2' }), undefined],
    ['with status 206', filled({ status: 206 }), undefined],
    ['with status 416', filled({ status: 416 }), undefined],
    ['with no-transform', plain({ 'Cache-Control': 'no-cache, No-Transform' }), undefined],
    ['that sets a cookie', () => text().setCookie('a', 'b'), 'Accept-Encoding'],
    ['that is a part', () => new PartialResponse(TEXT).makeRange([0, 9]), undefined],
  ])('%s', async (_name, handle, vary) => {
    const client = clientOf(handle);
    const response = await client.get('/', { headers: { 'Accept-Encoding': 'gzip' } });
    expect(response.headers.get('content-encoding')).not.toBe('gzip');
    expect(response.headers.get('vary')).toBe(vary);
    expect(await response.text()).toBe(TEXT);
  });

  test.each([
    ['max-age=5, no-transformation', 'gzip'],
    ['max-age=5', 'gzip'],
    ['private="no-transform, x"', 'gzip'],
    ['no-transform', undefined],
  ])('with Cache-Control %s in the coding %p', async (value, coding) => {
    expect((await answerTo('gzip', plain({ 'Cache-Control': value }))).coding).toBe(coding);
  });

  test.each([204, 205, 304])('with status %i: no content, no coding', async (status) => {
    const { coding, text: content } = await answerTo('gzip', filled({ status }));
    expect([coding, content]).toEqual([undefined, '']);
  });

  test('that says identity, which is not sent', async () => {
    const response = new TextResponse(TEXT, { headers: { 'Content-Encoding': 'Identity', ETag: '"1"' } });
    for (let i = 0; i < 2; i++) {
      const { coding, text: content, headers } = await answerTo('gzip', () => response);
      expect([coding, content, headers.get('etag')]).toEqual([undefined, TEXT, '"1"']);
    }
  });

  test('that says identity, in parts, with its stream and its length', async () => {
    const handle = (): Response => {
      const headers = { 'Content-Encoding': 'identity' };
      return new GeneratorResponse(['0123', '456789'], { headers, length: 10 }).makePartial();
    };
    const client = clientOf(handle);
    const part = await client.get('/', { headers: { Range: 'bytes=3-5' } });
    expect([part.status, await part.text()]).toEqual([206, '345']);
    const whole = await client.get('/');
    expect([whole.headers.get('content-length'), await whole.text()]).toEqual(['10', '0123456789']);
  });

  test('that is none: the connection is closed', async () => {
    await expect(clientOf(() => DECLINED).get('/')).rejects.toThrow('closed without an answer');
    expect(DECLINED.hasHeaders).toBe(false);
  });

  test('that skip picks', async () => {
    const skip: CompressionOptions['skip'] = (request, response) =>
      request.path === '/secret' && response.status === 200;
    const client = clientOf(text, { skip });
    const headers = { 'Accept-Encoding': 'gzip' };
    const [secret, other] = await Promise.all([
      client.get('/secret', { headers }),
      client.get('/', { headers }),
    ]);
    expect(secret.headers.get('content-encoding')).toBeUndefined();
    expect(secret.headers.get('vary')).toBe('Accept-Encoding');
    expect(other.headers.get('content-encoding')).toBe('gzip');
  });
});

describe('what a response says', () => {
  test('cookies are compressed when that was asked for', async () => {
    const handle = (): Response => text().setCookie('a', 'b');
    const { coding, headers } = await answerTo('gzip', handle, { cookies: true });
    expect(coding).toBe('gzip');
    expect(headers.get('set-cookie')).toContain('a=b');
  });

  test.each([
    [undefined, 'Accept-Encoding'],
    ['Cookie', 'Cookie, Accept-Encoding'],
    ['accept-encoding', 'accept-encoding'],
    ['*', '*'],
  ])('Vary %p becomes %s', async (vary, expected) => {
    const headers = vary === undefined ? {} : { Vary: vary };
    for (const accepted of ['gzip', undefined])
      expect((await answerTo(accepted, () => new TextResponse(TEXT, { headers }))).headers.get('vary')).toBe(
        expected,
      );
  });

  test('short content, too, varies', async () => {
    expect((await answerTo('gzip', () => new TextResponse('x'))).headers.get('vary')).toBe('Accept-Encoding');
  });

  test('status, type and headers stay; what was true of the plain content goes', async () => {
    const handle = (): Response =>
      new JsonResponse(TEXT, {
        status: 201,
        headers: {
          Location: '/1',
          'Accept-Ranges': 'bytes',
          'Content-MD5': 'x',
          'Content-Digest': 'x',
          Digest: 'x',
          'Repr-Digest': 'x',
        },
      });
    const response = await clientOf(handle).post('/', { headers: { 'Accept-Encoding': 'gzip' } });
    expect(response.status).toBe(201);
    expect([...response.headers].map(([name]) => name)).toEqual([
      'Content-Type',
      'Location',
      'Vary',
      'Content-Encoding',
      'X-Content-Type-Options',
      'Content-Length',
    ]);
    expect(response.headers.get('content-type')).toBe('application/json');
  });

  test('a response that is given again and again is compressed each time', async () => {
    const response = new TextResponse(TEXT, { headers: { ETag: '"1"' } });
    for (let i = 0; i < 3; i++) {
      const { text: content, headers } = await answerTo('gzip', () => response);
      expect([content, headers.get('etag')]).toEqual([TEXT, 'W/"1"']);
    }
    expect((await answerTo(undefined, () => response)).headers.get('etag')).toBe('"1"');
  });
});

describe('conditional requests', () => {
  const tagged = (): Response => {
    const response = new TextResponse(TEXT);
    response.etag = '"1"';
    response.lastModified = Date.UTC(2020, 0, 1);
    return response;
  };

  test.each<[string, string]>([
    ['If-None-Match', 'W/"1"'],
    ['If-None-Match', '"1"'],
    ['If-None-Match', '"0", W/"1"'],
    ['If-Modified-Since', 'Wed, 01 Jan 2020 00:00:00 GMT'],
  ])('%s: %s is answered 304 with the tag that was sent', async (name, value) => {
    for (const method of ['GET', 'HEAD']) {
      const headers = { 'Accept-Encoding': 'gzip', [name]: value };
      const response = await clientOf(tagged).request('/', { method, headers });
      expect(response.status).toBe(304);
      expect(response.headers.get('etag')).toBe('W/"1"');
      expect(response.headers.get('vary')).toBe('Accept-Encoding');
      expect(response.headers.has('content-encoding')).toBe(false);
      expect(await response.text()).toBe('');
    }
  });

  test('a client without compression keeps the strong tag', async () => {
    const response = await clientOf(tagged).get('/', { headers: { 'If-None-Match': '"1"' } });
    expect([response.status, response.headers.get('etag')]).toEqual([304, '"1"']);
  });

  test('another tag gets the content', async () => {
    const headers = { 'Accept-Encoding': 'gzip', 'If-None-Match': 'W/"0"' };
    const response = await clientOf(tagged).get('/', { headers });
    expect(response.headers.get('etag')).toBe('W/"1"');
    expect(decoded(await response.bytes(), 'gzip')).toBe(TEXT);
  });

  test('a weak tag stays as it is', async () => {
    const weak = (): Response => new TextResponse(TEXT, { headers: { ETag: 'W/"1"' } });
    expect((await answerTo('gzip', weak)).headers.get('etag')).toBe('W/"1"');
  });

  test('If-Match does not hold for a coding', async () => {
    const headers = { 'Accept-Encoding': 'gzip', 'If-Match': '"1"' };
    expect((await clientOf(tagged).get('/', { headers })).status).toBe(412);
    expect((await clientOf(tagged).get('/', { headers: { 'If-Match': '"1"' } })).status).toBe(200);
  });

  test.each(['"1"', 'W/"1"', undefined])('nothing is encoded for a 304: If-None-Match %p', (tag) => {
    const headers = { 'Accept-Encoding': 'gzip', ...(tag === undefined ? {} : { 'If-None-Match': tag }) };
    const response = compression()(requestOf('/', { headers }), tagged) as Response;
    expect(response.isStream).toBe(tag !== undefined);
  });

  test.each([
    [{ 'If-None-Match': 'W/"1"' }, 'W/"1"'],
    [{ 'If-None-Match': '"0", W/"1"' }, 'W/"1"'],
    [{ 'If-None-Match': '"1"' }, '"1"'],
    [{ 'If-None-Match': 'W/"1", "1"' }, '"1"'],
    [{ 'If-None-Match': '*' }, '"1"'],
    [{}, '"1"'],
  ])("a handler's own 304 answers %j with the tag %s", async (headers, tag) => {
    const own = new NotModifiedResponse({ etag: '"1"' });
    const response = await clientOf(() => own).get('/', { headers });
    expect([response.status, response.headers.get('etag'), response.headers.get('vary')]).toEqual([
      304,
      tag,
      'Accept-Encoding',
    ]);
    expect(own.etag).toBe('"1"');
  });

  test("a handler's own 304 may have no tag", async () => {
    const response = await clientOf(() => new NotModifiedResponse()).get('/');
    expect([response.status, response.headers.has('etag')]).toEqual([304, false]);
  });
});

describe('ranges', () => {
  const divisible = (): Response => {
    const response = new TextResponse(TEXT).makePartial();
    response.etag = '"1"';
    return response;
  };
  const get = (headers: Record<string, string>) =>
    clientOf(divisible).get('/', { headers: { 'Accept-Encoding': 'gzip', ...headers } });

  test('are of the content as it is', async () => {
    const response = await get({ Range: 'bytes=2-5' });
    expect([response.status, await response.text()]).toEqual([206, 'line']);
    expect(response.headers.get('content-range')).toBe(`bytes 2-5/${TEXT.length}`);
    expect(response.headers.has('content-encoding')).toBe(false);
    expect([response.headers.get('etag'), response.headers.get('vary')]).toEqual(['"1"', 'Accept-Encoding']);
  });

  test('beyond the end are answered 416', async () => {
    const response = await get({ Range: 'bytes=99999-' });
    expect([response.status, response.headers.has('content-encoding')]).toEqual([416, false]);
  });

  test('that no longer hold get the whole as it is', async () => {
    const response = await get({ Range: 'bytes=2-5', 'If-Range': 'W/"1"' });
    expect([response.status, await response.text()]).toEqual([200, TEXT]);
    expect(response.headers.has('content-encoding')).toBe(false);
  });

  test('are not offered of encoded content', async () => {
    const response = await get({});
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(response.headers.has('accept-ranges')).toBe(false);
  });

  test('of what has no parts do not keep it from being encoded', async () => {
    const headers = { 'Accept-Encoding': 'gzip', Range: 'bytes=2-5' };
    const response = await clientOf(text).get('/', { headers });
    expect([response.status, response.headers.get('content-encoding')]).toEqual([200, 'gzip']);
  });
});

describe('HEAD', () => {
  const bodies: [string, Handler][] = [
    ['text', text],
    ['short text', () => new TextResponse('short')],
    ['much text', () => new TextResponse(TEXT.repeat(50))],
    ['a stream', () => new GeneratorResponse([TEXT])],
    ['parts', () => text().makePartial()],
  ];

  test.each(bodies)('of %s has the headers of GET but for the length', async (_name, handle) => {
    const headers = { 'Accept-Encoding': 'gzip' };
    const [get, head] = await Promise.all([
      clientOf(handle).get('/', { headers }),
      clientOf(handle).head('/', { headers }),
    ]);
    const fields = ({ headers: all }: typeof get) => [...all].filter(([name]) => name !== 'Content-Length');
    expect(fields(head)).toEqual(fields(get));
    expect(head.status).toBe(get.status);
    expect(await head.text()).toBe('');
  });

  test('encodes nothing, and lets go of the stream', async () => {
    let state = 'made';
    const handle = (): Response =>
      new GeneratorResponse(
        Object.assign([TEXT], {
          return: () => (state = 'let go of'),
        }),
      );
    await clientOf(handle).head('/', { headers: { 'Accept-Encoding': 'gzip' } });
    expect(state).toBe('let go of');
  });
});

describe('padding', () => {
  test('gives the same content different lengths, up to 64 bytes more', async () => {
    const plain = await clientOf(text).get('/', { headers: { 'Accept-Encoding': 'gzip' } });
    const bare = (await plain.bytes()).byteLength;
    const client = clientOf(text, { padding: true });
    const lengths = new Set<number>();
    for (let i = 0; i < 100; i++) {
      const bytes = await (await client.get('/', { headers: { 'Accept-Encoding': 'br, gzip' } })).bytes();
      expect(decoded(bytes, 'gzip')).toBe(TEXT);
      lengths.add(bytes.byteLength - bare);
    }
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(64);
    expect(lengths.size).toBeGreaterThan(20);
  });

  test.each<[string, () => Response]>([
    ['much text', () => new TextResponse(TEXT.repeat(50))],
    ['a stream', () => new GeneratorResponse([TEXT, TEXT])],
  ])('is there for %s', async (_name, handle) => {
    const client = clientOf(handle, { padding: true });
    const bytes = await (await client.get('/', { headers: { 'Accept-Encoding': 'gzip' } })).bytes();
    expect(bytes[3]).toBe(0x10);
    expect(decoded(bytes, 'gzip')).toBe(handle().isStream ? TEXT + TEXT : TEXT.repeat(50));
  });
});

describe('the time of the answer', () => {
  const headers = { 'Accept-Encoding': 'gzip' };

  test('short content is answered at once', () => {
    expect(compression()(requestOf('/', { headers }), text)).toBeInstanceOf(Response);
  });

  test('longer content is encoded beside the event loop', async () => {
    const answer = compression()(requestOf('/', { headers }), () => new TextResponse(TEXT.repeat(10)));
    expect(answer).toBeInstanceOf(Promise);
    expect((await answer).headers.get('content-encoding')).toBe('gzip');
  });

  test('a handler may take its time', async () => {
    const { coding } = await answerTo('gzip', async () => text());
    expect(coding).toBe('gzip');
  });

  test('what a handler throws goes on its way', async () => {
    await expect(
      clientOf(async () => {
        throw new RangeError('out');
      }).get('/'),
    ).rejects.toThrow(RangeError);
  });
});
