/** The folder that nothing leads out of, in each of the ways in which it is kept. */
import { execFileSync } from 'node:child_process';
import { linkSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  ConfinedFolder,
  confinementOf,
  type Confinement,
  type Held,
} from '../../src/files/confined-folder.js';
import { emptySite, type Site } from '../support/site.js';
import { httpError } from '../support/errors.js';

const NOTHING = httpError(404, 'Nothing is here');
let site: Site;

beforeEach(() => {
  site = emptySite();
  site.write('a.txt', 'inside');
  site.write('d/b.txt', 'inside');
  site.write('../secret.txt', 'outside');
  site.write('../site-sibling/a.txt', 'outside');
  site.link('in.txt', 'd/b.txt');
  site.link('out.txt', '../secret.txt');
  site.link('sibling', '../site-sibling');
  site.link('up', '..');
  site.link('back', '../site/d');
  site.link('loop', 'loop');
  site.link('broken', 'missing');
});

afterEach(() => {
  site.remove();
});

/** The text of a small file. */
function textOf(folder: ConfinedFolder, held: Held): string {
  return Buffer.from(folder.open(held).content as Uint8Array).toString();
}

/** The text of a file; undefined when it cannot be held. */
function read(folder: ConfinedFolder, path: string): string | undefined {
  const held = folder.hold(path);
  try {
    return held && textOf(folder, held);
  } finally {
    held?.release();
  }
}

describe.each<Confinement>(['held', 'compared'])('%s', (confinement) => {
  test.each(['a.txt', 'd/b.txt', 'in.txt', 'back/b.txt', 'up/site/a.txt'])('%s is inside', (path) => {
    expect(read(new ConfinedFolder(site.root, confinement), path)).toBe('inside');
  });

  test.each([
    'out.txt',
    'sibling/a.txt',
    'sibling',
    'up',
    'up/secret.txt',
    'up/site-sibling/a.txt',
    'loop',
    'loop/a',
    'broken',
    'missing',
    'a.txt/b',
    'x'.repeat(300),
    'a\0',
  ])('%j does not exist', (path) => {
    expect(read(new ConfinedFolder(site.root, confinement), path)).toBeUndefined();
  });

  test('the folder itself can be held, but is no file', () => {
    const folder = new ConfinedFolder(site.root, confinement);
    const held = folder.hold('');
    expect(held?.stats.isDirectory()).toBe(true);
    expect(() => read(folder, '')).toThrow(NOTHING);
    held?.release();
  });

  test('a FIFO is no file, and makes nobody wait', () => {
    execFileSync('mkfifo', [join(site.root, 'fifo')]);
    expect(() => read(new ConfinedFolder(site.root, confinement), 'fifo')).toThrow(NOTHING);
  });

  test('the root of the file system holds everything', () => {
    expect(read(new ConfinedFolder('/', confinement), join(site.root, 'a.txt').slice(1))).toBe('inside');
  });

  test('a folder that has gone holds nothing', () => {
    const folder = new ConfinedFolder(join(site.root, 'd'), confinement);
    rmSync(join(site.root, 'd'), { recursive: true });
    expect(read(folder, 'b.txt')).toBeUndefined();
    expect(folder.stat('b.txt')).toBeUndefined();
  });
});

describe.each<Confinement>(['held', 'compared', 'follow'])(
  'of what is excluded, where links are %s,',
  (confinement) => {
    test.each(['d', 'd/b.txt', 'in.txt', 'back/b.txt', 'up/site/d/b.txt'])('%s does not exist', (path) => {
      const folder = new ConfinedFolder(site.root, confinement, ['d', 'never']);
      expect(read(folder, path)).toBeUndefined();
      expect([folder.statInside('a.txt')?.isFile(), folder.statInside('')?.isDirectory()]).toEqual([
        true,
        true,
      ]);
    });

    test.each(['a.txt/', 'a.txt.bak', 'd2/b.txt'])('%s is something else', (path) => {
      site.write('a.txt.bak', 'inside');
      site.write('d2/b.txt', 'inside');
      const folder = new ConfinedFolder(site.root, confinement, ['d', 'a.txt', 'd2/b']);
      expect(read(folder, path)).toBe(path.endsWith('/') ? undefined : 'inside');
    });

    test('a link counts as what it leads to', () => {
      const folder = new ConfinedFolder(site.root, confinement, ['in.txt']);
      expect([read(folder, 'in.txt'), read(folder, 'd/b.txt')]).toEqual([undefined, undefined]);
    });
  },
);

test('what is held is opened, even if a link has come in its place', () => {
  const folder = new ConfinedFolder(site.root, 'held');
  const held = folder.hold('a.txt');
  rmSync(join(site.root, 'a.txt'));
  site.link('a.txt', '../secret.txt');
  expect(held && textOf(folder, held)).toBe('inside');
  held?.release();
});

test('where nothing is held, what has come in its place is not opened', () => {
  site.write('../large.txt', Buffer.alloc(100_000));
  const folder = new ConfinedFolder(site.root, 'compared');
  for (const target of ['../secret.txt', '../large.txt']) {
    site.write('b.txt', 'inside');
    const held = folder.hold('b.txt');
    rmSync(join(site.root, 'b.txt'));
    site.link('b.txt', target);
    expect(() => held && folder.open(held)).toThrow(NOTHING);
    rmSync(join(site.root, 'b.txt'));
  }
});

test('where nothing is held, a directory that a link has come in place of is noticed', () => {
  const folder = new ConfinedFolder(site.root, 'compared');
  const held = folder.hold('d/b.txt');
  renameSync(join(site.root, 'd'), join(site.base, 'moved'));
  site.link('d', '../moved');
  expect(() => held && folder.open(held)).toThrow(NOTHING);
  rmSync(join(site.root, 'd'));
  expect(held?.isStill?.(held.stats)).toBe(false);
});

test('a file that was moved inside while it was held is still that file', () => {
  const folder = new ConfinedFolder(site.root, 'held');
  const held = folder.hold('a.txt');
  renameSync(join(site.root, 'a.txt'), join(site.root, 'moved.txt'));
  expect(held && textOf(folder, held)).toBe('inside');
  held?.release();
});

test('a hard link is a file of the folder', () => {
  linkSync(join(site.base, 'secret.txt'), join(site.root, 'hard.txt'));
  expect(read(new ConfinedFolder(site.root, 'held'), 'hard.txt')).toBe('outside');
});

test('follows links anywhere when told so', () => {
  const folder = new ConfinedFolder(site.root, 'follow');
  expect(read(folder, 'out.txt')).toBe('outside');
  expect(read(folder, 'sibling/a.txt')).toBe('outside');
  expect(read(folder, 'loop')).toBeUndefined();
});

test('stat knows what links lead to, and nothing of what is missing', () => {
  const folder = new ConfinedFolder(site.root, 'held');
  expect(folder.stat('a.txt')?.size).toBe(6);
  expect(folder.stat('')?.isDirectory()).toBe(true);
  expect(folder.stat('missing')).toBeUndefined();
  expect(folder.stat('a.txt/b')).toBeUndefined();
  expect(folder.stat('loop')).toBeUndefined();
  expect(folder.stat('x'.repeat(300))).toBeUndefined();
  expect(folder.stat('a\0')).toBeUndefined();
});

test('holds where the system tells where descriptors are, and compares elsewhere', () => {
  expect(confinementOf(true)).toBe('follow');
  expect(confinementOf(false, '/no/such/folder')).toBe('compared');
  expect(confinementOf(false)).toBe(process.platform === 'linux' ? 'held' : 'compared');
});
