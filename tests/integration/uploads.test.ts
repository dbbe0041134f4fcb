/** Uploads over real sockets: nothing of an aborted one stays behind. */
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bootstrap, Controller, Post, type Request, type RunningServer } from 'obol';
import { spoolFolder } from '../../src/body/spool.js';
import { collectingLogger } from '../support/collecting-logger.js';
import { RawClient } from '../support/raw-client.js';

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

beforeAll(async () => {
  const app = await bootstrap({ controllers: [UploadController], logger });
  server = await app.listen({ port: 0, signals: false, drainLinger: 20 });
});

afterAll(async () => {
  await server.close();
});

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

describe('an upload that is given up', () => {
  const before = openFiles();

  test.each([0, 10, 50, 90, 100])('after %i %% leaves nothing behind, forty times over', async (percent) => {
    calls = 0;
    const sent = BODY.slice(0, Math.floor((BODY.length * percent) / 100) - (percent === 100 ? 1 : 0));
    for (let round = 0; round < 40; round++) {
      const client = await RawClient.connect(server.port);
      client.send(HEAD + sent);
      if (round % 2 === 0) client.socket.end();
      else client.socket.resetAndDestroy();
      await client.closed;
      client.destroy();
    }
    await until(() => readdirSync(spoolFolder()).length === 0);
    expect(calls).toBe(0);
    expect(logger.errors).toEqual([]);
  });

  test('leaves no file open', async () => {
    await until(() => openFiles() <= before + 2);
  });
});
