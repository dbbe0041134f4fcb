/**
 * `npm run matrix [-- NAME...]`: one application with everything that a controller can use, compiled and run in every way that people
 * do it; prints the table that README shows. Names choose ways; `--quick` those of `npm run test:programs`.
 */
import { execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { QUICK_TOOLS, WAYS } from './ways.mjs';

const here = fileURLToPath(new URL('./', import.meta.url));
const root = join(here, '../..');
/** Outside of this repository, whose own settings a tool would find. */
const work = mkdtempSync(join(tmpdir(), 'obol-matrix-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

const names = process.argv.slice(2).filter((name) => !name.startsWith('--'));
const isQuick = process.argv.includes('--quick');
const chosen = WAYS.filter((way) =>
  names.length > 0
    ? names.some((name) => labelOf(way).toLowerCase().includes(name.toLowerCase()))
    : !isQuick || way.isQuick,
);

const bin = prepare();
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

/** Installs the tools, and Obol as it is packed. @returns the folder with all of them */
function prepare() {
  const [{ filename }] = JSON.parse(
    npm(root, 'pack', '--json', '--silent', '--pack-destination', work).toString(),
  );
  const packed = join(work, filename);
  return isQuick ? installQuick(packed) : installAll(packed);
}

function installQuick(packed) {
  const { dependencies } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
  const wanted = QUICK_TOOLS.map((name) => [name, dependencies[name]]);
  const manifest = { private: true, dependencies: { ...Object.fromEntries(wanted), obol: `file:${packed}` } };
  writeFileSync(join(work, 'package.json'), JSON.stringify(manifest));
  npm(work, 'install', '--no-audit', '--no-fund', '--prefer-offline');
  return join(work, 'node_modules');
}

/**
 * They are large, so they stay where they are; only Obol is new. `npm ci` would refuse the lock file, in which npm leaves out the
 * packages of other platforms where peers conflict.
 */
function installAll(packed) {
  const all = join(here, 'node_modules');
  if (!existsSync(join(all, 'tsx'))) npm(here, 'install', '--no-save', '--no-audit', '--no-fund');
  const target = join(all, 'obol');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target);
  execFileSync('tar', ['-xzf', packed, '-C', target, '--strip-components=1']);
  return all;
}

function npm(cwd, ...args) {
  return execFileSync('npm', args, { cwd, stdio: ['ignore', 'pipe', 2] });
}

async function tried({ files = {}, commands }) {
  const folder = join(work, 'way');
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(here, 'app'), join(folder, 'app'), { recursive: true });
  symlinkSync(bin, join(folder, 'node_modules'));
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
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, NODE_OPTIONS: '', CI: '1', NO_COLOR: '1' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: 1, output: String(error) }));
    child.on('close', (code) => resolve({ code, output }));
  });
}
