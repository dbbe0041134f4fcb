/** Responses with a purpose. */
import { describe, expect, test } from '@jest/globals';
import {
  DECLINED,
  GeneratorResponse,
  JsonGeneratorResponse,
  JsonResponse,
  NoContentResponse,
  NotModifiedResponse,
  PartialResponse,
  RedirectResponse,
  TextResponse,
} from '../../src/message/responses.js';
import { request } from '../../src/hosts/testing/request.js';
import { toBytes } from '../../src/message/chunks.js';
import { developerError } from '../support/errors.js';

describe('TextResponse and JsonResponse', () => {
  test('have their content type and what else they are given', () => {
    expect(new TextResponse('x').contentType).toBe('text/plain; charset=utf-8');
    expect(new TextResponse('x', { contentType: 'text/csv' }).contentType).toBe('text/csv; charset=utf-8');
    const json = new JsonResponse({ a: 1 }, { status: 201 });
    expect([json.contentType, json.body, json.status]).toEqual(['application/json', '{"a":1}', 201]);
  });

  test('JSON has no text for undefined', () => {
    expect(() => new JsonResponse(undefined)).toThrow('JSON has no text for undefined.');
    expect(() => new JsonResponse(NaN)).toThrow('JSON has no text for NaN.');
    expect(() => new JsonResponse([1n])).toThrow('Do not know how to serialize a BigInt');
    expect(() => new JsonResponse({ a: [new Set([1])] })).toThrow('its member a[0] is a Set');
  });

  test.each<[unknown, string]>([
    [new Map([[1, 2]]), 'a Map, which JSON makes {} of. Write Object.fromEntries(map).'],
    [Promise.resolve(1), 'a Promise, which JSON makes {} of. Await it.'],
    [new Blob([]), 'a Blob, which JSON makes {} of. Write what it holds.'],
    [new Error('x'), 'an Error, whose message JSON leaves out. Write what clients may read of it.'],
    [new Date(NaN), 'an invalid Date, which JSON makes null of. Write null.'],
  ])('%p has members that JSON does not write', (value, message) => {
    expect(() => new JsonResponse(value)).toThrow(`the value is ${message}`);
  });

  test('a set is an array', () => {
    expect(new JsonResponse(new Set([1, 'a'])).body).toBe('[1,"a"]');
  });
});

describe('RedirectResponse', () => {
  test.each([
    [{}, 302],
    [{ permanent: true }, 301],
    [{ status: 307, permanent: true }, 307],
    [{ status: 303 }, 303],
    [{ status: 308 }, 308],
  ])('with %j has the status %i', (init, status) => {
    const response = new RedirectResponse('/', init);
    expect([response.status, response.body, response.contentType]).toEqual([status, null, '']);
  });

  test.each([200, 300, 304, 305, 404])('refuses the status %i', (status) => {
    expect(() => new RedirectResponse('/', { status })).toThrow(
      expect.objectContaining({
        code: 'E_STATUS',
        message: `${status} is no redirection; use 301, 302, 303, 307 or 308.`,
      }),
    );
  });

  test.each([
    ['/a', '/a/'],
    ['/a%20b/%C3%BC?c=d', '/a%20b/%C3%BC/?c=d'],
    ['//evil.example', '/evil.example/'],
    ['/a//b', '/a//b/'],
  ])('of %s to its slash stays on this host: %s', (target, sent) => {
    const { status, headers } = RedirectResponse.toSlash(request(target));
    expect([status, headers.get('location')]).toEqual([308, sent]);
  });

  test('to the slash has what mounts have taken of the path', () => {
    const response = RedirectResponse.toSlash(request('/50%25/a').below('/50%25'), { status: 301 });
    expect([response.status, response.headers.get('location')]).toEqual([301, '/50%25/a/']);
  });

  test.each([
    ['/a?b=c%20d#e', '/a?b=c%20d#e'],
    ['relative', 'relative'],
    ['/a b', '/a%20b'],
    ['/ü', '/%C3%BC'],
    ['/\ud800', '/%EF%BF%BD'],
    ['/x\r\nSet-Cookie: a=1', '/x%0D%0ASet-Cookie:%20a=1'],
    [new URL('https://example.com/ü'), 'https://example.com/%C3%BC'],
  ])('to %s sends Location: %s', (location, sent) => {
    expect(
      new RedirectResponse(location, { headers: { location: '/other' } }).headers.getAll('location'),
    ).toEqual([sent]);
  });
});

describe('NoContentResponse and NotModifiedResponse', () => {
  test('keep their headers', () => {
    const response = new NoContentResponse({ headers: { 'X-A': '1' } });
    expect([response.status, ...response.headers]).toEqual([204, ['X-A', '1']]);
  });

  test.each([
    ['Wed, 01 Jan 2020 00:00:00 GMT'],
    [new Date('2020-01-01T00:00:00Z')],
    [Date.parse('2020-01-01T00:00:00Z')],
  ])('304 says what has not changed, and when (%p)', (date) => {
    const response = new NotModifiedResponse({
      etag: '"1"',
      contentLocation: '/x',
      date,
      vary: 'Accept',
      headers: { 'Set-Cookie': 'a=1' },
    });
    expect(response.status).toBe(304);
    expect([...response.headers]).toEqual([
      ['Set-Cookie', 'a=1'],
      ['ETag', '"1"'],
      ['Content-Location', '/x'],
      ['Date', 'Wed, 01 Jan 2020 00:00:00 GMT'],
      ['Vary', 'Accept'],
    ]);
    expect([...new NotModifiedResponse().headers]).toEqual([]);
  });

  test('304 refuses to split', () => {
    expect(() => new NotModifiedResponse({ etag: '"1"\r\nX: y' })).toThrow('The header ETag cannot be');
  });
});

test('a stream has the length it is given, and otherwise none', () => {
  expect(new GeneratorResponse(['a']).length).toBeUndefined();
  expect(new GeneratorResponse(['a'], { length: 1 }).length).toBe(1);
  const json = new JsonGeneratorResponse([], { status: 202 });
  expect([json.contentType, json.length, json.status, json.isStream]).toEqual([
    'application/json',
    undefined,
    202,
    true,
  ]);
});

test('DECLINED has no body', () => {
  expect([DECLINED.body, DECLINED.contentType]).toEqual([null, '']);
});

describe('PartialResponse', () => {
  test('says which part it is', () => {
    const response = new PartialResponse('ab', { contentType: 'text/plain' }).makeRange([1, 2]);
    expect([response.status, response.contentType]).toEqual([206, 'text/plain; charset=utf-8']);
    expect(response.headers.get('content-range')).toBe('bytes 1-2/*');
    response.makeRange([0, 4], 'pages', 5);
    expect(response.headers.getAll('content-range')).toEqual(['pages 0-4/5']);
  });

  test.each<[[number, number], number | '*']>([
    [[2, 1], '*'],
    [[-1, 1], '*'],
    [[0, 0.5], '*'],
    [[0, NaN], '*'],
    [[0, 5], 5],
  ])('%j of %p is no range', (range, full) => {
    expect(() => new PartialResponse('').makeRange(range, 'bytes', full)).toThrow(
      developerError(
        'E_RANGE',
        `${JSON.stringify(range)} of ${full} is no range; give the first and the last position.`,
      ),
    );
  });
});

test('bytes may be any view of a buffer', () => {
  const { buffer } = Uint8Array.of(0, 65, 66);
  expect(toBytes(new DataView(buffer, 1) as unknown as Uint8Array)).toEqual(Uint8Array.of(65, 66));
});

test('JSON says what a value has thrown, whatever that is', () => {
  const throwing = {
    toJSON: (): never => {
      throw 'why' as unknown as Error;
    },
  };
  expect(() => new JsonResponse(throwing)).toThrow(/the value has no JSON text: 'why'\./);
});
