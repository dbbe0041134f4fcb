/** How a process ends: at a signal, and while clients in another process go on asking. */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { TextResponse, type Request, type RunningServer } from 'obol';
import { Program } from '../../support/program.js';
import { RawClient } from '../../support/raw-client.js';
import { serve } from '../../support/serve.js';

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

describe('a process', () => {
  const start = (): Program => {
    const program = new Program([
      '--import',
      '@oxc-node/core/register',
      'tests/programs/fixtures/slow-server.ts',
    ]);
    cleanups.push(() => program.stop());
    return program;
  };

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'answers what is under way at %s and ends with 0',
    async (signal) => {
      const program = start();
      const [, port = ''] = await program.prints(/:(\d+)\n/);
      const client = await connect(Number(port));
      client.request('GET /slow');
      await program.prints(/working/);
      program.process.kill(signal);
      await refused(Number(port));
      program.process.stdin.write('now\n');
      const response = await client.response();
      expect([response.status, response.header('connection'), response.text]).toEqual([200, 'close', 'done']);
      expect(await program.exited).toBe(0);
    },
  );

  test('ends at once at the second signal', async () => {
    const program = start();
    const [, port = ''] = await program.prints(/:(\d+)\n/);
    const client = await connect(Number(port));
    client.request('GET /slow');
    await program.prints(/working/);
    program.process.kill('SIGTERM');
    await refused(Number(port));
    program.process.kill('SIGTERM');
    expect(await program.exited).toBe(1);
    await client.closed;
  });

  test('ends at a signal that finds it idle', async () => {
    const program = start();
    await program.prints(/:(\d+)\n/);
    program.process.kill('SIGTERM');
    expect(await program.exited).toBe(0);
  });

  /** Waits until nobody listens on a port any more. */
  async function refused(port: number): Promise<void> {
    for (;;) {
      const client = await RawClient.connect(port).catch(() => undefined);
      if (!client) return;
      client.destroy();
      await once(client.socket, 'close');
    }
  }
});

test('a rolling restart under constant load loses no request', async () => {
  const handle = async ({ path }: Request): Promise<TextResponse> => {
    if (path === '/slow') await pause(2);
    return new TextResponse('done');
  };
  const start = async (): Promise<RunningServer> => {
    const { server } = await serve(handle, { drainLinger: 60_000, drainTimeout: 60_000 });
    cleanups.push(() => server.close());
    return server;
  };
  const load = new Program(['tests/programs/fixtures/constant-load.mjs', '20']);
  cleanups.push(() => load.stop());
  let server: RunningServer | undefined;
  for (let restart = 0; restart < 4; restart++) {
    const old = server;
    server = await start();
    load.process.stdin.write(`${server.port}\n`);
    await load.prints(new RegExp(`new connections to ${server.port}\n`));
    await old?.close();
    await load.prints(new RegExp(`all connected to ${server.port}\n`));
  }
  load.process.stdin.end();
  const [, answered, failures] = await load.prints(/(\d+) answered, failures: (.*)\n/);
  expect(failures).toBe('[]');
  expect(Number(answered)).toBeGreaterThanOrEqual(80);
});
