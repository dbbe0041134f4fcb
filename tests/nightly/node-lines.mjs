/**
 * `node tests/nightly/node-lines.mjs [line ...]`: the tests of real sockets on the lines of Node that this one is not, or on those
 * that are named: each treats a connection in its own way.
 */
import { spawn } from 'node:child_process';

const OTHERS = [20, 22, 24, 26].filter((line) => line !== Number(process.versions.node.split('.')[0]));
const named = process.argv.slice(2);
const LINES = named.length > 0 ? named : OTHERS;
const TESTS = [
  'tests/hosts/node',
  'tests/integration/(upgrade|listen|keep-alive|framing|access-log|time-limits|bodies)',
  'tests/hardening/headers',
];
const JEST = [
  '--experimental-vm-modules',
  '--no-warnings=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
];

/** Runs the tests, as npx finds a Node of that line; prints what Jest prints. */
function testOn(line) {
  console.log(`\nNode ${line}`);
  const child = spawn('npx', ['-y', '-p', `node@${line}`, 'node', ...JEST, ...TESTS], { stdio: 'inherit' });
  return new Promise((resolve) => child.on('close', (code) => resolve(code === 0)));
}

const results = [];
for (const line of LINES) results.push(await testOn(line));
const passed = results.filter(Boolean).length;
console.log(`\n${passed} passed, ${results.length - passed} failed`);
process.exitCode = passed === results.length ? 0 : 1;
