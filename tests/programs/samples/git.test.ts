/** samples/git as its readers start it, and the real git as its client. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestFolder } from '../../support/folder.js';
import { Sample } from '../../support/sample.js';

const scratch = new TestFolder();
const repositories = new TestFolder();
const sample = new Sample('git', { GIT_PROJECT_ROOT: repositories.path });
const origin = join(scratch.path, 'origin');

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs git, which knows no settings but those given and can ask for nothing. */
function run(args: readonly string[], { cwd = scratch.path, env = {}, input = '' } = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const options = {
      cwd,
      env: {
        PATH: process.env['PATH'],
        HOME: scratch.path,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_TERMINAL_PROMPT: '0',
        GIT_AUTHOR_NAME: 'A',
        GIT_AUTHOR_EMAIL: 'a@example.org',
        GIT_COMMITTER_NAME: 'A',
        GIT_COMMITTER_EMAIL: 'a@example.org',
        ...env,
      },
      maxBuffer: 64 * 1024 * 1024,
    };
    const child = execFile('git', args, options, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
    // Most commands read nothing.
    child.stdin?.on('error', () => undefined).end(input);
  });
}

/** The same, where it must end well. @returns what it printed, without the last line end */
async function git(...given: Parameters<typeof run>): Promise<string> {
  const { code, stdout, stderr } = await run(...given);
  if (code !== 0) throw new Error(`git ${given[0].join(' ')} ended with ${String(code)}: ${stderr}`);
  return stdout.trimEnd();
}

/** Adds commits to a branch, each with a file of its own, without a process for each. */
async function commit(folder: string, count: number, branch = 'main'): Promise<void> {
  const parent = (await run(['rev-parse', '--verify', '--quiet', branch], { cwd: folder })).stdout.trim();
  const commits = Array.from({ length: count }, (_, index) => {
    const text = `${branch} ${String(index)}\n`;
    const from = index > 0 || parent === '' ? '' : `from ${parent}\n`;
    return (
      `commit refs/heads/${branch}\nmark :${String(index + 1)}\ncommitter A <a@example.org> ${String(1e9 + index)} +0000\n` +
      `data ${String(text.length)}\n${text}${from}M 644 inline ${branch}/${String(index)}\ndata ${String(text.length)}\n${text}\n`
    );
  });
  await git(['fast-import', '--quiet'], { cwd: folder, input: commits.join('') });
}

const demo = (): string => `${sample.url}/git/demo.git`;
const demoOf = (user: string, password: string): string => demo().replace('//', `//${user}:${password}@`);
const folderOf = (name: string): string => join(scratch.path, name);
const headOf = (folder: string, branch = 'main'): Promise<string> =>
  git(['rev-parse', branch], { cwd: folder });

beforeAll(async () => {
  await git(['init', '--quiet', '--bare', '--initial-branch=main', join(repositories.path, 'demo.git')]);
  await sample.start();
  await git(['init', '--quiet', '--initial-branch=main', origin]);
  await commit(origin, 3);
  await git(['push', '--quiet', demoOf('git', 'secret'), 'main'], { cwd: origin });
});
afterAll(async () => {
  await sample.stop();
  scratch.remove();
  repositories.remove();
});

test('says how its repositories are cloned', async () => {
  const page = await fetch(`${sample.url}/`);
  expect(await page.text()).toContain(`git clone ${demo()}\n`);
});

test('everyone clones, and fetches what was pushed since', async () => {
  await git(['clone', '--quiet', demo(), 'clone']);
  expect(await headOf(folderOf('clone'))).toBe(await headOf(origin));
  await commit(origin, 1);
  await git(['push', '--quiet', demoOf('git', 'secret'), 'main'], { cwd: origin });
  await git(['fetch', '--quiet'], { cwd: folderOf('clone') });
  expect(await headOf(folderOf('clone'), 'origin/main')).toBe(await headOf(origin));
});

test('a shallow clone has one commit, and the others when it asks for them', async () => {
  const cwd = folderOf('shallow');
  await git(['clone', '--quiet', '--depth', '1', demo(), cwd]);
  expect(await git(['rev-list', '--count', 'HEAD'], { cwd })).toBe('1');
  await git(['fetch', '--quiet', '--unshallow'], { cwd });
  expect(Number(await git(['rev-list', '--count', 'HEAD'], { cwd }))).toBeGreaterThan(3);
});

test.each(['0', '1', '2'])('speaks version %s of the protocol', async (version) => {
  const { code, stderr } = await run(['-c', `protocol.version=${version}`, 'ls-remote', demo()], {
    env: { GIT_TRACE_PACKET: '1' },
  });
  const spoken = /git< version (\d)/.exec(stderr)?.[1] ?? '0';
  expect({ code, spoken }).toEqual({ code: 0, spoken: version });
});

test('reads requests that git has compressed', async () => {
  const cwd = folderOf('compressed');
  await git(['clone', '--quiet', demo(), cwd]);
  // What it has and the server has not is named in the request, which git compresses from 1,024 bytes on.
  await commit(cwd, 60, 'own');
  await commit(origin, 1, 'other');
  await git(['push', '--quiet', demoOf('git', 'secret'), 'other'], { cwd: origin });
  const { code, stderr } = await run(['fetch', 'origin', 'other'], { cwd, env: { GIT_TRACE_CURL: '1' } });
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/Content-Encoding: gzip/i) });
  expect(await headOf(cwd, 'FETCH_HEAD')).toBe(await headOf(origin, 'other'));
});

test('takes 3 MB that are pushed in chunks', async () => {
  const bytes = randomBytes(3_000_000);
  writeFileSync(join(origin, 'big.bin'), bytes);
  await git(['checkout', '--quiet', '-b', 'big', 'main'], { cwd: origin });
  await git(['add', 'big.bin'], { cwd: origin });
  await git(['commit', '--quiet', '--message', 'big'], { cwd: origin });
  const push = ['-c', 'http.postBuffer=65536', 'push', demoOf('git', 'secret'), 'big'];
  const { code, stderr } = await run(push, { cwd: origin, env: { GIT_TRACE_CURL: '1' } });
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/Transfer-Encoding: chunked/i) });
  const cwd = folderOf('big');
  await git(['clone', '--quiet', '--branch', 'big', demo(), cwd]);
  expect(readFileSync(join(cwd, 'big.bin')).equals(bytes)).toBe(true);
  await git(['fsck', '--strict'], { cwd });
});

describe('a push', () => {
  test.each([
    ['without a name', () => demo()],
    ['with another password', () => demoOf('git', 'secrets')],
    ['by another user', () => demoOf('root', 'secret')],
  ])('%s is refused', async (_who, url) => {
    const { code, stderr } = await run(['push', url(), 'main:refs/heads/refused'], { cwd: origin });
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/could not read Username|Authentication failed/);
    expect(await git(['ls-remote', demo(), 'refs/heads/refused'])).toBe('');
  });

  test.each([
    ['GET', '/info/refs?service=git-receive-pack', 401],
    ['GET', '/info/refs?service=git%2Dreceive-pack', 401],
    ['GET', '/info/refs?service=git-upload-pack&service=git-receive-pack', 401],
    ['GET', '/info/refs?service=git-receive-pack&service=git-upload-pack', 401],
    ['POST', '/git-receive-pack', 401],
    ['POST', '/git%2Dreceive-pack', 401],
    ['GET', '/info/refs?service=git-upload-pack', 200],
    ['GET', '/info/refs', 200],
  ])('%s %s without a name is answered with %d', async (method, path, status) => {
    const headers = { 'Content-Type': 'application/x-git-receive-pack-request' };
    const answer = await fetch(demo() + path, { method, headers });
    await answer.arrayBuffer();
    expect(answer.status).toBe(status);
  });

  test('takes no name from a header', async () => {
    const headers = { 'Remote-User': 'git', 'Content-Type': 'application/x-git-receive-pack-request' };
    const url = `${demo()}/git-receive-pack`;
    expect((await fetch(url, { method: 'POST', headers, body: '0000' })).status).toBe(401);
  });
});

describe('the protocol without a program on the other side', () => {
  const dumb = { env: { GIT_SMART_HTTP: '0' } };

  test('clones', async () => {
    await git(['clone', '--quiet', demo(), 'dumb'], dumb);
    expect(await headOf(folderOf('dumb'))).toBe(await headOf(origin));
  });

  test('takes up a pack where it broke off', async () => {
    await git(['repack', '-adq'], { cwd: join(repositories.path, 'demo.git') });
    const packs = join(repositories.path, 'demo.git/objects/pack');
    const [pack = ''] = readdirSync(packs).filter((name) => name.endsWith('.pack'));
    const cwd = folderOf('resumed');
    await git(['init', '--quiet', cwd]);
    mkdirSync(join(cwd, '.git/objects/pack'), { recursive: true });
    const half = readFileSync(join(packs, pack)).subarray(0, 1_000_000);
    writeFileSync(join(cwd, '.git/objects/pack', `${pack}.temp`), half);
    const options = { cwd, env: { ...dumb.env, GIT_TRACE_CURL: '1', GIT_TRACE_CURL_NO_DATA: '1' } };
    const { code, stderr } = await run(['fetch', demo(), 'big'], options);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/Range: bytes=1000000-/i) });
    expect(await headOf(cwd, 'FETCH_HEAD')).toBe(await headOf(origin, 'big'));
  });
});

test.each([
  ['/git/demo.git/../../etc/passwd', [400, 404]],
  ['/git/demo.git/%2e%2e/%2e%2e/etc/passwd', [400, 404]],
  ['/git/demo.git/..%2f..%2fetc%2fpasswd', [400, 404]],
  ['/git/demo.git/config', [404]],
  ['/git/--help.git/info/refs', [404]],
  ['/git/missing.git/info/refs', [404]],
])('%s is answered with one of %j', async (path, statuses) => {
  const { status, text } = await sample.ask(`GET ${path}`);
  expect(statuses).toContain(status);
  expect(text).not.toMatch(/root:|\[core\]/);
});
