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
    // What users of TypeScript 6 see of the package.
    step('types, TypeScript 6', bin('typescript/bin/tsc6'), '-p', 'tests/types'),
    step('package', bin('publint/src/cli.js'), '--strict'),
  ],
);
lane.end('checks and tests together');
