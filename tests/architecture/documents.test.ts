/** Documents name what is there: every path and link in them leads to a file. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '../..');

function pagesIn(folder: string): string[] {
  const entries = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return entries.filter((name) => name.endsWith('.md')).map((name) => join(folder, name));
}

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
