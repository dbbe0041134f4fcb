/** What the lanes share: steps one after the other, columns of them beside each other, one last line that counts. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const JEST = ['--experimental-vm-modules', '--no-warnings=ExperimentalWarning', bin('jest/bin/jest.js')];

/** What Jest takes for the tests of `npm test`: those that need no other program. */
export const FAST_TESTS = without('/node_modules/', '<rootDir>/tests/programs/');

/** What Jest takes for all tests but those whose paths match. */
export function without(...patterns) {
  return patterns.map((pattern) => `--testPathIgnorePatterns=${pattern}`);
}

/** A file of a package that is installed. */
export function bin(path) {
  return join('node_modules', path);
}

/** What node runs. */
export function step(name, ...args) {
  return { name, args };
}

/** Tests, with what Jest takes on its command line; each of them counts. */
export function tests(...args) {
  return { name: 'tests', args: [...JEST, ...args], areTests: true };
}

/** Runs steps, says how each of them went, counts them and their tests, and sets the exit code. */
export class Lane {
  #passed = 0;
  #failed = 0;
  #began = performance.now();
  #isQuiet;

  /** @param quiet prints what tests say only when some fail */
  constructor({ quiet = false } = {}) {
    this.#isQuiet = quiet;
  }

  /** The package as it is published: what steps look at, pack and run. */
  async build() {
    rmSync('dist', { recursive: true, force: true });
    await this.run([step('build', bin('@typescript/native/bin/tsc'), '-p', 'tsconfig.build.json')]);
  }

  /** Runs columns of steps: those of a column one after the other, the columns beside each other. */
  async run(...columns) {
    await Promise.all(columns.map((steps) => this.#runInTurn(steps)));
  }

  /** Prints the last line. @param what was done, in a few words */
  end(what) {
    console.log(`\nDone in ${secondsSince(this.#began, 0)} s: ${what}`);
    console.log(`${this.#passed} passed, ${this.#failed} failed`);
    process.exitCode = this.#failed === 0 ? 0 : 1;
  }

  async #runInTurn(steps) {
    for (const each of steps) {
      const began = performance.now();
      const { code, output } = each.areTests ? await this.#runTests(each) : await runNode(each.args);
      console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${each.name} (${secondsSince(began, 1)} s)`);
      this.#count(code === 0 ? 1 : 0, code === 0 ? 0 : 1);
      if (code !== 0 || (each.areTests && !this.#isQuiet)) console.log(output.trimEnd());
    }
  }

  async #runTests({ args }) {
    const scratch = mkdtempSync(join(tmpdir(), 'obol-lane-'));
    const report = join(scratch, 'jest.json');
    const result = await runNode([...args, '--json', `--outputFile=${report}`]);
    const { numPassedTests, numFailedTests } = readReport(report);
    this.#count(numPassedTests, numFailedTests);
    rmSync(scratch, { recursive: true });
    return result;
  }

  #count(passed, failed) {
    this.#passed += passed;
    this.#failed += failed;
  }
}

function secondsSince(began, digits) {
  return ((performance.now() - began) / 1000).toFixed(digits);
}

function runNode(args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 1 };
  }
}
