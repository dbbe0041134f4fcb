/** samples/partial as its readers start it. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { sample } from '../../support/sample.js';

const server = sample('partial');
const SOURCE = readFileSync(new URL('../../../samples/partial/main.ts', import.meta.url), 'utf8');
const DIGITS = '0123456789'.repeat(10);
const LINES = Array.from({ length: 10 }, (_, i) => `line ${i}\n`).join('');
const LETTERS = 'αβγδεζηθικ'.repeat(10);

test.each([
  ['/buffer', DIGITS, 'bytes'],
  ['/generator', LINES, 'bytes'],
  ['/file', SOURCE, 'bytes'],
  ['/unicodes', LETTERS, 'unicodes'],
  ['/empty', '', 'bytes'],
])('%s answers the whole to who asks for it, and its unit', async (path, text, unit) => {
  const response = await server.ask(`GET ${path}`);
  expect([response.status, response.header('accept-ranges'), response.text]).toEqual([200, unit, text]);
});

const size = Buffer.byteLength(SOURCE);

/** Path, range, status, Content-Range, content. */
const parts: [string, string, number, string | undefined, string | undefined][] = [
  ['/buffer', 'bytes=0-9', 206, 'bytes 0-9/100', DIGITS.slice(0, 10)],
  ['/buffer', 'bytes=-5', 206, 'bytes 95-99/100', '56789'],
  ['/buffer', 'bytes=10-', 206, 'bytes 10-99/100', DIGITS.slice(10)],
  ['/buffer', 'bytes=100-', 416, 'bytes */100', undefined],
  ['/buffer', 'unicodes=0-9', 200, undefined, DIGITS],
  ['/generator', 'bytes=0-14', 206, 'bytes 0-14/70', 'line 0\nline 1\nl'],
  ['/generator', 'bytes=-15', 206, 'bytes 55-69/70', '\nline 8\nline 9\n'],
  ['/file', 'bytes=-100', 206, `bytes ${size - 100}-${size - 1}/${size}`, SOURCE.slice(-100)],
  ['/unicodes', 'unicodes=50-99', 206, 'unicodes 50-99/100', LETTERS.slice(50)],
  ['/unicodes', 'unicodes=98-', 206, 'unicodes 98-99/100', 'ικ'],
  ['/unicodes', 'unicodes=1-1', 206, 'unicodes 1-1/100', 'β'],
  ['/unicodes', 'unicodes=90-1000', 206, 'unicodes 90-99/100', LETTERS.slice(90)],
  ['/unicodes', 'unicodes=-3', 206, 'unicodes 97-99/100', 'θικ'],
  ['/unicodes', 'unicodes=-1000', 206, 'unicodes 0-99/100', LETTERS],
  ['/unicodes', 'unicodes=100-', 416, 'unicodes */100', undefined],
  ['/unicodes', 'unicodes=-0', 416, 'unicodes */100', undefined],
  ['/unicodes', 'unicodes=0-1,5-6', 200, undefined, LETTERS],
  ['/unicodes', 'unicodes=2-1', 200, undefined, LETTERS],
  ['/unicodes', 'bytes=0-1', 200, undefined, LETTERS],
  ['/empty', 'bytes=0-99', 416, 'bytes */0', undefined],
];

test.each(parts)('%s answers %s with %i', async (path, range, ...expected) => {
  const [status, contentRange, text] = expected;
  const response = await server.ask(`GET ${path}`, [`Range: ${range}`]);
  expect([response.status, response.header('content-range')]).toEqual([status, contentRange]);
  if (text !== undefined) expect(response.text).toBe(text);
});

test('/buffer answers several ranges at once', async () => {
  const response = await server.ask('GET /buffer', ['Range: bytes=0-0,50-59']);
  expect(response.status).toBe(206);
  expect(response.header('content-type')).toMatch(/^multipart\/byteranges; boundary=/);
  for (const range of ['0-0', '50-59'])
    expect(response.text).toContain(`Content-Range: bytes ${range}/100\r\n`);
});

test('/buffer sends the rest only of what has not changed', async () => {
  const { fields } = await server.ask('HEAD /buffer');
  const etag = fields.find(([name]) => name === 'etag')?.[1] ?? '';
  expect(etag).toMatch(/^"/);
  const rest = ['Range: bytes=90-'];
  expect((await server.ask('GET /buffer', [...rest, `If-Range: ${etag}`])).text).toBe('0123456789');
  expect((await server.ask('GET /buffer', [...rest, 'If-Range: "other"'])).text).toBe(DIGITS);
});

test('HEAD /unicodes has no parts', async () => {
  const response = await server.ask('HEAD /unicodes', ['Range: unicodes=0-1']);
  expect([response.status, response.header('content-length')]).toEqual([200, '200']);
});

test('/ shows every path with ranges to try', async () => {
  const html = await (await fetch(`${server.url}/`)).text();
  for (const path of ['/buffer', '/generator', '/file', '/unicodes', '/empty']) {
    expect(html).toContain(`<a href="${path}">${path}</a>`);
    expect(html).toContain(` ${server.url}${path}`);
  }
  expect(html).toContain(`curl -i -H &#39;Range: unicodes=50-99&#39; ${server.url}/unicodes`);
});
