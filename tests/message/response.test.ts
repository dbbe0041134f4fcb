/** Responses: status, headers, body, and writing to it. */
import { describe, expect, test } from '@jest/globals';
import { etagOf } from '../../src/http/etag.js';
import type { RangeSpec } from '../../src/http/range.js';
import { request } from '../../src/hosts/testing/request.js';
import { Response, toBytes } from '../../src/message/response.js';
import { developerError } from '../support/errors.js';

test('sets and clears cookies', () => {
  const response = new Response('').setCookie('a', '1', { maxAge: 60 }).clearCookie('b', { path: '/x' });
  expect(response.headers.getAll('set-cookie')).toEqual([
    'a=1; Max-Age=60; Path=/; HttpOnly; SameSite=Lax',
    'b=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/x; HttpOnly; SameSite=Lax',
  ]);
});

describe('Response', () => {
  test('is 200, HTML and empty unless told otherwise', () => {
    const response = new Response();
    expect([response.status, response.contentType, response.body]).toEqual([
      200,
      'text/html; charset=utf-8',
      '',
    ]);
    expect(response.hasHeaders).toBe(false);
  });

  test.each([
    ['ü', 2],
    [new Uint8Array(3), 3],
    [null, 0],
    [['a'], undefined],
  ])('of %p has the length %p', (body, length) => {
    expect(new Response(body).length).toBe(length);
  });

  test.each([199, 600, 200.5, '200', NaN, null])('refuses the status %p', (status) => {
    const error = expect.objectContaining({
      code: 'E_STATUS',
      message: `${String(status)} is not a status that a response can have; use 200 to 599.`,
    });
    expect(() => new Response('', { status: status as number })).toThrow(error);
    const response = new Response();
    expect(() => (response.status = status as number)).toThrow(error);
    response.status = 599;
    expect(response.status).toBe(599);
  });

  test.each<[string, () => Response, string]>([
    ['text', () => new Response('x', { contentType: 'text/csv' }), 'text/csv; charset=utf-8'],
    [
      'text with a type among its headers',
      () => new Response('x', { headers: { 'content-type': 'text/css' } }),
      'text/css; charset=utf-8',
    ],
    [
      'text with a type that is set later',
      () => Object.assign(new Response('x'), { contentType: 'TEXT/X-A' }),
      'TEXT/X-A; charset=utf-8',
    ],
    [
      'text with a charset',
      () => new Response('x', { contentType: 'text/csv; Charset=x' }),
      'text/csv; Charset=x',
    ],
    ['text of another type', () => new Response('x', { contentType: 'image/svg+xml' }), 'image/svg+xml'],
    ['bytes', () => new Response(Buffer.from('x'), { contentType: 'text/csv' }), 'text/csv'],
    ['a stream, before its first chunk', () => new Response(['x'], { contentType: 'text/csv' }), 'text/csv'],
    ['nothing', () => new Response('', { contentType: '' }), ''],
  ])('names UTF-8 for %s as it is right', (_, make, type) => {
    expect(make().contentType).toBe(type);
  });

  test.each<[string, () => Iterable<string | Uint8Array>, string]>([
    ['strings', () => ['x'], 'text/csv; charset=utf-8'],
    ['bytes', () => [Buffer.from('x')], 'text/csv'],
    ['nothing', () => [], 'text/csv'],
  ])('names UTF-8 for a stream of %s as its first chunk shows', (_, body, type) => {
    const response = new Response(body(), { contentType: 'text/csv' });
    expect(response.open(request('/'))).toBe(response);
    expect([response.contentType, ...(response.takeStream() as Iterable<string>)]).toEqual([type, ...body()]);
  });

  test.each(['text/html\r\nX: y', 5])('refuses the content type %j', (contentType) => {
    const error = expect.objectContaining({
      code: 'E_HEADER_VALUE',
      message: `${JSON.stringify(contentType)} is no content type; write "text/plain".`,
    });
    expect(() => new Response('', { contentType: contentType as string })).toThrow(error);
    expect(() => (new Response().contentType = contentType as string)).toThrow(error);
  });

  test('has one content type, whether it is set as such or as a header', () => {
    const response = new Response('', { contentType: 'text/css', headers: { 'content-type': 'text/csv' } });
    expect(response.contentType).toBe('text/csv; charset=utf-8');
    response.contentType = 'text/plain';
    expect([...response.headers]).toEqual([['Content-Type', 'text/plain; charset=utf-8']]);
    response.contentType = '';
    expect([response.contentType, ...response.headers]).toEqual(['']);
    const untouched = new Response();
    untouched.contentType = 'text/plain';
    expect([untouched.contentType, untouched.hasHeaders]).toEqual(['text/plain; charset=utf-8', false]);
  });

  test('keeps several values of one header', () => {
    const headers: [string, string][] = [['Set-Cookie', 'a=1'], ['Set-Cookie', 'b=2']]; // prettier-ignore
    expect(new Response('', { headers }).headers.getAll('set-cookie')).toEqual(['a=1', 'b=2']);
  });

  test.each([
    ['a', 'b', 'ab'],
    [null, 'b', 'b'],
    ['ü', Buffer.from('b'), Buffer.from('üb')],
    [Buffer.from('a'), 'ü', Buffer.from('aü')],
    [new Uint8Array([1]), new Uint8Array([2]), Buffer.from([1, 2])],
  ])('write appends to %p', (body, chunk, result) => {
    const response = new Response(body).write(chunk);
    expect(response.body).toEqual(result);
    expect(response.length).toBe(toBytes(result).byteLength);
  });

  test('write refuses a stream', () => {
    expect(() => new Response(['a']).write('b')).toThrow(
      expect.objectContaining({
        code: 'E_WRITE',
        message: 'This response is a stream; yield the text from its generator.',
      }),
    );
  });

  test('gives its stream once', () => {
    const stream = ['a'];
    const response = new Response(stream);
    expect([response.isStream, response.takeStream()]).toEqual([true, stream]);
    expect(() => response.takeStream()).toThrow(
      'A response with a stream was sent twice; make a new one per request.',
    );
  });
});

describe('etag and lastModified', () => {
  test('are headers', () => {
    const response = new Response();
    expect([response.etag, response.lastModified, response.hasHeaders]).toEqual([
      undefined,
      undefined,
      false,
    ]);
    response.etag = 'W/"1"';
    response.lastModified = 784111777999;
    expect(response.headers.get('etag')).toBe('W/"1"');
    expect(response.headers.get('last-modified')).toBe('Sun, 06 Nov 1994 08:49:37 GMT');
    expect([response.etag, response.lastModified]).toEqual(['W/"1"', new Date(784111777000)]);
    response.etag = undefined;
    response.lastModified = undefined;
    expect([...response.headers]).toEqual([['Content-Type', 'text/html; charset=utf-8']]);
    response.headers.set('Last-Modified', 'yesterday');
    expect(response.lastModified).toBeUndefined();
  });

  test('take nothing away that is not there', () => {
    const response = new Response();
    response.etag = undefined;
    expect(response.hasHeaders).toBe(false);
  });

  test('never lie in the future', () => {
    const response = new Response();
    response.lastModified = new Date(Date.now() + 1e9);
    const told = Date.parse(response.headers.get('last-modified') ?? '');
    expect(told).toBeLessThanOrEqual(Date.now());
  });

  test.each(['1', '"1', '"a b"', 'w/"1"', '"1"\r\n'])('%j is no entity tag', (tag) => {
    expect(() => (new Response().etag = tag)).toThrow(
      developerError(
        'E_ETAG',
        `${JSON.stringify(tag)} is no entity tag; put it in double quotes, as in '"1"' or 'W/"1"'.`,
      ),
    );
  });
});

describe('addEtag', () => {
  test('makes a tag of the content, weak when asked', () => {
    const tag = etagOf('ü');
    expect(new Response('ü').addEtag().etag).toBe(tag);
    expect(new Response(Buffer.from('ü')).addEtag({ weak: true }).etag).toBe(`W/${tag}`);
    expect(new Response(null).addEtag().etag).toBe(etagOf(''));
  });

  test('knows no stream', () => {
    expect(() => new Response(['a']).addEtag()).toThrow(
      developerError('E_ETAG', 'The content of a stream is not known yet; set response.etag yourself.'),
    );
  });
});

describe('makePartial', () => {
  test('accepts ranges once, however often it is called', () => {
    const response = new Response('a');
    expect(response.isDivisible).toBe(false);
    response.makePartial().makePartial();
    expect([response.headers.getAll('accept-ranges'), response.isDivisible]).toEqual([['bytes'], true]);
  });

  test.each([
    [[0, 0]],
    [[5, null]],
    [[null, 3]],
    [
      [0, 1],
      [null, 0],
    ],
  ])('takes %j', (...ranges) => {
    // prettier-ignore
    expect(new Response('a').makePartial(ranges as readonly unknown[] as RangeSpec[]).ranges).toEqual(ranges);
  });

  test.each([[[2, 1]], [[-1, 2]], [[0.5, 2]], [[null, -1]], [[null, null]], [[NaN, null]], [['0', 1]]])(
    'finds no range in %j',
    (range) => {
      expect(() => new Response('a').makePartial([range as unknown as RangeSpec])).toThrow(
        developerError(
          'E_RANGE',
          `${JSON.stringify(range)} is no range; give [first, last], [first, null] or [null, how many from the end].`,
        ),
      );
    },
  );
});

describe('with', () => {
  const original = (): Response =>
    new Response('text', { status: 201, contentType: 'text/plain', headers: { 'X-Own': '1' } });

  test.each<[string, Parameters<Response['with']>[0], unknown[]]>([
    ['nothing', {}, ['text', 201, 'text/plain; charset=utf-8', 4]],
    ['the body', { body: 'longer' }, ['longer', 201, 'text/plain; charset=utf-8', 6]],
    ['no body at all', { body: null }, [null, 201, 'text/plain; charset=utf-8', 0]],
    ['the status', { status: 202 }, ['text', 202, 'text/plain; charset=utf-8', 4]],
    ['the type', { contentType: 'text/css' }, ['text', 201, 'text/css; charset=utf-8', 4]],
    ['no type', { contentType: '' }, ['text', 201, '', 4]],
  ])('gives a copy that changes %s', (_, changes, expected) => {
    const copy = original().with(changes);
    expect([copy.body, copy.status, copy.contentType, copy.length]).toEqual(expected);
    expect(copy.headers.get('x-own')).toBe('1');
  });

  test('leaves the original as it is, whatever becomes of the copy', () => {
    const response = original();
    response.with({}).setCookie('a', '1').write('!');
    expect([...response.headers]).toEqual([...original().headers]);
    expect(response.body).toBe('text');
  });

  test('keeps the absence of a type', () => {
    const copy = new Response('', { contentType: '', headers: { 'X-Own': '1' } }).with({ body: 'text' });
    expect(copy.contentType).toBe('');
  });

  test('keeps what may be asked for in parts', () => {
    const copy = new Response('text').makePartial([[0, 1]]).with({});
    expect([copy.isDivisible, copy.ranges]).toEqual([true, [[0, 1]]]);
  });

  test('moves a stream with its length into the copy', () => {
    const response = new Response(['a', 'b'], { length: 2 });
    const copy = response.with({ status: 202 });
    expect([copy.isStream, copy.length]).toEqual([true, 2]);
    expect(() => response.takeStream()).toThrow('A response with a stream was sent twice');
    expect([...(copy.takeStream() as Iterable<string>)]).toEqual(['a', 'b']);
  });

  test('takes no stream where the copy gets a body of its own', () => {
    const response = new Response(['a'], { length: 1 });
    expect(response.with({ body: ['longer'] }).length).toBeUndefined();
    expect(response.with({ body: ['longer'], length: 6 }).length).toBe(6);
    expect([...(response.takeStream() as Iterable<string>)]).toEqual(['a']);
  });
});
