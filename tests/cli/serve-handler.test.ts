/** What `obol serve` answers, option by option. */
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { TestClient } from 'obol/testing';
import { serveHandler, type ContentOptions } from '../../src/cli/serve-handler.js';
import { TestFolder } from '../support/folder.js';
import { ScriptsFolder } from '../support/scripts.js';

const folder = new TestFolder();
folder.file('a.txt', 'text');
folder.file('long.txt', 'text '.repeat(1000));
folder.file('page.html', '<script>1</script>');
folder.file('index.htm', 'the second choice');
folder.file('both/index.html', 'the first choice');
folder.file('both/index.htm', 'the second choice');
folder.file('list/b.txt', 'b');
folder.file('.hidden', 'hidden');
const app = new TestFolder();
app.file('index.html', 'the application');
app.file('files/a.js', '1');
afterAll(() => {
  folder.remove();
  app.remove();
});

function serving(options: Partial<ContentOptions> = {}): TestClient {
  return new TestClient(
    serveHandler({
      directory: folder.path,
      host: '127.0.0.1',
      isLocal: true,
      headers: [],
      credentials: undefined,
      allowedHosts: [],
      cors: false,
      spa: false,
      listing: true,
      compression: true,
      ...options,
    }),
  );
}

const basic = (text: string, scheme = 'Basic') => ({
  headers: { Authorization: `${scheme} ${Buffer.from(text).toString('base64')}` },
});

describe('a directory', () => {
  test.each([
    ['/', 200, 'the second choice'],
    ['/both/', 200, 'the first choice'],
    ['/a.txt', 200, 'text'],
    ['/missing.txt', 404, expect.stringContaining('Nothing is here')],
    ['/.hidden', 404, expect.stringContaining('Nothing is here')],
    ['/..%2f..%2fetc/passwd', 404, expect.stringContaining('Nothing is here')],
  ])('answers %s with %s', async (path, status, text) => {
    const response = await serving().get(path);
    expect({ status: response.status, text: await response.text() }).toEqual({ status, text });
  });

  test('is listed when it has no index file', async () => {
    const response = await serving().get('/list/');
    expect(await response.text()).toContain('href="./b.txt"');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  test('is not listed with --no-listing', async () => {
    expect((await serving({ listing: false }).get('/list/')).status).toBe(404);
  });

  test('answers other methods with 405 and those that it knows', async () => {
    const response = await serving().request('/a.txt', { method: 'DELETE' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
  });

  test('leaves the policy of its pages to them, and keeps types from being guessed', async () => {
    const { headers } = await serving().get('/page.html');
    expect(headers.has('content-security-policy')).toBe(false);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });
});

describe('compression', () => {
  const accepts = { headers: { 'Accept-Encoding': 'gzip' } };

  test('is there for clients that like it', async () => {
    expect((await serving().get('/long.txt', accepts)).headers.get('content-encoding')).toBe('gzip');
  });

  test('is gone with --no-compression', async () => {
    const { headers } = await serving({ compression: false }).get('/long.txt', accepts);
    expect([headers.has('content-encoding'), headers.get('content-length')]).toEqual([false, '5000']);
  });
});

describe('--header', () => {
  const headers = [
    ['X-A', '1'],
    ['Cache-Control', 'no-store'],
    ['x-a', '2'],
  ] as const;

  test.each([
    ['/a.txt', 200],
    ['/list/', 200],
    ['/both', 301],
    ['/missing', 404],
  ])('is on %s, in place of what was there', async (path, status) => {
    const response = await serving({ headers }).get(path);
    expect(response.status).toBe(status);
    expect(response.headers.getAll('x-a')).toEqual(['1', '2']);
    expect(response.headers.getAll('cache-control')).toEqual(['no-store']);
  });

  test('is the same on the second answer', async () => {
    const client = serving({ headers });
    await client.get('/a.txt');
    expect((await client.get('/a.txt')).headers.getAll('x-a')).toEqual(['1', '2']);
  });
});

describe('--cors', () => {
  const credentials = { user: 'me', password: 'secret' };
  const question = {
    method: 'OPTIONS',
    headers: { Origin: 'https://a.example', 'Access-Control-Request-Method': 'GET' },
  };

  test.each([
    ['/a.txt', 200],
    ['/missing', 404],
  ])('lets every origin read %s', async (path, status) => {
    const response = await serving({ cors: true }).get(path);
    expect(response.status).toBe(status);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-expose-headers')).toBe('*');
  });

  test('answers preflights, before it asks for a password', async () => {
    const { status, headers } = await serving({ cors: true, credentials }).request('/a.txt', question);
    expect(status).toBe(204);
    expect(Object.fromEntries([...headers].filter(([name]) => /^access/i.test(name)))).toEqual({
      'Access-Control-Allow-Headers': '*, Authorization',
      'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS',
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Max-Age': '600',
    });
  });

  test('other OPTIONS tell the methods', async () => {
    const { status, headers } = await serving({ cors: true }).request('/a.txt', { method: 'OPTIONS' });
    expect([status, headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS']);
  });

  test('without it no origin is let in', async () => {
    const { headers } = await serving().request('/a.txt', question);
    expect(headers.has('access-control-allow-origin')).toBe(false);
  });
});

describe('--spa', () => {
  const spa = serving({ directory: app.path, spa: true });

  test.each([
    ['/', 200, 'the application'],
    ['/orders/42', 200, 'the application'],
    ['/files/', 200, 'the application'],
    ['/files/a.js', 200, '1'],
  ])('answers %s with %s', async (path, status, text) => {
    const response = await spa.get(path, { headers: { Accept: 'text/html' } });
    expect({ status: response.status, text: await response.text() }).toEqual({ status, text });
  });

  test.each([
    ['/files/b.js', 'text/html'],
    ['/orders/42', 'application/json'],
  ])('answers %s for %s with 404', async (path, accept) => {
    expect((await spa.get(path, { headers: { Accept: accept } })).status).toBe(404);
  });
});

describe('--auth', () => {
  const credentials = { user: 'me', password: 'pass:w\u00f6rd' };
  const client = serving({ credentials });

  test.each([
    ['the right ones', basic('me:pass:w\u00f6rd'), 200],
    ['the scheme in lower case', basic('me:pass:w\u00f6rd', 'basic'), 200],
    ['none', {}, 401],
    ['another password', basic('me:pass'), 401],
    ['the password and more', basic('me:pass:w\u00f6rd2'), 401],
    ['another user', basic('you:pass:w\u00f6rd'), 401],
    ['no user', basic(':pass:w\u00f6rd'), 401],
    ['no password', basic('me:'), 401],
    ['no colon', basic('me'), 401],
    ['another scheme', basic('me:pass:w\u00f6rd', 'Bearer'), 401],
    ['no base64', { headers: { Authorization: 'Basic \u00e4\u00f6' } }, 401],
    ['nothing behind the scheme', { headers: { Authorization: 'Basic' } }, 401],
    ['parameters', { headers: { Authorization: 'Basic user=me, password=x' } }, 401],
    ['too much', basic('x'.repeat(10_000)), 401],
  ])('with %s', async (_what, init, status) => {
    const response = await client.get('/a.txt', init);
    expect(response.status).toBe(status);
    expect(response.headers.get('www-authenticate')).toBe(
      status === 401 ? 'Basic realm="obol serve", charset="UTF-8"' : undefined,
    );
  });

  test.each(['/', '/list/', '/missing', '/both'])('guards %s', async (path) => {
    const response = await client.get(path);
    expect(response.status).toBe(401);
    expect(await response.text()).not.toContain('choice');
  });
});

describe('the name that a request calls this server by', () => {
  const named = (host: string) => ({ headers: { Host: host } });

  test.each([
    ['localhost', 200],
    ['LOCALHOST:8000', 200],
    ['localhost.', 200],
    ['app.localhost:8000', 200],
    ['127.0.0.1:8000', 200],
    ['192.0.2.1', 200],
    ['[::1]:8000', 200],
    ['evil.example:8000', 421],
    ['localhost.evil.example', 421],
    ['evillocalhost', 421],
    ['127.0.0.1.evil.example', 421],
  ])('%s gets %s', async (host, status) => {
    expect((await serving().get('/a.txt', named(host))).status).toBe(status);
  });

  test('the cure is in the answer', async () => {
    const response = await serving().get('/a.txt', {
      headers: { Host: 'box.example', Accept: 'text/plain' },
    });
    expect(await response.text()).toBe(
      '421 This server is not called box.example; --allow-host box.example lets it be\n',
    );
  });

  test.each<[string, Partial<ContentOptions>, number]>([
    ['is among those allowed', { allowedHosts: ['box.example'] }, 200],
    ['is among those allowed, with the dot at its end', { allowedHosts: ['box.example.'] }, 200],
    ['is among those allowed, in other letters', { allowedHosts: ['BOX.example'] }, 200],
    ['is what it listens on', { host: 'Box.example' }, 200],
    ['does not matter where others can read it anyway', { isLocal: false }, 200],
    ['does not matter where every page may read it', { cors: true }, 200],
    ['is not enough where a password is needed', { credentials: { user: 'a', password: 'b' } }, 401],
  ])('%s', async (_what, options, status) => {
    expect((await serving(options).get('/a.txt', named('box.example'))).status).toBe(status);
  });
});

describe('--cgi', () => {
  const scripts = new ScriptsFolder();
  scripts.script(
    'cgi-bin/who.sh',
    'printf "Content-Type: text/plain\\n\\n$SCRIPT_NAME|$PATH_INFO|$REMOTE_USER"',
  );
  scripts.program('cgi-bin/notes.txt', 'no program', 0o644);
  scripts.file('a.txt', 'text');
  symlinkSync('cgi-bin', join(scripts.path, 'link'));
  symlinkSync('cgi-bin/who.sh', join(scripts.path, 'link.txt'));
  scripts.file('page/a.txt', 'text');
  symlinkSync('../cgi-bin/who.sh', join(scripts.path, 'page/index.html'));
  afterAll(() => {
    scripts.remove();
  });
  const running = (options: Partial<ContentOptions> = {}): TestClient =>
    serving({ directory: scripts.path, cgi: ['/cgi-bin', '/htbin'], ...options });

  test('runs what is in its folders, with the name that a password proved', async () => {
    const client = running({ credentials: { user: 'me', password: 'secret' } });
    expect(await (await client.get('/cgi-bin/who.sh/a%20b', basic('me:secret'))).text()).toBe(
      '/cgi-bin/who.sh|/a b|me',
    );
    expect((await client.get('/cgi-bin/who.sh')).status).toBe(401);
  });

  test.each([
    ['/cgi-bin/', 403],
    ['/cgi-bin/notes.txt', 403],
    ['/cgi-bin/missing', 404],
    ['/link/who.sh', 404],
    ['/link/', 404],
    ['/link.txt', 404],
    ['/page/', 200],
    ['/page/index.html', 404],
    ['/htbin/', 404],
    ['/htbin/none', 404],
    ['/a.txt', 200],
    ['/', 200],
  ])('answers %s with %s, and without the text of a script', async (path, status) => {
    const response = await running().get(path);
    expect(response.status).toBe(status);
    expect(await response.text()).not.toMatch(/printf|no program/);
  });

  const FOREIGN: Record<string, string>[] = [
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site', Origin: 'http://localhost:3000' },
    { Origin: 'http://other.test' },
    { Origin: 'null' },
  ];
  const OWN: Record<string, string>[] = [
    {},
    { 'Sec-Fetch-Site': 'same-origin' },
    { 'Sec-Fetch-Site': 'none' },
    { Origin: 'http://localhost' },
  ];
  const posting = { method: 'POST', data: 'a=1' };

  test.each([
    ...FOREIGN.map((headers) => [posting, headers, 403] as const),
    ...FOREIGN.map((headers) => [{ method: 'GET' }, headers, 200] as const),
    ...OWN.map((headers) => [posting, headers, 200] as const),
  ])('sends %j of a page with %j to its scripts or not: %d', async (init, fields, status) => {
    const headers = { Host: 'localhost', ...fields };
    expect((await running().request('/cgi-bin/who.sh', { ...init, headers })).status).toBe(status);
  });

  test('a password is no proof of where a form comes from, nor does one need more than it', async () => {
    const client = running({ credentials: { user: 'me', password: 'secret' } });
    const { headers } = basic('me:secret');
    const foreign = { ...headers, Origin: 'http://other.test' };
    expect((await client.post('/cgi-bin/who.sh', { headers: foreign, data: 'a' })).status).toBe(403);
    expect((await client.post('/cgi-bin/who.sh', { headers, data: 'a' })).status).toBe(200);
  });

  test('without it scripts are files', async () => {
    expect(await (await running({ cgi: undefined }).get('/cgi-bin/who.sh')).text()).toContain('printf');
  });
});
