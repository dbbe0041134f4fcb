/** Programs and scripts as handlers: which are run, with what, and what their answers are. */
import { chmodSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeResponse, type Handler, type HandlerLike, type Request } from 'obol';
import {
  cgiDirectories,
  cgiDirectory,
  cgiProgram,
  ownerOf,
  type CgiDirectoryOptions,
  type CgiProgramOptions,
} from 'obol/cgi';
import { mount } from 'obol/composition';
import { adopting, handlerOf } from 'obol/kit';
import { staticFiles } from 'obol/static';
import { TestClient, type TestResponse } from 'obol/testing';
import { developerError } from '../../support/errors.js';
import { deferred, serve, type Served } from '../../support/serve.js';
import { RawClient } from '../../support/raw-client.js';
import { collectingLogger } from '../../support/collecting-logger.js';
import { ScriptsFolder } from '../../support/scripts.js';

let folder: ScriptsFolder;
let logger = collectingLogger();

beforeEach(() => {
  folder = new ScriptsFolder();
  logger = collectingLogger();
});

afterEach(() => {
  folder.remove();
});

/** Begins a document. */
const HEAD = 'printf "Content-Type: text/plain\\n\\n"';

/** A client that is answered as by an application, which writes to a log. */
function clientOf(handler: HandlerLike): TestClient {
  return new TestClient(adopting({ logger }, handlerOf(handler)));
}

/** A client of the scripts of the folder. */
function client(options: CgiDirectoryOptions = {}): TestClient {
  return clientOf(mount('/cgi-bin', cgiDirectory(folder.path, options)));
}

/** The answer of a script that writes this, with the escapes of printf, to a request. */
function answerOf(
  output: string,
  after = '',
  init: Parameters<TestClient['request']>[1] = {},
): Promise<TestResponse> {
  folder.script('a.sh', `printf '${output}'\n${after}`);
  return client().request('/cgi-bin/a.sh', init);
}

/** The answer of a script whose name says that it writes a whole response. */
function wholeAnswerOf(output: string): Promise<TestResponse> {
  folder.script('nph-a.sh', `printf '${output}'`);
  return client().get('/cgi-bin/nph-a.sh');
}

async function statusAndText(answer: Promise<TestResponse>): Promise<[number, string]> {
  const response = await answer;
  return [response.status, await response.text()];
}

describe('a document', () => {
  test('has the status, the type and the fields that its script says', async () => {
    const output =
      'Status: 404 Nope\nContent-Type: text/plain\nX-A: b\nSet-Cookie: a=1\nSet-Cookie: b=2\n\nhello';
    const response = await answerOf(output.replaceAll('\n', '\\n'));
    expect([response.status, await response.text()]).toEqual([404, 'hello']);
    expect(response.headers.get('content-type')).toBe('text/plain');
    expect(response.headers.getAll('set-cookie')).toEqual(['a=1', 'b=2']);
    expect([response.headers.get('x-a'), response.headers.get('status')]).toEqual(['b', undefined]);
  });

  test.each([
    ['lines that end with CR LF', 'Content-Type: text/plain\\r\\n\\r\\nhello', 'hello'],
    ['nothing in it', 'Content-Type: text/plain\\n\\n', ''],
    ['its own length', 'Content-Type: text/plain\\nContent-Length: 5\\n\\nhello', 'hello'],
    ['more than its own length', 'Content-Type: text/plain\\nContent-Length: 3\\n\\nhello', 'hello'],
    ['a length for nothing', 'Content-Type: text/plain\\nContent-Length: 0\\n\\n', ''],
  ])('may have %s', async (_, output, text) => {
    expect(await statusAndText(answerOf(output))).toEqual([200, text]);
  });

  test('may come piece by piece', async () => {
    const pieces =
      'printf "Type: text"; sleep 0.02; printf "/plain\\n"; sleep 0.02; printf "\\na"; sleep 0.02; printf b';
    expect(await statusAndText(answerOf('Content-', pieces))).toEqual([200, 'ab']);
  });

  test('that is long has its length where the script says it, and no more than that', async () => {
    const response = await answerOf(
      'Content-Type: text/plain\\nContent-Length: 100000\\n\\n',
      'yes | head -c 100010',
    );
    expect(response.headers.get('content-length')).toBe('100000');
    expect(await response.bytes()).toHaveLength(100_000);
  });

  test.each([
    ['HEAD', 'Content-Type: text/plain\\nContent-Length: 5\\n\\nhello', 200, '5'],
    ['HEAD', 'Content-Type: text/plain\\nContent-Length: 5\\n\\n', 200, '5'],
    ['HEAD', 'Content-Type: text/plain\\n\\nhello', 200, undefined],
    ['GET', 'Status: 204\\nContent-Type: text/plain\\n\\nhello', 204, undefined],
    ['GET', 'Status: 304\\nETag: "a"\\n\\n', 304, undefined],
  ])('is left out of the answer to %s with %j', async (method, output, status, length) => {
    const response = await answerOf(output, '', { method });
    expect([response.status, await response.text()]).toEqual([status, '']);
    expect(response.headers.get('content-length')).toBe(length);
  });

  test.each([
    ['whose length is said: a part', 'Content-Length: 5\\n', 206, 'llo'],
    ['whose length is not said: all', '', 200, 'hello'],
    ['that has no parts: all', 'Content-Length: 5\\nAccept-Ranges: none\\n', 200, 'hello'],
    ['of another status: all', 'Status: 404\\nContent-Length: 5\\n', 404, 'hello'],
  ])('is for who asks for a part of one %s', async (_, fields, status, text) => {
    folder.script('a.sh', `printf '${fields}Content-Type: text/plain\\n\\nhello'`);
    const answer = client().get('/cgi-bin/a.sh', { headers: { Range: 'bytes=2-' } });
    expect(await statusAndText(answer)).toEqual([status, text]);
  });

  test('is cut, never ended, where its script fails or gives less than it promised', async () => {
    const type = 'Content-Type: text/plain';
    const failed = await answerOf(`${type}\\n\\npart`, 'exit 1');
    await expect(failed.text()).rejects.toThrow('a document, and ended with code 1');
    const killed = await answerOf(`${type}\\n\\npart`, 'kill -9 $$');
    await expect(killed.text()).rejects.toThrow('a document, and ended with SIGKILL');
    const short = await answerOf(`${type}\\nContent-Length: 70000\\n\\npart`);
    await expect(short.text()).rejects.toThrow('4 of the 70000 bytes that it promised');
  });

  test('is complete when its length is there, however its script ends', async () => {
    const answer = answerOf('Content-Type: text/plain\\nContent-Length: 5\\n\\nhello', 'exit 1');
    expect(await statusAndText(answer)).toEqual([200, 'hello']);
  });

  test('that says itself that something went wrong is complete, however its script ends', async () => {
    const output = 'Status: 500\\nContent-Type: text/plain\\n\\nbroken';
    expect(await statusAndText(answerOf(output, 'exit 255'))).toEqual([500, 'broken']);
    expect((await answerOf(output, 'kill -9 $$')).status).toBe(500);
  });

  test('ends with its script where its length is there, whatever still holds the output', async () => {
    const output = 'Content-Type: text/plain\\nContent-Length: 5\\n\\n';
    expect(await statusAndText(answerOf(output, 'sleep 100 & printf hello'))).toEqual([200, 'hello']);
  });
});

describe('a redirect', () => {
  test.each([
    ['an absolute URL', 'Location: http://other.test/a', 302, 'http://other.test/a'],
    ['a URL of another scheme', 'Location: mailto:a@b.test', 302, 'mailto:a@b.test'],
    ['another host', 'Location: //other.test/a', 302, '//other.test/a'],
    ['a place in a page', 'Location: /a#b', 302, '/a#b'],
    ['a relative path', 'Location: a', 302, 'a'],
    ['a path with a status', 'Status: 303 See Other\\nLocation: /a', 303, '/a'],
    ['a path with the status 201', 'Status: 201\\nLocation: /a', 201, '/a'],
  ])('to %s is one for the client', async (_, fields, status, location) => {
    const response = await answerOf(`${fields}\\n\\n`);
    expect([response.status, response.headers.get('location'), await response.text()]).toEqual([
      status,
      location,
      '',
    ]);
    expect(response.headers.get('content-type')).toBeUndefined();
  });

  test('may have a document', async () => {
    const response = await answerOf('Location: http://other.test/\\nContent-Type: text/plain\\n\\nthere');
    expect([response.status, response.headers.get('location'), await response.text()]).toEqual([
      302,
      'http://other.test/',
      'there',
    ]);
  });
});

describe('a local redirect', () => {
  /** A site with a script that redirects, and with what it is led to. */
  function site(fields: string): TestClient {
    folder.script('a.sh', `printf '${fields}\\n\\n'`);
    folder.script('b.sh', `${HEAD}; printf "%s " "$REQUEST_METHOD" "$QUERY_STRING" "$CONTENT_LENGTH"`);
    const scripts = mount('/cgi-bin', cgiDirectory(folder.path));
    return clientOf((request) => scripts(request, ({ path }) => makeResponse(path)));
  }

  test.each([
    ['/page', '/page'],
    ['/cgi-bin/b.sh', 'GET   '],
    ['/cgi-bin/b.sh?c=d', 'GET c=d  '],
  ])('to %s is the answer of that, asked for by GET', async (location, text) => {
    const asked = site(`Location: ${location}`);
    expect(await statusAndText(asked.post('/cgi-bin/a.sh?own', { data: 'abc' }))).toEqual([200, text]);
  });

  test('keeps the cookies of its script', async () => {
    const response = await site('Location: /page\\nSet-Cookie: a=1\\nSet-Cookie: b=2').get('/cgi-bin/a.sh');
    expect([await response.text(), response.headers.getAll('set-cookie')]).toEqual(['/page', ['a=1', 'b=2']]);
  });

  test('that leads to itself is 508', async () => {
    expect((await site('Location: /cgi-bin/a.sh').get('/cgi-bin/a.sh')).status).toBe(508);
  });

  test('is for HEAD what GET would get, without its body', async () => {
    const response = await site('Location: /page').head('/cgi-bin/a.sh');
    expect([response.status, response.headers.get('content-length')]).toEqual([200, '5']);
  });

  test.each(['/../a', '/%%2e%%2e/a', '/a b', '/a\\tb', '/\\351', '/a%%zz', '/a%%00'])(
    'to what is no path (%j) is 502: not the client has made the mistake',
    async (location) => {
      expect((await site(`Location: ${location}`).get('/cgi-bin/a.sh')).status).toBe(502);
      expect(logger.errors.join()).toContain('a.sh gave a local redirect to "/');
    },
  );
});

describe('a whole response', () => {
  test('is taken apart and framed anew', async () => {
    const response = await wholeAnswerOf(
      'HTTP/1.0 404 Nope\\r\\nContent-Type: text/plain\\r\\nConnection: close\\r\\nX-A: b\\r\\n\\r\\nhello',
    );
    expect([response.status, await response.text()]).toEqual([404, 'hello']);
    expect([response.headers.get('x-a'), response.headers.get('connection')]).toEqual(['b', undefined]);
  });

  test.each([['Content-Type: text/plain\\n\\n'], ['HTTP/1.1 100 Continue\\r\\n\\r\\n'], ['']])(
    '%j is none',
    async (output) => {
      expect((await wholeAnswerOf(output)).status).toBe(502);
    },
  );
});

describe('502 is the answer to', () => {
  test.each([
    ['no output', '', '', 'no output, and ended with code 0'],
    ['no output of a script that fails', '', 'echo trouble >&2; exit 3', 'no output, and ended with code 3'],
    ['no output of one that is killed', '', 'kill -9 $$', 'no output, and ended with SIGKILL'],
    [
      'a header without its end',
      'Content-Type: text/plain\\n',
      '',
      'a header without its end, and ended with code 0',
    ],
    ['a document without a header', '<p>hello\\n\\n', '', 'the line "<p>hello" in its header'],
    ['an empty header', '\\nhello', '', 'a header with none of Content-Type, Location and Status'],
    ['a header of 1 MB', 'X-A: ', 'yes | tr -d "\\n" | head -c 1000000', 'a header longer than 16384 bytes'],
    ['a header of many lines', '', 'yes "X-A: b"', 'a header longer than 16384 bytes'],
    ['a document without a type', 'Status: 200\\n\\nhello', '', 'a document without Content-Type'],
    [
      'a redirect with a document without a type',
      'Location: http://a.test/\\n\\nhello',
      '',
      'a document without Content-Type',
    ],
    [
      'two lengths',
      'Content-Type: a/b\\nContent-Length: 5\\nContent-Length: 5\\n\\nhello',
      '',
      'two fields content-length',
    ],
    [
      'less than was promised',
      'Content-Type: a/b\\nContent-Length: 6\\n\\nhello',
      '',
      '5 of the 6 bytes that it promised',
    ],
    [
      'nothing of what was promised',
      'Content-Type: a/b\\nContent-Length: 70000\\n\\n',
      '',
      '0 of the 70000 bytes that it promised',
    ],
    [
      'an empty document of a script that fails',
      'Content-Type: a/b\\n\\n',
      'exit 1',
      'a document, and ended with code 1',
    ],
    [
      'a redirect of a script that fails',
      'Location: http://a.test/\\n\\n',
      'exit 1',
      'a document, and ended with code 1',
    ],
  ])('%s', async (_, output, after, message) => {
    const response = await answerOf(output, after);
    expect(response.status).toBe(502);
    expect(await response.text()).not.toContain(folder.path);
    expect(logger.errors).toEqual([`GET /cgi-bin/a.sh: ${folder.path}/a.sh gave ${message}`]);
  });

  test('fields that would be more than they look like', async () => {
    const response = await answerOf('Content-Type: a/b\\nX-A: b\\rSet-Cookie: c=d\\n\\n');
    expect(response.status).toBe(502);
    expect(response.headers.has('set-cookie')).toBe(false);
  });

  test('a script whose interpreter there is not', async () => {
    chmodSync(folder.file('b.sh', '#!/no/such/interpreter\n'), 0o755);
    expect((await client().get('/cgi-bin/b.sh')).status).toBe(502);
  });
});

test('what a script writes to its standard error is in the log', async () => {
  await answerOf('Content-Type: a/b\\n\\n', 'printf "first\\nsec\\033[31mond\\n" >&2');
  while (logger.warnings.length < 2) await sleep(1);
  expect(logger.warnings).toEqual([
    'GET /cgi-bin/a.sh: first',
    expect.stringMatching(/^GET \/cgi-bin\/a.sh: sec.*ond$/),
  ]);
  expect(logger.warnings.join('')).not.toContain('\x1b');
});

describe('504 is the answer to a script that', () => {
  test.each<[string, CgiDirectoryOptions, string]>([
    ['gives nothing', { startTimeout: 30 }, 'sleep 100'],
    ['gives no whole header', { idleTimeout: 30 }, 'echo a: b; sleep 100'],
    ['gives no document', { idleTimeout: 30 }, 'echo Content-Type: text/plain; echo; sleep 100'],
    [
      'takes too long',
      { timeout: 30 },
      'echo Content-Type: text/plain; while sleep 0.01; do printf x >&2; done',
    ],
  ])('%s', async (_, options, lines) => {
    folder.script('slow.sh', lines);
    expect((await client(options).get('/cgi-bin/slow.sh')).status).toBe(504);
    expect(logger.errors).toEqual([`GET /cgi-bin/slow.sh: ${folder.path}/slow.sh gave nothing in time`]);
  });

  test('is too late where the document has begun, which is cut then', async () => {
    folder.script('slow.sh', 'printf "Content-Type: text/plain\\n\\npart"; sleep 100');
    const response = await client({ idleTimeout: 30 }).get('/cgi-bin/slow.sh');
    await expect(response.text()).rejects.toMatchObject({ reason: 'time' });
  });
});

describe('the body of a request', () => {
  test('is what its script reads, with its length', async () => {
    folder.script('echo.sh', `${HEAD}; printf "$CONTENT_LENGTH "; cat`);
    expect(await statusAndText(client().post('/cgi-bin/echo.sh', { data: 'abc' }))).toEqual([200, '3 abc']);
    expect(await statusAndText(client().post('/cgi-bin/echo.sh', { data: '' }))).toEqual([200, '0 ']);
    expect(await statusAndText(client().get('/cgi-bin/echo.sh'))).toEqual([200, ' ']);
  });

  test('in chunks waits on disk until its length is known, and nothing of it stays there', async () => {
    folder.script('echo.sh', `${HEAD}; printf "$CONTENT_LENGTH "; cat`);
    const spooled = () => readdirSync(tmpdir()).filter((name) => name.startsWith('obol-cgi-'));
    // A process that was killed may have left some.
    const known = new Set(spooled());
    const body = ['abc', 'def'];
    expect(await statusAndText(client().post('/cgi-bin/echo.sh', { body }))).toEqual([200, '6 abcdef']);
    // Other tests may have one there for a moment.
    while (spooled().some((name) => !known.has(name))) await sleep(1);
  });

  test.each([
    ['has a length', { data: 'abcd' }],
    ['comes in chunks', { body: ['ab', 'cd'] }],
  ])('that is too long is 413, where it %s', async (_, init) => {
    folder.script('echo.sh', `${HEAD}; cat`);
    expect((await client({ maxBody: 3 }).post('/cgi-bin/echo.sh', init)).status).toBe(413);
    expect((await client({ maxBody: 4 }).post('/cgi-bin/echo.sh', init)).status).toBe(200);
  });

  test('need not be read', async () => {
    folder.script('a.sh', `${HEAD}; echo done`);
    const data = Buffer.alloc(1_000_000);
    expect(await statusAndText(client().post('/cgi-bin/a.sh', { data }))).toEqual([200, 'done\n']);
  });

  test('goes with any method', async () => {
    folder.script('a.sh', `${HEAD}; printf "$REQUEST_METHOD "; cat`);
    for (const method of ['PUT', 'DELETE', 'PROPFIND', 'OPTIONS', 'PATCH'])
      expect(await statusAndText(client().request('/cgi-bin/a.sh', { method, data: 'x' }))).toEqual([
        200,
        `${method} x`,
      ]);
  });
});

describe('which script is run', () => {
  const SHOW = `${HEAD}; printf "%s|%s|%s" "$SCRIPT_NAME" "$PATH_INFO" "$SCRIPT_FILENAME"`;

  test.each([
    ['/cgi-bin/a.sh', '/cgi-bin/a.sh', '', '/a.sh'],
    ['/cgi-bin/a.sh/', '/cgi-bin/a.sh', '/', '/a.sh'],
    ['/cgi-bin/a.sh/b/c%20d', '/cgi-bin/a.sh', '/b/c d', '/a.sh'],
    ['/cgi-bin/a.sh//b', '/cgi-bin/a.sh', '//b', '/a.sh'],
    ['/cgi-bin/%61.sh/b.sh', '/cgi-bin/a.sh', '/b.sh', '/a.sh'],
    ['/cgi-bin/sub/b.sh/c', '/cgi-bin/sub/b.sh', '/c', '/sub/b.sh'],
    ['/cgi-bin/sp%20ace', '/cgi-bin/sp ace', '', '/sp ace'],
    ['/cgi-bin/50%25', '/cgi-bin/50%', '', '/50%'],
    ['/cgi-bin/link.sh/b', '/cgi-bin/link.sh', '/b', '/a.sh'],
  ])('%s: %j with the rest %j', async (target, name, pathInfo, file) => {
    for (const script of ['a.sh', 'sub/b.sh', 'sp ace', '50%']) folder.script(script, SHOW);
    symlinkSync('a.sh', join(folder.path, 'link.sh'));
    expect(await (await client().get(target)).text()).toBe(`${name}|${pathInfo}|${folder.path}${file}`);
  });

  test.each([
    ['is not there', '/cgi-bin/no.sh', 404],
    ['is not there, below a folder', '/cgi-bin/sub/no.sh', 404],
    ['has a dot before its name', '/cgi-bin/.hidden.sh', 404],
    ['is in a hidden folder', '/cgi-bin/.git/a.sh', 404],
    ['is in other letters', '/cgi-bin/A.SH', 404],
    ['looks alike', '/cgi-bin/a.%EF%BD%93h', 404],
    ['has an encoded slash before its name', '/cgi-bin%2Fa.sh', 404],
    ['has an encoded slash in its name', '/cgi-bin/sub%2Fb.sh', 404],
    ['has an encoded slash behind its name', '/cgi-bin/a.sh/x%2Fy', 404],
    ['has an encoded backslash', '/cgi-bin/sub%5Cb.sh', 404],
    ['has an empty segment before its name', '/cgi-bin//a.sh', 404],
    ['has an empty segment before all', '//cgi-bin/a.sh', 404],
    ['has octets that are no UTF-8', '/cgi-bin/a.sh/%E7', 404],
    ['is a segment too far', '/cgi-bin/sub/../a.sh', 400],
    ['is outside', '/cgi-bin/../a.sh', 400],
    ['is outside, encoded', '/cgi-bin/%2e%2e/a.sh', 400],
    ['is outside, half encoded', '/cgi-bin/.%2e/%2e%2e/bin/sh', 400],
    ['has a NUL', '/cgi-bin/a.sh%00', 400],
    ['is a link that leads out', '/cgi-bin/out.sh', 404],
    ['is below a link that leads out', '/cgi-bin/out/sh', 404],
    ['is the folder', '/cgi-bin/', 403],
    ['is a folder', '/cgi-bin/sub', 403],
    ['is a folder with a slash', '/cgi-bin/sub/', 403],
    ['is not executable', '/cgi-bin/data.txt', 403],
    ['is not executable, with a rest', '/cgi-bin/data.txt/a', 403],
    ['is no file', '/cgi-bin/pipe', 403],
    ['may be changed by all', '/cgi-bin/open.sh', 403],
  ])('none that %s: %s is %d', async (_, target, status) => {
    for (const script of ['a.sh', 'sub/b.sh', '.hidden.sh', '.git/a.sh']) folder.script(script, SHOW);
    folder.script('data.txt', 'SECRET=1', 0o644);
    folder.script('open.sh', SHOW, 0o757);
    folder.fifo('pipe');
    symlinkSync('/bin/sh', join(folder.path, 'out.sh'));
    symlinkSync('/bin', join(folder.path, 'out'));
    for (const method of ['GET', 'POST']) {
      const response = await client().request(target, { method });
      expect([response.status, (await response.text()).includes('SECRET')]).toEqual([status, false]);
    }
  });

  test('the folder itself is asked for with a slash', async () => {
    const response = await client().get('/cgi-bin?a');
    expect([response.status, response.headers.get('location')]).toEqual([308, '/cgi-bin/?a']);
  });

  test('may be one of all that are allowed', async () => {
    folder.script('open.sh', SHOW, 0o757);
    symlinkSync('/bin/true', join(folder.path, 'out'));
    expect((await client({ allowWorldWritable: true }).get('/cgi-bin/open.sh')).status).toBe(200);
    expect((await client({ followSymlinks: true }).get('/cgi-bin/out')).status).toBe(502);
  });

  test('it runs in its own folder', async () => {
    folder.script('sub/pwd.sh', `${HEAD}; pwd`);
    expect(await (await client().get('/cgi-bin/sub/pwd.sh')).text()).toBe(`${folder.path}/sub\n`);
  });
});

describe('scripts by their ending', () => {
  const options: CgiDirectoryOptions = { extensions: ['.cgi'], interpreters: { '.php': '/bin/sh' } };
  const next: Handler = (request) => makeResponse(`next ${request.path}`);

  function site(): TestClient {
    folder.script('a.cgi', `${HEAD}; echo run`);
    folder.script('sub/b.php', `${HEAD}; echo "$0 $PATH_INFO"`, 0o644);
    folder.script('c.sh', `${HEAD}; echo run`);
    folder.script('d.PHP', 'SECRET', 0o644);
    folder.script('.hidden/e.php', 'SECRET', 0o644);
    for (const name of ['f.php.bak', 'f.phtml', 'f.shtml']) folder.file(name, 'SECRET');
    symlinkSync('a.cgi', join(folder.path, 'link.txt'));
    symlinkSync('sub/b.php', join(folder.path, 'link.cgi.bak'));
    symlinkSync('c.sh', join(folder.path, 'link.sh'));
    const scripts = cgiDirectory(folder.path, options);
    return clientOf((request) => scripts(request, next));
  }

  test.each([
    ['/a.cgi', 'run\n'],
    ['/sub/b.php/x', `PATH/sub/b.php /x\n`],
    ['/c.sh', 'next /c.sh'],
    ['/', 'next /'],
    ['/sub', 'next /sub'],
    ['/d.PHP', '404'],
    ['/d.%EF%BC%B0HP', '404'],
    ['/d.%C5%BFh', 'next /d.ſh'],
    ['/none.php', '404'],
    ['/none.cGI', '404'],
    ['/none.php/x', '404'],
    ['/.hidden/e.php', '404'],
    ['/sub%2Fb.php', '404'],
    ['/sub%5Cb.php', '404'],
    ['/%E9/b.php', '404'],
    ['//sub/b.php', '404'],
    ['/link.txt', '404'],
    ['/link.txt/x', '404'],
    ['/link.cgi.bak', '404'],
    ['/link.sh', 'next /link.sh'],
    ['/f.php.bak', '404'],
    ['/f.phtml', '404'],
    ['/f.shtml', 'next /f.shtml'],
    ['/none', 'next /none'],
    ['/none.php.bak', 'next /none.php.bak'],
    ['/sub/none/x.txt', 'next /sub/none/x.txt'],
    ['/.well-known/a', 'next /.well-known/a'],
    ['/%E9', 'next /%E9'],
    ['/a%2Fb', 'next /a%2Fb'],
    ['//', 'next //'],
  ])('%s is answered by %j', async (target, answer) => {
    const response = await site().get(target);
    const text = response.status === 200 ? await response.text() : String(response.status);
    expect(text.replace(folder.path, 'PATH')).toBe(answer);
  });

  test('leave all else at 404 where there is no next handler', async () => {
    folder.script('c.sh', `${HEAD}; echo run`);
    expect((await clientOf(cgiDirectory(folder.path, options)).get('/c.sh')).status).toBe(404);
  });
});

describe('the index of a folder', () => {
  const index = ['index.cgi', 'index.sh'];

  beforeEach(() => {
    folder.script('index.sh', `${HEAD}; printf "%s|" "$SCRIPT_NAME" "$PATH_INFO"`);
    folder.script('sub/index.sh', `${HEAD}; printf "%s|" "$SCRIPT_NAME" "$PATH_INFO"`);
    folder.file('other/a.txt', '');
  });

  test.each([
    ['/cgi-bin/', 200, '/cgi-bin/index.sh||'],
    ['/cgi-bin/sub/', 200, '/cgi-bin/sub/index.sh||'],
    ['/cgi-bin/sub', 308, ''],
    ['/cgi-bin/other/', 403, undefined],
  ])('answers for it: %s', async (target, status, text) => {
    const response = await client({ index }).get(target);
    expect([response.status, text === undefined ? undefined : await response.text()]).toEqual([status, text]);
  });

  test('is a script: what is none is for the next handler', () => {
    expect(() => cgiDirectory(folder.path, { extensions: ['.cgi'], index })).toThrow(
      developerError(
        'E_SETTING',
        'cgiDirectory.index: "index.sh" has the ending of no script; other files are for the handler behind.',
      ),
    );
  });
});

describe('cgiDirectories()', () => {
  test('runs what is below /cgi-bin and /htbin, and leaves all else to the next handler', async () => {
    folder.script('cgi-bin/a.sh', `${HEAD}; echo cgi-bin`);
    folder.script('htbin/a.sh', `${HEAD}; echo htbin`);
    folder.file('a.txt', 'text');
    const files = staticFiles(folder.path);
    const scripts = cgiDirectories(folder.path);
    const site = clientOf((request) => scripts(request, files));
    expect(await statusAndText(site.get('/cgi-bin/a.sh'))).toEqual([200, 'cgi-bin\n']);
    expect(await statusAndText(site.get('/htbin/a.sh'))).toEqual([200, 'htbin\n']);
    expect(await statusAndText(site.get('/a.txt'))).toEqual([200, 'text']);
    const posted = await site.post('/a.txt', { data: 'x' });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
    expect((await site.get('/cgi-binary')).status).toBe(404);
  });

  test.each(['/htbin', '/htbin/', '/htbin/a.sh'])(
    'answers 404 to %s where there is no such folder',
    async (path) => {
      const scripts = cgiDirectories(folder.path);
      const client = clientOf((request) => scripts(request, () => makeResponse('next')));
      expect((await client.get(path, { followRedirects: true })).status).toBe(404);
    },
  );

  test('may have other paths, also of folders that are not there', async () => {
    folder.script('sub/dir/cgi-bin/a.sh', `${HEAD}; echo "$SCRIPT_NAME"`);
    const scripts = cgiDirectories(folder.path, { paths: ['/sub/dir/cgi-bin', '/none'] });
    const site = clientOf((request) => scripts(request, () => makeResponse('next')));
    expect(await statusAndText(site.get('/sub/dir/cgi-bin/a.sh'))).toEqual([200, '/sub/dir/cgi-bin/a.sh\n']);
    expect((await site.get('/none/a.sh')).status).toBe(404);
    expect(await statusAndText(site.get('/cgi-bin/a.sh'))).toEqual([200, 'next']);
  });
});

describe('cgiProgram()', () => {
  const show = `${HEAD}; printf "%s|" "$SCRIPT_NAME" "$PATH_INFO" "$QUERY_STRING" "$@"`;

  function program(options: CgiProgramOptions = {}): TestClient {
    return clientOf(mount('/p', cgiProgram(folder.script('p.sh', show), options)));
  }

  test('answers every path with one program, whose arguments are fixed', async () => {
    const text = await (await program({ args: ['-x', 'y z'] }).get('/p/a%20b/c?d=%20')).text();
    expect(text).toBe('/p|/a b/c|d=%20|-x|y z|');
    expect(await (await program().get('/p/?a+b')).text()).toBe('/p|/|a+b|');
  });

  test('gives the words of a query as arguments only where that is wanted, and never an option', async () => {
    const indexed = program({ indexedQuery: true });
    expect(await (await indexed.get('/p/?a+b%20c')).text()).toBe('/p|/|a+b%20c|a|b c|');
    expect(await (await indexed.get('/p/?-s')).text()).toBe('/p|/|-s|');
    expect(await (await indexed.post('/p/?a', { data: '' })).text()).toBe('/p|/|a|');
  });

  test('finds a program by its name at the start', async () => {
    const asked = clientOf(cgiProgram('sh', { args: ['-c', `${HEAD}; pwd`], cwd: folder.path }));
    expect(await statusAndText(asked.get('/'))).toEqual([200, `${folder.path}\n`]);
  });

  test('is asked for paths, and for nothing else', async () => {
    expect((await clientOf(cgiProgram('true')).options('*')).status).toBe(404);
  });

  test('has the variables that it is given, and the user whom the application has found', async () => {
    const env = 'printf "%s|" "$OWN" "$REMOTE_USER" "$AUTH_TYPE" "$HTTP_AUTHORIZATION" "$DOCUMENT_ROOT"';
    const file = folder.script('env.sh', `${HEAD}; ${env}`);
    const options: CgiProgramOptions = { env: { OWN: 'own' }, documentRoot: '/srv' };
    const headers = { Authorization: 'Basic YTpi' };
    const asked = clientOf(cgiProgram(file, options));
    expect(await (await asked.get('/', { user: 'smith', headers })).text()).toBe('own|smith|||/srv|');
    expect(await (await asked.get('/', { user: { name: 'jones' } })).text()).toBe('own|jones|||/srv|');
    expect(await (await asked.get('/', { user: { id: 1 }, headers })).text()).toBe('own||||/srv|');
    const own = {
      ...options,
      passAuthorization: true,
      remoteUser: ({ user }: Request) => `id-${String(user)}`,
    };
    const trusting = clientOf(cgiProgram(file, own));
    expect(await (await trusting.get('/', { user: 7, headers })).text()).toBe('own|id-7||Basic YTpi|/srv|');
  });

  test('may run as the owner of a folder', () => {
    expect(ownerOf(folder.path)).toEqual({ uid: process.getuid?.(), gid: process.getgid?.() });
    expect(() => cgiProgram('true', ownerOf(folder.path))).not.toThrow();
  });
});

describe('mistakes', () => {
  test.each<[string, () => unknown, string]>([
    ['a folder that is none', () => cgiDirectory('/no/such'), 'cgiDirectory: "/no/such" is no directory.'],
    [
      'a program that is none',
      () => cgiProgram('/no/such'),
      'cgiProgram: there is no program "/no/such" that may be run.',
    ],
    [
      'a name that is not in PATH',
      () => cgiProgram('no-such-program'),
      'cgiProgram: there is no program "no-such-program" that may be run in PATH; for a file in the working directory, write "./no-such-program".',
    ],
    [
      'a file that may not be run',
      () => cgiProgram('/etc/passwd'),
      'cgiProgram: there is no program "/etc/passwd" that may be run.',
    ],
    [
      'a folder for a program',
      () => cgiProgram('/usr'),
      'cgiProgram: there is no program "/usr" that may be run.',
    ],
    [
      'an interpreter that is none',
      () => cgiDirectory('/', { interpreters: { '.php': '/no/such' } }),
      'cgiDirectory.interpreters[".php"]: there is no program "/no/such" that may be run.',
    ],
    [
      'an ending without its dot',
      () => cgiDirectory('/', { extensions: ['cgi'] }),
      'cgiDirectory.extensions[0]: "cgi" is not the ending of a file name, such as ".cgi".',
    ],
    [
      'a table that is none',
      () => cgiDirectory('/', { interpreters: { php: 'sh' } }),
      'cgiDirectory.interpreters: [Object] is not a table of programs by ending, such as { ".php": "php-cgi" }.',
    ],
    [
      'a path without its slash',
      () => cgiDirectories('/', { paths: ['cgi-bin'] }),
      'cgiDirectories.paths[0]: "cgi-bin" is not a path such as "/cgi-bin".',
    ],
    [
      'a variable that cannot be one',
      () => cgiProgram('true', { env: { 'A=B': 'c' } }),
      'cgiProgram.env: [Object] is not a table of variables, such as { LANG: "C.UTF-8" }.',
    ],
  ])('%s is one', (_, act, message) => {
    expect(act).toThrow(developerError('E_SETTING', message));
  });
});

describe('on a server', () => {
  let served: Served | undefined;

  afterEach(async () => {
    await served?.server.close();
    served = undefined;
  });

  async function connect(handler: Handler): Promise<RawClient> {
    served = await serve(handler, { drainTimeout: 50 });
    return RawClient.connect(served.port);
  }

  test('a script ends with its client, and so does what it has started', async () => {
    folder.script('a.sh', `sleep 100 & echo $! >&2; ${HEAD}; echo begun; wait`);
    const raw = await connect(cgiDirectory(folder.path));
    const warnings = served?.logger.warnings ?? [];
    raw.send('GET /a.sh HTTP/1.1\r\nHost: a\r\n\r\n');
    while (warnings.length === 0) await sleep(5);
    const [pid = ''] = /\d+$/.exec(warnings[0] ?? '') ?? [];
    expect(isAlive(pid)).toBe(true);
    raw.destroy();
    while (isAlive(pid)) await sleep(5);
  });

  test('a connection goes on after documents of any framing', async () => {
    folder.script(
      'a.sh',
      'printf "Content-Type: text/plain\\nContent-Length: 3\\nConnection: close\\n\\nhello"',
    );
    folder.script(
      'b.sh',
      'printf "Content-Type: text/plain\\nTransfer-Encoding: chunked\\n\\n0\\r\\n\\r\\n"',
    );
    const raw = await connect(cgiDirectory(folder.path));
    for (const [path, text] of [
      ['/a.sh', 'hello'],
      ['/b.sh', '0\r\n\r\n'],
      ['/a.sh', 'hello'],
    ] as const) {
      raw.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
      const response = await raw.response();
      expect([response.status, response.text, response.complete]).toEqual([200, text, true]);
    }
    raw.destroy();
  });

  test('one too many is 503, and may come again', async () => {
    folder.script('a.sh', `while [ ! -e go ]; do sleep 0.01; done; ${HEAD}`);
    served = await serve(cgiDirectory(folder.path, { concurrency: 2, queue: 2 }));
    const { url } = served.server;
    const refused = deferred();
    const statuses: number[] = [];
    const ask = async (): Promise<void> => {
      const response = await fetch(`${url}/a.sh`);
      statuses.push(response.status);
      if (response.status === 503) expect(response.headers.get('retry-after')).toBe('1');
      if (statuses.length === 4) refused.resolve();
    };
    const asked = Array.from({ length: 8 }, ask);
    await refused.promise;
    folder.file('go', '');
    await Promise.all(asked);
    expect(statuses).toEqual([503, 503, 503, 503, 200, 200, 200, 200]);
  });
});

/** Whether a process lives; one that is dead and not yet fetched by its parent does not. */
function isAlive(pid: string): boolean {
  try {
    return !/^State:\s*[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
}
