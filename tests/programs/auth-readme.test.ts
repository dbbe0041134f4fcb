/** The page about sessions and logins: its blocks are one program, which is type-checked and run against the source. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { authorization, parseChallenge } from '../features/auth/digest/digest-client.js';
import { TestFolder } from '../support/folder.js';
import { obolCommand, Program } from '../support/program.js';
import { RedisServer } from '../support/redis.js';

const ROOT = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(ROOT, 'src/features/auth/README.md'), 'utf8');
const blocks = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text = '']) => text);
const [, command = '', options = '', realm = '', user = ''] =
  /npx obol (digest) (-\S+ -\S+) users\.digest (\w+) (\w+)/.exec(page) ?? [];

const PASSWORD = 'battery staple';
const keys = Object.fromEntries(
  ['SESSION_KEY', 'DIGEST_KEY', 'CSRF_KEY'].map((name) => [name, randomBytes(32).toString('hex')]),
);
const run = promisify(execFile);
const running: Program[] = [];
let folder: TestFolder;

beforeAll(async () => {
  folder = new TestFolder();
  const write = (name: string, text: string): void => {
    writeFileSync(join(folder.path, name), text, { mode: 0o600 });
  };
  symlinkSync(join(ROOT, 'node_modules'), join(folder.path, 'node_modules'));
  write('package.json', JSON.stringify({ private: true, type: 'module' }));
  write('tsconfig.json', JSON.stringify(tsconfig()));
  write('users.txt', '');
  // The page's files are those of the folder it is started in.
  write('start.mjs', "process.chdir(import.meta.dirname);\nawait import('./page.ts');\n");
  write('page.ts', `${blocks.join('')}console.log(\`Listening on \${server.url}\`);\n`);
  expect(await obol([command, ...options.split(' '), join(folder.path, 'users.digest'), realm, user])).toBe(
    `Adding user ${user} in realm ${realm}.\n`,
  );
});

afterAll(async () => {
  await Promise.all(running.map((program) => program.stop()));
  folder.remove();
});

/** As readers have it, but that the package is its source. */
function tsconfig(): object {
  const source = JSON.parse(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8')) as {
    compilerOptions: { paths: Record<string, string[]> };
  };
  const { paths, ...compilerOptions } = source.compilerOptions;
  const absolute = Object.entries(paths).map(([name, files]) => [
    name,
    files.map((file) => join(ROOT, file)),
  ]);
  return {
    compilerOptions: { ...compilerOptions, paths: Object.fromEntries(absolute) as object },
    include: ['page.ts'],
  };
}

async function obol(args: readonly string[]): Promise<string> {
  const program = new Program([...obolCommand(), ...args]);
  const closed = once(program.process, 'close');
  program.process.stdin.end(`${PASSWORD}\n`);
  await closed;
  return program.output;
}

/** Runs the program of the page; what it asserts has held when it listens. @returns where */
async function runPage(env: Readonly<Record<string, string>> = {}): Promise<string> {
  const start = join(folder.path, 'start.mjs');
  const program = new Program(['--import', '@oxc-node/core/register', start], { ...keys, ...env, PORT: '0' });
  running.push(program);
  const [, url = ''] = await program.prints(/Listening on (http:\S+)\n/);
  return url;
}

/** Sends a form as a program does. @returns the response, whose redirects are not followed */
function sendForm(
  url: string,
  fields: Readonly<Record<string, string>> = {},
  cookie = '',
): Promise<Response> {
  const headers = { Origin: new URL(url).origin, Cookie: cookie };
  return fetch(url, { method: 'POST', redirect: 'manual', headers, body: new URLSearchParams(fields) });
}

function statusOf(target: string, headers: Readonly<Record<string, string>>): Promise<number> {
  return fetch(target, { headers }).then(({ status }) => status);
}

test('its lines are 120 at most', () => {
  expect(page.trimEnd().split('\n').length).toBeLessThanOrEqual(120);
});

test('README leads to it', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  expect(readme).toContain('](src/features/auth/README.md)');
});

test('shows imports, a session, a form and its test, programs, and several processes', () => {
  const firstLines = blocks.map((text) => text.slice(0, text.indexOf('\n')));
  expect(firstLines).toEqual([
    "import 'reflect-metadata';",
    "@Controller('/cart')",
    '@Controller()',
    expect.stringMatching(/^const headers = /),
    expect.stringMatching(/^const \{ token, hash \} = /),
    expect.stringMatching(/^const connection = /),
  ]);
});

test('type-checks', async () => {
  const tsc = join(ROOT, 'node_modules/@typescript/native/bin/tsc');
  await run(process.execPath, [tsc, '--noEmit', '-p', folder.path]);
});

test('runs, and all that it asserts holds', async () => {
  // The last block alone needs a Redis, and that not before it is asked something.
  const url = await runPage({ REDIS_URL: 'redis://127.0.0.1:1' });
  expect(await statusOf(`${url}/report`, {})).toBe(401);
});

describe('its application in two processes', () => {
  let redis: RedisServer;
  let first: string;
  let second: string;

  beforeAll(async () => {
    redis = await RedisServer.start();
    [first, second] = (await Promise.all([0, 1].map(() => runPage({ REDIS_URL: redis.url })))) as [
      string,
      string,
    ];
  });

  afterAll(async () => {
    await redis.kill();
  });

  test('shares sessions, groups and tokens of forms', async () => {
    const login = await sendForm(`${first}/login`, { user: 'anna', password: 'correct horse' });
    expect(login.status).toBe(303);
    const [cookie = ''] = login.headers.getSetCookie().map((line) => line.split(';', 1)[0]);
    const admin = await sendForm(`${second}/admin`, {}, cookie);
    expect(await admin.json()).toEqual({ user: 'anna' });
    const members = await fetch(`${first}/members`, { headers: { Cookie: cookie } });
    const csrfCookie = members.headers.getSetCookie().map((line) => line.split(';', 1)[0]);
    const [, token = ''] = /value="([^"]+)"/.exec(await members.text()) ?? [];
    const out = await fetch(`${second}/logout`, {
      method: 'POST',
      redirect: 'manual',
      headers: { Cookie: [cookie, ...csrfCookie].join('; ') },
      body: new URLSearchParams({ _csrf: token }),
    });
    expect(out.status).toBe(303);
    expect(await statusOf(`${first}/members`, { Cookie: cookie })).toBe(401);
  });

  test('counts failures together', async () => {
    const wrong = { user: 'bert', password: 'wrong' };
    const statuses: number[] = [];
    for (const url of [first, second, first, second, first, second])
      statuses.push((await sendForm(`${url}/login`, wrong)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });

  test('lets in the user whom `obol digest` has added, and takes each nonce once', async () => {
    const asked = await fetch(`${first}/report`);
    const [, challenge = ''] =
      /(Digest .*?)(?:, Bearer|$)/.exec(asked.headers.get('www-authenticate') ?? '') ?? [];
    const answer = { user, password: PASSWORD, uri: '/report' };
    const headers = { Authorization: authorization(parseChallenge(challenge), answer) };
    const report = await fetch(`${first}/report`, { headers });
    expect(await report.json()).toEqual({ user });
    expect(await statusOf(`${second}/report`, headers)).toBe(401);
  });
});
