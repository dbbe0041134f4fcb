/** The budget of a bare GET with one typed parameter: few frames, few functions of ours. */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';

interface Journey {
  readonly frames: readonly string[];
  readonly functions: readonly string[];
}

let journey: Journey;

beforeAll(() => {
  const fixture = resolve(import.meta.dirname, 'journey-fixture.ts');
  const output = execFileSync(process.execPath, ['--import', '@oxc-node/core/register', fixture], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  journey = JSON.parse(output) as Journey;
}, 30_000);

test('takes at most five synchronous frames of ours from the socket to the handler', () => {
  expect(journey.frames.length).toBeGreaterThan(1);
  expect(journey.frames.length).toBeLessThanOrEqual(5);
});

test('runs at most 30 functions of ours from the socket to the answer', () => {
  expect(journey.functions.length).toBeGreaterThan(5);
  expect(journey.functions).toEqual(journey.functions.slice(0, 30));
});
