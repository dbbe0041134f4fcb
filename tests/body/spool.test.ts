import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import * as os from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type * as Spool from '../../src/body/spool.js';

const root = mkdtempSync(join(os.tmpdir(), 'obol-spool-test-'));
let temporary = root;
const deadPid = spawnSync(process.execPath, ['-e', '']).pid;

/** A folder that the file system does not give up. */
let stuck: string | undefined;

jest.unstable_mockModule('node:os', () => ({ ...os, tmpdir: () => temporary }));
jest.unstable_mockModule('node:fs', () => ({
  ...fs,
  rmSync: (path: string, options: fs.RmOptions) => {
    if (path === stuck) throw Object.assign(new Error('not permitted'), { code: 'EPERM' });
    fs.rmSync(path, options);
  },
}));

let spool: typeof Spool;

/** A process that has not opened a file yet, in an empty folder for temporary files. */
beforeEach(async () => {
  temporary = mkdtempSync(join(root, 'tmp-'));
  jest.resetModules();
  spool = await import('../../src/body/spool.js');
});

afterAll(() => {
  rmSync(root, { recursive: true });
});

function leave(name: string): string {
  const path = join(temporary, name);
  mkdirSync(path);
  writeFileSync(join(path, 'upload'), 'x');
  return path;
}

describe('openSpoolFile', () => {
  test('makes a file that nobody else can read or guess', async () => {
    const { path, handle } = await spool.openSpoolFile();
    await handle.close();
    expect(basename(path)).toMatch(/^[0-9a-f]{32}$/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
    expect(basename(dirname(path))).toMatch(new RegExp(`^obol-uploads-${String(process.pid)}-\\w{6}$`));
  });

  test('keeps all files of a process in one folder', async () => {
    const files = await Promise.all([spool.openSpoolFile(), spool.openSpoolFile()]);
    for (const { handle } of files) await handle.close();
    const paths = files.map(({ path }) => path);
    expect(new Set(paths).size).toBe(2);
    expect(new Set(paths.map((path) => dirname(path)))).toEqual(new Set([spool.spoolFolder()]));
    expect(readdirSync(temporary)).toHaveLength(1);
  });

  test('makes its folder again when somebody tidied it up', async () => {
    const before = spool.spoolFolder();
    rmSync(before, { recursive: true });
    const { path, handle } = await spool.openSpoolFile();
    await handle.close();
    expect(existsSync(path)).toBe(true);
    expect(dirname(path)).not.toBe(before);
  });

  test('rejects when there is no place for temporary files', async () => {
    temporary = join(temporary, 'no', 'such');
    await expect(spool.openSpoolFile()).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('rejects when its folder is not one', async () => {
    const folder = spool.spoolFolder();
    rmSync(folder, { recursive: true });
    writeFileSync(folder, '');
    await expect(spool.openSpoolFile()).rejects.toMatchObject({ code: 'ENOTDIR' });
  });
});

describe('removeSpoolFile', () => {
  test('removes a file, and does not mind when it is gone', async () => {
    const { path, handle } = await spool.openSpoolFile();
    await handle.close();
    await spool.removeSpoolFile(path);
    await spool.removeSpoolFile(path);
    expect(existsSync(path)).toBe(false);
  });
});

describe('spoolFolder', () => {
  test('sweeps before it is made', () => {
    const dead = leave(`obol-uploads-${String(deadPid)}-abcdef`);
    const folder = spool.spoolFolder();
    expect(existsSync(dead)).toBe(false);
    expect(readdirSync(temporary)).toEqual([basename(folder)]);
  });

  test('is removed when the process ends', () => {
    const once = jest.spyOn(process, 'once');
    const folder = spool.spoolFolder();
    writeFileSync(join(folder, 'upload'), 'x');
    const [event, onExit] = once.mock.calls[0] as unknown as [string, () => void];
    once.mockRestore();
    expect(event).toBe('exit');
    onExit();
    expect(existsSync(folder)).toBe(false);
  });
});

describe('sweepSpoolFolders', () => {
  test('does not mind when there is no place for temporary files', () => {
    temporary = join(temporary, 'no', 'such');
    expect(() => {
      spool.sweepSpoolFolders();
    }).not.toThrow();
  });

  test('removes the folders of dead processes, with all that is in them', () => {
    const dead = leave(`obol-uploads-${String(deadPid)}-abcdef`);
    spool.sweepSpoolFolders();
    expect(existsSync(dead)).toBe(false);
  });

  test.each([
    ['of another living process', `obol-uploads-${String(process.ppid)}-abcdef`],
    ['of the first process, whoever runs it', 'obol-uploads-1-abcdef'],
    ['of this process', `obol-uploads-${String(process.pid)}-abcdef`],
    ['without a process number', 'obol-uploads-x'],
    ['of somebody else', 'something'],
  ])('keeps the folder %s', (_, name) => {
    const path = leave(name);
    spool.sweepSpoolFolders();
    expect(existsSync(path)).toBe(true);
  });

  test('keeps the folder of a process that it may not ask', () => {
    const path = leave(`obol-uploads-${String(deadPid)}-abcdef`);
    const kill = jest.spyOn(process, 'kill').mockImplementation(() => {
      throw Object.assign(new Error('not permitted'), { code: 'EPERM' });
    });
    spool.sweepSpoolFolders();
    kill.mockRestore();
    expect(existsSync(path)).toBe(true);
  });

  test('removes a folder with the number of this process that is older than it', () => {
    const path = leave(`obol-uploads-${String(process.pid)}-abcdef`);
    const before = Date.now() / 1000 - process.uptime() - 60;
    utimesSync(path, before, before);
    spool.sweepSpoolFolders();
    expect(existsSync(path)).toBe(false);
  });

  test('removes a link, not what it leads to', () => {
    const target = leave('target');
    const link = join(temporary, `obol-uploads-${String(deadPid)}-abcdef`);
    symlinkSync(target, link);
    spool.sweepSpoolFolders();
    expect(() => lstatSync(link)).toThrow('ENOENT');
    expect(readdirSync(target)).toEqual(['upload']);
  });

  test('goes on after a folder that it cannot remove', () => {
    const dead = ['a', 'b', 'c'].map((letter) => leave(`obol-uploads-${String(deadPid)}-${letter}`));
    stuck = dead[1];
    spool.sweepSpoolFolders();
    expect(dead.map((path) => existsSync(path))).toEqual([false, true, false]);
  });
});
