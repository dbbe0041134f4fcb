/** The documents of all samples say what the samples do: requests made by them pass, others are refused, and answers are as they have them. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, jest, test } from '@jest/globals';

const PROGRAM = resolve(import.meta.dirname, '../fixtures/sample-conformance.ts');

test('requests and answers of every operation fit the document of their sample', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'obol-conformance-'));
  const file = join(folder, 'report.json');
  const seed = String(jest.getSeed());
  await promisify(execFile)(process.execPath, ['--import', '@oxc-node/core/register', PROGRAM, file, seed], {
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, NODE_ENV: 'test' },
  });
  const { operations, accepted, tried, wrong } = JSON.parse(readFileSync(file, 'utf8')) as Record<
    'operations' | 'accepted' | 'tried',
    number
  > & { wrong: readonly string[] };
  rmSync(folder, { recursive: true });
  expect({ seed, wrong }).toEqual({ seed, wrong: [] });
  expect([operations > 150, accepted > 900, tried > 2000]).toEqual([true, true, true]);
});
