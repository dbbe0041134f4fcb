/** `npm test`: the checks of the code beside the tests that need no other program; its last line counts. */
import { bin, FAST_TESTS, Lane, step, tests, without } from './support/lane.mjs';

/** What was well formed before and is the same text still needs no second look. */
const CACHE = ['--cache', '--cache-strategy=content'];

/** What is judged by its coverage is covered without these tests: they run without counters, in three quarters of the time. */
const UNCOUNTED = `tests/(?:${[
  'architecture|cli|crypto|files|ground',
  'features/(?:auth|cgi|config|modules|processes|redis|session|sso)',
  'hardening/(?:auth|same-work|secrets|session)',
].join('|')})`;
const COUNTERS = ['--coverage', '--coverageReporters=text-summary'];
const given = ['--passWithNoTests', ...process.argv.slice(2)];

const lane = new Lane();
await lane.build();
await lane.run(
  [
    tests(...FAST_TESTS, ...without(`<rootDir>/${UNCOUNTED}`), ...COUNTERS, ...given),
    tests(...FAST_TESTS, ...without(`<rootDir>/(?!${UNCOUNTED})`), ...given),
  ],
  [
    step('lint', bin('oxlint/bin/oxlint'), '--report-unused-disable-directives'),
    step('formatting', bin('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', ...CACHE, '.'),
    step('types, TypeScript 7', bin('@typescript/native/bin/tsc'), '-p', 'tsconfig.json'),
    // What users see of the package, with either kind of decorators; the matrix has the other settings.
    step('types of the package', 'tests/types/run.mjs', '7', '6-legacy-strict', '6-standard-strict'),
    step('types of the documents', 'tests/types/documents.mjs'),
    step('package', bin('publint/src/cli.js'), '--strict'),
  ],
);
lane.end('checks and tests together');
