/** The packed package in an empty folder: README's examples run from it, by its own commands; by `require`, too. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '../..');
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const env = { ...process.env, NODE_OPTIONS: '', PORT: '0' };
const run = promisify(execFile);

/** The snippets of README that name their file in the first line. */
const snippets = new Map(
  [...readme.matchAll(/^```ts\n\/\/ (\S+)\n(.*?)^```$/gms)].map(([, name = '', text = '']) => [name, text]),
);

/** README's first command, with the packed package in place of the published one. */
const [, packages = ''] = /^npm i obol (.*)$/m.exec(readme) ?? [];

let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'obol-package-'));
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', project], {
    cwd: ROOT,
    env,
  });
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  npm('i', '--no-audit', '--no-fund', '--prefer-offline', `./obol-${version}.tgz`, ...packages.split(' '));
}, 120_000);

afterAll(() => {
  rmSync(project, { recursive: true, force: true });
});

function npm(...args: string[]): void {
  execFileSync('npm', args, { cwd: project, env, stdio: 'pipe' });
}

function write(name: string): void {
  writeFileSync(join(project, name), snippets.get(name) ?? '');
}

/** Runs a file as README does, until it has answered. */
async function answerOf(file: string, path: string): Promise<unknown> {
  const tsx = join(project, 'node_modules/tsx/dist/cli.mjs');
  const child = spawn(process.execPath, [tsx, file], { cwd: project, env });
  try {
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const url = /http:[^\s,]+/.exec(line)?.[0] ?? '';
    const response = await fetch(url + path);
    const text = await response.text();
    return response.headers.get('content-type') === 'application/json' ? JSON.parse(text) : text;
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  }
}

test("runs README's first controller in an empty folder, without a tsconfig.json", async () => {
  write('main.mts');
  expect(await answerOf('main.mts', '/people/smith/42')).toEqual({ surname: 'smith', age: 42 });
  expect(await answerOf('main.mts', '/people/jones/7')).toEqual({ missing: '/people/jones/7' });
}, 30_000);

describe('as a package of modules', () => {
  beforeAll(() => {
    npm('pkg', 'set', 'type=module');
    for (const name of snippets.keys()) write(name);
  });

  test("runs README's main.ts", async () => {
    expect(await answerOf('main.ts', '/people/smith/42')).toEqual({ surname: 'smith', age: 42 });
  }, 30_000);

  test("passes README's test", async () => {
    const { stdout } = await run(process.execPath, ['--import', 'tsx', '--test', 'people.test.ts'], {
      cwd: project,
      env,
    });
    expect(stdout).toMatch(/pass 2\n.*fail 0/);
  }, 30_000);

  test.each([{}, { experimentalDecorators: true }])(
    "type-checks README's snippets against the declarations of the package, with %j",
    async (protocol) => {
      const compilerOptions = {
        ...{ module: 'nodenext', target: 'es2022', strict: true, types: ['node'] },
        ...{ typeRoots: [join(ROOT, 'node_modules/@types')], ...protocol },
      };
      writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
      const tsc = join(ROOT, 'node_modules/@typescript/native/bin/tsc');
      await run(process.execPath, [tsc, '--noEmit', '-p', '.'], { cwd: project, env });
      rmSync(join(project, 'tsconfig.json'));
    },
    30_000,
  );

  test.each([
    ['hello', '/injected', 'Hello, injection!'],
    ['login', '/', expect.stringContaining('You are not logged in')],
  ])(
    'runs the sample %s without flags',
    async (name, path, answer) => {
      const folder = join(project, name);
      cpSync(join(ROOT, 'samples', name), folder, { recursive: true });
      expect(await answerOf(join(folder, 'main.ts'), path)).toEqual(answer);
      rmSync(folder, { recursive: true });
    },
    30_000,
  );
});

test('loads by require', async () => {
  const code = "console.log(typeof require('obol').bootstrap, typeof require('obol/testing').TestClient)";
  const { stdout } = await run(process.execPath, ['--no-warnings', '--input-type=commonjs', '-e', code], {
    cwd: project,
    env,
  });
  expect(stdout.trim()).toBe('function function');
}, 30_000);
