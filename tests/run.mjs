/** `npm test`: everything that must pass, the tests beside the checks; ends with one line that counts. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const scratch = mkdtempSync(join(tmpdir(), 'obol-test-'));
const report = join(scratch, 'jest.json');
const bin = (name) => join('node_modules', name);
const jest = ['--experimental-vm-modules', '--no-warnings=ExperimentalWarning', bin('jest/bin/jest.js')];

/** What was well formed before and is the same text still needs no second look; nor do types that depend on nothing new. */
const FORMAT_CACHE = ['--cache', '--cache-strategy=content'];
const TYPES_CACHE = ['--incremental', '--tsBuildInfoFile', bin('.cache/types.tsbuildinfo')];

/** What the others need: the package is looked at and packed from it. */
const build = step('build', bin('@typescript/native/bin/tsc'), '-p', 'tsconfig.build.json');

/** The longest first, so that both cores have work until the end. */
const lanes = [
  [
    step(
      'tests',
      ...jest,
      '--coverage',
      '--coverageReporters=text-summary',
      '--json',
      `--outputFile=${report}`,
      ...process.argv.slice(2),
    ),
  ],
  [
    step('lint', bin('eslint/bin/eslint.js'), '.'),
    step('formatting', bin('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', ...FORMAT_CACHE, '.'),
    step('types, TypeScript 6', bin('typescript/bin/tsc6'), '-p', 'tsconfig.json', ...TYPES_CACHE),
    step('types, TypeScript 7', bin('@typescript/native/bin/tsc'), '-p', 'tsconfig.json'),
    step('package', bin('publint/src/cli.js'), '--strict'),
  ],
];

function step(name, ...args) {
  return { name, args };
}

let failed = 0;
let passed = 0;
const started = performance.now();

async function runLane(steps) {
  for (const { name, args } of steps) {
    const began = performance.now();
    const { code, output } = await run(args);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
    if (code === 0) passed++;
    else failed++;
    if (code !== 0 || name === 'tests') console.log(output.trimEnd());
  }
}

function run(args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

await runLane([build]);
await Promise.all(lanes.map(runLane));

const jestReport = readReport();
rmSync(scratch, { recursive: true });
passed += jestReport.numPassedTests;
failed += jestReport.numFailedTests;
console.log(`\nDone in ${((performance.now() - started) / 1000).toFixed(0)} s: checks and tests together`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function readReport() {
  try {
    return JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 1 };
  }
}
