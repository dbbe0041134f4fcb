/** The real Express, 5 and 4, around Obol and inside it, with the middleware that most programs have. */
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Program } from '../../support/program.js';
import { RawClient } from '../../support/raw-client.js';

const MIB = 1024 * 1024;
/** Of a body; what would keep all of it would be seen. */
const SIZE = 30 * MIB;
const FIXTURE = 'tests/programs/fixtures/neighbours.mjs';

interface Status {
  readonly under: { readonly obol: number; readonly express: number };
  readonly lines: readonly string[];
  readonly rss: number;
}

describe.each(['express', 'express4'])('%s', (version) => {
  let program: Program;
  let around: string;
  let inside: string;

  beforeAll(async () => {
    program = new Program(['--import', '@oxc-node/core/register', FIXTURE], {
      EXPRESS: version,
      NODE_ENV: 'test',
    });
    const [, first = '', second = ''] = await program.prints(/Ports (\d+) (\d+)/);
    around = `http://127.0.0.1:${first}`;
    inside = `http://127.0.0.1:${second}`;
  });

  afterAll(() => program.stop());

  async function status(): Promise<Status> {
    return (await (await fetch(`${inside}/status`)).json()) as Status;
  }

  /** Until it is so; what never is ends by the time limit of tests. */
  async function until(isSo: (status: Status) => boolean): Promise<Status> {
    for (;;) {
      const now = await status();
      if (isSo(now)) return now;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Sends 30 MiB and reads what comes back meanwhile. */
  async function echo(url: string): Promise<number> {
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        if (sent === SIZE) controller.close();
        else controller.enqueue(new Uint8Array(64 * 1024));
        sent = Math.min(SIZE, sent + 64 * 1024);
      },
    });
    const headers = { 'Accept-Encoding': 'identity' };
    const response = await fetch(url, { method: 'POST', body, headers, duplex: 'half' });
    let received = 0;
    for await (const chunk of Readable.fromWeb(response.body as never))
      received += (chunk as Uint8Array).length;
    return received;
  }

  /** Clients that leave while an answer is on its way. */
  async function leave(url: string, count: number): Promise<void> {
    const { port, pathname } = new URL(url);
    await Promise.all(
      Array.from({ length: count }, async () => {
        const client = await RawClient.connect(Number(port));
        await client.request(`GET ${pathname}`).until((received) => received.length > 1000);
        client.destroy();
      }),
    );
  }

  describe('around Obol', () => {
    test('leaves it the path below the mount, and answers what it does not know', async () => {
      const home = await (await fetch(`${around}/inside/`)).json();
      expect(home).toEqual({ base: '/inside', path: '/', url: '/inside/' });
      for (const path of ['/inside/nothing', '/inside/read', '/nothing'])
        expect(await (await fetch(around + path)).text()).toBe('the neighbour');
      expect(await (await fetch(`${around}/alone/nothing`)).text()).not.toBe('the neighbour');
      expect((await fetch(`${around}/inside/fails`)).status).toBe(500);
    });

    test('has its middleware see what Obol sends', async () => {
      const response = await fetch(`${around}/inside/page`);
      expect((await response.text()).length).toBe(2200);
      expect(response.headers.get('content-encoding')).toMatch(/^(?:br|gzip)$/);
      expect(response.headers.get('content-security-policy')).toContain('upgrade-insecure-requests');
      expect(response.headers.get('x-powered-by')).toBe('Obol');
      expect(response.headers.getSetCookie()).toEqual([expect.stringMatching(/^connect\.sid=/)]);
      await until(({ lines }) => lines.includes('GET /inside/page 200'));
    });

    test.each([
      ['application/json', '{"a":"ü"}', { json: { a: 'ü' }, form: [] }],
      [
        'application/x-www-form-urlencoded',
        'a=1&a=2',
        {
          form: [
            ['a', '1'],
            ['a', '2'],
          ],
        },
      ],
    ])('has read a body of the type %s, which is there all the same', async (type, body, expected) => {
      for (const path of ['/read/read', '/inside/read']) {
        const response = await fetch(around + path, {
          method: 'POST',
          body,
          headers: { 'Content-Type': type },
        });
        expect(await response.json()).toEqual(expected);
      }
    });

    test('leaves nothing of clients that leave', async () => {
      await leave(`${around}/inside/endless`, 100);
      await until(({ under }) => under.obol === 0);
    });
  });

  describe('inside Obol', () => {
    test('sees the path below the mount, and answers what it does not know there', async () => {
      const mounted = await (await fetch(`${inside}/old/theirs?x=1`)).json();
      expect(mounted).toEqual({
        url: '/theirs?x=1',
        originalUrl: '/old/theirs?x=1',
        baseUrl: '/old',
        ip: '127.0.0.1',
        protocol: 'http',
        query: { x: '1' },
      });
      expect(await (await fetch(`${inside}/old/nothing`)).text()).toContain('Cannot GET /old/nothing');
    });

    test('passes on what it does not know as middleware', async () => {
      expect(await (await fetch(`${inside}/theirs`)).json()).toMatchObject({ url: '/theirs', baseUrl: '' });
      expect(await (await fetch(inside)).json()).toMatchObject({ path: '/' });
      expect(await (await fetch(`${inside}/nothing`)).json()).toMatchObject({ status: 404 });
    });

    test('has its middleware see what is sent, by it and by Obol', async () => {
      for (const path of ['/page', '/old/their-file']) {
        const response = await fetch(inside + path);
        expect((await response.text()).length).toBeGreaterThan(2000);
        expect(response.headers.get('content-encoding')).toMatch(/^(?:br|gzip)$/);
        expect(response.headers.get('content-security-policy')).toContain('upgrade-insecure-requests');
        expect(response.headers.getSetCookie()).toEqual([expect.stringMatching(/^connect\.sid=/)]);
        await until(({ lines }) => lines.includes(`GET ${path} 200`));
      }
    });

    test('keeps a session', async () => {
      const first = await fetch(`${inside}/visits`);
      const [cookie = ''] = first.headers.getSetCookie();
      expect(await first.json()).toEqual({ visits: 1 });
      const second = await fetch(`${inside}/visits`, { headers: { Cookie: cookie.split(';')[0] ?? '' } });
      expect(await second.json()).toEqual({ visits: 2 });
    });

    test('reads bodies, and so does the controller behind its parser', async () => {
      const init = { method: 'POST', body: '{"a":1}', headers: { 'Content-Type': 'application/json' } };
      expect(await (await fetch(`${inside}/old/theirs`, init)).json()).toEqual({ a: 1 });
      expect(await (await fetch(`${inside}/read`, init)).json()).toMatchObject({ json: { a: 1 } });
      const wrong = await fetch(`${inside}/read`, { ...init, body: '{' });
      expect([wrong.status, await wrong.json()]).toEqual([400, expect.objectContaining({ status: 400 })]);
    });

    test('answers HEAD, parts, conditions, redirects and failures', async () => {
      const file = `${inside}/old/their-file`;
      const plain = { 'Accept-Encoding': 'identity' };
      const head = await fetch(file, { method: 'HEAD', headers: plain });
      const length = Number(head.headers.get('content-length'));
      expect([head.status, length > 1000]).toEqual([200, true]);
      const part = await fetch(file, { headers: { ...plain, Range: 'bytes=0-1' } });
      expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([
        206,
        '{\n',
        `bytes 0-1/${String(length)}`,
      ]);
      const tag = head.headers.get('etag') ?? '';
      expect((await fetch(file, { headers: { ...plain, 'If-None-Match': tag } })).status).toBe(304);
      const redirect = await fetch(`${inside}/old/their-redirect`, { redirect: 'manual' });
      expect([redirect.status, redirect.headers.get('location')]).toEqual([302, '/elsewhere']);
      expect(await (await fetch(`${inside}/old/their-failure`)).text()).toContain('RangeError: theirs');
      expect(await (await fetch(`${inside}/their-failure`)).json()).toMatchObject({ status: 500 });
    });

    test('leaves nothing of clients that leave', async () => {
      await leave(`${inside}/old/their-endless`, 100);
      await leave(`${inside}/endless`, 100);
      await until(({ under }) => under.obol === 0 && under.express === 0);
    });
  });

  test.each(['around Obol', 'inside Obol', "inside Obol, with Obol's own routes"])(
    '%s, lets 30 MiB through both ways at once, in little memory',
    async (place) => {
      const url = { 'around Obol': `${around}/inside/echo`, 'inside Obol': `${inside}/old/their-echo` }[
        place
      ];
      expect(await echo(url ?? `${inside}/echo`)).toBe(SIZE);
      const { rss } = await status();
      expect(await echo(url ?? `${inside}/echo`)).toBe(SIZE);
      expect((await status()).rss - rss).toBeLessThan(16 * MIB);
    },
  );
});
