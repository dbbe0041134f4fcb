/** `obol serve` as people start it: a program, its output, and how it ends. */
import { readFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { CommandEnvironment } from 'obol/testing';
import { makeCertificate } from '../tls/certificate.js';
import { TestFolder } from '../../support/folder.js';
import { obolCommand, Program } from '../../support/program.js';
import { RawClient } from '../../support/raw-client.js';
import { VERSION } from '../../../src/ground/version.js';

const ROOT = join(import.meta.dirname, '../../..');
const MAIN = obolCommand();

let folder: TestFolder;
const programs: Program[] = [];

beforeAll(() => {
  folder = new TestFolder();
  folder.file('a.txt', '0123456789');
  folder.file('sub/index.html', 'the page of sub');
  folder.file('big.bin', Buffer.alloc(32 * 1024 * 1024));
});
afterAll(() => {
  folder.remove();
});
afterEach(async () => {
  await Promise.all(programs.splice(0).map((program) => program.stop()));
});

/** Starts `obol` and waits until it serves. */
async function start(args: readonly string[] = [], env: Record<string, string> = {}) {
  const program = new Program([...MAIN, 'serve', folder.path, '--port', '0', ...args], env);
  programs.push(program);
  const [, url = '', port = ''] = await program.prints(/ at (https?:\/\/.*:(\d+)\/) \(Ctrl-C to stop\)\n/);
  return { program, url, port: Number(port) };
}

async function interrupted(program: Program): Promise<number | null> {
  program.process.kill('SIGINT');
  return program.exited;
}

test('serves a folder: files, parts of them, indexes, listings, and nothing else', async () => {
  const { program, url, port } = await start();
  expect(url).toBe(`http://127.0.0.1:${port}/`);
  const client = await RawClient.connect(port);
  const ask = async (line: string, ...fields: string[]) => {
    client.request(line, [...fields, '']);
    return client.response(line.split(' ')[0]);
  };
  expect(await ask('GET /a.txt')).toMatchObject({ status: 200, text: '0123456789' });
  const head = await ask('HEAD /a.txt');
  expect([head.status, head.text, head.header('content-length')]).toEqual([200, '', '10']);
  const part = await ask('GET /a.txt', 'Range: bytes=2-4');
  expect([part.status, part.text, part.header('content-range')]).toEqual([206, '234', 'bytes 2-4/10']);
  const redirect = await ask('GET /sub?a=b');
  expect([redirect.status, redirect.header('location')]).toEqual([301, '/sub/?a=b']);
  expect(await ask('GET /sub/')).toMatchObject({ status: 200, text: 'the page of sub' });
  expect(await ask('GET /')).toMatchObject({ status: 200, text: expect.stringContaining('./a.txt') });
  expect((await ask('GET /missing')).status).toBe(404);
  const post = await ask('POST /a.txt', 'Content-Length: 0');
  expect([post.status, post.header('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
  // The connection is still open, and idle.
  expect(await interrupted(program)).toBe(0);
  const statuses = [...program.output.matchAll(/" (\d{3}) [-\d]+$/gm)].map(([, status]) => Number(status));
  expect(statuses).toEqual([200, 200, 206, 301, 200, 200, 404, 405]);
});

test('Ctrl-C ends it with 0 while somebody downloads and does not read', async () => {
  const { program, port } = await start();
  const client = await RawClient.connect(port);
  client.request('GET /big.bin');
  await client.until((received) => received.includes('\r\n\r\n'));
  client.socket.pause();
  expect(await interrupted(program)).toBe(0);
  client.destroy();
});

test('serves on when nobody reads its output any more', async () => {
  const { program, url } = await start();
  program.process.stdout.destroy();
  program.process.stderr.destroy();
  for (let i = 0; i < 3; i++) expect((await fetch(`${url}a.txt`)).status).toBe(200);
  expect(await interrupted(program)).toBe(0);
});

test('takes the password from the environment, and logs the name', async () => {
  const { program, url } = await start([], { OBOL_AUTH: 'me:secret' });
  expect((await fetch(`${url}a.txt`)).status).toBe(401);
  const headers = { Authorization: `Basic ${Buffer.from('me:secret').toString('base64')}` };
  expect((await fetch(`${url}a.txt`, { headers })).status).toBe(200);
  expect(await interrupted(program)).toBe(0);
  expect(program.output).toContain('127.0.0.1 - me [');
  expect(program.output).not.toContain('secret');
});

test('serves https with a locked key', async () => {
  const { cert, key } = makeCertificate(folder.path, 'site', 'open sesame');
  const password = folder.file('password', 'open sesame\n');
  const tls = ['--tls-cert', cert, '--tls-key', key, '--tls-password-file', password];
  const { program, url } = await start(['--bind', 'localhost', ...tls]);
  expect(url).toMatch(/^https:\/\/localhost:\d+\/$/);
  const status = await new Promise((resolve, reject) => {
    const asking = httpsRequest(`${url}a.txt`, { ca: readFileSync(cert), agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asking.once('error', reject).end();
  });
  expect(status).toBe(200);
  expect(await interrupted(program)).toBe(0);
});

describe('what ends at once', () => {
  test.each([
    [['--version'], 0, `${VERSION}\n`, ''],
    [['--help'], 0, expect.stringMatching(/^Usage: obol /), ''],
    [['serve', '--help'], 0, expect.stringMatching(/^Usage: obol serve /), ''],
    [
      ['serve', '--prot'],
      2,
      '',
      'obol serve: "--prot" is no option. Did you mean "--port"? See obol serve --help.\n',
    ],
    [
      ['serve', '--bind', '192.0.2.1'],
      1,
      '',
      'obol serve: 192.0.2.1 is no address of this computer; see --bind.\n',
    ],
  ])(
    'obol %j ends with %d',
    async (args, code, stdout, stderr) => {
      using environment = new CommandEnvironment();
      const ended = await environment.run(process.execPath, [...MAIN, ...args], {
        env: { NODE_OPTIONS: '' },
      });
      expect(ended).toMatchObject({ code, stdout, stderr, created: [] });
    },
    30_000,
  );
});

test('the package names the program, which says how it is run', () => {
  const { bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { bin: unknown };
  expect(bin).toEqual({ obol: './dist/cli/main.js' });
  expect(readFileSync(join(ROOT, 'src/cli/main.ts'), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
});
