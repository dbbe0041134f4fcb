import { PassThrough, Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readBytesThen } from '../../src/body/read-bytes.js';
import { httpError } from '../support/errors.js';

/** The bytes alone. */
function readBytes(stream: Readable, limit: number): Promise<Buffer> {
  return readBytesThen(stream, limit, (bytes) => bytes);
}

const OVER = httpError(413, 'The body is larger than 3 bytes');
const CUT = httpError(400, 'The body ended before it was complete');

function bodyOf(...chunks: readonly string[]): Readable {
  return Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
}

describe('readBytes', () => {
  test.each<[string[], string]>([
    [[], ''],
    [['abc'], 'abc'],
    [['a', 'b', 'c'], 'abc'],
    [['', 'a', '', 'b', ''], 'ab'],
  ])('collects %j', async (chunks, text) => {
    expect((await readBytes(bodyOf(...chunks), 100)).toString()).toBe(text);
  });

  test('collects the same bytes however they are cut', async () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 20 }));
    await fc.assert(
      fc.asyncProperty(pieces, async (list) => {
        const chunks = list.map((bytes) => Buffer.from(bytes));
        expect(await readBytes(Readable.from(chunks), 1000)).toEqual(Buffer.concat(chunks));
      }),
    );
  });

  test.each([
    [['abc'], 3],
    [['a', 'bc'], 3],
    [[], 0],
  ])('takes %j within a limit of %d', async (chunks, limit) => {
    expect((await readBytes(bodyOf(...chunks), limit)).toString()).toBe(chunks.join(''));
  });

  test.each([
    [['abcd'], 3],
    [['ab', 'cd'], 3],
    [['a'], 0],
  ])('answers 413 to %j over a limit of %d', async (chunks, limit) => {
    await expect(readBytes(bodyOf(...chunks), limit)).rejects.toThrow(
      httpError(413, `The body is larger than ${String(limit)} bytes`),
    );
  });

  test('leaves the stream where it stands when the limit is passed', async () => {
    const stream = new PassThrough();
    const reading = readBytes(stream, 3);
    stream.write('abcd');
    await expect(reading).rejects.toThrow(OVER);
    expect(stream.isPaused()).toBe(true);
    expect(stream.listenerCount('data')).toBe(0);
    expect(stream.destroyed).toBe(false);
  });

  test('survives a stream that breaks after the limit was passed', async () => {
    const stream = new PassThrough();
    const reading = readBytes(stream, 3);
    stream.write('abcd');
    await expect(reading).rejects.toThrow(OVER);
    stream.destroy(new Error('reset'));
    await expect(finished(stream)).rejects.toThrow('reset');
  });

  test('answers 400 when the client leaves before the end', async () => {
    const stream = new PassThrough();
    const reading = readBytes(stream, 100);
    stream.write('abc');
    stream.destroy();
    await expect(reading).rejects.toThrow(CUT);
  });

  test('answers 400 when the stream breaks', async () => {
    const stream = new PassThrough();
    const reading = readBytes(stream, 100);
    stream.destroy(new Error('reset'));
    await expect(reading).rejects.toThrow(CUT);
  });

  test('answers 400 when the client has left already', async () => {
    const stream = new PassThrough();
    stream.destroy();
    await finished(stream).catch(() => undefined);
    await expect(readBytes(stream, 100)).rejects.toThrow(CUT);
  });

  test('answers 400 when somebody else has read the stream to its end', async () => {
    const stream = bodyOf('abc').resume();
    await finished(stream);
    await expect(readBytes(stream, 100)).rejects.toThrow(CUT);
  });
});
