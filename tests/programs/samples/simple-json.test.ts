/** samples/simple-json as its readers start it. */
import { describe, expect, test } from '@jest/globals';
import { sample } from '../../support/sample.js';

const server = sample('simple-json', { PROFILE: 'cpu' });
const JSON_TYPE = 'Content-Type: application/json';
const teapot = (request: unknown): unknown => ({
  message: "I'm teapot :-)",
  numbers: [0, 1, 2, 3, 4],
  request,
});

describe.each(['/test/json', '/test/json-generator'])('%s', (path) => {
  test('answers 418 with an empty object without a body', async () => {
    const response = await server.ask(`GET ${path}`);
    expect([response.status, response.header('content-type')]).toEqual([418, 'application/json']);
    expect(JSON.parse(response.text)).toEqual(teapot({}));
  });

  test.each([['[{"x":124.2,"y":100.1}]'], ['"čeština"'], ['{"lang":"čeština"}'], ['null'], ['0']])(
    'answers 418 with the body %s',
    async (body) => {
      const response = await fetch(server.url + path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body,
      });
      expect(response.status).toBe(418);
      expect(await response.json()).toEqual(teapot(JSON.parse(body)));
    },
  );

  test('answers 418 with a body that comes in chunks', async () => {
    const chunks = ['[{', '"0": 0,', '"1": 1,', '"end": null', '}]'];
    const body = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('');
    const response = await server.ask(
      `POST ${path}`,
      [JSON_TYPE, 'Transfer-Encoding: chunked'],
      `${body}0\r\n\r\n`,
    );
    expect(response.status).toBe(418);
    expect(JSON.parse(response.text)).toEqual(teapot([{ 0: 0, 1: 1, end: null }]));
  });

  test('answers 400 to what is no JSON', async () => {
    const response = await server.ask(`POST ${path}`, [JSON_TYPE, 'Content-Length: 6'], 'abraka');
    expect(response.status).toBe(400);
  });
});

test.each([
  ['/profile', '{"PROFILE":"cpu"}'],
  ['/unicode', '{"name": "Ondřej Tůma"}'],
  ['/dict', '{"route":"/dict","type":"dict"}'],
  ['/list', '[["key","value"],["route","/list"],["type","list"]]'],
])('%s answers exactly %s', async (path, text) => {
  const response = await server.ask(`GET ${path}`);
  expect([response.status, response.header('content-type')]).toEqual([200, 'application/json']);
  expect(response.text).toBe(text);
  expect(response.header('content-length')).toBe(String(Buffer.byteLength(text)));
});

test('/timestamp answers the moment of the request, in seconds with a fraction', async () => {
  const before = Date.now();
  const { text } = await server.ask('GET /timestamp');
  expect(text).toMatch(/^\{"timestamp": \d+\.\d{3}\}$/);
  const { timestamp } = JSON.parse(text) as { timestamp: number };
  expect(timestamp * 1000).toBeGreaterThanOrEqual(before - 1);
  expect(timestamp * 1000).toBeLessThanOrEqual(Date.now() + 1);
});

describe('/test/headers', () => {
  async function headers(fields: readonly string[]): Promise<unknown> {
    const response = await server.ask('GET /test/headers', fields);
    expect([response.status, response.header('content-type')]).toEqual([200, 'application/json']);
    expect(response.header('x-powered-by')).toBe('Obol');
    return JSON.parse(response.text);
  }

  test('answers what is so without any field', async () => {
    expect(await headers([])).toEqual({
      'Content-Type': ['', 'utf-8'],
      'Content-Length': -1,
      Host: 'localhost',
      Accept: [],
      'Accept-Charset': [],
      'Accept-Encoding': [],
      'Accept-Language': [],
      'Accept-MimeType': { html: false, xhtml: false, json: false },
      XMLHttpRequest: false,
    });
  });

  test('answers what the fields say', async () => {
    const fields = [
      'Content-Type: Text/Plain; charset=ISO-8859-2',
      'Content-Length: 0',
      'Accept: text/html, text/xhtml, application/json;q=0.5',
      'Accept-Charset: utf-8',
      'Accept-Encoding: br, gzip;q=0.8',
      'Accept-Language: cs, en;q=0.7',
      'X-Requested-With: XMLHttpRequest',
    ];
    expect(await headers(fields)).toEqual({
      'Content-Type': ['text/plain', 'iso-8859-2'],
      'Content-Length': 0,
      Host: 'localhost',
      Accept: [
        ['text/html', 1],
        ['text/xhtml', 1],
        ['application/json', 0.5],
      ],
      'Accept-Charset': [['utf-8', 1]],
      'Accept-Encoding': [
        ['br', 1],
        ['gzip', 0.8],
      ],
      'Accept-Language': [
        ['cs', 1],
        ['en', 0.7],
      ],
      'Accept-MimeType': { html: true, xhtml: true, json: true },
      XMLHttpRequest: true,
    });
  });

  test.each([
    ['application/xhtml+xml', { html: false, xhtml: true, json: false }],
    ['text/html;q=0', { html: false, xhtml: false, json: false }],
    ['*/*', { html: false, xhtml: false, json: false }],
  ])('of Accept: %s names only what stands there', async (accept, types) => {
    expect(await headers([`Accept: ${accept}`])).toMatchObject({ 'Accept-MimeType': types });
  });
});

describe('without PROFILE', () => {
  const plain = sample('simple-json');

  test('/profile answers null', async () => {
    expect((await plain.ask('GET /profile')).text).toBe('{"PROFILE":null}');
  });
});
