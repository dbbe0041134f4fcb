import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openSpoolFile } from '../../src/body/spool.js';
import type { FileContent, FileSink } from '../../src/body/file-targets.js';
import { UploadedFile } from '../../src/body/uploaded-file.js';
import { developerError, httpError } from '../support/errors.js';

const INFO = {
  name: 'field',
  filename: 'a.txt',
  type: 'text/plain',
  typeOptions: new Map<string, string>(),
  dispositionOptions: new Map([['name', 'field']]),
};
const TEXT = 'žluť';
let folder = '';
let spooled = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'obol-test-'));
  const { path, handle } = await openSpoolFile();
  await handle.writeFile(TEXT);
  await handle.close();
  spooled = path;
});

afterEach(async () => {
  await rm(folder, { recursive: true });
  await rm(spooled, { force: true });
});

describe.each(['memory', 'disk'])('a file in %s', (kind) => {
  const open = (): UploadedFile => {
    const content: FileContent =
      kind === 'memory' ? { kind, bytes: Buffer.from(TEXT) } : { kind: 'disk', path: spooled };
    return new UploadedFile(INFO, content, 6);
  };

  test('tells what is known of it', () => {
    expect(open()).toMatchObject({ ...INFO, length: 6, sink: undefined });
  });

  test('gives its content as bytes, as text and as a stream, again and again', async () => {
    const file = open();
    expect(await file.bytes()).toEqual(Buffer.from(TEXT));
    expect(await file.text()).toBe(TEXT);
    expect(await buffer(file.stream())).toEqual(Buffer.from(TEXT));
    expect(await buffer(file.stream())).toEqual(Buffer.from(TEXT));
  });

  test('is saved as files of the process are, in as many places as wanted', async () => {
    const file = open();
    const ordinary = join(folder, 'ordinary');
    await writeFile(ordinary, '');
    for (const name of ['1', '2']) {
      const path = join(folder, name);
      await file.saveTo(path);
      expect(await readFile(path, 'utf8')).toBe(TEXT);
      expect((await stat(path)).mode).toBe((await stat(ordinary)).mode);
    }
  });

  test('replaces what is there when it is saved', async () => {
    const path = join(folder, 'there');
    await writeFile(path, 'something much longer', { mode: 0o640 });
    await open().saveTo(path);
    expect(await readFile(path, 'utf8')).toBe(TEXT);
    expect((await stat(path)).mode & 0o777).toBe(0o640);
  });

  test('rejects when it cannot be saved', async () => {
    await expect(open().saveTo(join(folder, 'no', 'such'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('stays where it was saved when it is disposed of, which may happen twice', async () => {
    const file = open();
    const path = join(folder, 'saved');
    await file.saveTo(path);
    await file.dispose();
    await file.dispose();
    expect(await readFile(path, 'utf8')).toBe(TEXT);
  });
});

test('a file on disk is gone after it was disposed of', async () => {
  await new UploadedFile(INFO, { kind: 'disk', path: spooled }, 6).dispose();
  await expect(stat(spooled)).rejects.toMatchObject({ code: 'ENOENT' });
});

describe('a file that went to a sink', () => {
  const sink: FileSink = { write: () => undefined };
  const file = new UploadedFile(INFO, { kind: 'sink', sink }, 6);
  const GONE = developerError(
    'E_FILE_SINK',
    'The file "a.txt" went to the sink that fileCallback gave; read it there.',
  );

  test('leads to it', () => {
    expect(file.sink).toBe(sink);
    expect(file.length).toBe(6);
  });

  test('has no content of its own', async () => {
    expect(() => file.stream()).toThrow(GONE);
    await expect(file.bytes()).rejects.toThrow(GONE);
    await expect(file.text()).rejects.toThrow(GONE);
    await expect(file.saveTo(join(folder, 'x'))).rejects.toThrow(GONE);
  });

  test('has nothing to dispose of', async () => {
    await expect(file.dispose()).resolves.toBeUndefined();
  });
});

describe('text', () => {
  const file = (bytes: string, charset?: string): UploadedFile => {
    const content: FileContent = { kind: 'memory', bytes: Buffer.from(bytes, 'latin1') };
    const typeOptions = new Map(charset === undefined ? [] : [['charset', charset]]);
    return new UploadedFile({ ...INFO, typeOptions }, content, bytes.length);
  };

  test.each([
    ['\xc5\xbe', undefined, 'ž'],
    ['\xef\xbb\xbfa', undefined, 'a'],
    ['\x80', 'windows-1252', '€'],
    ['\x9e', 'CP1250', 'ž'],
    ['\xff\xfea\0', 'utf-16', 'a'],
  ])('%j in %s is %j', async (bytes, charset, text) => {
    expect(await file(bytes, charset).text()).toBe(text);
  });

  test.each([
    ['\xe9', undefined, httpError(400, 'A part of the form is not valid utf-8')],
    ['\x82', 'shift_jis', httpError(400, 'A part of the form is not valid shift_jis')],
    ['a', 'x', httpError(415, 'A file of the form has an unknown charset')],
  ])('%j in %s is none', async (bytes, charset, error) => {
    await expect(file(bytes, charset).text()).rejects.toThrow(error);
  });
});

test('a file has parameters only where it was given some', () => {
  const { name, filename, type } = INFO;
  const file = new UploadedFile({ name, filename, type }, { kind: 'memory', bytes: Buffer.alloc(0) }, 0);
  expect([[...file.typeOptions], [...file.dispositionOptions]]).toEqual([[], []]);
});
