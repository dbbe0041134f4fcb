/** `obol serve` in this process: what it prints, notes and refuses. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { dirname } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import type { RunningServer } from 'obol';
import { CommandError } from '../../src/cli/command.js';
import { serve, serveCommand } from '../../src/cli/serve-command.js';
import { readServeOptions } from '../../src/cli/serve-options.js';
import { TestFolder } from '../support/folder.js';
import { RawClient } from '../support/raw-client.js';
import { recordingTerminal } from './recording-terminal.js';

const folder = new TestFolder();
folder.file('a.txt', 'text');
afterAll(() => {
  folder.remove();
});

const servers: RunningServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(args: readonly string[], env: Record<string, string> = {}) {
  const terminal = recordingTerminal(env);
  const server = await serve(readServeOptions([folder.path, '--port', '0', ...args], env), terminal);
  servers.push(server);
  return { ...terminal, server };
}

describe('what it prints', () => {
  test('is the directory and the real port', async () => {
    const { server, printed, warned } = await start([]);
    const url = `http://127.0.0.1:${server.port}/`;
    expect(printed).toEqual([`Serving ${folder.path} at ${url} (Ctrl-C to stop)`]);
    expect(warned).toEqual([]);
    expect(await (await fetch(`${url}a.txt`)).text()).toBe('text');
  });

  test('is a line in which nothing steers the terminal', async () => {
    const hostile = dirname(folder.file('\x1b[31m\n/a.txt', ''));
    const terminal = recordingTerminal();
    servers.push(await serve(readServeOptions([hostile, '--port', '0'], {}), terminal));
    expect(terminal.printed).toEqual([
      expect.stringContaining(`Serving ${folder.path}/\\x1b[31m\\n at http://`),
    ]);
  });

  test('are the addresses of this computer, too, when all of them are served', async () => {
    const { server, printed } = await start(['--bind', '0.0.0.0']);
    const others = Object.values(networkInterfaces())
      .flatMap((addresses = []) => addresses)
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      .map(({ address }) => `  also at http://${address}:${server.port}/`);
    expect(printed).toEqual([
      `Serving ${folder.path} at http://127.0.0.1:${server.port}/ (Ctrl-C to stop)`,
      ...others,
    ]);
  });
});

describe('what it notes', () => {
  const VISIBLE =
    'Note: others on this computer can see the password among the arguments; OBOL_AUTH=user:password keeps it.';
  const CLEAR = 'Note: name and password travel in clear; --tls-cert protects them.';

  test.each([
    [[], {}, []],
    [['--bind', '0.0.0.0'], {}, []],
    [['--auth', 'me:secret'], {}, [VISIBLE]],
    [['--auth', 'me:secret', '--bind', '0.0.0.0'], {}, [VISIBLE, CLEAR]],
    [[], { OBOL_AUTH: 'me:secret' }, []],
    [['--bind', '0.0.0.0'], { OBOL_AUTH: 'me:secret' }, [CLEAR]],
    [['--spa'], {}, ['Note: there is no index.html yet, which --spa answers with.']],
    [['--cgi'], {}, ['Note: there is no folder cgi-bin or htbin yet, whose scripts --cgi runs.']],
  ])('%j with %j: %j', async (args, env, notes) => {
    expect((await start(args, env)).warned).toEqual(notes);
  });
});

test('serves and lists names of any octets', async () => {
  const name = Buffer.concat([Buffer.from(`${folder.path}/`), Buffer.from('a\xe7w\xf0\n.txt', 'latin1')]);
  writeFileSync(name, 'octets');
  const { server } = await start([]);
  const url = `http://127.0.0.1:${String(server.port)}/`;
  expect(await (await fetch(url)).text()).toContain('href="./a%E7w%F0%0A.txt"');
  expect(await (await fetch(`${url}a%e7w%f0%0a.txt`)).text()).toBe('octets');
  expect((await fetch(`${url}a%e7w%f0%00.txt`)).status).toBe(400);
  rmSync(name);
});

describe('the line of a request', () => {
  async function lines(args: readonly string[], ...requests: string[]): Promise<string[]> {
    const { server, printed } = await start(args);
    const client = await RawClient.connect(server.port);
    for (const line of requests) {
      client.request(line);
      await client.response(line.split(' ')[0]);
    }
    client.destroy();
    await server.close();
    return printed.slice(1).map((line) => line.replace(/\[.*?\]/, '[date]'));
  }

  test('is in the common format', async () => {
    const start = '127.0.0.1 - - [date]';
    expect(await lines([], 'GET /a.txt', 'HEAD /a.txt', 'GET /missing?a=b')).toEqual([
      `${start} "GET /a.txt HTTP/1.1" 200 4`,
      `${start} "HEAD /a.txt HTTP/1.1" 200 -`,
      expect.stringMatching(/^127\.0\.0\.1 - - \[date\] "GET \/missing\?a=b HTTP\/1\.1" 404 \d+$/),
    ]);
  });

  test('has hostile targets escaped', async () => {
    expect(await lines([], 'GET /%0d%0a%1b[31m"\\x"')).toEqual([
      expect.stringMatching(
        /^127\.0\.0\.1 - - \[date\] "GET \/%0d%0a%1b\[31m\\x22\\x5cx\\x22 HTTP\/1\.1" 404 \d+$/,
      ),
    ]);
  });

  test('is not there with --quiet', async () => {
    expect(await lines(['--quiet'], 'GET /a.txt')).toEqual([]);
  });
});

test('--protocol HTTP/1.0 closes after each answer', async () => {
  const { server } = await start(['--protocol', 'HTTP/1.0']);
  const client = await RawClient.connect(server.port);
  client.request('GET /a.txt').request('GET /a.txt');
  const response = await client.response();
  expect([response.status, response.header('connection'), response.text]).toEqual([200, 'close', 'text']);
  await client.closed;
  expect(client.pending).toBe('');
});

test('--open tells why no browser came up, and goes on', async () => {
  const nowhere = recordingTerminal({ PATH: folder.path });
  const noted = new Promise((resolve) => {
    const terminal = { ...nowhere, warn: resolve };
    void serve(readServeOptions([folder.path, '-p', '0', '--open'], {}), terminal).then((server) =>
      servers.push(server),
    );
  });
  expect(await noted).toMatch(/^Note: no browser was opened: spawn \S+ ENOENT$/);
});

describe('where it cannot listen', () => {
  test('a port in use is told with the cure', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const cure = port < 65535 ? port + 1 : 8000;
    await expect(serveCommand.run([folder.path, '-p', `${port}`], recordingTerminal())).rejects.toEqual(
      new CommandError(
        `Port ${port} of 127.0.0.1 is in use; take another, such as --port ${cure}, or any by --port 0.`,
        1,
      ),
    );
    other.close();
  });

  test.each([
    ['192.0.2.1', '192.0.2.1 is no address of this computer; see --bind.'],
    ['1.2.3.4.5.invalid', '1.2.3.4.5.invalid is an unknown name; see --bind.'],
  ])('%s', async (host, message) => {
    await expect(start(['--bind', host])).rejects.toMatchObject({ message, exitCode: 1 });
  });
});
