/** How a server ends: everything under way is answered, nothing on its way is lost. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { bootstrap, Controller, Get, GeneratorResponse, TextResponse } from 'obol';
import { RawClient } from '../support/raw-client.js';
import { deferred, serve } from '../support/serve.js';

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function connect(port: number): Promise<RawClient> {
  const client = await RawClient.connect(port);
  cleanups.push(() => {
    client.destroy();
  });
  return client;
}

describe('close()', () => {
  test('answers every request under way, each as the last of its connection', async () => {
    const gate = deferred();
    let arrived = 0;
    const all = deferred();
    const { server, port } = await serve(async () => {
      if (++arrived === 20) all.resolve();
      await gate.promise;
      return new TextResponse('done');
    });
    const clients = await Promise.all(Array.from({ length: 20 }, () => connect(port)));
    for (const client of clients) client.request('GET /');
    await all.promise;
    const closed = server.close();
    gate.resolve();
    for (const client of clients) {
      const response = await client.response();
      expect([response.status, response.header('connection'), response.text]).toEqual([200, 'close', 'done']);
      await client.closed;
    }
    await closed;
  });

  test('lets a stream end', async () => {
    const gate = deferred();
    const { server, port } = await serve(
      () =>
        new GeneratorResponse(
          (async function* () {
            yield 'first ';
            await gate.promise;
            yield 'second';
          })(),
        ),
    );
    const client = await connect(port);
    client.request('GET /');
    await client.until((received) => received.includes('first'));
    const closed = server.close();
    gate.resolve();
    expect(await client.response()).toMatchObject({ text: 'first second', complete: true });
    client.destroy();
    await closed;
  });

  test('answers a request that arrives on an idle connection before it is closed', async () => {
    const { server, port } = await serve(() => new TextResponse('done'), {
      drainLinger: 60_000,
      drainTimeout: 60_000,
    });
    const client = await connect(port);
    await client.request('GET /').response();
    const closed = server.close();
    const response = await client.request('GET /').response();
    expect([response.status, response.header('connection')]).toEqual([200, 'close']);
    await closed;
  });

  test('answers all clients that are connected and were not taken in yet', async () => {
    const { server, port } = await serve(() => new TextResponse('done'), { drainLinger: 200 });
    const connecting = Array.from({ length: 20 }, () => connect(port));
    await new Promise((resolve) => {
      process.nextTick(resolve);
    });
    const closed = server.close();
    for (const client of await Promise.all(connecting))
      expect((await client.request('GET /').response()).header('connection')).toBe('close');
    await closed;
  });

  test('answers a request that arrived in time, also where the process was too busy to read it', async () => {
    const { server, port } = await serve(() => new TextResponse('done'), { drainLinger: 20 });
    const client = await connect(port);
    await client.request('GET /').response();
    const closed = server.close();
    client.request('GET /');
    const until = Date.now() + 60;
    while (Date.now() < until) continue;
    expect((await client.response()).text).toBe('done');
    await closed;
  });

  test('closes idle connections after the linger', async () => {
    const { server, port } = await serve(() => new TextResponse('done'), { drainTimeout: 60_000 });
    const client = await connect(port);
    await client.request('GET /').response();
    await server.close();
    await client.closed;
  });

  test('does not wait for a connection on which nothing was ever sent', async () => {
    const { server, port } = await serve(() => new TextResponse('done'), { drainTimeout: 60_000 });
    const silent = await connect(port);
    await (await connect(port)).request('GET /').response();
    await server.close();
    await silent.closed;
  });

  test('cuts at the deadline what is still under way', async () => {
    const { server, port } = await serve(() => new Promise(() => undefined), { drainTimeout: 50 });
    const client = await connect(port);
    client.request('GET /');
    await server.close();
    await client.closed;
    expect(client.pending).toBe('');
  });

  test('cuts at the deadline a head that never becomes complete', async () => {
    const { server, port } = await serve(() => new TextResponse('done'), { drainTimeout: 50 });
    const client = await connect(port);
    client.send('GET / HTTP/1.1\r\n');
    await server.close();
    await client.closed;
  });

  test('accepts no new connection', async () => {
    const gate = deferred();
    const arrived = deferred();
    const { server, port } = await serve(async () => {
      arrived.resolve();
      await gate.promise;
      return new TextResponse('done');
    });
    const client = await connect(port);
    client.request('GET /');
    await arrived.promise;
    const closed = server.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await expect(RawClient.connect(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    gate.resolve();
    await closed;
  });

  test('twice is once', async () => {
    const { server } = await serve(() => new TextResponse('done'));
    expect(server.close()).toBe(server.close());
    await server.close();
  });

  test('runs at the end of a scope', async () => {
    const { server, port } = await serve(() => new TextResponse('done'));
    await server[Symbol.asyncDispose]();
    await expect(RawClient.connect(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('of an application closes its server', async () => {
    @Controller()
    class OneController {
      @Get('/')
      index() {
        return 'done';
      }
    }
    const app = await bootstrap({ controllers: [OneController] });
    const server = await app.listen({ port: 0, signals: false, drainLinger: 20 });
    await app[Symbol.asyncDispose]();
    await expect(RawClient.connect(server.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(app.listen({ port: 0 })).rejects.toMatchObject({ code: 'E_LISTEN' });
  });

  test('takes a connection away from a client that never stops', async () => {
    const { server, port } = await serve(() => new TextResponse('done'), { drainTimeout: 60_000 });
    const client = await connect(port);
    let answered = 0;
    const load = (async () => {
      for (;;) {
        const response = await client.request('GET /').response();
        if (++answered === 100) void server.close();
        if (response.header('connection') === 'close') return;
      }
    })();
    await load;
    await client.closed;
    await server.close();
    expect(answered).toBeGreaterThanOrEqual(100);
  });
});

describe('signals', () => {
  test('are listened to once for all servers of a process, and no longer than they run', async () => {
    const before = process.listenerCount('SIGTERM');
    const one = await serve(() => new TextResponse('done'), { signals: true });
    const two = await serve(() => new TextResponse('done'), { signals: true });
    expect(process.listenerCount('SIGTERM')).toBe(before + 1);
    await one.server.close();
    expect(process.listenerCount('SIGTERM')).toBe(before + 1);
    await two.server.close();
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });
});
