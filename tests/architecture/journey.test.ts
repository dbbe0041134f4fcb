/** The budgets of a warm request of each kind: few frames, few functions of ours, and little source in them. */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { JOURNEY_BUDGETS, JOURNEY_NAMES, type JourneyName, type JourneySize } from './journey-budgets.js';
import { reportOf, sizeOf, type Step } from './journey-report.js';

interface Measured {
  /** Those between the socket and the handler of a bare GET. */
  readonly frames: readonly string[];
  readonly journeys: Readonly<Record<JourneyName, readonly Step[]>>;
}

let measured: Measured;

beforeAll(() => {
  const file = resolve(import.meta.dirname, 'journeys.ts');
  const output = execFileSync(process.execPath, ['--import', '@oxc-node/core/register', file, '--json'], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '', NODE_ENV: 'production' },
  });
  measured = JSON.parse(output) as Measured;
}, 120_000);

test('takes at most five synchronous frames of ours from the socket to the handler', () => {
  expect(measured.frames.length).toBeGreaterThan(1);
  expect(measured.frames.length).toBeLessThanOrEqual(5);
});

test.each(JOURNEY_NAMES)('keeps the budget of the journey %s', (name) => {
  const steps = measured.journeys[name];
  expect(steps.length).toBeGreaterThan(20);
  expect(whyOver(name, steps)).toBe('');
});

/** What is over, and the functions to look at; nothing where the budget is kept. */
function whyOver(name: JourneyName, steps: readonly Step[]): string {
  const size: JourneySize = sizeOf(steps);
  const budget: JourneySize = JOURNEY_BUDGETS[name];
  const isOver = (Object.keys(budget) as (keyof JourneySize)[]).some((key) => size[key] > budget[key]);
  return isOver ? reportOf(name, steps, true) : '';
}
