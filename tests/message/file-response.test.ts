/** Files as responses. */
import { once, type EventEmitter } from 'node:events';
import { createReadStream, fstatSync, openSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from '@jest/globals';
import { FileObjResponse, FileResponse, fileResponse } from '../../src/message/file-response.js';
import { discardBody } from '../../src/answering/finalize.js';
import { openFileSync, SMALL_FILE } from '../../src/files/open-file.js';
import { toBytes, type Response } from '../../src/message/response.js';
import { httpError } from '../support/errors.js';
import { TestFolder } from '../support/folder.js';
import { openDescriptors } from '../support/multipart.js';

const folder = new TestFolder();
afterAll(() => {
  folder.remove();
});

const LARGE = Buffer.alloc(SMALL_FILE + 1, '0123456789');
const small = folder.file('small.txt', 'ünï');
const large = folder.file('large.bin', LARGE);
const digits = folder.file('digits', '0123456789');

async function read(response: Response): Promise<Buffer> {
  if (!response.isStream) return Buffer.from(response.body as Uint8Array);
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.takeStream()) chunks.push(toBytes(chunk));
  return Buffer.concat(chunks);
}

/** Whether a descriptor is closed. */
function isClosed(fd: number): boolean {
  try {
    fstatSync(fd);
    return false;
  } catch {
    return true;
  }
}

describe('FileResponse', () => {
  test('has type, length, validators, and accepts ranges', () => {
    const response = new FileResponse(small);
    expect([response.status, response.length, response.contentType]).toEqual([
      200,
      5,
      'text/plain; charset=utf-8',
    ]);
    expect(Object.fromEntries(response.headers)).toEqual({
      'Content-Type': 'text/plain; charset=utf-8',
      'Accept-Ranges': 'bytes',
      ETag: '"5-7pxzz6uy4g"',
      'Last-Modified': 'Sun, 06 Nov 1994 08:49:37 GMT',
    });
  });

  test.each([
    ['a path', small],
    ['a URL', pathToFileURL(small)],
    ['an opened file', openFileSync(small)],
  ])('takes %s', async (_, file) => {
    expect((await read(new FileResponse(file))).toString()).toBe('ünï');
  });

  test('sends a large file and closes it', async () => {
    const before = openDescriptors();
    const response = new FileResponse(large);
    expect(response.length).toBe(LARGE.length);
    expect((await read(response)).equals(LARGE)).toBe(true);
    expect(openDescriptors()).toBe(before);
  });

  test('is let go of with its file', async () => {
    const before = openDescriptors();
    await discardBody(new FileResponse(large));
    expect(openDescriptors()).toBe(before);
  });

  test('takes what it is told over what it finds', () => {
    const response = new FileResponse(small, {
      contentType: 'text/csv',
      etag: '"mine"',
      lastModified: new Date('2000-01-01T00:00:00Z'),
      cacheControl: { maxAge: 5 },
      headers: { 'X-Own': 'a', 'accept-ranges': 'bytes' },
    });
    expect(Object.fromEntries(response.headers)).toEqual({
      'Content-Type': 'text/csv',
      'X-Own': 'a',
      'Accept-Ranges': 'bytes',
      ETag: '"mine"',
      'Last-Modified': 'Sat, 01 Jan 2000 00:00:00 GMT',
      'Cache-Control': 'max-age=5',
    });
  });

  test('leaves validators out, or to its headers', () => {
    const none = new FileResponse(small, { etag: false, lastModified: false });
    expect([none.etag, none.lastModified]).toEqual([undefined, undefined]);
    const own = new FileResponse(small, { headers: { etag: '"h"', 'last-modified': 'x' } });
    expect([own.headers.getAll('etag'), own.headers.getAll('last-modified')]).toEqual([['"h"'], ['x']]);
  });

  test('has no validators with another status', () => {
    const response = new FileResponse(small, { status: 404 });
    expect([...response.headers]).toEqual([['Content-Type', 'text/plain; charset=utf-8']]);
  });

  test('was never modified later than now, and has a weak tag then', () => {
    const response = new FileResponse(folder.file('future', 'x', new Date(Date.now() + 1e8)));
    expect(response.lastModified?.getTime()).toBeLessThanOrEqual(Date.now());
    expect(response.etag).toMatch(/^W\/"/);
  });

  test.each([
    [true, 'attachment; filename=small.txt'],
    ['a b.txt', 'attachment; filename="a b.txt"'],
    [false, undefined],
    [undefined, undefined],
  ])('download: %p says %p', (download, expected) => {
    expect(new FileResponse(small, { download }).headers.get('content-disposition')).toBe(expected);
  });

  test.each(['a.tar.gz', 'a.gz', 'a.tgz'])('%s is compressed content, not an encoding', (name) => {
    const response = new FileResponse(folder.file(name, 'x'));
    expect([response.contentType, response.headers.has('content-encoding')]).toEqual([
      'application/gzip',
      false,
    ]);
  });

  test('of what is not there is a 404', () => {
    expect(() => new FileResponse(join(folder.path, 'missing'))).toThrow(httpError(404, 'Nothing is here'));
  });

  test('fileResponse gives the same', async () => {
    const response = await fileResponse(pathToFileURL(large), { download: true });
    const same = new FileResponse(large, { download: true });
    expect([...response.headers]).toEqual([...same.headers]);
    await discardBody(same);
    expect((await read(response)).equals(LARGE)).toBe(true);
    await expect(fileResponse(folder.path)).rejects.toThrow(httpError(404, 'Nothing is here'));
  });
});

describe('a file that changes while it is sent', () => {
  test('and shrinks ends with an error', async () => {
    const path = folder.file('shrinking', LARGE);
    const response = new FileResponse(path);
    writeFileSync(path, 'short');
    await expect(read(response)).rejects.toThrow(
      `The file ended at 5; it had ${String(LARGE.length)} bytes when it was opened`,
    );
  });

  test('and grows is sent in the length it had', async () => {
    const path = folder.file('growing', LARGE);
    const response = new FileResponse(path);
    writeFileSync(path, 'more', { flag: 'a' });
    expect((await read(response)).equals(LARGE)).toBe(true);
  });

  test('and is replaced is sent as it was', async () => {
    const path = folder.file('replaced', LARGE);
    const response = new FileResponse(path);
    folder.remove();
    expect((await read(response)).equals(LARGE)).toBe(true);
    folder.file('digits', '0123456789');
    folder.file('small.txt', 'ünï');
    folder.file('large.bin', LARGE);
  });
});

describe('FileObjResponse', () => {
  test('sends a descriptor from a position, and closes it', async () => {
    const fd = openSync(digits, 'r');
    const response = new FileObjResponse(fd, { position: 4 });
    expect([response.length, response.contentType]).toEqual([6, 'application/octet-stream']);
    expect(response.isDivisible).toBe(true);
    expect((await read(response)).toString()).toBe('456789');
    expect(isClosed(fd)).toBe(true);
  });

  test('sends a handle and closes it', async () => {
    const handle = await open(digits);
    const closed = once(handle as unknown as EventEmitter, 'close');
    const response = new FileObjResponse(handle, { contentType: 'text/plain' });
    expect([response.length, response.contentType]).toEqual([10, 'text/plain']);
    expect((await read(response)).toString()).toBe('0123456789');
    await closed;
  });

  test('sends nothing from behind the end', async () => {
    const response = new FileObjResponse(openSync(digits, 'r'), { position: 11 });
    expect([response.length, (await read(response)).length]).toEqual([0, 0]);
  });

  test.each([
    [{}, 10, '0123456789'],
    [{ start: 3 }, 7, '3456789'],
    [{ start: 3, end: 5 }, 3, '345'],
    [{ start: 20 }, 0, ''],
  ])('knows how much a file stream with %j gives', async (options, length, expected) => {
    const response = new FileObjResponse(createReadStream(digits, options));
    expect(response.length).toBe(length);
    expect((await read(response)).toString()).toBe(expected);
  });

  test('knows it too of a stream that is open', async () => {
    const stream = createReadStream(digits);
    await new Promise((resolve) => stream.once('open', resolve));
    expect(new FileObjResponse(stream).length).toBe(10);
    stream.destroy();
  });

  test('does not know the length of other streams, unless it is told', () => {
    const unknown = new FileObjResponse(Readable.from(['a']));
    expect([unknown.length, unknown.isDivisible]).toEqual([undefined, false]);
    const told = new FileObjResponse(Readable.from(['a']), { length: 1 });
    expect([told.length, told.isDivisible]).toEqual([1, true]);
    const missing = createReadStream(join(folder.path, 'missing'));
    expect(new FileObjResponse(missing).length).toBeUndefined();
  });

  test('sends what is no regular file until it ends', async () => {
    for (const file of [openSync('/dev/null', 'r'), await open('/dev/null')]) {
      const response = new FileObjResponse(file);
      expect([response.length, (await read(response)).length]).toEqual([undefined, 0]);
    }
  });
});
