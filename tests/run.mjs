/** `npm test`: the checks of the code beside the tests that need no other program; its last line counts. */
import { bin, FAST_TESTS, Lane, step, tests, without } from './support/lane.mjs';

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
    step('formatting', bin('oxfmt/bin/oxfmt'), '--check'),
    step('types, TypeScript 7', bin('@typescript/native/bin/tsc'), '-p', 'tsconfig.json'),
    // What users see of the package; nightly has the other settings.
    step('types of the package', 'tests/types/run.mjs', '7', '6-legacy-strict'),
    step('types of the documents', 'tests/types/documents.mjs'),
    step('package', bin('publint/src/cli.js'), '--strict'),
  ],
);
lane.end('checks and tests together');
