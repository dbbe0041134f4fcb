/**
 * How long properties are tried, and with which seed: a new one for each run, or that of `OBOL_FUZZ_SEED`, to see a
 * failure again.
 */
import { afterAll, jest } from '@jest/globals';
import fc from 'fast-check';

/** Seconds for each property; all of them together take some seconds in a run of every test. */
const SECONDS = Number(process.env['OBOL_FUZZ_SECONDS'] ?? '0.2');

/** The same for every file of a run: jest draws one and tells all of them. */
const seed = Number(process.env['OBOL_FUZZ_SEED'] ?? jest.getSeed());

/** Inputs that all properties of the file were tried with. */
let tried = 0;

afterAll(() => {
  console.log(`fuzz: ${String(tried)} inputs, OBOL_FUZZ_SEED=${String(seed)}`);
});

/** For `fc.assert`: as many runs as the time allows, at least one. */
export function settings(): fc.Parameters<unknown> {
  return { seed, numRuns: 1_000_000_000, plugins: [fc.interruptAfterTimeLimit(SECONDS * 1000)] };
}

/** What jest shall wait for a property that takes its whole time. */
export const TIMEOUT = SECONDS * 1000 + 60_000;

/** Counts an input. */
export function count(): void {
  tried++;
}

/** Counts an input, and says what is wrong with the time it took. Ceiling: 50 ms for each 8 KiB, begun. */
export function timed<T>(length: number, work: () => T): T {
  count();
  const ceiling = 50 * Math.ceil((length + 1) / 8192);
  let result: T | undefined;
  let took = Infinity;
  // Another process may have had the processor: only what is slow three times is slow.
  for (let i = 0; i < 3 && took > ceiling; i++) {
    const began = performance.now();
    result = work();
    took = performance.now() - began;
  }
  if (took > ceiling) throw new Error(`${String(length)} characters took ${took.toFixed(0)} ms`);
  return result as T;
}

/** Text as an attacker writes it: fragments that mean something, again and again, and anything between them. */
export function hostileText(fragments: readonly string[], maxLength = 8192): fc.Arbitrary<string> {
  const piece = fc.oneof(
    fc.constantFrom(...fragments),
    fc.string({ unit: 'binary-ascii', maxLength: 6 }),
    fc.stringMatching(/^[a-z0-9]{1,4}$/),
  );
  const mixed = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));
  const repeated = fc
    .tuple(mixed, fc.constantFrom(...fragments), fc.nat(maxLength), mixed)
    .map(([before, text, times, after]) => before + text.repeat(times) + after);
  return fc
    .oneof({ weight: 9, arbitrary: mixed }, { weight: 1, arbitrary: repeated })
    .map((text) => text.slice(0, maxLength));
}
