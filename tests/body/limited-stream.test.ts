import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { limitedStream } from '../../src/body/limited-stream.js';

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
    await new Promise((resolve) => limited.once('close', resolve));
    expect(limited.errored).toMatchObject({ status: 413 });
  });
});
