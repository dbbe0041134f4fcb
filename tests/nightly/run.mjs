/** `npm run nightly`: all that takes long, one after the other; its last line adds up theirs. */
import { spawn } from 'node:child_process';

const SCRIPTS = [
  ['tests/fuzz/run.mjs'],
  ['tests/soak/run.mjs'],
  ['tests/nightly/coverage.mjs'],
  ['tests/nightly/busy.mjs'],
  ['tests/nightly/without.mjs'],
  ['tests/nightly/node-lines.mjs'],
  ['tests/matrix/run.mjs'],
  ['tests/nightly/new-projects.mjs'],
];

const sum = { passed: 0, failed: 0 };
for (const script of SCRIPTS) {
  console.log(`\n# ${script.join(' ')}`);
  const { passed, failed } = await run(script);
  sum.passed += passed;
  sum.failed += failed;
}
console.log(`\nDone: ${SCRIPTS.length} scripts`);
console.log(`${sum.passed} passed, ${sum.failed} failed`);
process.exitCode = sum.failed === 0 ? 0 : 1;

/** Prints what a script prints; its counts are those of its last line, and one has failed where there are none. */
function run(args) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output = (output + text).slice(-1000);
    process.stdout.write(text);
  });
  return new Promise((resolve) => {
    child.on('close', (code) => {
      const [, passed, failed] = /(\d+) passed, (\d+) failed\s*$/.exec(output) ?? [];
      const counts = { passed: Number(passed ?? 0), failed: Number(failed ?? 1) };
      if (code !== 0) counts.failed ||= 1;
      resolve(counts);
    });
  });
}
