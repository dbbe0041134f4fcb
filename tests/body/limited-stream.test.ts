import { PassThrough, Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { limitedStream } from '../../src/body/limited-stream.js';
import { readBytesThen } from '../../src/body/read-bytes.js';

async function read(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

describe('a limited stream', () => {
  test('gives everything up to its limit', async () => {
    expect(await read(limitedStream(Readable.from([Buffer.from('ab'), Buffer.from('cd')]), 4))).toBe('abcd');
  });

  test('fails with 413 over it, and leaves its source open to be answered', async () => {
    const source = new PassThrough();
    const limited = read(limitedStream(source, 3));
    source.write('abcd');
    await expect(limited).rejects.toMatchObject({ status: 413 });
    expect(source.destroyed).toBe(false);
  });

  test('fails as its source does', async () => {
    const source = new PassThrough();
    const limited = read(limitedStream(source, 3));
    source.destroy(new Error('broken'));
    await expect(limited).rejects.toThrow('broken');
  });

  test('fails when its source is cut', async () => {
    const source = new PassThrough();
    const limited = read(limitedStream(source, 3));
    source.destroy();
    await expect(limited).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('that is not listened to fails for itself', async () => {
    const source = new PassThrough();
    const limited = limitedStream(source, 3);
    source.write('abcd');
    limited.resume();
    await new Promise((resolve) => limited.once('close', resolve));
    expect(limited.errored).toMatchObject({ status: 413 });
  });

  test.each<[string, (stream: Readable) => unknown]>([
    [
      'a loop breaks off',
      async (stream) => {
        for await (const chunk of stream) if (chunk !== undefined) break;
      },
    ],
    [
      'a pipeline fails',
      async (stream) => {
        const full = new Writable({
          write: (_chunk, _encoding, done) => {
            done(new Error('full'));
          },
        });
        await expect(pipeline(stream, full)).rejects.toThrow('full');
      },
    ],
    ['it is destroyed', (stream) => stream.destroy()],
  ])('leaves its source open where %s, and takes no more of it', async (_, leave) => {
    const source = new PassThrough();
    source.write('ab');
    await leave(limitedStream(source, 4));
    source.write('cd');
    await setImmediate();
    expect([source.destroyed, source.listenerCount('data'), source.readableLength > 0]).toEqual([
      false,
      0,
      true,
    ]);
  });

  test('fails where another reader has had some, and not before it is read', async () => {
    const source = new PassThrough();
    const limited = limitedStream(source, 3);
    source.end('abc');
    expect([await readBytesThen(source, 3, String), limited.errored]).toEqual(['abc', null]);
    await expect(read(limited)).rejects.toMatchObject({ status: 400 });
  });

  test('that is left leaves the rest to another reader', async () => {
    const source = new PassThrough();
    const limited = limitedStream(source, 9);
    limited.once('data', () => limited.destroy());
    const other = readBytesThen(source, 9, String);
    source.write('ab');
    await setImmediate();
    source.end('cd');
    expect(await other).toBe('abcd');
  });

  test('asks for bytes when it is read, and for no more than it has room for', async () => {
    const source = new PassThrough();
    const limited = limitedStream(source, Infinity);
    await setImmediate();
    expect(source.readableFlowing).toBeNull();
    limited.once('readable', () => undefined);
    for (let at = 0; at < 8; at++) source.write(Buffer.alloc(32 * 1024));
    await setImmediate();
    expect(source.isPaused()).toBe(true);
    source.end();
    expect((await read(limited)).length).toBe(8 * 32 * 1024);
  });
});
