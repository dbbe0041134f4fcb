/** Downloads from a folder: abandoned by the hundred, logged, and part by part; those of real programs are in tests/programs. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { truncateSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { FileResponse, GeneratorResponse, Response, type AccessEntry } from 'obol';
import { staticFiles } from 'obol/static';
import { emptySite, type Site } from '../support/site.js';
import { BACKWARD_CASE, describeReceived, RANGE_CASES, type RangeCase } from '../support/byteranges.js';
import { openDescriptors } from '../support/multipart.js';
import { RawClient, type RawResponse } from '../support/raw-client.js';
import { deferred, serve, type Served } from '../support/serve.js';
import { stressed } from '../support/stress.js';

const MIB = 1024 * 1024;
/** More than the buffers of the system hold, so that a slow client never has all of it on its way. */
const CONTENT = randomBytes(32 * MIB);
const SMALL = CONTENT.subarray(0, MIB);
/** Downloads that are abandoned. */
const ABORTS = stressed(200, 10_000);
const AT_ONCE = 50;

let site: Site;

beforeAll(() => {
  site = emptySite();
  site.write('film.bin', CONTENT);
  site.write('short.bin', SMALL);
  site.write('digits.txt', '0123456789');
  site.write('empty.txt', '');
  site.write('sparse.bin', '');
  truncateSync(join(site.root, 'sparse.bin'), 10 * MIB);
});
afterAll(() => {
  site.remove();
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('downloads that are abandoned', () => {
  /** Leaves after the first bytes: by FIN or, every other time, by RST. */
  async function abandon(port: number, i: number): Promise<void> {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    const range = i % 4 === 3 ? 'Range: bytes=0-1,5-\r\n' : '';
    socket.write(`GET /sparse.bin HTTP/1.1\r\nHost: a\r\n${range}\r\n`);
    await once(socket, 'data');
    const closed = once(socket, 'close');
    if (i % 2 === 0) socket.destroy();
    else socket.resetAndDestroy();
    await closed;
  }

  test(`leave no descriptor open and nothing in the log, ${ABORTS} of them`, async () => {
    const served = await serve(staticFiles(site.root));
    // What is opened once and for all is open then.
    await abandon(served.port, 0);
    const before = openDescriptors();
    const turns = Array.from({ length: ABORTS }).entries();
    const work = async (): Promise<void> => {
      for (const [i] of turns) await abandon(served.port, i);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    await until(() => openDescriptors() <= before);
    expect(served.logger).toMatchObject({ errors: [], warnings: [] });
    await served.server.close();
  });
});

describe('the log of who got what', () => {
  /** Answers from memory, from a generator or from a file. */
  const BODIES: readonly (readonly [string, () => Response])[] = [
    ['from memory', () => new Response(CONTENT)],
    ['of a generator', () => new GeneratorResponse([CONTENT], { length: CONTENT.length })],
    ['of a file', () => new FileResponse(join(site.root, 'film.bin'))],
  ];

  async function startLogged(respond: () => Response) {
    const answered: AccessEntry[] = [];
    const over = deferred();
    const accessLog = (entry: AccessEntry): void => {
      answered.push(entry);
      over.resolve();
    };
    const served = await serve(respond, { accessLog, drainTimeout: 1 });
    const socket = connect(served.port, '127.0.0.1').on('error', () => undefined);
    return { served, socket, over: over.promise, answered };
  }

  const WAYS: Readonly<Record<string, (socket: Socket, served: Served) => unknown>> = {
    'leaves at once': (socket) => socket.resetAndDestroy(),
    'closes its end': (socket) => socket.destroy(),
    'is cut off': (_socket, { server }) => server.close(),
  };

  const cuts = BODIES.flatMap(([body, respond]) =>
    Object.entries(WAYS).map(([way, cut]) => ({ body, respond, way, cut })),
  );
  test.each(cuts)('says that a client that $way had not all $body', async ({ respond, cut }) => {
    const { served, socket, over, answered } = await startLogged(respond);
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(socket, 'data');
    socket.pause();
    await cut(socket, served);
    await over;
    expect(answered).toEqual([expect.objectContaining({ status: 200, complete: false, length: undefined })]);
    socket.destroy();
    await served.server.close();
  });

  test.each(
    BODIES.flatMap(([body, respond]) =>
      ['HTTP/1.1\r\n', 'HTTP/1.1\r\nConnection: close\r\n', 'HTTP/1.0\r\n'].map((rest) => ({
        body,
        respond,
        rest,
      })),
    ),
  )(
    'says that a client that read on had all $body, whatever becomes of its connection: $rest',
    async ({ respond, rest }) => {
      const { served, socket, over, answered } = await startLogged(respond);
      socket.write(`GET / ${rest}Host: a\r\n\r\n`);
      socket.resume();
      await over;
      expect(answered).toEqual([
        expect.objectContaining({ status: 200, complete: true, length: CONTENT.length }),
      ]);
      socket.destroy();
      await served.server.close();
    },
  );
});

describe('R1 to R9: a range of a file in a folder', () => {
  let served: Served;
  let client: RawClient;

  beforeAll(async () => {
    served = await serve(staticFiles(site.root));
    client = await RawClient.connect(served.port);
  });
  afterEach(() => {
    expect(served.logger.errors).toEqual([]);
  });
  afterAll(async () => {
    client.destroy();
    await served.server.close();
  });

  const get = (target: string, ...fields: string[]): Promise<RawResponse> =>
    client.request(`GET ${target}`, fields).response();

  function described(response: RawResponse): RangeCase {
    // The folder says the charset of text; the table does without.
    const plain = (text: string | undefined): string | undefined =>
      text?.replaceAll('text/plain; charset=utf-8', 'text/plain');
    const body = plain(response.text) ?? '';
    const removed = response.text.length - body.length;
    return describeReceived({
      status: response.status,
      type: plain(response.header('content-type')),
      range: response.header('content-range'),
      length: String(Number(response.header('content-length')) - removed),
      body,
    });
  }

  const cases: readonly RangeCase[] = [
    ...RANGE_CASES,
    BACKWARD_CASE,
    [`bytes=${'0-,'.repeat(100)}`, 200, '0123456789'],
    [`bytes=${'0-0,'.repeat(1000)}`, 200, '0123456789'],
    [`bytes=${'0-9,'.repeat(10)}`, 206, '0123456789'],
    [`bytes=-${'9'.repeat(400)}`, 206, '0123456789'],
    [`bytes=0-${'9'.repeat(400)}`, 206, '0123456789'],
    ['bytes=-18446744073709551617', 206, '0123456789'],
    ['bytes=-9223372036854775808', 206, '0123456789'],
  ];
  test.each(
    cases.map(([range, status, expected]) => ({ name: range.slice(0, 40), range, status, expected })),
  )('$name gets $status $expected', async ({ range, status, expected }) => {
    expect(described(await get('/digits.txt', `Range: ${range}`))).toEqual(['', status, expected]);
  });

  test('in two headers is the whole', async () => {
    const response = await get('/digits.txt', 'Range: bytes=0-0', 'Range: bytes=1-1');
    expect([response.status, response.text]).toEqual([200, '0123456789']);
  });

  test.each<[string, number, string]>([
    ['/empty.txt', 416, 'bytes=0-'],
    ['/empty.txt', 416, 'bytes=-1'],
    ['/absent.txt', 404, 'bytes=0-1'],
    ['/%2e%2e/secret.txt', 400, 'bytes=0-1'],
  ])('of %s is %d', async (target, status, range) => {
    expect((await get(target, `Range: ${range}`)).status).toBe(status);
  });

  test.each<[string, number, (tag: string, date: string) => string]>([
    ['the tag', 206, (tag) => tag],
    ['the tag as a weak one', 200, (tag) => `W/${tag}`],
    ['the date', 206, (_, date) => date],
    ['a later date', 200, () => 'Fri, 02 Jan 2026 03:04:06 GMT'],
    ['an earlier date', 200, () => 'Fri, 02 Jan 2026 03:04:04 GMT'],
    ['another tag', 200, () => '"other"'],
    ['the tag and one more', 200, (tag) => `${tag}, "other"`],
    ['anything', 200, () => '*'],
    ['nothing that is known', 200, () => 'yesterday'],
  ])('with If-Range of %s is %d', async (_, status, condition) => {
    const whole = await get('/digits.txt');
    const [tag = '', date = ''] = [whole.header('etag'), whole.header('last-modified')];
    const response = await get('/digits.txt', 'Range: bytes=4-', `If-Range: ${condition(tag, date)}`);
    expect([response.status, response.text]).toEqual([status, status === 206 ? '456789' : '0123456789']);
  });

  test('of a file that has changed since is the whole new file, never a mixture', async () => {
    site.write('changing.txt', 'old old old');
    const tag = (await get('/changing.txt')).header('etag') ?? '';
    site.write('changing.txt', 'new new new', new Date('2026-02-03T04:05:06Z'));
    const response = await get('/changing.txt', 'Range: bytes=4-', `If-Range: ${tag}`);
    expect([response.status, response.text]).toEqual([200, 'new new new']);
  });

  test('several times over is never more than the file', async () => {
    const overlapping = Array.from({ length: 10 }, (_, i) => `${i}-`).join(',');
    const response = await get('/short.bin', `Range: bytes=${overlapping}`);
    expect([response.status, response.header('content-length')]).toEqual([206, String(MIB)]);
    expect(response.body.equals(SMALL)).toBe(true);
  });
});
