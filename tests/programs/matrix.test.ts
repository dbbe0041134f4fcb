/** The quick part of `npm run matrix`: the packed package under compilers that emit no types. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

/** Plain JavaScript, which the type check leaves out. */
const WAYS_MODULE = new URL('../matrix/ways.mjs', import.meta.url).href;

test('one application runs under tsx, in a minified bundle and as plain JavaScript', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['tests/matrix/run.mjs', '--quick']);
  expect(stdout).toMatch(/\n3 passed, 0 failed\n$/);
});

test('README shows every way that the matrix tries', async () => {
  const { WAYS } = (await import(WAYS_MODULE)) as {
    WAYS: { name: string; protocol: string }[];
  };
  const table = /^\| Compiler or runner .*?\n\n/ms.exec(readFileSync('README.md', 'utf8'))?.[0] ?? '';
  const rows = [...table.matchAll(/^\| (.+?) +\| ([a-z, ]+?) +\|$/gm)].map(([, name, protocols]) => [
    name,
    protocols?.split(', '),
  ]);
  const protocols = new Map<string, string[]>();
  for (const { name, protocol } of WAYS) protocols.set(name, [...(protocols.get(name) ?? []), protocol]);
  expect(rows).toEqual([...protocols]);
});
