/**
 * The packed package in an empty folder: what README shows runs there, by its own commands and in its own order; `obol new` makes a project that
 * works; `require` loads it, too.
 */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { projectFiles } from '../../src/cli/new/project.js';

const ROOT = resolve(import.meta.dirname, '../..');
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const env = {
  ...process.env,
  ...{ NODE_OPTIONS: '', PORT: '0', NO_COLOR: '1' },
  ...{ npm_config_prefer_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false' },
};
const run = promisify(execFile);

/** What stands below a heading of README: the commands, line by line, and the files, by the names in their first lines. */
function section(heading: string): { commands: string[]; files: Map<string, string> } {
  const [, after = ''] = readme.split(`\n## ${heading}\n`);
  const [text = ''] = after.split('\n## ');
  const commands = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, lines = '']) =>
    lines.trim().split('\n'),
  );
  const files = [...text.matchAll(/^```(?:ts|jsonc)\n\/\/ (\S+)\n(.*?)^```$/gms)];
  return { commands, files: new Map(files.map(([, name = '', content = '']) => [name, content])) };
}

const FIRST = section('A first controller');
const SEVERAL = section('In several files, with a test');
const RUNNERS = section('Jest and Vitest');
const UPLOAD = section('A first upload');
const PROTECTED = section('A first protected route');
const POLICY = section('What pages may load');

let project: string;

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'obol-package-'));
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', project], {
    cwd: ROOT,
    env,
  });
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  // README's first command, with the packed package in place of the published one.
  await shell((FIRST.commands[0] ?? '').replace(' obol ', ` ./obol-${version}.tgz `));
});

afterAll(() => {
  rmSync(project, { recursive: true, force: true });
});

/** Runs a command as it is written. @returns what it prints */
async function shell(command: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
  const { stdout, stderr } = await run('sh', ['-c', command], { cwd: project, env: { ...env, ...more } });
  return stdout + stderr;
}

function write(files: ReadonlyMap<string, string>): void {
  for (const [name, text] of files) {
    mkdirSync(dirname(join(project, name)), { recursive: true });
    writeFileSync(join(project, name), text);
  }
}

/** Starts a program by its command until it was asked. */
async function asked<T>(command: string, ask: (url: string) => Promise<T>): Promise<T> {
  const [name, ...args] = command.split(' ');
  const tsx = name === 'npx' ? [join(project, 'node_modules/tsx/dist/cli.mjs')] : [];
  const child = spawn(process.execPath, [...tsx, ...args.slice(tsx.length)], { cwd: project, env });
  try {
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    return await ask(/http:[^\s,]+/.exec(line)?.[0] ?? '');
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    // tsx gives its program little time to say that it has heard the signal; else it ends with 143, that of the signal.
    const [code] = (await ended) as [number | null];
    expect([0, 143]).toContain(code);
  }
}

async function answerOf(command: string, path: string): Promise<unknown> {
  return asked(command, async (url) => {
    const response = await fetch(url + path);
    const text = await response.text();
    return response.headers.get('content-type') === 'application/json' ? (JSON.parse(text) as unknown) : text;
  });
}

const SMITH = { surname: 'smith', age: 42 };

test("README's first controller runs in an empty folder, without a tsconfig.json", async () => {
  write(FIRST.files);
  expect(FIRST.commands.slice(1)).toEqual(['npx tsx main.mts']);
  expect(await answerOf('npx tsx main.mts', '/people/smith/42')).toEqual(SMITH);
  expect(await answerOf('npx tsx main.mts', '/people/jones/7')).toEqual({ missing: '/people/jones/7' });
});

test("README's first upload is a page with a form, keeps what is sent, and takes neither nothing nor too much", async () => {
  write(UPLOAD.files);
  await asked(UPLOAD.commands[0] ?? '', async (url) => {
    const page = await (await fetch(url)).text();
    const [, field = ''] = /<input type="file" name="(\w+)">/.exec(page) ?? [];
    const send = (...files: File[]): Promise<Response> => {
      const body = new FormData();
      for (const file of files) body.append(field, file);
      return fetch(url, { method: 'POST', body });
    };
    const kept = await send(new File(['PNG'], 'me.png', { type: 'image/png' }));
    expect(await kept.json()).toEqual({ filename: 'me.png', type: 'image/png', bytes: 3 });
    expect(readFileSync(join(project, 'photo.bin'), 'utf8')).toBe('PNG');
    expect((await send()).status).toBe(400);
    expect((await send(new File([new Uint8Array(10_000_001)], 'large.png'))).status).toBe(413);
  });
});

test("README's first protected route asks for a password", async () => {
  write(PROTECTED.files);
  await asked(PROTECTED.commands[0] ?? '', async (url) => {
    const statusFor = async (login: string): Promise<number> => {
      const headers = { Authorization: `Basic ${Buffer.from(login).toString('base64')}` };
      return (await fetch(`${url}/members`, { headers })).status;
    };
    expect((await fetch(`${url}/members`)).status).toBe(401);
    expect(await statusFor('anna:wrong')).toBe(401);
    expect(await statusFor('anna:correct horse')).toBe(200);
  });
});

test("README's policy is that of all pages, with a nonce where one is asked for, but for the page that has its own", async () => {
  write(POLICY.files);
  await asked('npx tsx policy.mts', async (url) => {
    const policyOf = async (path: string) => {
      const response = await fetch(url + path);
      return [response.headers.get('content-security-policy'), await response.text()] as const;
    };
    const [policy, page] = await policyOf('/');
    const [, nonce = ''] = /<script nonce="([^"]+)">/.exec(page) ?? [];
    expect(policy).toMatch(/default-src 'self' https:\/\/cdn\.example.*object-src 'none'/);
    expect(policy).toContain(`'nonce-${nonce}'`);
    const [framed] = await policyOf('/framed');
    expect(framed).toBe('frame-ancestors https://partner.example');
  });
});

describe('as a package of modules', () => {
  const [asModules = '', install = '', start = '', runTests = '', build = '', startBuilt = ''] =
    SEVERAL.commands;

  beforeAll(async () => {
    write(SEVERAL.files);
    await shell(asModules);
    await shell(install);
  });

  test('README has the tsconfig.json of new projects', () => {
    const files = projectFiles('shop', { test: 'node', pages: false });
    expect(SEVERAL.files.get('tsconfig.json')).toBe(files.get('tsconfig.json'));
  });

  test("README's program runs in several files", async () => {
    expect(await answerOf(start, '/people/smith/42')).toEqual(SMITH);
  });

  test("README's test passes", async () => {
    expect(await shell(runTests)).toMatch(/pass 2\n.*fail 0/);
  });

  test("README's program is compiled and runs", async () => {
    await shell(build);
    expect(await answerOf(startBuilt, '/people/smith/42')).toEqual(SMITH);
  });

  test("README's test passes with Jest, as CommonJS and as modules", async () => {
    const [packages = '', preset = '', jest = ''] = RUNNERS.commands;
    for (const command of [packages, preset]) await shell(command);
    write(RUNNERS.files);
    expect(await shell(jest)).toMatch(/^Tests: +1 passed, 1 total$/m);
    const modules = { NODE_OPTIONS: '--experimental-vm-modules' };
    expect(await shell(jest, modules)).toMatch(/^Tests: +1 passed, 1 total$/m);
  });

  test("README's test passes with Vitest, with the line and the import that README names", async () => {
    const [, , , packages = '', vitest = ''] = RUNNERS.commands;
    await shell(packages);
    const config = SEVERAL.files.get('tsconfig.json') ?? '';
    const source = RUNNERS.files.get('src/people.test.ts') ?? '';
    const files = new Map([
      ['tsconfig.json', config.replace('"strict"', '"experimentalDecorators": true, "strict"')],
      ['src/people.test.ts', source.replace("'@jest/globals'", "'vitest'")],
    ]);
    write(files);
    expect(await shell(vitest)).toMatch(/^ +Tests +1 passed \(1\)$/m);
    write(SEVERAL.files);
  });

  test.each([{}, { experimentalDecorators: true }])(
    "README's snippets type-check against the declarations of the package, with %j",
    async (protocol) => {
      const options = { rootDir: '.', noEmit: true, ...protocol };
      const config = { extends: './tsconfig.json', compilerOptions: options, include: ['*.mts', 'src'] };
      write(new Map([['tsconfig.all.json', JSON.stringify(config)]]));
      await shell('npx tsc -p tsconfig.all.json');
    },
    60_000,
  );

  test.each([
    ['hello', '/injected', 'Hello, injection!'],
    ['login', '/', expect.stringContaining('You are not logged in')],
  ])(
    'runs the sample %s without flags',
    async (name, path, answer) => {
      const folder = join(project, name);
      cpSync(join(ROOT, 'samples', name), folder, { recursive: true });
      expect(await answerOf(`npx tsx ${join(folder, 'main.ts')}`, path)).toEqual(answer);
      rmSync(folder, { recursive: true });
    },
    30_000,
  );
});

test('obol new makes a project that is installed, built, tested, linted, started, asked and watched', async () => {
  const script = ['tests/nightly/new-projects.mjs', 'jest-pages-7'];
  const { stdout } = await run(process.execPath, script, { cwd: ROOT, env });
  expect(stdout).toBe('1 passed, 0 failed\n');
});

test('obol new, installed from a packed file, makes a project with that', async () => {
  await shell('npx obol new shop');
  const manifest = JSON.parse(readFileSync(join(project, 'shop/package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  expect(manifest.dependencies['obol']).toMatch(/^file:.*obol-\d.*\.tgz$/);
  await shell('cd shop && npm install --dry-run');
});

test('loads by require', async () => {
  const code = "console.log(typeof require('obol').bootstrap, typeof require('obol/testing').TestClient)";
  const { stdout } = await run(process.execPath, ['--no-warnings', '--input-type=commonjs', '-e', code], {
    cwd: project,
    env,
  });
  expect(stdout.trim()).toBe('function function');
});
