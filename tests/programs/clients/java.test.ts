/** Java's HttpClient: it asks to change to HTTP/2 with every request, those with bodies too, and it speaks WebSocket. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { TextResponse, UpgradeResponse, type Request } from 'obol';
import { serve } from '../../support/serve.js';

const CLIENT = join(import.meta.dirname, '../fixtures/JavaClient.java');

/** One short text frame, unmasked (RFC 6455 5.2). */
function textFrame(text: string): Buffer {
  return Buffer.from([0x81, text.length, ...Buffer.from(text)]);
}

/** The text of one short frame, unmasked. */
function textOf(frame: Buffer): string {
  const mask = frame.subarray(2, 6);
  return Buffer.from(frame.subarray(6).map((byte, i) => byte ^ (mask[i % 4] ?? 0))).toString();
}

function webSocket(req: Request): UpgradeResponse {
  const key = `${req.headers.get('sec-websocket-key') ?? ''}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const headers = { 'Sec-WebSocket-Accept': createHash('sha1').update(key).digest('base64') };
  const takeOver: ConstructorParameters<typeof UpgradeResponse>[1] = ({ socket }) => {
    socket.once('data', (frame: Buffer) => socket.write(textFrame(`you said ${textOf(frame)}`)));
    socket.on('end', () => socket.end());
  };
  return new UpgradeResponse('websocket', takeOver, { headers });
}

test('is answered on one connection, bodies and all, and then takes another over', async () => {
  const ports = new Set<number | undefined>();
  const { server, logger } = await serve(async (req) => {
    if (req.path === '/ws') return webSocket(req);
    ports.add(req.peer.port);
    return new TextResponse(`${req.method} ${String((await req.readBytes()).length)}`);
  });
  try {
    const { stdout } = await promisify(execFile)('java', [CLIENT, server.url]);
    const [get, post] = ['200 HTTP_1_1 GET 0', '200 HTTP_1_1 POST 100000'];
    expect(stdout.trim().split('\n')).toEqual([get, post, get, post, get, post, 'heard you said hello']);
    expect(ports.size).toBe(1);
    expect(logger.errors).toEqual([]);
  } finally {
    await server.close();
  }
});
