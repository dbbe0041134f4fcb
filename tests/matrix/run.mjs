/**
 * `npm run matrix [-- NAME...]`: one application with everything that a controller can use, compiled and run in every way that people
 * do it; prints the table that README shows. Names choose ways; `--quick` those of `npm run test:programs`.
 */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WAYS } from './ways.mjs';

const here = fileURLToPath(new URL('./', import.meta.url));
const root = join(here, '../..');
const bin = join(here, 'node_modules');
const work = join(here, '.work');

const names = process.argv.slice(2).filter((name) => !name.startsWith('--'));
const isQuick = process.argv.includes('--quick');
const chosen = WAYS.filter((way) =>
  names.length > 0
    ? names.some((name) => labelOf(way).toLowerCase().includes(name.toLowerCase()))
    : !isQuick || way.isQuick,
);

prepare();
const results = [];
for (const [index, way] of chosen.entries()) {
  process.stderr.write(`${String(index + 1)} of ${String(chosen.length)}: ${labelOf(way)}\n`);
  const { ok, output } = await tried(way);
  if (!ok) console.log(`\n# ${labelOf(way)}\n${output.slice(-4000)}`);
  results.push({ way, ok });
}
const width = Math.max(...results.map(({ way }) => way.name.length));
console.log(`\n| ${'Compiler or runner'.padEnd(width)} | Decorators | Works |`);
console.log(`| ${'-'.repeat(width)} | ---------- | ----- |`);
for (const { way, ok } of results)
  console.log(`| ${way.name.padEnd(width)} | ${way.protocol.padEnd(10)} | ${ok ? 'yes  ' : 'NO   '} |`);
const passed = results.filter(({ ok }) => ok).length;
console.log(`\n${String(passed)} passed, ${String(results.length - passed)} failed`);
process.exitCode = passed === results.length ? 0 : 1;

function labelOf({ name, protocol }) {
  return `${name}, ${protocol}`;
}

/** Installs the tools, and Obol as it is packed: a folder of its own, so that nothing of this repository is found by accident. */
function prepare() {
  if (!existsSync(join(bin, 'tsx')))
    execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: here, stdio: ['ignore', 2, 2] });
  const [{ filename }] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', bin], {
      cwd: root,
      stdio: ['ignore', 'pipe', 2],
    }),
  );
  const target = join(bin, 'obol');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target);
  execFileSync('tar', ['-xzf', join(bin, filename), '-C', target, '--strip-components=1']);
  rmSync(join(bin, filename));
}

async function tried({ files = {}, commands }) {
  const folder = work;
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(here, 'app'), join(folder, 'app'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), filled(text));
  }
  let output = '';
  for (const command of commands) {
    const result = await run(command.map(filled), folder);
    output += `$ ${command.join(' ')}\n${result.output}`;
    if (result.code !== 0) return { ok: false, output };
  }
  return { ok: /\b[1-9]\d* pass(?:ed)?\b|\bpass [1-9]\d*\b/.test(output), output };
}

function filled(text) {
  return text.replaceAll('{bin}', bin).replaceAll('{here}', here.replace(/\/$/, ''));
}

function run([command, ...args], cwd) {
  const child = spawn(command, args, { cwd, env: { ...process.env, NODE_OPTIONS: '', CI: '1' } });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: 1, output: String(error) }));
    child.on('close', (code) => resolve({ code, output }));
  });
}
