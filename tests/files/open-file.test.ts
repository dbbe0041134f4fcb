/** Files that are opened once, to be sent. */
import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { FileStream, OpenDescriptor } from '../../src/files/file-stream.js';
import { openFile, openFileSync, SMALL_FILE, type OpenedFile } from '../../src/files/open-file.js';
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
