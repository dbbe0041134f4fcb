/** A program in one file with all that it imports, as esbuild makes it, runs as it did before; minified, it says which names are lost. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from '@jest/globals';
import { build } from 'esbuild';

const run = promisify(execFile);
const FIXTURES = join(import.meta.dirname, 'fixtures');
const folder = mkdtempSync(join(tmpdir(), 'obol-bundle-'));
const PROGRAM = readFileSync(join(FIXTURES, 'bundled.ts'), 'utf8');
const env = { ...process.env, NODE_OPTIONS: '' };

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What a bundle of the code prints. */
async function bundled(contents: string, experimentalDecorators = false, minify = false): Promise<unknown> {
  const outfile = join(mkdtempSync(join(folder, 'one-')), 'bundle.mjs');
  await build({
    stdin: { contents, resolveDir: FIXTURES, loader: 'ts' },
    outfile,
    bundle: true,
    minify,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    tsconfigRaw: { compilerOptions: { experimentalDecorators } },
    // Some dependencies are CommonJS modules.
    banner: {
      js: "import { createRequire as forCommonJs } from 'node:module'; const require = forCommonJs(import.meta.url);",
    },
  });
  const { stdout } = await run(process.execPath, [outfile], { env });
  return JSON.parse(stdout) as unknown;
}

test.each([
  ['legacy', true],
  ['standard', false],
])(
  'a minified bundle with %s decorators serves, and says which names are lost',
  async (_, isLegacy) => {
    expect(await bundled(PROGRAM, isLegacy, true)).toEqual({
      shown: 'found smith',
      counted: '1',
      names: ['(minified class).show', '(minified class).show', '(minified class).count'],
      refused: expect.stringContaining('(minified class) is not decorated with @Controller()'),
    });
  },
  30_000,
);

test('a bundle that is not minified has the names of its classes', async () => {
  expect(await bundled(PROGRAM)).toMatchObject({
    shown: 'found smith',
    names: ['People.show', 'Counted.show', 'Counted.count'],
  });
});

test.each(["import 'obol';", "import 'obol/kit';", "import { request } from 'obol/testing'; request('/');"])(
  'after %s a bundle has what tsyringe and standard decorators need',
  async (first) => {
    const then =
      "import { Store } from './bundled-store.js'; console.log(JSON.stringify(new Store().find('smith')));";
    expect(await bundled(`${first} ${then}`)).toBe('found smith');
  },
  30_000,
);
