/** The quick part of `npm run matrix`: the packed package under compilers that emit no types. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

test('one application runs under tsx, in a minified bundle and as plain JavaScript', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['tests/matrix/run.mjs', '--quick']);
  expect(stdout).toMatch(/\n3 passed, 0 failed\n$/);
});
