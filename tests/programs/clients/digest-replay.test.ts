/** What somebody can do with a digest that curl has sent before his eyes: nothing, however he changes it. */
import { execFile } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bootstrap, Controller, Get, Post, redirect, type Request, type RunningServer } from 'obol';
import { CheckDigest, digest, hexdigest, PasswordMap, type DigestOptions } from 'obol/auth';
import { collectingLogger } from '../../support/collecting-logger.js';
import { RawClient } from '../../support/raw-client.js';

const run = promisify(execFile);

@Controller()
class Zones {
  @Get('/zone') @CheckDigest('zone') zone(req: Request) {
    return `Hello, ${String(req.user)}!`;
  }
  @Get('/x/zone') @CheckDigest('zone') longer() {
    return 'in';
  }
  @Post('/zone') @CheckDigest('zone') change() {
    return 'changed';
  }
  @Get('/one') @CheckDigest('zone', 'admin') one() {
    return 'in';
  }
  /** Each of the three takes more than half of the life of a nonce. */
  @Get('/far/<hop:int>') @CheckDigest('zone') async far(_req: Request, hop: number) {
    await setTimeout(600);
    redirect(hop < 3 ? `/far/${String(hop + 1)}` : '/zone');
  }
  @Get('/other') @CheckDigest('other zone') other() {
    return 'in';
  }
}

async function serve(options: Partial<DigestOptions> = {}): Promise<RunningServer> {
  const authMap = new PasswordMap();
  for (const realm of ['zone', 'other zone'])
    for (const user of ['user', 'admin'])
      authMap.set(realm, user, [hexdigest(user, realm, 'pw'), hexdigest(user, realm, 'pw', 'SHA-256')]);
  const secretKey = 'b7e23ec29af22b0b4e41da31e868d572'.repeat(2);
  const feature = digest({ secretKey, authMap, authAlgorithm: ['SHA-256', 'MD5'], ...options });
  const app = await bootstrap({ controllers: [Zones], logger: collectingLogger(), features: [feature] });
  return app.listen({ port: 0, signals: false, drainLinger: 20, drainTimeout: 500 });
}

/** What curl shows of the log-ins that it sends, and what it gets. */
async function curl(...args: string[]): Promise<{ sent: string[]; output: string }> {
  const options = ['-sv', '--digest', '-u', 'user:pw', '-w', ' %{http_code}\n'];
  const { stdout, stderr } = await run('curl', [...options, ...args], { timeout: 20_000 });
  const sent = [...stderr.matchAll(/^> Authorization: (.*)\r?$/gm)].map(([, header = '']) => header.trim());
  return { sent, output: stdout };
}

describe('a digest that curl has sent', () => {
  let server: RunningServer;
  let seen: string;

  beforeAll(async () => {
    server = await serve();
    const { sent, output } = await curl(`${server.url}/zone`);
    expect(output).toBe('Hello, user! 200\n');
    [seen = ''] = sent;
    expect(seen).toMatch(
      /^Digest username="user",.*, uri="\/zone",.*, nc=00000001, qop=auth, .*algorithm=SHA-256/,
    );
  });

  afterAll(() => server.close());

  async function replay(header: string, line = 'GET /zone'): Promise<[number, boolean]> {
    const client = await RawClient.connect(server.port);
    const response = await client.request(line, [`Authorization: ${header}`]).response();
    client.destroy();
    return [response.status, (response.header('www-authenticate') ?? '').includes('stale=true')];
  }

  test.each([
    ['as it is', (text: string) => text, 'GET /zone'],
    ['with its parameters in another order', (text: string) => reversed(text), 'GET /zone'],
    [
      'with its response in capitals',
      (text: string) => withChanged(text, /response="(\w+)"/, (r) => r.toUpperCase()),
      'GET /zone',
    ],
    ['for the absolute form of the target', (text: string) => text, 'GET http://localhost/zone'],
  ])('%s is refused as used', async (_name, change, line) => {
    const [status, isStale] = await replay(change(seen), line);
    expect(status).toBe(401);
    // The absolute form is another target than the one that was signed.
    expect(isStale).toBe(line === 'GET /zone');
  });

  const forged: [string, [RegExp | string, string][], string?][] = [
    ['a higher count', [['nc=00000001', 'nc=00000002']]],
    ['another cnonce', [[/cnonce="[^"]+"/, 'cnonce="MDAwMDAwMDA="']]],
    ['a nonce that was made up', [[/ nonce="[^"]+"/, ` nonce="${'A'.repeat(40)}"`]]],
    ['a nonce with its last character changed', [[/(?<= nonce="[^"]+)[^"](?=")/, '_']]],
    ['another user', [['username="user"', 'username="admin"']]],
    ['another realm', [['realm="zone"', 'realm="other zone"']]],
    ['the algorithm MD5', [['algorithm=SHA-256', 'algorithm=MD5']]],
    ['no algorithm', [[/, algorithm=SHA-256/, '']]],
    ['an algorithm for the session', [['algorithm=SHA-256', 'algorithm=SHA-256-sess']]],
    ['an algorithm that was not offered', [['algorithm=SHA-256', 'algorithm=SHA-512-256']]],
    ['no qop', [['qop=auth, ', '']]],
    [
      'neither qop nor count',
      [
        ['qop=auth, ', ''],
        ['nc=00000001, ', ''],
        [/cnonce="[^"]+", /, ''],
      ],
    ],
    ['the qop auth-int', [['qop=auth', 'qop=auth-int']]],
    ['a hash in place of the name', [[/$/, ', userhash=true']]],
    ['another method', [], 'POST /zone'],
    ['a target that ends alike', [], 'GET /x/zone'],
    ['the same, named', [['uri="/zone"', 'uri="/x/zone"']], 'GET /x/zone'],
    ['the target signed and the longer one asked for', [['uri="/zone"', 'uri="/x/zone"']]],
    ['a query', [], 'GET /zone?a=1'],
    ['a query, named', [['uri="/zone"', 'uri="/zone?a=1"']], 'GET /zone?a=1'],
    ['an empty query', [], 'GET /zone?'],
    ['a slash at the end', [['uri="/zone"', 'uri="/zone/"']]],
    ['another spelling of the path', [], 'GET /%7Aone'],
    ['the zone of one user', [], 'GET /one'],
    ['the zone of another realm', [], 'GET /other'],
    [
      'that, named',
      [
        ['realm="zone"', 'realm="other zone"'],
        ['uri="/zone"', 'uri="/other"'],
      ],
      'GET /other',
    ],
  ];

  test.each(forged)('with %s is refused, and not as used', async (_name, changes, line = 'GET /zone') => {
    const text = changes.reduce((before, [from, to]) => {
      const after = before.replace(from, to);
      expect(after).not.toBe(before);
      return after;
    }, seen);
    expect(await replay(text, line)).toEqual([401, false]);
  });

  test('is refused by a server with another secret, and by one that was started anew', async () => {
    for (const secretKey of [
      'c'.repeat(31) + 'another secret',
      'b7e23ec29af22b0b4e41da31e868d572'.repeat(2),
    ]) {
      const other = await serve({ secretKey });
      const client = await RawClient.connect(other.port);
      const response = await client.request('GET /zone', [`Authorization: ${seen}`]).response();
      client.destroy();
      await other.close();
      expect(response.status).toBe(401);
    }
  });
});

test('curl goes on where a nonce ends on the way, and is not asked for the password again', async () => {
  const server = await serve({ authTimeout: 1 });
  try {
    const { sent, output } = await curl('-L', `${server.url}/far/1`);
    expect(output).toBe('Hello, user! 200\n');
    const uses = sent.map((header) => / nonce="([^"]+)".*, nc=(\d+)/.exec(header)?.slice(1).join(' '));
    expect(new Set(uses).size).toBe(sent.length);
    expect(new Set(uses.map((use) => use?.split(' ')[0])).size).toBeGreaterThan(1);
  } finally {
    await server.close();
  }
});

function reversed(header: string): string {
  return `Digest ${header
    .replace(/^Digest /, '')
    .split(', ')
    .reverse()
    .join(', ')}`;
}

function withChanged(text: string, pattern: RegExp, change: (found: string) => string): string {
  return text.replace(pattern, (whole, found: string) => whole.replace(found, change(found)));
}
