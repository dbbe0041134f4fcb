/** Compressed responses as curl reads them. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import { GeneratorResponse, TextResponse, type Handler } from 'obol';
import { compression, type CompressionOptions } from 'obol/compression';
import { RawClient } from '../../support/raw-client.js';
import { serve, type Served } from '../../support/serve.js';

const run = promisify(execFile);
const TEXT = 'A line that is said again and again.\n'.repeat(100);
const GZIP = ['Accept-Encoding: gzip'];

let served: Served | undefined;

afterEach(async () => {
  await served?.server.close();
  served = undefined;
});

async function start(handle: Handler, options?: CompressionOptions): Promise<Served> {
  const wrap = compression(options);
  return (served = await serve((request) => wrap(request, handle)));
}

describe('curl --compressed', () => {
  const curl = async (...args: string[]): Promise<{ head: string; body: string }> => {
    const url = `${served?.server.url}/`;
    const { stdout } = await run('curl', ['--silent', '--include', '--max-time', '10', ...args, url]);
    const end = stdout.indexOf('\r\n\r\n');
    return { head: stdout.slice(0, end), body: stdout.slice(end + 4) };
  };
  const tagged: Handler = () => new TextResponse(TEXT, { headers: { ETag: '"1"' } });

  test('reads what it asks for', async () => {
    await start(tagged);
    const { head, body } = await curl('--compressed');
    expect(body).toBe(TEXT);
    expect(head).toMatch(/^Content-Encoding: (?:br|zstd|gzip)\r$/m);
    expect(head).toMatch(/^Vary: Accept-Encoding\r$/m);
  });

  test.each(['br', 'gzip', 'deflate'])('reads %s', async (coding) => {
    await start(tagged);
    const { head, body } = await curl('--compressed', '-H', `Accept-Encoding: ${coding}`);
    expect([head.includes(`\r\nContent-Encoding: ${coding}\r\n`), body]).toEqual([true, TEXT]);
  });

  test('reads padded gzip', async () => {
    await start(tagged, { padding: true });
    for (let i = 0; i < 5; i++) expect((await curl('--compressed')).body).toBe(TEXT);
  });

  test('reads a stream', async () => {
    await start(() => new GeneratorResponse([TEXT, TEXT], { contentType: 'text/plain' }));
    expect((await curl('--compressed')).body).toBe(TEXT + TEXT);
  });

  test('gets 304 for the tag it was given', async () => {
    await start(tagged);
    const tag = /^ETag: (.*)\r$/m.exec((await curl('--compressed')).head)?.[1] ?? '';
    expect(tag).toBe('W/"1"');
    const { head, body } = await curl('--compressed', '-H', `If-None-Match: ${tag}`);
    expect([head.split('\r\n')[0], body]).toEqual(['HTTP/1.1 304 Not Modified', '']);
    expect(head).toMatch(/^ETag: W\/"1"\r$/m);
  });

  test('gets HEAD as GET, without content and on a connection that goes on', async () => {
    await start(() => new TextResponse(TEXT));
    const names = (head: string): string[] =>
      head
        .split('\r\n')
        .map((line) => line.split(':')[0] ?? '')
        .filter((name) => name !== 'Content-Length');
    const get = await curl('--compressed');
    const head = await curl('--compressed', '--head');
    expect(names(head.head)).toEqual(names(get.head));
    const client = await RawClient.connect(served?.port ?? 0);
    for (let i = 0; i < 2; i++) {
      const response = await client.request('HEAD /', GZIP).response('HEAD');
      expect([response.status, response.header('content-encoding')]).toEqual([200, 'gzip']);
    }
    client.destroy();
  });

  test('gets ranges of what is not encoded', async () => {
    await start(() => new TextResponse(TEXT).makePartial());
    const { head, body } = await curl('--compressed', '-r', '2-5');
    expect([head.split('\r\n')[0], body]).toEqual(['HTTP/1.1 206 Partial Content', 'line']);
    expect(head).not.toContain('Content-Encoding');
  });

  test('of HTTP/1.0 reads until the connection is closed', async () => {
    await start(() => new GeneratorResponse([TEXT, TEXT]));
    expect((await curl('--compressed', '--http1.0')).body).toBe(TEXT + TEXT);
  });
});
