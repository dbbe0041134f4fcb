/** Flaws of static file servers and the right answer to each: rows S1 to S17, P1 to P9 and X1 to X9 where they concern files. */
import { spawn } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { bootstrap, Controller, createGuard, Get, HttpError, type Handler, type Request } from 'obol';
import { staticFiles, type StaticFilesOptions } from 'obol/static';
import { request } from 'obol/testing';
import { HOSTILE_NAMES, hostileSite, SECRET, type Site } from '../support/site.js';
import { collectingLogger } from '../support/collecting-logger.js';
import { RawClient, type RawResponse } from '../support/raw-client.js';
import { serve, type Served } from '../support/serve.js';
import { stressed } from '../support/stress.js';
import { expectWithin } from '../support/timing.js';

let site: Site;
/** With everything on that may go wrong. */
let server: Served;
let strict: Served;

const OPEN: StaticFilesOptions = { listing: true, precompressed: ['br', 'zstd', 'gzip'] };

beforeAll(async () => {
  site = hostileSite();
  server = await serve(staticFiles(site.root, OPEN));
  strict = await serve(staticFiles(site.root));
});

afterAll(async () => {
  await Promise.all([server.server.close(), strict.server.close()]);
  site.remove();
});

beforeEach(() => {
  server.logger.errors.length = 0;
});

/** Asks for a target as it is written. */
async function get(target: string, port = server.port, method = 'GET'): Promise<RawResponse> {
  const client = await RawClient.connect(port);
  try {
    return await client.request(`${method} ${target}`, ['Connection: close']).response(method);
  } finally {
    client.destroy();
  }
}

/** What holds for every answer, whatever was asked. */
function expectHarmless(response: RawResponse): void {
  expect(response.status).toBeLessThan(500);
  expect(response.text).not.toContain(SECRET);
  const location = response.header('location');
  if (location !== undefined) expect(location).toMatch(/^\/(?![/\\])[\x21-\x7e]*$/);
  expect(server.logger.errors).toEqual([]);
}

/** What an answer says but for the time and the target, which its page quotes. */
function essence({ statusLine, fields, text }: RawResponse, target: string): unknown {
  return [statusLine, fields.filter(([name]) => name !== 'date'), text.replaceAll(target, 'TARGET')];
}

describe('targets', () => {
  const LONG = 'x'.repeat(300);
  test.each([
    // Dot segments: plain, encoded, mixed, with encoded slashes and overlong encodings.
    ['/../secret.txt', 400],
    ['/..', 400],
    ['/.', 400],
    ['/./f.txt', 400],
    ['/docs/../../secret.txt', 400],
    ['/%2e%2e/secret.txt', 400],
    ['/.%2e/secret.txt', 400],
    ['/%2E./secret.txt', 400],
    ['/%2e%2e%2fsecret.txt', 404],
    ['/..%2fsecret.txt', 404],
    ['/..%2Fsecret.txt', 404],
    ['/docs/..%2f..%2fsecret.txt', 404],
    ['/..%5csecret.txt', 404],
    ['/..\\secret.txt', 404],
    ['/%252e%252e/secret.txt', 404],
    ['/%252e%252e%252fsecret.txt', 404],
    ['/%c0%ae%c0%ae/secret.txt', 404],
    ['/%c0%af..%c0%afsecret.txt', 404],
    ['/..%c0%afsecret.txt', 404],
    ['/%uff0e%uff0e/secret.txt', 400],
    ['/.../secret.txt', 404],
    ['/....//secret.txt', 404],
    ['/..;/secret.txt', 404],
    ['/docs/..;/..;/secret.txt', 404],
    ['/../site-sibling/secret.txt', 400],
    ['/..%2fsite-sibling%2fsecret.txt', 404],
    // Slashes.
    ['//', 404],
    ['///', 404],
    ['//f.txt', 404],
    ['/docs//index.htm', 404],
    ['/docs//', 404],
    ['/docs%2findex.htm', 404],
    ['/docs%2Findex.htm', 404],
    ['/docs%2f', 404],
    ['/%2f', 404],
    ['/%2fetc%2fpasswd', 404],
    ['//etc/passwd', 404],
    // NUL and other control characters.
    ['/%00', 400],
    ['/f.txt%00', 400],
    ['/%00.html', 400],
    ['/f.txt%00.html', 400],
    ['/f.txt%0a', 404],
    ['/f.txt%00', 400],
    ['/%7f', 404],
    // A slash behind a file.
    ['/f.txt/', 404],
    ['/f.txt/.', 400],
    ['/f.txt/..', 400],
    ['/f.txt/x', 404],
    ['/f.txt%2f', 404],
    // Dot files in all spellings.
    ['/.secret', 404],
    ['/%2esecret', 404],
    ['/%2Esecret', 404],
    ['/.git/config', 404],
    ['/.git/', 404],
    ['/.git', 404],
    ['/%2egit/config', 404],
    ['/.well-known/acme.txt', 200],
    ['/.well-known/.hidden', 404],
    ['/notes.txt~', 404],
    ['/notes.txt%7E', 404],
    // Links.
    ['/link-in.txt', 200],
    ['/dir-in/guide.txt', 200],
    ['/link-out.txt', 404],
    ['/link-abs.txt', 404],
    ['/dir-out', 404],
    ['/dir-out/', 404],
    ['/dir-out/secret.txt', 404],
    ['/dir-out/index.html', 404],
    ['/sibling/secret.txt', 404],
    ['/loop', 404],
    ['/loop/', 404],
    ['/broken', 404],
    // Directories.
    ['/docs', 301],
    ['/docs?a=/../b', 301],
    ['/docs/', 200],
    ['/docs/?a=%00', 200],
    ['/plain', 301],
    ['/plain/', 200],
    // Letter case.
    ['/F.TXT', 404],
    ['/DOCS/', 404],
    // Bad escapes.
    ['/%', 400],
    ['/%z', 400],
    ['/%zz', 400],
    ['/%2', 400],
    ['/%e0%a4%a', 400],
    ['/%ff', 404],
    ['/f.txt%', 400],
    // Lengths.
    [`/${LONG}`, 404],
    [`/${LONG}/`, 404],
    [`/${'a/'.repeat(2000)}`, 404],
    [`/${'%2e'.repeat(2000)}`, 404],
    [`/${'docs/'.repeat(1200)}guide.txt`, 404],
    // Forms.
    ['*', 400],
    ['http://localhost/f.txt', 200],
    ['http://localhost', 200],
    ['HTTP://LOCALHOST/../secret.txt', 400],
    ['//evil.example', 404],
    ['//evil.example/', 404],
    ['//evil.example/..', 400],
    ['//evil.example/%2e%2e', 400],
    ['//evil.example/docs', 404],
    ['///evil.example/%2f..', 404],
    ['/%2fevil.example', 404],
    ['/%5cevil.example', 404],
    ['/\\evil.example', 404],
    ['/docs%0d%0aLocation:%20//evil.example', 404],
    ['f.txt', 400],
    ['../secret.txt', 400],
    ['?x', 400],
    ['file:///etc/passwd', 400],
    // Around the path.
    ['/f.txt?', 200],
    ['/f.txt?%00', 200],
    ['/f.txt?../../secret', 200],
    ['/f.txt#frag', 400],
    ['/f.txt;a=b', 404],
    ['/f.txt%3f', 404],
    ['/f.txt%23', 404],
    ['/f.txt%20', 404],
    ['/f.txt.', 404],
    ['/f.txt::$DATA', 404],
    ['/CON', 404],
    ['/AUX', 404],
    ['/NUL', 404],
    ['/fifo', 404],
    ['/fifo/', 404],
  ])('%j is %d', async (target, status) => {
    const response = await get(target);
    expectHarmless(response);
    expect([response.status, target]).toEqual([status, target]);
    const head = await get(target, server.port, 'HEAD');
    expect(head.status).toBe(status);
    const closed = await get(target, strict.port);
    expectHarmless(closed);
  });

  test.each([
    ['a raw space', '/f .txt'],
    ['a tab', '/f\t.txt'],
    ['a byte beyond ASCII', '/f\x80.txt'],
    ['a control character', '/f\x01.txt'],
    ['nothing', ''],
    ['9 KiB', `/${'x'.repeat(9216)}`],
  ])('with %s get an answer of the four hundreds', async (_what, target) => {
    const response = await get(target);
    expectHarmless(response);
    expect(Math.floor(response.status / 100)).toBe(4);
  });

  test('with another host in them are still those of this folder', async () => {
    const response = await get('http://evil.example/docs');
    expectHarmless(response);
    expect([response.status, response.header('location')]).toEqual([301, '/docs/']);
  });
});

describe('S11: an answer does not tell whether there is something outside, hidden or forbidden', () => {
  test.each([
    ['/dir-out/secret.txt', '/dir-out/absent.txt'],
    ['/link-out.txt', '/link-abs.txt'],
    ['/link-out.txt', '/absent-x.txt'],
    ['/dir-out', '/dir-abs'],
    ['/dir-out/', '/dir-abs/'],
    ['/sibling/secret.txt', '/sibling/absent.txt'],
    ['/.secret', '/.absent'],
    ['/.git/config', '/.git/absent'],
    ['/notes.txt~', '/absen.txt~'],
    ['/fifo', '/absn'],
    ['/loop', '/absn'],
    ['/f.txt/', '/x.txt/'],
    ['/..%2fsecret.txt', '/..%2fabsent.txt'],
    ['/../secret.txt', '/../absent.txt'],
    ['//etc/passwd', '//etc/absent'],
  ])('%s and %s are answered alike', async (existing, missing) => {
    expect(existing.length).toBe(missing.length);
    for (const port of [server.port, strict.port]) {
      for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS']) {
        const one = await get(existing, port, method);
        const other = await get(missing, port, method);
        expect(essence(one, existing)).toEqual(essence(other, missing));
      }
    }
  });
});

describe('S5, S7, S14: a redirect', () => {
  test.each([
    ['/docs', '/docs/'],
    ['/docs?next=//evil.example', '/docs/?next=//evil.example'],
    ['/dir-in', '/dir-in/'],
    ['http://localhost/docs', '/docs/'],
    ['/%64ocs', '/docs/'],
  ])('of %s leads to %s, and has no content', async (target, location) => {
    const response = await get(target);
    expect(response.fields.filter(([name]) => name === 'location')).toEqual([['location', location]]);
    expect([response.status, response.text]).toEqual([301, '']);
  });

  test.each(['evil.example', '\\evil.example', '<script>', 'a"b', 'a b'])(
    'to a directory called %j stays here',
    async (name) => {
      mkdirSync(join(site.root, name), { recursive: true });
      const encoded = encodeURIComponent(name);
      for (const target of [`/${encoded}`, `//${encoded}`, `///${encoded}`, `/docs//${encoded}`]) {
        const response = await get(target);
        expectHarmless(response);
        expect(response.header('location')).toBe(target === `/${encoded}` ? `/${encoded}/` : undefined);
      }
    },
  );
});

describe('P1 to P4, S1, S2: a guard in front of a folder', () => {
  const Closed = createGuard('Closed', () => () => {
    throw new HttpError(403);
  });

  let app: { readonly port: number; close(): Promise<void> };

  beforeAll(async () => {
    site.write('admin/page.txt', 'for administrators');
    const files = staticFiles(site.root);
    @Controller()
    class Files {
      @Closed()
      @Get('/admin/<file:path>')
      admin(req: Request, file: string) {
        return files.answer(req, `admin/${file}`);
      }

      @Get('/<file:path>')
      file(req: Request, file: string) {
        return files.answer(req, file);
      }
    }
    const application = await bootstrap({ controllers: [Files], logger: collectingLogger() });
    app = await application.listen({ port: 0, signals: false, drainLinger: 20 });
  });

  afterAll(() => app.close());

  test.each([
    ['/f.txt', 200],
    ['/admin/page.txt', 403],
    ['/%61dmin/page.txt', 403],
    ['/admin/%70age.txt', 403],
    ['//admin/page.txt', 404],
    ['/admin//page.txt', 403],
    ['/./admin/page.txt', 400],
    ['/x/../admin/page.txt', 400],
    ['/admin%2fpage.txt', 404],
    ['/admin%2Fpage.txt', 404],
    ['/%2fadmin/page.txt', 404],
    ['/admin;x=1/page.txt', 404],
    ['/ADMIN/page.txt', 404],
    ['/admin%5cpage.txt', 404],
    ['/admin%252fpage.txt', 404],
    ['/administrator/page.txt', 404],
  ])('%s is %d', async (target, status) => {
    const response = await get(target, app.port);
    expect(response.status).toBe(status);
    expect(response.text).not.toContain('for administrators');
  });
});

describe('S8: links that may be followed', () => {
  test.each([
    ['/link-out.txt', 200],
    ['/dir-out/secret.txt', 200],
    ['/../../../../etc/passwd', 400],
    ['/../secret.txt', 400],
    ['/..%2fsecret.txt', 404],
    ['/dir-out/../secret.txt', 400],
    ['/.secret', 404],
  ])('open %s: %d, and no other way out', async (target, status) => {
    const open = await serve(staticFiles(site.root, { followSymlinks: true }));
    try {
      expect((await get(target, open.port)).status).toBe(status);
    } finally {
      await open.server.close();
    }
  });
});

describe('S9: links that come and go while files are served', () => {
  test('never let anything out', async () => {
    const folder = join(site.root, 'racing');
    mkdirSync(join(folder, 'real'), { recursive: true });
    writeFileSync(join(folder, 'real/secret.txt'), 'harmless');
    // Another process puts a link to the outside in the place of the directory, and takes it away again.
    const script = `
      const fs = require('node:fs');
      fs.symlinkSync(${JSON.stringify(join(site.base, 'outside'))}, 'out');
      for (;;) { try {
        fs.renameSync('real', 'dir'); fs.renameSync('dir', 'real'); fs.renameSync('out', 'dir'); fs.renameSync('dir', 'out');
      } catch {} }`;
    const racer = spawn(process.execPath, ['-e', script], { cwd: folder, stdio: 'ignore' });
    try {
      await once(racer, 'spawn');
      const seen = new Set<number>();
      for (let i = 0; i < stressed(4, 20); i++) {
        const client = await RawClient.connect(server.port);
        for (let j = 0; j < stressed(100, 500); j++) {
          const response = await client.request('GET /racing/dir/secret.txt').response();
          expect(response.text).not.toContain(SECRET);
          seen.add(response.status);
        }
        client.destroy();
      }
      expect([...seen].filter((status) => status !== 200 && status !== 404)).toEqual([]);
    } finally {
      racer.kill('SIGKILL');
      await once(racer, 'exit');
    }
  });
});

describe('S10, X9: hostile names', () => {
  test('are text in a listing, and link to themselves', async () => {
    const listing = await get('/names/');
    const { text } = listing;
    expect(text).not.toMatch(/<(?:img|script)|onerror=alert\(1\)>/);
    expect(listing.header('content-security-policy')).toContain("default-src 'none'");
    const links = [...text.matchAll(/<td><a href="\.\/([^"]+)"/g)].map(([, link = '']) => link);
    expect(links.length).toBe(HOSTILE_NAMES.length);
    for (const link of links) {
      const response = await get(`/names/${link.replaceAll('&#39;', "'")}`);
      expect([response.status, response.text]).toEqual([200, 'hostile']);
    }
  });

  test.each(['/<script>alert(1)</script>', '/x?<script>', '/"><img%20src=x>'])(
    '%s is text on the page of an error',
    async (target) => {
      const { text, status } = await get(target);
      expect(status).toBe(404);
      expect(text).not.toMatch(/<script>alert|<img/);
    },
  );

  const octets = (name: string): Buffer => Buffer.from(`${site.root}/bytes/${name}`, 'latin1');

  test.each([
    ['a\xe7w\xf0.txt', 'a%E7w%F0.txt', 'text/plain; charset=utf-8'],
    ['\xff', '%FF', 'application/octet-stream'],
    ['\xc5\xbe\xc5', '%C5%BE%C5', 'application/octet-stream'],
    ['line\nbreak.css', 'line%0Abreak.css', 'text/css; charset=utf-8'],
    ['\x1b[31m\x7f', '%1B%5B31m%7F', 'application/octet-stream'],
    ['%E7', '%25E7', 'application/octet-stream'],
    ['\xed\xb3\xa7', '%ED%B3%A7', 'application/octet-stream'],
    ['\xc0\xaf\xc0\xae', '%C0%AF%C0%AE', 'application/octet-stream'],
  ])('%j is linked as %s, and found there', async (name, segment, type) => {
    mkdirSync(join(site.root, 'bytes'), { recursive: true });
    writeFileSync(octets(name), name);
    expect((await get('/bytes/')).text).toContain(`href="./${segment}"`);
    // What follows an escaped percent sign is no escape.
    for (const target of [segment, segment.replace(/%(?!25)../g, (escape) => escape.toLowerCase())]) {
      const response = await get(`/bytes/${target}`);
      expect([response.status, response.text, response.header('content-type')]).toEqual([200, name, type]);
    }
    rmSync(octets(name));
  });

  test.each(['%E8.txt', 'a%EF%BF%BDb', '%25FF', '%ff%00', '%FF/', '%ED%B3%BF'])('%s is none of them', async (target) => {
    mkdirSync(join(site.root, 'bytes'), { recursive: true });
    for (const name of ['\xe7.txt', 'a\xffb', '\xff']) writeFileSync(octets(name), name);
    expect([400, 404]).toContain((await get(`/bytes/${target}`)).status);
  }); // prettier-ignore

  test('a directory of such a name is redirected to, listed and confined', async () => {
    mkdirSync(octets('d\xe9\n'), { recursive: true });
    writeFileSync(octets('d\xe9\n/\xe8'), 'inside');
    writeFileSync(join(site.root, '..', 'secret-\xe8'), SECRET);
    symlinkSync(join(site.root, '..', 'secret-\xe8'), octets('d\xe9\n/\xe9'));
    symlinkSync(Buffer.from('\xe8', 'latin1'), octets('d\xe9\n/link'));
    const redirect = await get('/bytes/d%E9%0A');
    expect([redirect.status, redirect.header('location')]).toEqual([301, '/bytes/d%E9%0A/']);
    const { text } = await get('/bytes/d%E9%0A/');
    expect(text).toContain('href="./%E8"');
    expect(text).toContain('href="./link"');
    expect(text).not.toContain('href="./%E9"');
    expect((await get('/bytes/d%E9%0A/%E8')).text).toBe('inside');
    expect((await get('/bytes/d%E9%0A/link')).text).toBe('inside');
    expect((await get('/bytes/d%E9%0A/%E9')).status).toBe(404);
  });
});

describe('S16: what is hidden', () => {
  test('is in no listing, as page or as JSON', async () => {
    const client = await RawClient.connect(server.port);
    mkdirSync(join(site.root, 'list'), { recursive: true });
    for (const name of ['.env', 'a~', '.git', 'b.txt']) writeFileSync(join(site.root, 'list', name), SECRET);
    for (const accept of ['text/html', 'application/json']) {
      const { text } = await client.request('GET /list/', [`Accept: ${accept}`]).response();
      expect(text).toContain('b.txt');
      expect(text).not.toMatch(/\.env|a~|\.git/);
    }
    client.destroy();
  });
});

describe('S17: what is no regular file', () => {
  test('is 404 at once, without anybody waiting for it', async () => {
    const socketPath = join(site.root, 'socket');
    const listening = createServer().listen(socketPath);
    await once(listening, 'listening');
    site.link('device', '/dev/zero');
    for (const target of ['/fifo', '/socket', '/device', '/link-out.txt'])
      expect((await get(target)).status).toBe(404);
    const follows = await serve(staticFiles(site.root, { followSymlinks: true }));
    expect((await get('/device', follows.port)).status).toBe(404);
    await follows.server.close();
    listening.close();
  });

  test('is 404 in place of a root that was replaced', async () => {
    const root = join(site.base, 'replaced');
    mkdirSync(root);
    writeFileSync(join(root, 'a.txt'), 'a');
    const served = await serve(staticFiles(root, OPEN));
    expect((await get('/a.txt', served.port)).status).toBe(200);
    renameSync(root, `${root}-away`);
    for (const target of ['/a.txt', '/']) expect((await get(target, served.port)).status).toBe(404);
    writeFileSync(root, SECRET);
    for (const target of ['/a.txt', '/', '/?x']) expect((await get(target, served.port)).status).toBe(404);
    rmSync(root);
    renameSync(`${root}-away`, root);
    expect((await get('/a.txt', served.port)).status).toBe(200);
    await served.server.close();
  });
});

test('S12: devices of Windows are refused by name, whatever the system', () => {
  // The rules themselves are tested with the names; here only that no such name is special elsewhere.
  writeFileSync(join(site.root, 'NUL'), 'a file');
  return expect(get('/NUL').then(({ text }) => text)).resolves.toBe('a file');
});

test('clients that leave in the middle leave no file open', async () => {
  site.write('large.bin', Buffer.alloc(4 * 1024 * 1024));
  const open = (): number =>
    readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).endsWith('large.bin');
      } catch {
        return false;
      }
    }).length;
  for (let i = 0; i < 20; i++) {
    const socket = createConnection(server.port, '127.0.0.1');
    socket.write('GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(socket, 'data');
    socket.destroy();
  }
  for (const line of ['HEAD /large.bin', 'POST /large.bin', 'OPTIONS /large.bin']) {
    const client = await RawClient.connect(server.port);
    await client.request(line).response('HEAD');
    client.destroy();
  }
  const notModified = await RawClient.connect(server.port);
  await notModified.request('GET /large.bin', ['If-None-Match: *']).response();
  notModified.destroy();
  while (open() > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(open()).toBe(0);
});

test('targets of 8 KB cost no more than their length', async () => {
  const files: Handler = staticFiles(site.root);
  for (const piece of ['a/', '%2e', '..;', '~', '%25', '.a/']) {
    const target = `/${piece.repeat(Math.floor(8000 / piece.length))}`;
    expectWithin(10, () => {
      try {
        void files(request(target));
      } catch (error) {
        if (!(error instanceof HttpError)) throw error;
      }
    });
  }
});
