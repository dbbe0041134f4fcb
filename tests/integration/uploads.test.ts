/** Uploads over real sockets: nothing of an aborted one stays behind. */
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bootstrap, Controller, Post, type Request, type RunningServer } from 'obol';
import { spoolFolder } from '../../src/body/spool.js';
import { collectingLogger } from '../support/collecting-logger.js';
import { RawClient } from '../support/raw-client.js';
import { stressed } from '../support/stress.js';

const B = 'boundary';
const FILE = 'x'.repeat(256 * 1024);
const BODY =
  `--${B}\r\nContent-Disposition: form-data; name="f"; filename="f.bin"\r\n` +
  `Content-Type: application/octet-stream\r\n\r\n${FILE}\r\n--${B}--\r\n`;
const HEAD =
  `POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=${B}\r\n` +
  `Content-Length: ${BODY.length}\r\n\r\n`;

let calls = 0;

@Controller()
class UploadController {
  @Post('/upload')
  upload(req: Request) {
    calls++;
    return { length: req.form.getFile('f')?.length };
  }
}

const logger = collectingLogger();
let server: RunningServer;
let impatient: RunningServer;

beforeAll(async () => {
  server = await start();
  impatient = await start(60);
});

afterAll(() => Promise.all([server.close(), impatient.close()]));

async function start(readTimeout?: number): Promise<RunningServer> {
  const app = await bootstrap({ controllers: [UploadController], logger });
  const limit = readTimeout === undefined ? {} : { readTimeout };
  return app.listen({ port: 0, signals: false, drainLinger: 20, ...limit });
}

function openFiles(): number {
  return process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0;
}

/** Lets the event loop turn until the condition holds. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

test('a whole upload reaches the handler, and its file is gone afterwards', async () => {
  const client = await RawClient.connect(server.port);
  const response = await client.send(HEAD + BODY).response();
  expect(JSON.parse(response.text)).toEqual({ length: FILE.length });
  await until(() => readdirSync(spoolFolder()).length === 0);
  client.destroy();
});

/** How a client gives up. */
interface Farewell {
  readonly name: string;
  readonly port: () => number;
  /** @returns the status that the server sends, if any */
  readonly leave: (client: RawClient) => Promise<number | undefined>;
  readonly status: number | undefined;
}

const FAREWELLS: readonly Farewell[] = [
  {
    name: 'resets the connection',
    port: () => server.port,
    leave: async (client) => {
      client.socket.resetAndDestroy();
      await client.closed;
      return undefined;
    },
    status: undefined,
  },
  {
    name: 'ends the connection',
    port: () => server.port,
    leave: async (client) => {
      client.socket.end();
      await client.closed;
      return undefined;
    },
    status: undefined,
  },
  {
    name: 'falls silent',
    port: () => impatient.port,
    leave: async (client) => {
      const { status } = await client.response();
      await client.closed;
      return status;
    },
    status: 408,
  },
];

const AT_ONCE = 20;

/** So many uploads, some of them at a time, each given up after the same part of it. */
async function giveUp(
  count: number,
  sent: string,
  { port, leave }: Farewell,
): Promise<Set<number | undefined>> {
  const answers = new Set<number | undefined>();
  let left = count;
  const one = async (): Promise<void> => {
    while (left-- > 0) {
      const leavesAtOnce = left % 2 === 0;
      const client = await RawClient.connect(port());
      client.send(HEAD + sent);
      if (!leavesAtOnce) await until(() => client.socket.writableLength === 0);
      answers.add(await leave(client));
      client.destroy();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  return answers;
}

describe.each(FAREWELLS)('of many uploads nothing stays when a client $name', (farewell) => {
  test.each([0, 10, 50, 90, 100])('after %i %%', async (percent) => {
    const before = openFiles();
    calls = 0;
    const sent = BODY.slice(0, Math.floor((BODY.length * percent) / 100) - (percent === 100 ? 1 : 0));
    expect(await giveUp(stressed(10, 67), sent, farewell)).toEqual(new Set([farewell.status]));
    await until(() => readdirSync(spoolFolder()).length === 0);
    await until(() => openFiles() <= before);
    expect(calls).toBe(0);
    expect(logger.errors).toEqual([]);
  });
});
