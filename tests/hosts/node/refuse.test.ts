import { Duplex } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { refusalOf, refuse } from '../../../src/hosts/node/refuse.js';

const error = (
  code: string,
  more: { rawPacket?: Buffer; reason?: string; bytesParsed?: number } = {},
): Error => Object.assign(new Error(code), { code }, more);
const packet = (text: string): { rawPacket: Buffer } => ({ rawPacket: Buffer.from(text) });
const long = 'x'.repeat(9000);

describe('the refusal that an error stands for', () => {
  test.each([
    ['HPE_INVALID_HEADER_TOKEN', {}, 400],
    ['HPE_CHUNK_EXTENSIONS_OVERFLOW', {}, 413],
    ['ERR_HTTP_REQUEST_TIMEOUT', {}, 408],
    ['HPE_PAUSED_H2_UPGRADE', {}, 505],
    ['HPE_INVALID_VERSION', { reason: 'Invalid HTTP version' }, 505],
    ['HPE_INVALID_VERSION', { reason: 'Expected CRLF after version' }, 400],
    ['HPE_HEADER_OVERFLOW', {}, 431],
    ['HPE_HEADER_OVERFLOW', packet(`GET /${long}`), 414],
    ['HPE_HEADER_OVERFLOW', packet(`GET /${long} HTTP/1.1\r\nHost: a\r\n`), 414],
    ['HPE_HEADER_OVERFLOW', packet(`${long} HTTP/1.1\r\nHost: a\r\n`), 414],
    ['HPE_HEADER_OVERFLOW', packet(`GET / HTTP/1.1\r\nHost: a\r\nA: ${long}`), 431],
    ['HPE_HEADER_OVERFLOW', packet(long), 431],
    ['HPE_INVALID_METHOD', {}, 400],
    ['HPE_INVALID_METHOD', packet('BREW / HTTP/1.1\r\n'), 501],
    ['HPE_INVALID_METHOD', packet('nonsense\r\n'), 400],
    ['HPE_INVALID_METHOD', { ...packet('GET / HTTP/1.1\r\n\r\nnonsense\r\n'), bytesParsed: 20 }, 400],
    ['HPE_INVALID_METHOD', { ...packet('GET / HTTP/1.1\r\n\r\nBREW / HTTP/1.1\r\n'), bytesParsed: 18 }, 501],
    ['ECONNRESET', {}, undefined],
    ['EPIPE', {}, undefined],
    ['ERR_SSL_HTTP_REQUEST', {}, undefined],
  ])('%s %j', (code, more, status) => {
    expect(refusalOf(error(code, more))?.status).toBe(status);
  });

  test('nothing for an error without a code', () => {
    expect(refusalOf(new Error('unknown'))).toBeUndefined();
  });
});

describe('a refused connection', () => {
  const asleep = (): Duplex =>
    new Duplex({
      read: () => undefined,
      write: (_chunk, _encoding, done) => {
        done();
      },
      final: () => undefined,
    });

  test('may break, though nobody else listens to its errors', () => {
    const socket = asleep();
    refuse(socket, { status: 400, detail: 'Bad' });
    expect(() => socket.emit('error', new Error('reset'))).not.toThrow();
    socket.destroy();
  });

  test('that is cut before the refusal is out is told as such', async () => {
    const socket = asleep();
    const sent = new Promise((log) => {
      refuse(socket, { status: 400, detail: 'Bad' }, { log });
    });
    socket.destroy();
    expect(await sent).toEqual({ status: 400, length: undefined, complete: false, incoming: undefined });
  });

  test('that has been ended already is left alone', () => {
    const socket = asleep().end();
    const told: unknown[] = [];
    refuse(socket, { status: 400, detail: 'Bad' }, { log: (sent) => void told.push(sent) });
    socket.destroy();
    expect(told).toEqual([]);
  });
});
