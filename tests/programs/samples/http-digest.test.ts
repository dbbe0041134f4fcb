/** samples/http-digest as its readers start it, asked by curl. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Program } from '../../support/program.js';

const run = promisify(execFile);
let program: Program;
let url: string;

beforeAll(async () => {
  program = new Program(['samples/run.mjs', 'http-digest'], { PORT: '0' });
  [, url = ''] = await program.prints(/Listening on (http:\/\/127\.0\.0\.1:\d+)\n/);
});

afterAll(async () => {
  program.process.kill('SIGTERM');
  await program.exited;
  expect(program.output).not.toContain('Error');
});

async function status(credentials: string, path: string, ...more: string[]): Promise<number> {
  const args = ['-s', '-o', '/dev/null', '-w', '%{http_code}', '--digest', '-u', credentials, ...more];
  return Number((await run('curl', [...args, url + encodeURI(path)])).stdout);
}

const USER_ZONE = [
  '/user_zone',
  '/user',
  '/user/utf-8',
  '/spaces in url',
  '/čeština v url',
  '/crazy in url 🤪',
];

test.each(
  ['user:looser', 'foo:bar', 'sha:sha', 'Ondřej:heslíčko'].flatMap((credentials) =>
    USER_ZONE.map((path) => [credentials, path]),
  ),
)('%s may see %s', async (credentials, path) => {
  expect(await status(credentials, path)).toBe(200);
});

test.each([
  ['admin:admin', '/admin_zone', 200],
  ['user:looser', '/admin_zone', 401],
  ['admin:admin', '/user_zone', 401],
  ['user:wrong', '/user_zone', 401],
  ['user:looser', '/unknown', 401],
  ['unknown:unknown', '/unknown', 401],
  ['user:looser', '/foo', 401],
  ['foo:bar', '/foo', 200],
  ['foo:bar', '/', 200],
])('%s gets for %s %i', async (credentials, path, expected) => {
  expect(await status(credentials, path)).toBe(expected);
});

test('challenges with MD5-sess and the realm', async () => {
  for (const [path, realm] of [
    ['/admin_zone', 'Admin Zone'],
    ['/user_zone', 'User Zone'],
  ] as const)
    // prettier-ignore
    expect((await fetch(url + path)).headers.get('www-authenticate')).toMatch(
      new RegExp(`^Digest realm="${realm}", qop="auth", algorithm=MD5-sess, nonce="[^"]+", charset=UTF-8$`),
    );
});

test('the first page links to all others', async () => {
  const html = await (await fetch(url)).text();
  const links = [...html.matchAll(/href="(\/[^"]*)"/g)].map(([, link = '']) => decodeURI(link));
  expect(links).toEqual(['/admin_zone', ...USER_ZONE.slice(0, 3), ...USER_ZONE.slice(3), '/foo', '/unknown']);
});

test('only foo changes the password of foo, which is good at once', async () => {
  expect(await status('user:looser', '/foo/passwd', '-d', 'password=x')).toBe(401);
  expect(await status('foo:bar', '/foo/passwd', '-d', 'password=')).toBe(400);
  expect(await status('foo:bar', '/foo/passwd', '-d', 'password=new')).toBe(302);
  expect(await status('foo:bar', '/foo')).toBe(401);
  expect(await status('foo:new', '/foo')).toBe(200);
  expect(await status('foo:new', '/foo/passwd', '-d', 'password=bar')).toBe(302);
});
