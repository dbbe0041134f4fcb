/**
 * `npm run nightly`: all that takes long, one after the other, within about an hour and a half on two quiet cores; its last line adds up
 * theirs. Scripts that take longer than their worth have arguments for the rest.
 */
import { spawn } from 'node:child_process';
import { Lane } from '../support/lane.mjs';

/** Milliseconds after which a script is ended, and has failed. */
const LIMIT = 60 * 60 * 1000;

const SCRIPTS = [
  ['tests/fuzz/run.mjs'],
  ['tests/soak/run.mjs'],
  ['tests/nightly/coverage.mjs'],
  ['tests/nightly/busy.mjs'],
  ['tests/nightly/without.mjs'],
  ['tests/nightly/node-lines.mjs'],
  ['tests/matrix/run.mjs'],
  ['tests/types/run.mjs'],
  ['tests/types/cost.mjs'],
  ['tests/nightly/new-projects.mjs'],
];

process.once('SIGINT', () => process.exit(1));
await new Lane().build();
const began = performance.now();
const sum = { passed: 0, failed: 0 };
for (const script of SCRIPTS) {
  const scriptBegan = performance.now();
  console.log(`\n# ${script.join(' ')}`);
  const { passed, failed } = await run(script);
  console.log(`# ${script.join(' ')}: ${minutesSince(scriptBegan)}, ${passed} passed, ${failed} failed`);
  sum.passed += passed;
  sum.failed += failed;
}
console.log(`\nDone in ${minutesSince(began)}: ${SCRIPTS.length} scripts`);
console.log(`${sum.passed} passed, ${sum.failed} failed`);
process.exitCode = sum.failed === 0 ? 0 : 1;

function minutesSince(began) {
  return `${((performance.now() - began) / 60_000).toFixed(1)} min`;
}

/** Prints what a script prints; its counts are those of its last line, and one has failed where there are none. */
function run(args) {
  // A group of its own, so that all that it started ends with it.
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const end = () => process.kill(-child.pid, 'SIGKILL');
  const timer = setTimeout(end, LIMIT);
  process.once('exit', end);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output = (output + text).slice(-1000);
    process.stdout.write(text);
  });
  return new Promise((resolve) => {
    child.on('close', (code) => {
      clearTimeout(timer);
      process.off('exit', end);
      const [, passed, failed] = /(\d+) passed, (\d+) failed\s*$/.exec(output) ?? [];
      const counts = { passed: Number(passed ?? 0), failed: Number(failed ?? 1) };
      if (code !== 0) counts.failed ||= 1;
      resolve(counts);
    });
  });
}
