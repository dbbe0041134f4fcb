/** `npm test`: the checks of the code beside the tests that need no other program; its last line counts. */
import { bin, FAST_TESTS, Lane, step, tests } from './support/lane.mjs';
import { lintCache } from './support/lint-cache.mjs';

/** What was well formed before and is the same text still needs no second look. */
const CACHE = ['--cache', '--cache-strategy=content'];

const lane = new Lane();
await lane.build();
await lane.run(
  [tests(...FAST_TESTS, '--coverage', '--coverageReporters=text-summary', ...process.argv.slice(2))],
  [
    step('lint', bin('eslint/bin/eslint.js'), ...CACHE, `--cache-location=${lintCache()}`, '.'),
    step('formatting', bin('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', ...CACHE, '.'),
    step('types, TypeScript 7', bin('@typescript/native/bin/tsc'), '-p', 'tsconfig.json'),
    // What users see of the package, with either kind of decorators; the matrix has the other settings.
    step('types of the package', 'tests/types/run.mjs', '7', '6-legacy-strict', '6-standard-strict'),
    step('package', bin('publint/src/cli.js'), '--strict'),
  ],
);
lane.end('checks and tests together');
