/** What README says of itself and of the package; its code runs in tests/programs/package.test.ts. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '../..');
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const snippets = [...readme.matchAll(/^```ts\n\/\/ (\S+)\n/gm)].map(([, name = '']) => name);

test('README shows a first controller, the same in files with its test, an upload, a login and a policy', () => {
  expect([...new Set(snippets)]).toEqual([
    'main.mts',
    'src/people.ts',
    'src/main.ts',
    'src/people.test.ts',
    'upload.mts',
    'members.mts',
    'policy.mts',
  ]);
});

test("README's commands are scripts of the package", () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const named = [...readme.matchAll(/npm (?:run )?(start|test|sample|bench)\b/g)].map(
    ([, name = '']) => name,
  );
  expect(new Set(named)).toEqual(new Set(['start', 'test', 'sample', 'bench']));
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test("README's lines are 460 at most", () => {
  expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(460);
});
