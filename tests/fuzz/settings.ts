/**
 * How often properties are tried, and with which seed: a new one for each run, or that of `OBOL_FUZZ_SEED`, to see a
 * failure again.
 */
import { afterAll, jest } from '@jest/globals';
import fc from 'fast-check';
import { expectWithin } from '../support/timing.js';

/** Inputs for each property in a run of every test; `OBOL_FUZZ_SECONDS` tries as many as that time allows. */
const RUNS = 300;
const SECONDS = Number(process.env['OBOL_FUZZ_SECONDS'] ?? 0);

/** The same for every file of a run: jest draws one and tells all of them. */
const seed = Number(process.env['OBOL_FUZZ_SEED'] ?? jest.getSeed());

/** Inputs that all properties of the file were tried with. */
let tried = 0;

afterAll(() => {
  console.log(`fuzz: ${String(tried)} inputs, OBOL_FUZZ_SEED=${String(seed)}`);
});

/** How often a property is tried whose inputs take longer, or are to be many. */
interface Runs {
  readonly few: number;
  /** Where there is time: these, however long they take. Default as many as the time allows. */
  readonly many?: number;
}

/** For `fc.assert`. */
export function settings({ few, many }: Runs = { few: RUNS }): fc.Parameters<unknown> {
  if (SECONDS === 0) return { seed, numRuns: few };
  if (many !== undefined) return { seed, numRuns: many };
  return { seed, numRuns: 1_000_000_000, plugins: [fc.interruptAfterTimeLimit(SECONDS * 1000)] };
}

/** What jest shall wait for a property that takes its whole time. */
export const TIMEOUT = SECONDS * 1000 + 120_000;

/** Counts an input. */
export function count(): void {
  tried++;
}

/** Counts an input, and expects that it takes no time to speak of. Ceiling: 50 ms for each 8 KiB, begun. */
export function timed<T>(length: number, work: () => T): T {
  count();
  const ceiling = 50 * Math.ceil((length + 1) / 8192);
  let result: T | undefined;
  expectWithin(ceiling, () => {
    result = work();
  });
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
