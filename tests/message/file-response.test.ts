/** Files as responses. */
import { randomUUID } from 'node:crypto';
import { once, type EventEmitter } from 'node:events';
import { closeSync, createReadStream, fstatSync, openSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from '@jest/globals';
import { FileObjResponse, FileResponse, fileResponse } from '../../src/message/file-response.js';
import { FileStream, OpenDescriptor } from '../../src/files/file-stream.js';
import { discardBody } from '../../src/answering/finalize.js';
import { fileError } from '../../src/files/file-error.js';
import { openFile, openFileSync, SMALL_FILE, type OpenedFile } from '../../src/files/open-file.js';
import { toBytes, type Response } from '../../src/message/response.js';
import { httpError } from '../support/errors.js';
import { MODIFIED, TestFolder } from '../support/folder.js';
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

/** The two ways to a file must not differ in anything but when they wait. */
const WAYS: readonly [string, (path: string) => Promise<OpenedFile>][] = [
  ['openFileSync', async (path) => openFileSync(path)],
  ['openFile', openFile],
];

describe.each(WAYS)('%s', (_, opened) => {
  test('reads a small file and closes it', async () => {
    const before = openDescriptors();
    const file = await opened(small);
    expect(file.content).toEqual(Buffer.from('ünï'));
    expect([file.path, file.size, file.modified]).toEqual([small, 5, MODIFIED.getTime()]);
    expect(openDescriptors()).toBe(before);
  });

  test('says which file it is', async () => {
    const fd = openSync(small, 'r');
    const { dev, ino } = fstatSync(fd);
    closeSync(fd);
    expect(await opened(small)).toMatchObject({ stats: { dev, ino } });
  });

  test('keeps a larger file open until it is let go of', async () => {
    const before = openDescriptors();
    const { content } = await opened(large);
    expect(openDescriptors()).toBe(before + 1);
    expect(content).toBeInstanceOf(FileStream);
    (content as FileStream).destroy();
    (content as FileStream).destroy();
    expect(openDescriptors()).toBe(before);
  });

  test('reads a file of the size where small ends at once', async () => {
    const { content } = await opened(folder.file('limit', LARGE.subarray(1)));
    expect(content).toHaveLength(SMALL_FILE);
  });

  test('reads nothing of an empty file', async () => {
    expect((await opened(folder.file('empty', ''))).content).toHaveLength(0);
  });

  test.each([
    ['a missing file', () => join(folder.path, 'missing')],
    ['a directory', () => folder.path],
    ['a file taken for a directory', () => join(small, 'x')],
    ['a FIFO', () => folder.fifo(`fifo-${randomUUID()}`)],
    ['a device', () => '/dev/zero'],
    ['a path with a zero byte', () => `${small}\0.html`],
    ['an empty path', () => ''],
    ['a name that is too long', () => join(folder.path, 'a'.repeat(5000))],
  ])('finds nothing at %s, and leaves nothing open', async (__, path) => {
    const at = path();
    const before = openDescriptors();
    await expect(opened(at)).rejects.toThrow(httpError(404, 'Nothing is here'));
    expect(openDescriptors()).toBe(before);
  });

  test('finds nothing at a socket', async () => {
    const path = join(folder.path, 's');
    const server = createServer().listen(path);
    await new Promise((resolve) => server.once('listening', resolve));
    connect(path)
      .on('error', () => undefined)
      .destroy();
    await expect(opened(path)).rejects.toThrow(httpError(404, 'Nothing is here'));
    await new Promise((resolve) => server.close(resolve));
  });

  test('leaves other failures as they are', async () => {
    await expect(opened(5 as unknown as string)).rejects.toThrow('must be of type string');
  });
});

describe('fileError', () => {
  test.each(['ENOENT', 'EACCES', 'EPERM', 'ELOOP', 'ENOTDIR', 'ENXIO'])('takes %s for a 404', (code) => {
    const error = Object.assign(new Error('secret path'), { code });
    expect(fileError(error)).toMatchObject({ status: 404, message: 'Nothing is here', cause: error });
  });

  test.each(['EMFILE', 'ENFILE'])('takes %s for a 503 that passes', (code) => {
    expect(fileError(Object.assign(new Error('secret path'), { code }))).toMatchObject({
      status: 503,
      message: 'Too many files are open',
      headers: { 'Retry-After': '1' },
    });
  });

  test.each([Object.assign(new Error('x'), { code: 'EIO' }), new Error('x'), { code: 5 }, null, 'x'])(
    'leaves %p as it is',
    (error) => {
      expect(fileError(error)).toBe(error);
    },
  );
});

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

describe('OpenDescriptor', () => {
  test('closes only when the reads under way have ended', async () => {
    const fd = openSync(large, 'r');
    const descriptor = new OpenDescriptor(fd);
    const reading = descriptor.read(Buffer.alloc(10), 10, 0);
    descriptor.close();
    expect(isClosed(fd)).toBe(false);
    expect(await reading).toBe(10);
    expect(isClosed(fd)).toBe(true);
  });

  test('is content with a descriptor that is closed already', () => {
    const fd = openSync(large, 'r');
    const descriptor = new OpenDescriptor(fd);
    closeSync(fd);
    expect(() => {
      descriptor.close();
    }).not.toThrow();
  });

  test('reads nothing once it is closed', async () => {
    const descriptor = new OpenDescriptor(openSync(large, 'r'));
    descriptor.close();
    await expect(descriptor.read(Buffer.alloc(1), 1, 0)).rejects.toThrow('The file was closed');
  });

  test('passes on what goes wrong with a read', async () => {
    const descriptor = new OpenDescriptor(openSync(folder.path, 'r'));
    await expect(descriptor.read(Buffer.alloc(1), 1, 0)).rejects.toThrow('EISDIR');
    descriptor.close();
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
