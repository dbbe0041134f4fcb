/** Where a server listens: ports, addresses, Unix sockets, TLS; and what it says when it cannot. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get } from 'node:https';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  bootstrap,
  Controller,
  Get,
  listen,
  reply,
  requestedProtocols,
  TextResponse,
  UpgradeResponse,
  type Application,
  type Request,
} from 'obol';
import { RawClient } from '../support/raw-client.js';
import { serve } from '../support/serve.js';

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const directory = mkdtempSync(join(tmpdir(), 'obol-listen-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

@Controller()
class PeerController {
  @Get('/')
  index({ peer }: Request) {
    return reply(`${peer.scheme} ${peer.host} ${peer.hostPort}`, 'text/plain');
  }
}

async function application(): Promise<Application<Parameters<typeof listen>[1]>> {
  const app = await bootstrap({ controllers: [PeerController] });
  cleanups.push(() => app.close());
  return app as Application<Parameters<typeof listen>[1]>;
}

async function occupiedPort(): Promise<{ server: Server; port: number }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => server.close());
  return { server, port: (server.address() as AddressInfo).port };
}

test('port 0 is any free port, and the real one is told', async () => {
  const app = await application();
  const server = await app.listen({ port: 0, signals: false });
  expect(server.port).toBeGreaterThan(0);
  expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
  expect(await (await fetch(server.url)).text()).toBe(`http 127.0.0.1:${server.port} ${server.port}`);
});

test('a taken port rejects with EADDRINUSE, and the application can listen again', async () => {
  const { server: other, port } = await occupiedPort();
  const app = await application();
  await expect(app.listen({ port, signals: false })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await new Promise((resolve) => other.close(resolve));
  const server = await app.listen({ port, signals: false });
  expect(server.port).toBe(port);
});

test('an application listens once', async () => {
  const app = await application();
  await app.listen({ port: 0, signals: false });
  await expect(app.listen({ port: 0, signals: false })).rejects.toMatchObject({ code: 'E_LISTEN' });
});

test('a failed listen leaves no listener for signals', async () => {
  const before = process.listenerCount('SIGTERM');
  const { port } = await occupiedPort();
  await expect(listen(() => new TextResponse(''), { port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  expect(process.listenerCount('SIGTERM')).toBe(before);
});

test('an IPv6 address stands in brackets', async () => {
  const { server } = await serve(() => new TextResponse('six'), { host: '::1' });
  cleanups.push(() => server.close());
  expect(server.url).toBe(`http://[::1]:${server.port}`);
  expect(await (await fetch(server.url)).text()).toBe('six');
});

test('a Unix socket is served', async () => {
  const path = join(directory, 'socket');
  const { server } = await serve((req) => new TextResponse(`[${req.peer.address}]`), { path });
  cleanups.push(() => server.close());
  expect([server.url, server.port]).toEqual([`unix:${path}`, 0]);
  const client = await RawClient.connect({ path });
  expect((await client.request('GET /').response()).text).toBe('[]');
  client.destroy();
});

test('a plain function is served with safe headers', async () => {
  const server = await listen(() => new TextResponse('plain'), { port: 0, signals: false });
  cleanups.push(() => server.close());
  const response = await fetch(server.url);
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(await response.text()).toBe('plain');
});

/** A certificate for localhost made by openssl; undefined where there is none. */
function selfSigned(): { key: string; cert: string } | undefined {
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const args = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '1',
  ];
  try {
    execFileSync('openssl', [...args, '-subj', '/CN=localhost', '-keyout', key, '-out', cert], {
      stdio: 'ignore',
    });
  } catch {
    return undefined;
  }
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}

const tls = selfSigned();
const describeTls = tls ? describe : describe.skip;
if (!tls) console.warn('openssl is missing: the tests of TLS are skipped');

describeTls('TLS', () => {
  let app: Application<Parameters<typeof listen>[1]>;
  let port: number;

  beforeAll(async () => {
    app = (await bootstrap({ controllers: [PeerController] })) as typeof app;
    const server = await app.listen({ port: 0, signals: false, drainLinger: 20, ...(tls && { tls }) });
    ({ port } = server);
    expect(server.url).toBe(`https://127.0.0.1:${port}`);
  });

  afterAll(() => app.close());

  test('makes the scheme https', async () => {
    const text = await new Promise((resolve, reject) => {
      get({ port, host: '127.0.0.1', rejectUnauthorized: false, agent: false }, (response) => {
        response.setEncoding('utf8').once('data', resolve);
      }).on('error', reject);
    });
    expect(text).toBe(`https 127.0.0.1:${port} ${port}`);
  });

  test('closes the connection of a client that speaks none', async () => {
    const client = await RawClient.connect(port);
    client.request('GET /');
    await client.closed;
    client.destroy();
  });

  test('drains as without it', async () => {
    const other = await serve(() => new TextResponse('done'), { drainTimeout: 60_000, ...(tls && { tls }) });
    const socket = connectTls({ port: other.port, host: '127.0.0.1', rejectUnauthorized: false });
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    const silent = await RawClient.connect(other.port);
    await other.server.close();
    await silent.closed;
    socket.destroy();
  });

  test.each([
    [4, 'h2c'],
    [4, 'echo'],
    [5, 'echo'],
  ])('takes connections over, or answers on: %i requests for %s', async (count, protocol) => {
    let left = 5;
    const other = await serve(
      (req) => {
        left--;
        if (left > 0) return new TextResponse(`${String(left)} left;`);
        return new UpgradeResponse(requestedProtocols(req)[0] ?? '', ({ socket }) => socket.pipe(socket));
      },
      { drainTimeout: 60_000, ...(tls && { tls }) },
    );
    cleanups.push(() => other.server.close());
    const socket = connectTls({ port: other.port, host: '127.0.0.1', rejectUnauthorized: false });
    cleanups.push(() => socket.destroy());
    let received = '';
    socket.setEncoding('latin1').on('data', (text: string) => (received += text));
    const until = async (end: string): Promise<void> => {
      while (!received.endsWith(end)) await once(socket, 'data');
    };
    for (let i = 0; i < count; i++) {
      socket.write(`GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: ${protocol}\r\n\r\n`);
      await until(left > 1 ? `${String(left - 1)} left;` : '\r\n\r\n');
    }
    if (left > 0) return;
    socket.write('hello');
    await until('hello');
    socket.end();
    await once(socket, 'close');
  });
});
