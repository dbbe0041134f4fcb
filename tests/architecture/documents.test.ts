/** Documents name what is there, as every path and link in them leads to a file, and speak the words of the field. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '../..');

function filesIn(folder: string, ending: RegExp): string[] {
  const entries = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return entries.filter((name) => ending.test(name)).map((name) => join(folder, name));
}

const pagesIn = (folder: string): string[] => filesIn(folder, /\.md$/);

const PAGES = ['README.md', 'src/features/auth/README.md', ...pagesIn('docs'), ...pagesIn('.github')];

/** The paths of the repository that stand in a text as code, such as `src/http`. */
function namedPaths(text: string): string[] {
  return [...text.matchAll(/`((?:src|tests|samples|docs)\/[\w./-]+|[\w-]+\.(?:mjs|json))`/g)].map(
    ([, path = '']) => path,
  );
}

/** Where the links of a page lead that stay in the repository. */
function linkedPaths(page: string, text: string): string[] {
  const links = [...text.matchAll(/\]\(([^)#\s]+)/g)].map(([, target = '']) => target);
  return links.filter((target) => !/^\w+:/.test(target)).map((target) => join(dirname(page), target));
}

describe.each(PAGES)('%s', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8');

  test('names and links files that are there', () => {
    const paths = [...namedPaths(text), ...linkedPaths(page, text)];
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

test('README has the users and passwords of samples', () => {
  const table = /^\| sample .*?\n\n/ms.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))?.[0] ?? '';
  const rows = [...table.matchAll(/^\| (`.*?) +\| (.*?) +\| `(.*?)` +\|$/gm)];
  const named = rows.flatMap(([, samples = '', user = '', password = '']) =>
    [...samples.matchAll(/`([\w-]+)`/g)].map(([, sample = '']) => ({ sample, user, password })),
  );
  expect(named.length).toBeGreaterThan(5);
  const isThere = ({ sample, user, password }: (typeof named)[number]): boolean => {
    const code = filesIn(`samples/${sample}`, /\.ts$/).map((file) => readFileSync(join(ROOT, file), 'utf8'));
    const words = [password, ...(/^`(.*)`$/.exec(user)?.slice(1) ?? [])];
    return words.every((word) => code.some((text) => text.includes(`'${word}'`)));
  };
  expect(named.filter((one) => !isThere(one))).toEqual([]);
});

test('every decision is in the list of decisions, and opens with its title there', () => {
  const list = readFileSync(join(ROOT, 'docs/decisions/README.md'), 'utf8');
  const listed = new Map(
    [...list.matchAll(/^- \[(.+)\]\((.+)\)$/gm)].map(([, title = '', file = '']) => [file, title]),
  );
  const written = pagesIn('docs/decisions').filter((page) => !page.endsWith('README.md'));
  const titles = written.map((page) => [
    page.split('/').at(-1),
    readFileSync(join(ROOT, page), 'utf8').split('\n')[0],
  ]);
  expect(titles).toEqual(
    written.map((page) => page.split('/').at(-1) ?? '').map((file) => [file, `# ${listed.get(file) ?? ''}`]),
  );
});

/** In their place: client, caller, handler, user; report, say, name, show. */
const VAGUE = /\b(?:(?:some|no|any|every)body|(?:some|any|every)one|whoever|tell(?:s|ing)?|told)\b/i;
const TEXT = /\.(?:md|[cm]?[jt]s|html|css|ya?ml)$/;

test('sources, samples and documents speak the words of the field', () => {
  const folders = ['src', 'samples', 'docs', '.github'].flatMap((folder) => filesIn(folder, TEXT));
  const lines = ['README.md', ...folders].flatMap((file) =>
    readFileSync(join(ROOT, file), 'utf8')
      .split('\n')
      .map((line, index) => `${file}:${String(index + 1)} ${line.trim()}`),
  );
  expect(lines.filter((line) => VAGUE.test(line))).toEqual([]);
});
