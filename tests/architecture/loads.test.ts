/** Every file of src is loaded by a test: coverage counts what was loaded, and so nothing that no test knows of is left out. */
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';

const SRC = resolve(import.meta.dirname, '../../src');

/** The program, which runs when it is loaded. */
const RUNS = 'cli/main.ts';

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && file !== RUNS,
);

test('every file of src can be loaded', async () => {
  // One after the other: Jest links one graph of modules at a time.
  for (const file of files) expect(typeof (await import(join(SRC, file)))).toBe('object');
});
