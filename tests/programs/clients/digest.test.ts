/** Digest authentication with the clients that people have: curl, Python's urllib and its requests. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import { bootstrap, Controller, Get, Post, type Request, type RunningServer } from 'obol';
import {
  CheckDigest,
  digest,
  hexdigest,
  PasswordMap,
  type DigestAlgorithm,
  type DigestHash,
  type DigestOptions,
} from 'obol/auth';
import { collectingLogger } from '../../support/collecting-logger.js';

const run = promisify(execFile);

@Controller()
class Zones {
  @Get('/zone') @CheckDigest('User Zone') zone(req: Request) {
    return `Hello, ${String(req.user)}!`;
  }
  @Get('/prostor č') @CheckDigest('User Zone') spaces(req: Request) {
    return `Hello, ${String(req.user)}!`;
  }
  @Post('/form') @CheckDigest('User Zone') form(req: Request) {
    return `${String(req.user)} sent ${String(req.form.getFirst('a'))}`;
  }
}

let server: RunningServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

const USERS = [
  ['user', 'looser'],
  ['Ondřej', 'heslíčko'],
  ['quo"te', 'back\\slash'],
] as const;

/** Serves, and gives the URL. */
async function serve(
  algorithms: readonly DigestAlgorithm[],
  options: Partial<DigestOptions> = {},
): Promise<string> {
  const authMap = new PasswordMap();
  const hashes = [...new Set(algorithms.map((name) => name.replace('-sess', '') as DigestHash))];
  for (const [user, password] of USERS)
    authMap.set('User Zone', user, hashes.map((hash) => hexdigest(user, 'User Zone', password, hash))); // prettier-ignore
  const secretKey = '0123456789abcdef'.repeat(4);
  const feature = digest({ secretKey, authMap, authAlgorithm: algorithms, ...options });
  const app = await bootstrap({ controllers: [Zones], logger: collectingLogger(), features: [feature] });
  server = await app.listen({ port: 0, signals: false, drainLinger: 20, drainTimeout: 500 });
  return server.url;
}

describe('curl --digest', () => {
  /** The status of each request, and the last content. */
  async function curl(...args: string[]): Promise<string> {
    const { stdout } = await run('curl', ['-s', '--digest', '-w', ' %{http_code} %{num_connects}', ...args], {
      timeout: 20_000,
    });
    return stdout;
  }

  test.each([[['MD5']], [['MD5-sess']], [['SHA-256']], [['SHA-256-sess']], [['SHA-256', 'MD5']]] as [
    DigestAlgorithm[],
  ][])('logs in by %j', async (algorithms) => {
    const url = await serve(algorithms);
    expect(await curl('-u', 'user:looser', `${url}/zone`)).toBe('Hello, user! 200 1');
  });

  test('logs in with other characters in name, password and URL', async () => {
    const url = await serve(['SHA-256']);
    expect(await curl('-u', 'Ondřej:heslíčko', `${url}/zone?a=%20&b=(c)`)).toBe('Hello, Ondřej! 200 1');
    expect(await curl('-u', 'quo"te:back\\slash', `${url}/prostor%20%C4%8D`)).toBe('Hello, quo"te! 200 1');
  });

  test('sends a hash in place of the name when it is asked to', async () => {
    const url = await serve(['SHA-256'], { authUserhash: true });
    expect(await curl('-u', 'Ondřej:heslíčko', `${url}/zone`)).toBe('Hello, Ondřej! 200 1');
    const { stderr } = await run('curl', ['-sv', '--digest', '-u', 'user:looser', `${url}/zone`]);
    expect(stderr).toContain('userhash=true');
    expect(stderr).not.toContain('username="user"');
  });

  test('posts a form', async () => {
    const url = await serve(['SHA-256'], { authQop: ['auth', 'auth-int'] });
    expect(await curl('-u', 'user:looser', '-d', 'a=b', `${url}/form`)).toBe('user sent b 200 1');
  });

  test('asks several times over one connection with one nonce', async () => {
    const url = await serve(['SHA-256']);
    const urls = Array.from({ length: 5 }, (_, i) => `${url}/zone?${String(i)}`);
    const output = await curl('-u', 'user:looser', ...urls);
    expect(output.match(/Hello, user! 200/g)).toHaveLength(5);
  });

  test('goes on when its nonce has become old, without a second question to the user', async () => {
    const url = await serve(['SHA-256'], { authTimeout: 1 });
    const urls = Array.from({ length: 3 }, (_, i) => `${url}/zone?${String(i)}`);
    const output = await curl('-u', 'user:looser', '--rate', '50/m', ...urls);
    expect(output.match(/Hello, user! 200/g)).toHaveLength(3);
  });

  test.each(['user:wrong', 'nobody:looser', 'user:'])('is refused with %s', async (credentials) => {
    const url = await serve(['SHA-256', 'MD5']);
    expect(await curl('-o', '/dev/null', '-u', credentials, `${url}/zone`)).toMatch(/^ 401 /);
  });

  test('is refused with a password in clear', async () => {
    const url = await serve(['SHA-256']);
    const args = ['-s', '-o', '/dev/null', '-w', '%{http_code}', '--basic', '-u', 'user:looser'];
    expect((await run('curl', [...args, `${url}/zone`])).stdout).toBe('401');
  });
});

const URLLIB = `
import sys, urllib.request, urllib.error
url, user, password = sys.argv[1:]
handler = urllib.request.HTTPDigestAuthHandler()
handler.add_password('User Zone', url, user, password)
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), handler)
for path in ('/zone', '/zone?a=%20', '/prostor%20%C4%8D', '/zone'):
    try:
        print(opener.open(url + path).read().decode())
    except urllib.error.HTTPError as error:
        print(error.code)
`;

describe("Python's HTTPDigestAuthHandler", () => {
  async function python(...args: string[]): Promise<string[]> {
    const { stdout } = await run('python3', ['-c', URLLIB, ...args], { timeout: 20_000 });
    return stdout.trim().split('\n');
  }

  test('logs in by MD5, the only one it knows', async () => {
    const url = await serve(['MD5']);
    expect(await python(url, 'user', 'looser')).toEqual(Array(4).fill('Hello, user!'));
  });

  test('is refused with a wrong password', async () => {
    const url = await serve(['MD5']);
    expect(await python(url, 'user', 'wrong')).toEqual(Array(4).fill('401'));
  });
});

const REQUESTS = `
import sys, requests
from requests.auth import HTTPDigestAuth
url, user, password = sys.argv[1:]
session = requests.Session()
session.trust_env = False
session.auth = HTTPDigestAuth(user, password)
for path in ('/zone', '/zone?a=%20', '/prostor%20%C4%8D', '/zone'):
    response = session.get(url + path)
    print(response.text if response.ok else response.status_code)
`;

describe("Python's requests", () => {
  test.each(['MD5', 'MD5-sess', 'SHA-256'] as const)('logs in by %s', async (algorithm) => {
    const url = await serve([algorithm]);
    const { stdout } = await run('python3', ['-c', REQUESTS, url, 'user', 'looser'], { timeout: 20_000 });
    expect(stdout.trim().split('\n')).toEqual(Array(4).fill('Hello, user!'));
  });
});
