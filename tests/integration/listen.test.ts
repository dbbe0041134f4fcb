/** Where a server listens: ports, addresses, Unix sockets; and what it says when it cannot. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import {
  bootstrap,
  Controller,
  Get,
  listen,
  reply,
  TextResponse,
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
