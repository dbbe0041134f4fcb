/** How many lines of all of `src` the tests of `npm test` run: 95 of 100 at least. */
import { FAST_TESTS, Lane, tests } from '../support/lane.mjs';

const JUDGED = ['src/**/*.ts', '!src/**/index.ts', '!src/cli/main.ts'];

const lane = new Lane({ quiet: true });
await lane.run([
  tests(
    ...FAST_TESTS,
    '--coverage',
    '--coverageReporters=text-summary',
    ...JUDGED.map((pattern) => `--collectCoverageFrom=${pattern}`),
    `--coverageThreshold=${JSON.stringify({ global: { lines: 95 } })}`,
  ),
]);
lane.end('coverage of all of src');
