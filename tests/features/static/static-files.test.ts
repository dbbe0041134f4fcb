/** Static files: what a path leads to, and what is said about it. */
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Controller, Get, HttpError, listen, TextResponse, type Request } from 'obol';
import { staticFiles, type StaticFilesOptions } from 'obol/static';
import { request, TestClient } from 'obol/testing';
import { httpError } from '../../support/errors.js';
import { start } from '../../support/client.js';
import { emptySite, type Site } from '../../support/site.js';

let site: Site;

beforeEach(() => {
  site = emptySite();
});

afterEach(() => {
  jest.restoreAllMocks();
  site.remove();
});

/** A client of an application that has these files only, so that errors become pages. */
function clientOf(options: StaticFilesOptions = {}): TestClient {
  return clientBelow('', options);
}

/** @param base the part of the canonical path that a mount has taken */
function clientBelow(base: string, options: StaticFilesOptions = {}): TestClient {
  const files = staticFiles(site.root, options);
  return new TestClient(async (request) => {
    try {
      return await files(base === '' ? request : request.below(base));
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      return new TextResponse(error.message, { status: error.status, headers: error.headers });
    }
  });
}

describe('a file', () => {
  test('has its type, length, validators and a policy for caches', async () => {
    site.write('css/site.css', 'body{}');
    const response = await clientOf().get('/css/site.css');
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('body{}');
    expect(Object.fromEntries(response.headers)).toEqual({
      'Content-Type': 'text/css; charset=utf-8',
      'Cache-Control': 'no-cache',
      'Accept-Ranges': 'bytes',
      ETag: `"6-${(Date.UTC(2026, 0, 2, 3, 4, 5) * 1000).toString(36)}"`,
      'Last-Modified': 'Fri, 02 Jan 2026 03:04:05 GMT',
      'X-Content-Type-Options': 'nosniff',
      'Content-Length': '6',
    });
  });

  test.each([
    ['a.html', 'text/html; charset=utf-8'],
    ['a.tar.gz', 'application/gzip'],
    ['a.svg', 'image/svg+xml'],
    ['a', 'application/octet-stream'],
    ['A.PNG', 'image/png'],
  ])('%s is sent as %s, never with a coding', async (name, type) => {
    site.write(name);
    const { headers } = await clientOf().get(`/${name}`);
    expect(headers.get('content-type')).toBe(type);
    expect(headers.has('content-encoding')).toBe(false);
  });

  test('is sent without content to HEAD', async () => {
    site.write('a.txt', '12345');
    const response = await clientOf().head('/a.txt');
    expect(response.headers.get('content-length')).toBe('5');
    expect(await response.text()).toBe('');
  });

  test.each([
    [{ 'If-None-Match': '*' }, 304, ''],
    [{ 'If-Modified-Since': 'Fri, 02 Jan 2026 03:04:05 GMT' }, 304, ''],
    [{ 'If-Modified-Since': 'Fri, 02 Jan 2026 03:04:04 GMT' }, 200, '0123456789'],
    [{ Range: 'bytes=2-4' }, 206, '234'],
    [{ Range: 'bytes=-3' }, 206, '789'],
    [{ Range: 'bytes=5-2' }, 200, '0123456789'],
  ])('is answered for %j with %d %j', async (headers, status, text) => {
    site.write('a.txt', '0123456789');
    const client = clientOf();
    // The second answer may be one from memory.
    for (let i = 0; i < 2; i++) {
      const response = await client.get('/a.txt', { headers });
      expect([response.status, await response.text()]).toEqual([status, text]);
    }
  });

  test('that is large is streamed, and parts of it too', async () => {
    const content = Buffer.alloc(300_000, 'obol');
    site.write('a.bin', content);
    const client = clientOf();
    expect(content.equals(await (await client.get('/a.bin')).bytes())).toBe(true);
    const part = await client.get('/a.bin', { headers: { Range: 'bytes=299998-' } });
    expect([part.status, await part.text()]).toEqual([206, 'ol']);
  });

  test('may be empty', async () => {
    site.write('a.txt', '');
    const response = await clientOf().get('/a.txt');
    expect([response.status, response.headers.get('content-length')]).toEqual([200, '0']);
  });
});

describe('what is kept in memory', () => {
  /** Files are kept only when they are older than two seconds, and no test can make a file old. */
  function later(milliseconds: number): void {
    const now = Date.now() + milliseconds;
    jest.spyOn(Date, 'now').mockReturnValue(now);
  }

  test('is never sent when the file has changed, was replaced or is gone', async () => {
    site.write('a.txt', 'first');
    const client = clientOf();
    later(5000);
    const read = async (): Promise<string> => {
      const response = await client.get('/a.txt');
      return `${response.status} ${await response.text()}`;
    };
    expect(await read()).toBe('200 first');
    expect(await read()).toBe('200 first');
    site.write('a.txt', 'other');
    expect(await read()).toBe('200 other');
    site.write('b.txt', 'third');
    renameSync(join(site.root, 'b.txt'), join(site.root, 'a.txt'));
    expect(await read()).toBe('200 third');
    rmSync(join(site.root, 'a.txt'));
    expect(await read()).toBe('404 Nothing is here');
    mkdirSync(join(site.root, 'a.txt'));
    expect(await read()).toBe('301 ');
  });

  test('is not sent for a link that has come in its place and leads out', async () => {
    site.write('a.txt', 'inside');
    site.write('../b.txt', 'outside');
    const client = clientOf();
    later(5000);
    for (let i = 0; i < 2; i++) expect(await (await client.get('/a.txt')).text()).toBe('inside');
    // The very same file, moved out: the content is known, the place is not allowed.
    renameSync(join(site.root, 'a.txt'), join(site.base, 'a.txt'));
    site.link('a.txt', '../a.txt');
    expect((await client.get('/a.txt')).status).toBe(404);
  });

  test('is not trusted for longer than a second, as a folder above it may have been moved out', async () => {
    site.write('d/a.txt', 'inside');
    const client = clientOf();
    later(5000);
    expect((await client.get('/d/a.txt')).status).toBe(200);
    renameSync(join(site.root, 'd'), join(site.base, 'd'));
    site.link('d', '../d');
    later(1001);
    expect((await client.get('/d/a.txt')).status).toBe(404);
  });

  test('comes with headers that a handler behind it cannot spoil', async () => {
    site.write('a.txt', 'text');
    const files = staticFiles(site.root);
    const client = new TestClient(async (request) => {
      const response = await files(request);
      response.headers.append('X-Request', request.query);
      return response;
    });
    later(5000);
    for (const query of ['1', '2', '3']) {
      const { headers } = await client.get(`/a.txt?${query}`);
      expect(headers.getAll('x-request')).toEqual([query]);
    }
  });
});

describe('a directory', () => {
  beforeEach(() => {
    site.write('index.html', 'home');
    site.write('both/index.html', 'html');
    site.write('both/index.htm', 'htm');
    site.write('second/index.htm', 'htm');
    mkdirSync(join(site.root, 'second/index.html'));
    site.write('none/a.txt');
  });

  test.each([
    ['/', 'home'],
    ['/both/', 'html'],
    ['/second/', 'htm'],
  ])('%s is answered by the first index that is a file', async (path, text) => {
    const response = await clientOf().get(path);
    expect([response.status, await response.text()]).toEqual([200, text]);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  });

  test('is answered by other files when told so', async () => {
    const client = clientOf({ index: ['a.txt'] });
    expect(await (await client.get('/none/')).text()).toBe('none/a.txt');
    expect((await client.get('/')).status).toBe(404);
  });

  test('without an index is 404', async () => {
    expect((await clientOf().get('/none/')).status).toBe(404);
  });

  test.each([
    ['/both', '/both/'],
    ['/none', '/none/'],
    ['/both?a=1&b=%2F', '/both/?a=1&b=%2F'],
    ['/both?', '/both/'],
    ['/b%6Fth', '/both/'],
  ])('%s without a slash leads to %s', async (target, location) => {
    const response = await clientOf().get(target);
    expect([response.status, response.headers.get('location')]).toEqual([301, location]);
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(await response.text()).toBe('');
  });

  test.each(['a b', 'a%b', 'a?b', 'a#b', 'ü', 'a:b', 'a\\b', "a'b", 'a"b', '<b>'])(
    'called %j leads to its own URL',
    async (name) => {
      site.write(`${name}/index.html`, name);
      const client = clientOf();
      const { headers } = await client.get(`/${encodeURIComponent(name)}`);
      expect(headers.get('location')).toBe(`/${encodeURIComponent(name)}/`);
      expect(await (await client.get(headers.get('location') ?? '')).text()).toBe(name);
    },
  );
});

describe('below a part of the path', () => {
  beforeEach(() => {
    site.write('index.html', 'home');
    site.write('a.txt');
    site.write('d/index.html', 'd');
    site.write('e f/g.txt');
  });

  test.each([
    ['/files/', 200],
    ['/files/a.txt', 200],
    ['/files/e%20f/g.txt', 200],
    ['/files/files/a.txt', 404],
    ['/files/missing', 404],
  ])('%s is %d', async (target, status) => {
    expect((await clientBelow('/files').get(target)).status).toBe(status);
  });

  test.each([
    ['/files', '/files/d?x', '/files/d/?x'],
    ['/my files', '/my%20files/d', '/my%20files/d/'],
    ['/50%25', '/50%25/e%20f', '/50%25/e%20f/'],
  ])('below %s, %s leads to %s', async (base, target, location) => {
    const response = await clientBelow(base).get(target);
    expect([response.status, response.headers.get('location')]).toEqual([301, location]);
  });
});

describe('methods', () => {
  test.each(['/a.txt', '/missing.txt', '/', '*'])('OPTIONS %s tells them', async (target) => {
    site.write('a.txt');
    const response = await clientOf().options(target);
    expect([response.status, response.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS']);
  });

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'get', 'PROPFIND'])('%s is 405', async (method) => {
    site.write('a.txt');
    for (const target of ['/a.txt', '/missing.txt']) {
      const response = await clientOf().request(target, { method });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
    }
  });
});

describe('hidden names', () => {
  beforeEach(() => {
    site.write('.env', 'secret');
    site.write('.git/config', 'secret');
    site.write('a.txt~', 'secret');
    site.write('.well-known/security.txt', 'open');
  });

  test.each(['/.env', '/%2eenv', '/.git/config', '/.git/', '/.git', '/a.txt~', '/a.txt%7e'])(
    '%s is 404',
    async (target) => {
      expect((await clientOf().get(target)).status).toBe(404);
    },
  );

  test('are served when told so', async () => {
    const client = clientOf({ dotFiles: 'show' });
    expect(await (await client.get('/.env')).text()).toBe('secret');
    expect(await (await client.get('/.git/config')).text()).toBe('secret');
    expect(await (await client.get('/a.txt~')).text()).toBe('secret');
  });

  test('but .well-known at the top is made to be served', async () => {
    const response = await clientOf().get('/.well-known/security.txt');
    expect([response.status, await response.text()]).toEqual([200, 'open']);
    expect((await clientBelow('/x').get('/x/.well-known/security.txt')).status).toBe(200);
  });
});

describe('links', () => {
  beforeEach(() => {
    site.write('a.txt', 'inside');
    site.write('d/a.txt', 'inside');
    site.write('.data/a.txt', 'inside');
    site.write('../outside/a.txt', 'outside');
    site.link('in.txt', 'd/a.txt');
    site.link('abs.txt', join(site.root, 'a.txt'));
    site.link('dir', 'd');
    site.link('data.txt', '.data/a.txt');
    site.link('out', '../outside');
    site.link('out.txt', '../outside/a.txt');
  });

  test.each(['/in.txt', '/abs.txt', '/dir/a.txt', '/data.txt'])('%s stays inside', async (target) => {
    const response = await clientOf().get(target);
    expect([response.status, await response.text()]).toEqual([200, 'inside']);
  });

  test.each(['/out.txt', '/out/a.txt', '/out', '/out/'])('%s leads out, and is 404', async (target) => {
    expect((await clientOf({ listing: true }).get(target)).status).toBe(404);
  });

  test('that lead out are followed when told so', async () => {
    const client = clientOf({ followSymlinks: true });
    expect(await (await client.get('/out.txt')).text()).toBe('outside');
    expect(await (await client.get('/out/a.txt')).text()).toBe('outside');
    expect((await client.get('/out')).headers.get('location')).toBe('/out/');
  });

  test('may be the folder itself, and may be pointed elsewhere', async () => {
    site.write('../first/a.txt', 'first');
    site.write('../second/a.txt', 'second');
    site.link('../current', 'first');
    const files = staticFiles(join(site.base, 'current'));
    const client = new TestClient(files);
    expect(await (await client.get('/a.txt')).text()).toBe('first');
    rmSync(join(site.base, 'current'));
    site.link('../current', 'second');
    expect(await (await client.get('/a.txt')).text()).toBe('second');
  });
});

describe('what is excluded', () => {
  beforeEach(() => {
    site.write('cgi-bin/a.sh', 'source');
    site.link('cgi-bin/sub', '../scripts');
    site.write('scripts/b.sh', 'source');
    site.write('page/a.txt', 'text');
    site.link('page/index.html', '../cgi-bin/a.sh');
    site.link('link.txt', 'cgi-bin/a.sh');
    site.link('link', 'cgi-bin');
    site.write('cgi-binary', 'text');
  });

  test.each([
    '/cgi-bin',
    '/cgi-bin/',
    '/cgi-bin/a.sh',
    '/cgi-bin/none',
    '/link.txt',
    '/link',
    '/link/',
    '/link/a.sh',
    '/page/index.html',
    '/scripts/b.sh',
  ])('%s is not there', async (target) => {
    const client = clientOf({ exclude: ['cgi-bin', 'scripts/b.sh', 'none'], listing: true });
    for (const headers of [{}, { Range: 'bytes=0-1' }, { 'If-None-Match': '"a"' }])
      expect((await client.get(target, { headers })).status).toBe(404);
    expect((await client.request(target, { method: 'HEAD' })).status).toBe(404);
  });

  test('is no index, and in no listing', async () => {
    const client = clientOf({ exclude: ['cgi-bin', 'scripts/b.sh'], listing: true });
    const namesOf = async (target: string): Promise<string[]> => {
      const response = await client.get(target, { headers: { Accept: 'application/json' } });
      const page = await response.json<{ entries: { name: string }[] }>();
      return page.entries.map(({ name }) => name);
    };
    expect(await namesOf('/')).toEqual(['page', 'scripts', 'cgi-binary']);
    expect(await namesOf('/page/')).toEqual(['a.txt']);
    expect(await namesOf('/scripts/')).toEqual([]);
  });
});

describe('precompressed files', () => {
  const all: StaticFilesOptions = { precompressed: ['br', 'zstd', 'gzip'] };

  beforeEach(() => {
    site.write('a.css', 'plain');
    site.write('a.css.br', 'BR');
    site.write('a.css.gz', 'GZ');
    site.write('b.css', 'plain');
    mkdirSync(join(site.root, 'b.css.br'));
    site.write('../c.br', 'outside');
    site.write('c.css', 'plain');
    site.link('c.css.br', '../c.br');
  });

  test.each([
    ['/a.css', undefined, undefined, 'plain'],
    ['/a.css', 'br, gzip', 'br', 'BR'],
    ['/a.css', 'gzip', 'gzip', 'GZ'],
    ['/a.css', 'zstd', undefined, 'plain'],
    ['/a.css', 'zstd, gzip', 'gzip', 'GZ'],
    ['/a.css', 'br;q=0.1, gzip;q=0.2', 'gzip', 'GZ'],
    ['/a.css', 'br;q=0', undefined, 'plain'],
    ['/a.css', 'identity;q=0, deflate', undefined, 'plain'],
    ['/b.css', 'br', undefined, 'plain'],
    ['/c.css', 'br', undefined, 'plain'],
  ])('%s for Accept-Encoding %j comes as %s', async (target, accepted, coding, text) => {
    const headers: Record<string, string> = accepted === undefined ? {} : { 'Accept-Encoding': accepted };
    const client = clientOf(all);
    for (let i = 0; i < 2; i++) {
      const response = await client.get(target, { headers });
      expect([response.headers.get('content-encoding'), await response.text()]).toEqual([coding, text]);
      expect(response.headers.get('content-type')).toBe('text/css; charset=utf-8');
      expect(response.headers.get('vary')).toBe('Accept-Encoding');
    }
  });

  test('have entity tags of their own', async () => {
    site.write('a.css.br', 'plai2');
    site.write('a.css.gz', 'plai3');
    const client = clientOf(all);
    const tags = await Promise.all(
      ['identity', 'br', 'gzip'].map(async (coding) => {
        const { headers } = await client.get('/a.css', { headers: { 'Accept-Encoding': coding } });
        return headers.get('etag') ?? '';
      }),
    );
    expect(tags[1]).toBe(tags[0]?.replace(/"$/, '-br"'));
    expect(tags[2]).toBe(tags[0]?.replace(/"$/, '-gzip"'));
    const headers = { 'Accept-Encoding': 'br', 'If-None-Match': tags[0] ?? '' };
    expect((await client.get('/a.css', { headers })).status).toBe(200);
    expect(
      (await client.get('/a.css', { headers: { ...headers, 'If-None-Match': tags[1] ?? '' } })).status,
    ).toBe(304);
  });

  test('give parts of what is sent', async () => {
    const headers = { 'Accept-Encoding': 'br', Range: 'bytes=1-1' };
    const response = await clientOf(all).get('/a.css', { headers });
    expect([response.status, response.headers.get('content-range'), await response.text()]).toEqual([
      206,
      'bytes 1-1/2',
      'R',
    ]);
    expect(response.headers.get('content-encoding')).toBe('br');
  });

  test('are files like any other when they are asked for', async () => {
    const response = await clientOf(all).get('/a.css.gz', { headers: { 'Accept-Encoding': 'gzip' } });
    expect(response.headers.get('content-type')).toBe('application/gzip');
    expect(response.headers.has('content-encoding')).toBe(false);
  });

  test('are looked for only when told so', async () => {
    const response = await clientOf().get('/a.css', { headers: { 'Accept-Encoding': 'br' } });
    expect(await response.text()).toBe('plain');
    expect(response.headers.has('vary')).toBe(false);
  });
});

describe('headers', () => {
  beforeEach(() => {
    site.write('index.html');
    site.write('app.1a2b3c4d.js');
    site.write('data.json');
  });

  test.each<[StaticFilesOptions, string, string | undefined]>([
    [{}, '/data.json', 'no-cache'],
    [{ cacheControl: false }, '/data.json', undefined],
    [{ cacheControl: { maxAge: 60 } }, '/data.json', 'max-age=60'],
    [
      { cacheControl: (path) => (path.endsWith('.json') ? { noStore: true } : undefined) },
      '/data.json',
      'no-store',
    ],
    [{ cacheControl: (path) => (path.endsWith('.json') ? { noStore: true } : undefined) }, '/', undefined],
    [{ immutable: /\.[\da-f]{8}\./g }, '/app.1a2b3c4d.js', 'public, immutable, max-age=31536000'],
    [{ immutable: /\.[\da-f]{8}\./ }, '/data.json', 'no-cache'],
    [{ headers: () => ({ 'Cache-Control': 'private' }) }, '/data.json', 'private'],
  ])('%p makes Cache-Control of %s %s', async (options, target, value) => {
    const client = clientOf(options);
    for (let i = 0; i < 2; i++) expect((await client.get(target)).headers.get('cache-control')).toBe(value);
  });

  test('are asked for with the path of the file that is sent', async () => {
    const asked: string[] = [];
    const headers = (path: string) => {
      asked.push(path);
      return path.endsWith('.json')
        ? { 'Access-Control-Allow-Origin': '*', 'Content-Type': 'text/x-own' }
        : undefined;
    };
    const client = clientOf({ headers });
    expect((await client.get('/')).headers.has('access-control-allow-origin')).toBe(false);
    const response = await client.get('/data.json');
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.getAll('content-type')).toEqual(['text/x-own']);
    expect(asked).toEqual(['index.html', 'data.json']);
  });
});

describe('a fallback', () => {
  const options: StaticFilesOptions = { fallback: 'app/index.html' };

  beforeEach(() => {
    site.write('app/index.html', 'app');
    site.write('a.txt');
    site.write('.env');
    mkdirSync(join(site.root, 'empty'));
  });

  test.each([
    ['/', 'text/html', 200],
    ['/settings', 'text/html', 200],
    ['/users/42/', 'text/html', 200],
    ['/v1.2/users', 'text/html', 200],
    ['/empty/', 'text/html', 200],
    ['/settings', '*/*', 200],
    ['/settings', 'application/json', 404],
    ['/missing.js', 'text/html', 404],
    ['/a.txt/', 'text/html', 404],
    ['/.env', 'text/html', 404],
    ['/x%2Fy', 'text/html', 404],
    ['//settings', 'text/html', 404],
  ])('%s for %s is %d', async (target, accept, status) => {
    const response = await clientOf(options).get(target, { headers: { Accept: accept } });
    expect(response.status).toBe(status);
    if (status !== 200) return;
    expect(await response.text()).toBe('app');
    expect(response.headers.get('vary')).toBe('Accept');
  });

  test('that is missing itself is 404', async () => {
    rmSync(join(site.root, 'app/index.html'));
    expect((await clientOf(options).get('/settings')).status).toBe(404);
  });

  test('answers HEAD, and no other method', async () => {
    expect((await clientOf(options).head('/settings')).status).toBe(200);
    expect((await clientOf(options).post('/settings')).status).toBe(405);
  });
});

describe('in a controller', () => {
  test('answers for a path, and its errors are those of the application', async () => {
    site.write('d/a.txt', 'text');
    site.write('home.html', 'home');
    const files = staticFiles(site.root);
    @Controller()
    class Files {
      @Get('/')
      home(req: Request) {
        return files.answer(req, 'home.html');
      }

      @Get('/assets/<file:path>')
      asset(req: Request, file: string) {
        return files.answer(req, file);
      }
    }
    const { client } = await start(Files);
    expect(await (await client.get('/')).text()).toBe('home');
    expect(await (await client.get('/assets/d/a.txt')).text()).toBe('text');
    expect((await client.get('/assets/d')).headers.get('location')).toBe('/assets/d/');
    expect((await client.get('/assets/d%2Fa.txt')).status).toBe(404);
    expect((await client.get('/assets/missing')).status).toBe(404);
    expect((await client.get('/assets//etc/passwd')).status).toBe(404);
  });

  test.each(['../secret', '/etc/passwd', 'a\0', '..', './a', 'a/../../secret', '.env'])(
    'refuses %j, whoever made it up',
    async (path) => {
      site.write('../secret');
      const files = staticFiles(site.root);
      expect(() => files.answer(request('/x'), path)).toThrow(httpError(404, 'Nothing is here'));
    },
  );
});

test('serves as a handler of its own', async () => {
  site.write('a.txt', 'text');
  const server = await listen(staticFiles(site.root), { port: 0, signals: false });
  try {
    const response = await fetch(`${server.url}/a.txt`);
    expect(await response.text()).toBe('text');
    expect((await fetch(`${server.url}/missing`)).status).toBe(404);
  } finally {
    await server.close();
  }
});
