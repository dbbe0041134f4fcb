/** A server that speaks TLS, with a certificate made by openssl. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { bootstrap, Controller, Get, reply, TextResponse, UpgradeResponse, type Request } from 'obol';
import { requestedProtocols } from 'obol/http';
import { TestFolder } from '../../support/folder.js';
import { RawClient } from '../../support/raw-client.js';
import { serve } from '../../support/serve.js';
import { makeCertificate } from './certificate.js';

const folder = new TestFolder();
afterAll(() => {
  folder.remove();
});

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const { cert, key } = makeCertificate(folder.path, 'site');
const tls = { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };

@Controller()
class PeerController {
  @Get('/')
  index({ peer }: Request) {
    return reply(`${peer.scheme} ${peer.host} ${peer.hostPort}`, 'text/plain');
  }
}

describe('a server with a certificate', () => {
  let app: Awaited<ReturnType<typeof bootstrap>>;
  let port: number;

  beforeAll(async () => {
    app = await bootstrap({ controllers: [PeerController] });
    const server = await app.listen({ port: 0, signals: false, drainLinger: 20, tls });
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
    const other = await serve(() => new TextResponse('done'), { drainTimeout: 60_000, tls });
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
      { drainTimeout: 60_000, tls },
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
