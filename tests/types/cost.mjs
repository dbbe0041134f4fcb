/**
 * `node tests/types/cost.mjs [--against DIST] [--rounds 5] [--gate 2.8]`: what 2,000 routes in 200 classes cost the compilers to check, as
 * medians of interleaved rounds: with texts and with path values, and with 50 shared contracts, compared with the same routes and schemas
 * under decorators that check nothing; with the `dist` of another build, routes with texts as ratios to it. A ratio of the CPU time with
 * contracts over the gate is a failure. Needs a build.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { contractFiles, routeFiles } from './cost-sources.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
const CACHE = join(ROOT, 'node_modules/.cache/obol-types-cost');
const COMPILERS = {
  'TypeScript 6': join(ROOT, 'node_modules/typescript/bin/tsc6'),
  'TypeScript 7': join(ROOT, 'node_modules/@typescript/native/bin/tsc'),
};

const { values } = parseArgs({
  options: {
    against: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    gate: { type: 'string', default: '2.8' },
  },
});
const now = join(ROOT, 'dist');
const paths = [
  ...(values.against ? [['texts, before', resolve(values.against), routeFiles(false)]] : []),
  ['texts', now, routeFiles(false)],
  ['path values', now, routeFiles(true)],
];
const contracts = [
  ['contracts, unchecked', now, contractFiles(false)],
  ['contracts', now, contractFiles(true)],
];

let [passed, failed] = [0, 0];
for (const [name, compiler] of Object.entries(COMPILERS)) {
  const groups = [paths, contracts].map((group) => group.map(write));
  for (let round = Number(values.rounds); round > 0; round--)
    for (const project of groups.flat()) measure(compiler, project);
  for (const [first, ...others] of groups) print(name, first, [first, ...others]);
  const [base, checked] = groups[1];
  if (median(checked.cpu) / median(base.cpu) <= Number(values.gate)) passed++;
  else failed++;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function print(compiler, first, projects) {
  for (const { title, cpu, checking, instantiations } of projects) {
    const figures = `cpu ${figure(cpu, first.cpu)}  checking ${figure(checking, first.checking)}`;
    console.log(`${compiler}  ${title.padEnd(20)} ${figures}  ${instantiations} instantiations`);
  }
}

function figure(seconds, base) {
  return `${median(seconds).toFixed(2)} s x ${(median(seconds) / median(base)).toFixed(2)}`;
}

/** A project against the declarations of a build. */
function write([title, dist, files]) {
  const folder = join(CACHE, title.replaceAll(/\W+/g, '-'));
  mkdirSync(folder, { recursive: true });
  const paths = { obol: [join(dist, 'index.d.ts')] };
  const compilerOptions = { noEmit: true, skipLibCheck: true, paths };
  const config = { extends: join(ROOT, 'tsconfig.json'), compilerOptions, include: ['*.ts'], exclude: [] };
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
  return { title, folder, cpu: [], checking: [], instantiations: 0 };
}

/** CPU time is that of the whole run, reading included; a busy machine disturbs it less than the time of checking. */
function measure(compiler, project) {
  const run = [process.execPath, compiler, '-p', project.folder, '--extendedDiagnostics'];
  const timed = ['-c', 'TIMEFORMAT=%U; time "$@"', 'bash', ...run];
  const { stdout, stderr, status } = spawnSync('bash', timed, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stdout + stderr);
  project.cpu.push(Number(stderr.trim().split('\n').at(-1)));
  project.checking.push(Number(/^Check time:\s+([\d.]+)s/m.exec(stdout)?.[1]));
  project.instantiations = Number(/^Instantiations:\s+(\d+)/m.exec(stdout)?.[1]);
}

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
