/** A folder to be served, with everything in it and beside it that must never get out. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** In every file that must not be served. */
export const SECRET = 'top secret';

/** A temporary folder of this test file. */
export interface Site {
  /** Holds the folder that is served, and secrets. */
  readonly base: string;
  readonly root: string;
  /** Writes a file of the folder, old enough to have a strong entity tag, and the directories above it. */
  readonly write: (path: string, content?: string | Uint8Array, modified?: Date) => void;
  readonly link: (path: string, target: string) => void;
  readonly remove: () => void;
}

const OLD = new Date('2026-01-02T03:04:05Z');

/** An empty folder `site` in a temporary one. */
export function emptySite(): Site {
  const base = mkdtempSync(join(tmpdir(), 'obol-static-'));
  const root = join(base, 'site');
  mkdirSync(root);
  return {
    base,
    root,
    write: (path, content = path, modified = OLD) => {
      const file = join(root, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      utimesSync(file, modified, modified);
    },
    link: (path, target) => {
      symlinkSync(target, join(root, path));
    },
    remove: () => {
      rmSync(base, { recursive: true, force: true });
    },
  };
}

/** Names that are markup, URLs, escapes and schemes to whoever does not take them as names. */
export const HOSTILE_NAMES = [
  '<img src=x onerror=alert(1)>.txt',
  `a&b"c'.txt`,
  '100%.txt',
  '%2e%2e%2fsecret.txt',
  'a%2Fb.txt',
  'a:b',
  'javascript:alert(1)',
  '#x?.txt',
  '?sort=size',
  ' leading and trailing ',
  'a\\b.txt',
  'naïve ☃ 漢字.txt',
  '\u202Egnp.exe',
  "'-alert(1)-'",
];

/** The folder that hardening tests serve. */
export function hostileSite(): Site {
  const site = emptySite();
  const { write, link, base, root } = site;
  write('index.html', '<h1>Home</h1>');
  write('f.txt', '0123456789');
  write('docs/index.htm', '<h1>Docs</h1>');
  mkdirSync(join(root, 'docs/index.html'));
  write('docs/guide.txt');
  write('plain/a.txt');
  write('.secret', SECRET);
  write('.git/config', SECRET);
  write('.well-known/acme.txt');
  write('.well-known/.hidden', SECRET);
  write('notes.txt~', SECRET);
  for (const name of HOSTILE_NAMES) write(`names/${name}`, 'hostile');
  write('../secret.txt', SECRET);
  write('../site-sibling/secret.txt', SECRET);
  write('../outside/secret.txt', SECRET);
  write('../outside/index.html', SECRET);
  link('link-in.txt', 'f.txt');
  link('dir-in', 'docs');
  link('link-out.txt', '../secret.txt');
  link('link-abs.txt', join(base, 'secret.txt'));
  link('dir-out', '../outside');
  link('sibling', '../site-sibling');
  link('loop', 'loop');
  link('broken', 'no-such-file');
  execFileSync('mkfifo', [join(root, 'fifo')]);
  return site;
}
