/** samples/large-file and samples/put-file as their readers start them. */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Program } from '../../support/program.js';
import { RawClient } from '../../support/raw-client.js';

const CONTENT = Buffer.alloc(300_000, 'obol');
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');

/** Starts a sample for the tests around it. */
function sample(name: string): { readonly url: string; readonly port: number } {
  let program: Program;
  const started = { url: '', port: 0 };
  beforeAll(async () => {
    program = new Program(['samples/run.mjs', name], { PORT: '0' });
    const [, url = '', port] = await program.prints(/Listening on (http:\/\/127\.0\.0\.1:(\d+))\n/);
    Object.assign(started, { url, port: Number(port) });
  });
  afterAll(async () => {
    program.process.kill('SIGTERM');
    await program.exited;
    expect(program.output).not.toContain('Error');
  });
  return started;
}

function leftovers(): string[] {
  return readdirSync(tmpdir()).filter((name) => /^obol-(large|put)-file-/.test(name));
}

describe('samples/large-file', () => {
  const server = sample('large-file');
  const ways = ['blackhole', 'temporary', 'no-factory'];

  test('links to its three ways', async () => {
    const text = await (await fetch(`${server.url}/`)).text();
    for (const way of ways) expect(text).toContain(`<a href="/${way}">`);
  });

  test.each(ways)('/%s answers a form, and an upload with checksum and speed', async (way) => {
    expect(await (await fetch(`${server.url}/${way}`)).text()).toContain('<input type="file" name="file"');
    const body = new FormData();
    body.set('file', new Blob([CONTENT]), 'a <b>.bin');
    const json = await fetch(`${server.url}/${way}`, {
      method: 'POST',
      body,
      headers: { Accept: 'application/json' },
    });
    expect(await json.json()).toEqual([
      {
        filename: 'a <b>.bin',
        length: CONTENT.length,
        sha256: SHA256,
        seconds: expect.any(Number),
        speed: expect.stringMatching(/^\d+\.\d MiB\/s$/),
      },
    ]);
    const html = await fetch(`${server.url}/${way}`, {
      method: 'POST',
      body,
      headers: { Accept: 'text/html' },
    });
    const text = await html.text();
    expect(text).toContain(SHA256);
    expect(text).toContain('a &lt;b&gt;.bin');
  });

  test.each(ways)('/%s answers 400 to an upload that is incomplete, and keeps nothing', async (way) => {
    const head = '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n';
    const body = head + 'x'.repeat(100_000);
    const client = await RawClient.connect(server.port);
    const type = 'Content-Type: multipart/form-data; boundary=b';
    client.request(`POST /${way}`, [type, `Content-Length: ${body.length}`], body);
    expect((await client.response()).status).toBe(400);
    client.destroy();
    expect(leftovers()).toEqual([]);
  });
});

describe('samples/put-file', () => {
  const server = sample('put-file');
  const ways = ['blackhole', 'temporary'];

  test('tells how it is used', async () => {
    expect(await (await fetch(`${server.url}/`)).text()).toContain(
      `curl -T FILE ${server.url}/blackhole/NAME\n`,
    );
  });

  test.each(ways)('/%s answers length, checksum and name of a file', async (way) => {
    for (const content of [CONTENT, Buffer.from('small'), Buffer.alloc(0)]) {
      const response = await fetch(`${server.url}/${way}/na%20me.bin`, { method: 'PUT', body: content });
      expect(await response.json()).toEqual({
        uploaded: content.length,
        checksum: createHash('sha256').update(content).digest('hex'),
        filename: 'na me.bin',
      });
    }
    expect(leftovers()).toEqual([]);
  });

  test.each(ways)('/%s answers 400 to a file that is incomplete, and keeps nothing', async (way) => {
    const client = await RawClient.connect(server.port);
    client.request(`PUT /${way}/a`, ['Content-Length: 200000'], 'x'.repeat(100_000));
    client.socket.end();
    expect((await client.response()).status).toBe(400);
    client.destroy();
    while (leftovers().length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });
});
