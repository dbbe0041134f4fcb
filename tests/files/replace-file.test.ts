/** Files that are replaced at once or not at all. */
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { replaceFile } from '../../src/files/replace-file.js';
import { TestFolder } from '../support/folder.js';

let folder: TestFolder;
let path: string;

beforeEach(() => {
  folder = new TestFolder();
  path = `${folder.path}/a.txt`;
});

afterEach(() => {
  folder.remove();
});

test.each([
  ['text as UTF-8', 'ž', Buffer.from([0xc5, 0xbe])],
  ['bytes as they are', Buffer.from([0xff]), Buffer.from([0xff])],
])('writes %s, and leaves nothing beside it', async (_, content, bytes) => {
  await replaceFile(path, content, { mode: 0o600 });
  expect(readFileSync(path)).toEqual(bytes);
  expect(readdirSync(folder.path)).toEqual(['a.txt']);
});

test('puts another file in its place, so that who reads the old one goes on', async () => {
  folder.file('a.txt', 'old');
  const fd = openSync(path, 'r');
  await replaceFile(path, 'new', { mode: 0o600 });
  expect([readFileSync(fd, 'utf8'), readFileSync(path, 'utf8')]).toEqual(['old', 'new']);
  closeSync(fd);
});

test.each([0o600, 0o666])('gives the file the mode %j, whatever the umask', async (mode) => {
  await replaceFile(path, '', { mode });
  expect(statSync(path).mode & 0o777).toBe(mode);
});

test.each([true, false])('gives the file the time it is asked for, where flush is %j', async (flush) => {
  await replaceFile(path, '', { mode: 0o600, modified: 784111777, flush });
  expect(statSync(path).mtimeMs).toBe(784111777_000);
});

test('leaves nothing behind when it fails', async () => {
  mkdirSync(path);
  await expect(replaceFile(path, 'new', { mode: 0o600 })).rejects.toThrow('EISDIR');
  expect(readdirSync(folder.path)).toEqual(['a.txt']);
});
