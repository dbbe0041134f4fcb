/** Ceilings for hostile inputs: far above what linear code needs, far below what anything worse does. */
import { expect } from '@jest/globals';

/** Expects the work to end within the time; the best of three, so that a busy machine does not fail it. */
export function expectWithin(milliseconds: number, work: () => unknown): void {
  let best = Infinity;
  for (let i = 0; i < 3 && best > milliseconds; i++) {
    const start = performance.now();
    work();
    best = Math.min(best, performance.now() - start);
  }
  expect(best).toBeLessThan(milliseconds);
}
