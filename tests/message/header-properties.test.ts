import { describe, expect, test } from '@jest/globals';
import { request } from '../../src/hosts/testing/request.js';
import type { Request } from '../../src/message/request.js';

function asking(headers: Record<string, string>): Request {
  return request('/', { headers });
}

describe('accept lists', () => {
  test('have values in lower case and weights, in the order sent', () => {
    const req = asking({
      Accept: 'text/HTML, application/json;q=0.5',
      'Accept-Charset': 'utf-8;q=0.9',
      'Accept-Encoding': 'gzip, br;q=0',
      'Accept-Language': 'cs, en-GB;q=0.8',
    });
    expect([req.accept, req.acceptCharset, req.acceptEncoding, req.acceptLanguage]).toEqual([
      [
        { value: 'text/html', weight: 1 },
        { value: 'application/json', weight: 0.5 },
      ],
      [{ value: 'utf-8', weight: 0.9 }],
      [
        { value: 'gzip', weight: 1 },
        { value: 'br', weight: 0 },
      ],
      [
        { value: 'cs', weight: 1 },
        { value: 'en-gb', weight: 0.8 },
      ],
    ]);
  });

  test('are empty without their headers', () => {
    const req = asking({});
    expect([req.accept, req.acceptCharset, req.acceptEncoding, req.acceptLanguage]).toEqual([[], [], [], []]);
  });
});

test.each<[string | undefined, boolean, boolean, boolean]>([
  [undefined, true, true, true],
  ['*/*', true, true, true],
  ['text/html', true, false, false],
  ['application/xhtml+xml;q=0.9', false, true, false],
  ['application/json', false, false, true],
  ['application/*', false, true, true],
  ['text/html;q=0, */*', false, true, true],
  ['text/html; q=0', false, false, false],
])('Accept %j takes html %s, xhtml %s, json %s', (accept, html, xhtml, json) => {
  const req = asking(accept === undefined ? {} : { Accept: accept });
  expect([req.acceptHtml, req.acceptXhtml, req.acceptJson]).toEqual([html, xhtml, json]);
});

describe('negotiation', () => {
  const req = asking({
    Accept: 'application/json;q=0.5, text/*',
    'Accept-Language': 'cs, en;q=0.8',
    'Accept-Encoding': 'gzip;q=0.5, br',
  });

  test('gives the offer that is liked best, as it was offered', () => {
    expect(req.accepts('json', 'html')).toBe('html');
    expect(req.accepts('application/json', 'Text/CSV')).toBe('Text/CSV');
    expect(req.acceptsLanguages('en', 'cs')).toBe('cs');
    expect(req.acceptsEncodings('gzip', 'br')).toBe('br');
  });

  test('gives nothing where nothing is acceptable', () => {
    expect(req.accepts('image/png')).toBeUndefined();
    expect(req.acceptsLanguages('de')).toBeUndefined();
    expect(req.acceptsEncodings('zstd')).toBeUndefined();
  });

  test('gives the first offer where the client does not care', () => {
    expect(asking({}).accepts('json', 'html')).toBe('json');
  });

  test.each([
    ['text', 'text/plain'],
    ['xml', 'application/xml'],
    ['xhtml', 'application/xhtml+xml'],
  ])('knows %s as %s', (short, type) => {
    expect(asking({ Accept: type }).accepts('html', short)).toBe(short);
  });
});

test.each([
  ['XMLHttpRequest', true],
  ['xmlhttprequest', true],
  ['fetch', false],
])('X-Requested-With %s says script: %s', (value, expected) => {
  expect(asking({ 'X-Requested-With': value }).isXhr).toBe(expected);
});

test.each([
  ...['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY', 'PUT', 'DELETE', 'PROPFIND', 'REPORT', 'SEARCH'].map(
    (method) => [method, true] as const,
  ),
  ...['POST', 'PATCH', 'MKCOL', 'LOCK', 'get', ''].map((method) => [method, false] as const),
])('%s may be repeated: %s', (method, expected) => {
  expect(request('/', { method }).isIdempotent).toBe(expected);
});

test('credentials are taken apart', () => {
  const { authorization } = asking({ Authorization: 'Basic YTpi' });
  expect(authorization).toEqual({ scheme: 'basic', token: 'YTpi', parameters: new Map() });
});

test('what the client does not say is undefined', () => {
  const req = asking({});
  expect([req.isXhr, req.authorization, req.referer, req.userAgent]).toEqual([
    false,
    undefined,
    undefined,
    undefined,
  ]);
  expect(asking({ Authorization: 'Digest "' }).authorization).toBeUndefined();
});

test('where the client comes from and what it is', () => {
  const req = asking({ Referer: 'http://a/', 'User-Agent': 'curl/8' });
  expect([req.referer, req.userAgent]).toEqual(['http://a/', 'curl/8']);
});
