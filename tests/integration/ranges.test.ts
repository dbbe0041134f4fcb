/** Parts of files and of what handlers give, byte for byte through a real socket. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { FileResponse, GeneratorResponse, TextResponse, type Handler, type Response } from 'obol';
import { BACKWARD_CASE, describeReceived, RANGE_CASES, type RangeCase } from '../support/byteranges.js';
import { MODIFIED, TestFolder } from '../support/folder.js';
import { RawClient, type RawResponse } from '../support/raw-client.js';
import { serve, type Served } from '../support/serve.js';

const DATE = MODIFIED.toUTCString();
const folder = new TestFolder();
const digits = folder.file('digits.txt', '0123456789');
const empty = folder.file('empty.txt', '');
const LARGE = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7 + (i >> 8)) & 255));
const large = folder.file('large.bin', LARGE);

const RESPONSES: Readonly<Record<string, () => Response>> = {
  '/file': () => new FileResponse(digits, { contentType: 'text/plain' }),
  '/text': () => new TextResponse('0123456789', { contentType: 'text/plain' }).makePartial(),
  '/stream': () =>
    new GeneratorResponse(['012', '3456', '789'], { contentType: 'text/plain', length: 10 }).makePartial(),
  '/large': () => new FileResponse(large),
  '/empty': () => new FileResponse(empty),
  '/missing': () => new FileResponse(`${digits}.not`),
};
const handle: Handler = (request) => RESPONSES[request.path]?.() ?? new TextResponse('?', { status: 404 });

let served: Served;
let client: RawClient;

beforeAll(async () => {
  served = await serve(handle);
  client = await RawClient.connect(served.port);
});
afterEach(() => {
  expect(served.logger.errors).toEqual([]);
});
afterAll(async () => {
  client.destroy();
  await served.server.close();
  folder.remove();
});

const get = (path: string, ...fields: string[]): Promise<RawResponse> =>
  client.request(`GET ${path}`, fields).response();

function described(response: RawResponse): RangeCase {
  return describeReceived({
    status: response.status,
    type: response.header('content-type'),
    range: response.header('content-range'),
    length: response.header('content-length'),
    body: response.text,
  });
}

describe.each(['/file', '/text', '/stream'])('of %s', (path) => {
  test.each(RANGE_CASES)('%s gets %d %j', async (range, status, expected) => {
    expect(described(await get(path, `Range: ${range}`))).toEqual(['', status, expected]);
  });

  test('no range gets the whole, which says that it can be had in parts', async () => {
    const response = await get(path);
    expect([response.status, response.text]).toEqual([200, '0123456789']);
    expect(response.fields.filter(([name]) => name === 'accept-ranges')).toEqual([
      ['accept-ranges', 'bytes'],
    ]);
  });
});

test('ranges of a file come in the order asked for', async () => {
  const [range, status, expected] = BACKWARD_CASE;
  expect(described(await get('/file', `Range: ${range}`))).toEqual(['', status, expected]);
});

test.each([
  [0, 0],
  [299_999, 299_999],
  [65_535, 65_537],
  [131_071, 262_145],
  [1, 299_998],
])('bytes %d to %d of a large file are exactly those', async (start, end) => {
  const response = await get('/large', `Range: bytes=${start}-${end}`);
  expect(response.header('content-length')).toBe(String(end - start + 1));
  expect(response.body.equals(LARGE.subarray(start, end + 1))).toBe(true);
});

test('several parts of a large file are exactly those', async () => {
  const response = await get('/large', 'Range: bytes=200000-299999,0-149999');
  const boundary = /boundary=(.*)$/.exec(response.header('content-type') ?? '')?.[1] ?? '';
  const head = (range: string): string =>
    `--${boundary}\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes ${range}/300000\r\n\r\n`;
  const expected = Buffer.concat([
    Buffer.from(head('200000-299999')),
    LARGE.subarray(200_000),
    Buffer.from(`\r\n${head('0-149999')}`),
    LARGE.subarray(0, 150_000),
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  expect(response.header('content-length')).toBe(String(expected.length));
  expect(response.body.equals(expected)).toBe(true);
});

test.each(['bytes=0-', 'bytes=-1', 'bytes=0-0'])('%s of an empty file is not satisfiable', async (range) => {
  const response = await get('/empty', `Range: ${range}`);
  expect([response.status, response.header('content-range')]).toEqual([416, 'bytes */0']);
});

test('a range of what is not there gets 404', async () => {
  expect((await get('/missing', 'Range: bytes=0-1')).status).toBe(404);
});

test('a range of a POST gets the whole', async () => {
  const response = await client
    .request('POST /file', ['Range: bytes=0-1', 'Content-Length: 0'])
    .response('POST');
  expect([response.status, response.text]).toEqual([200, '0123456789']);
});

test('HEAD with a range has the head of the whole', async () => {
  const head = await client.request('HEAD /file', ['Range: bytes=0-1']).response('HEAD');
  expect([head.status, head.header('content-length')]).toEqual([200, '10']);
  expect(head.header('content-range')).toBeUndefined();
});

test.each<[string, string, number]>([
  ['the same date', DATE, 206],
  ['an earlier date', 'Sun, 06 Nov 1994 08:49:36 GMT', 200],
  ['another tag', '"other"', 200],
  ['junk', 'junk', 200],
  ['an asterisk', '*', 200],
])('If-Range of %s gets what its state allows', async (_, ifRange, status) => {
  const response = await get('/file', 'Range: bytes=0-1', `If-Range: ${ifRange}`);
  expect([response.status, response.text]).toEqual([status, status === 206 ? '01' : '0123456789']);
});

test('If-Range of the tag of a file gets the range, of the same one as weak the whole', async () => {
  const tag = (await get('/file')).header('etag') ?? '';
  expect(tag).toMatch(/^"/);
  expect((await get('/file', 'Range: bytes=0-1', `If-Range: ${tag}`)).text).toBe('01');
  expect((await get('/file', 'Range: bytes=0-1', `If-Range: W/${tag}`)).text).toBe('0123456789');
});

test('a Range of 8 KiB of commas is answered at once', async () => {
  expect((await get('/file', `Range: bytes=${','.repeat(8000)}0-1`)).text).toBe('01');
});
