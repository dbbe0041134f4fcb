/** The packed package in an empty project: README's example runs from it, by `import` and by `require`. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '../..');
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const env = { ...process.env, NODE_OPTIONS: '', PORT: '0' };
const run = promisify(execFile);

/** The snippets of README that name their file in the first line. */
const snippets = [...readme.matchAll(/^```ts\n\/\/ (\S+)\n(.*?)^```$/gms)].map(
  ([, name = '', text = '']) => ({ name, text }),
);

let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'obol-package-'));
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', project], {
    cwd: ROOT,
    env,
  });
  const write = (name: string, text: string): void => {
    writeFileSync(join(project, name), text);
  };
  const { version, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    version: string;
    devDependencies: Record<string, string>;
  };
  const from = (name: string): string => devDependencies[name] ?? '*';
  write('package.json', JSON.stringify({ private: true, type: 'module' }));
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2022',
    strict: true,
    types: ['node'],
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
  };
  write('tsconfig.json', JSON.stringify({ compilerOptions }));
  for (const { name, text } of snippets) write(name, text);
  const packages = ['reflect-metadata', 'tsyringe', '@oxc-node/core', '@types/node'].map(
    (name) => `${name}@${from(name)}`,
  );
  execFileSync(
    'npm',
    ['install', '--no-audit', '--no-fund', '--prefer-offline', `./obol-${version}.tgz`, ...packages],
    {
      cwd: project,
      env,
      stdio: 'pipe',
    },
  );
}, 120_000);

afterAll(() => {
  rmSync(project, { recursive: true, force: true });
});

test("runs README's main.ts", async () => {
  const child = spawn(process.execPath, ['--import', '@oxc-node/core/register', 'main.ts'], {
    cwd: project,
    env,
  });
  try {
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const url = /http:\S+/.exec(line)?.[0] ?? '';
    const response = await fetch(`${url}/people/smith/42`);
    expect(await response.json()).toEqual({ surname: 'smith', age: 42 });
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  }
}, 30_000);

test("passes README's test", async () => {
  await run(process.execPath, ['--import', '@oxc-node/core/register', 'people.test.ts'], {
    cwd: project,
    env,
  });
}, 30_000);

test("type-checks README's snippets against the declarations of the package", async () => {
  const tsc = join(ROOT, 'node_modules/@typescript/native/bin/tsc');
  await run(process.execPath, [tsc, '--noEmit', '-p', '.'], { cwd: project, env });
}, 30_000);

test('loads by require', async () => {
  const code =
    "require('reflect-metadata'); console.log(typeof require('obol').bootstrap, typeof require('obol/testing').TestClient)";
  const { stdout } = await run(process.execPath, ['--no-warnings', '--input-type=commonjs', '-e', code], {
    cwd: project,
    env,
  });
  expect(stdout.trim()).toBe('function function');
}, 30_000);
