/** samples/simple as its readers start it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { TestFolder } from '../../support/folder.js';
import { bodyOf, BOUNDARY, field, file } from '../../support/multipart.js';
import { RawClient } from '../../support/raw-client.js';
import { sample } from '../../support/sample.js';

const folder = new TestFolder();
const upload = join(folder.path, 'made', 'upload');
const server = sample('simple', { UPLOAD: upload });
afterAll(() => {
  folder.remove();
});

const HTML = 'text/html; charset=utf-8';
const TEXT = 'text/plain';
const CHARSET = 'text/plain; charset=utf-8';
const LINES = Array.from({ length: 10 }, (_, i) => `line ${i}\n`).join('');
const SOURCE = readFileSync(new URL('../../../samples/simple/main.ts', import.meta.url), 'utf8');
const UUID = '123e4567-e89b-12d3-a456-426655440000';
const MULTIPART = `Content-Type: multipart/form-data; boundary=${BOUNDARY}`;
const URLENCODED = 'Content-Type: application/x-www-form-urlencoded';

/** A row of a table in a page. */
function row(name: string, value: string): string {
  return `<tr><td>${name}</td><td>${value}</td></tr>`;
}

/** @param body every character a byte */
function post(path: string, type: string, body: string): ReturnType<typeof server.ask> {
  return server.ask(`POST ${path}`, [type, `Content-Length: ${body.length}`], body);
}

describe('/', () => {
  test('links to pages that answer as they say', async () => {
    const html = (await server.ask('GET /')).text;
    const links = [...html.matchAll(/<li><a href="([^"]+)">/g)].map(([, link = '']) => link);
    const statuses = await Promise.all(
      links.map(async (link) => [link, (await server.ask(`GET ${link}`)).status]),
    );
    expect(Object.fromEntries(statuses)).toEqual({
      '/': 200,
      '/test/static': 200,
      '/test/42': 200,
      '/test/3.14': 200,
      '/test/word': 200,
      [`/test/${UUID}`]: 200,
      '/test/user@example.net': 200,
      '/test/one/two/three': 200,
      '/test/%5Bany%5D': 200,
      '/test/headers': 200,
      '/test/form': 200,
      '/test/upload': 200,
      '/test/empty': 204,
      '/test/partial/unicodes': 200,
      '/test/partial/empty': 200,
      '/test/partial/generator': 200,
      '/yield': 200,
      '/simple': 200,
      '/none': 204,
      '/bad-request': 400,
      '/forbidden': 403,
      '/not-modified': 304,
      '/not-implemented': 501,
      '/internal-server-error': 500,
      '/no-page': 404,
    });
  });
});

test.each<[string, number, string | undefined, string | undefined]>([
  ['GET /style.css', 200, 'text/css; charset=utf-8', undefined],
  ['GET /favicon.ico', 200, 'image/vnd.microsoft.icon', undefined],
  ['GET /test/partial/empty', 200, HTML, ''],
  ['GET /test/partial/generator', 200, CHARSET, LINES],
  ['GET /test/partial/unicodes', 200, CHARSET, 'ěščřžýáíéů'.repeat(10)],
  ['GET /yield', 200, CHARSET, LINES],
  ['GET /simple', 200, CHARSET, SOURCE],
  ['GET /none', 204, undefined, ''],
  ['PUT /internal-server-error', 405, 'application/problem+json', undefined],
])('%s answers %i', async (line, status, type, text) => {
  const response = await server.ask(line);
  expect([response.status, response.header('content-type'), response.complete]).toEqual([status, type, true]);
  if (text !== undefined) expect(response.text).toBe(text);
});

test('/favicon.ico is an icon', async () => {
  const { body } = await server.ask('GET /favicon.ico');
  expect(body.subarray(0, 6)).toEqual(Buffer.from([0, 0, 1, 0, 1, 0]));
});

test.each([
  ['static', 'object', 'null', 'static'],
  ['42', 'number', '42', '&lt;variable:int&gt;'],
  ['-7', 'number', '-7', '&lt;variable:int&gt;'],
  ['123.679', 'number', '123.679', '&lt;variable:float&gt;'],
  ['word', 'string', 'word', '&lt;variable:word&gt;'],
  [UUID, 'string', UUID, '&lt;variable:uuid&gt;'],
  [UUID.toUpperCase(), 'string', UUID, '&lt;variable:uuid&gt;'],
  ['teste@tester.net', 'string', 'teste@tester.net', '&lt;variable:email&gt;'],
])('/test/%s shows its variable and its route', async (path, type, value, route) => {
  const response = await server.ask(`GET /test/${path}`);
  expect([response.status, response.header('etag')]).toEqual([200, 'W/"0123"']);
  for (const line of [row('type', type), row('value', value), row('route', `/test/${route}`)])
    expect(response.text).toContain(line);
});

test('/test/static answers 304 to who has it', async () => {
  const response = await server.ask('GET /test/static', ['If-None-Match: W/"0123"']);
  expect([response.status, response.header('etag')]).toEqual([304, 'W/"0123"']);
});

test.each<[string, string, Record<string, string>]>([
  ['/one/two/three', '/&lt;v0&gt;/&lt;v1&gt;/&lt;v2&gt;', { v0: 'one', v1: 'two', v2: 'three' }],
  ['/[any]', '/&lt;variable:re:.*&gt;', { variable: '[any]' }],
  ['/a/b', '/&lt;variable:re:.*&gt;', { variable: 'a/b' }],
  ['/a/b/c/%3Ci%3E', '/&lt;variable:re:.*&gt;', { variable: 'a/b/c/&lt;i&gt;' }],
])('/test%s shows all its variables', async (path, route, variables) => {
  const { text } = await server.ask(`GET /test${path}`);
  const rows = Object.entries(variables).map(([name, value]) => row(name, value));
  const facts = [row('count', String(rows.length)), row('route', `/test${route}`)];
  for (const line of [...facts, ...rows]) expect(text).toContain(line);
});

test('shows the fields of the request as text', async () => {
  const { text } = await server.ask('GET /test/static?a=<b>', ['X-Script: <script>alert(1)</script>']);
  expect(text).toContain(row('X-Script', '&lt;script&gt;alert(1)&lt;/script&gt;'));
  expect(text).toContain(row('query', 'a=&lt;b&gt;'));
  expect(text).not.toContain('<script');
});

test('/test/headers answers what the fields say, as JSON', async () => {
  const response = await server.ask('GET /test/headers', [
    'Accept: text/html,text/xhtml,application/json',
    'X-Requested-With: XMLHttpRequest',
  ]);
  expect([response.header('content-type'), response.header('x-powered-by')]).toEqual([
    'application/json',
    'Obol',
  ]);
  expect(JSON.parse(response.text)).toMatchObject({
    Host: 'localhost',
    'Accept-MimeType': { html: true, xhtml: true, json: true },
    XMLHttpRequest: true,
  });
});

test('/test/empty answers 204 with its header', async () => {
  const response = await server.ask('GET /test/empty');
  expect([response.status, response.header('super-header'), response.header('content-length')]).toEqual([
    204,
    'SuperValue',
    undefined,
  ]);
});

describe('/test/form', () => {
  test('shows three forms', async () => {
    const { text } = await server.ask('GET /test/form');
    expect(text.match(/<form[^>]*>/g)).toEqual([
      '<form>',
      '<form method="post" enctype="multipart/form-data">',
      '<form method="post">',
    ]);
  });

  test('shows the arguments of the form sent with GET', async () => {
    const { text } = await server.ask('GET /test/form?gname=Ond%C5%99ej&gsurname=T&gx=1&gx=2&gx=%3Cb%3E');
    const [form = '', args = ''] = text.split('<h2>Arguments</h2>');
    expect(form).toContain(row('keys', ''));
    for (const line of [
      row('keys', 'gname, gsurname, gx'),
      row('first values', 'Ondřej, T, 1'),
      row('getFirst(&#39;gname&#39;)', 'Ondřej'),
      row('getFirst(&#39;gx&#39;)', '1'),
      row('getList(&#39;gname&#39;)', '[&quot;Ondřej&quot;]'),
      row('getList(&#39;gx&#39;)', '[&quot;1&quot;,&quot;2&quot;,&quot;&lt;b&gt;&quot;]'),
    ])
      expect(args).toContain(line);
  });

  test.each([
    ['multipart', MULTIPART, bodyOf(field('pname', 'Ada'), field('px', '8'), field('px', '7')).toString()],
    ['urlencoded', URLENCODED, 'pname=Ada&px=8&px=7'],
  ])('shows the fields of a %s form', async (_, type, body) => {
    const response = await post('/test/form', type, body);
    expect(response.status).toBe(200);
    for (const line of [
      row('keys', 'pname, px'),
      row('first values', 'Ada, 8'),
      row('getFirst(&#39;pname&#39;)', 'Ada'),
      row('getList(&#39;px&#39;)', '[&quot;8&quot;,&quot;7&quot;]'),
    ])
      expect(response.text).toContain(line);
  });

  test('takes a POST without a form', async () => {
    const response = await server.ask('POST /test/form');
    expect([response.status, response.text.split(row('keys', '')).length]).toEqual([200, 3]);
  });
});

describe('/test/upload', () => {
  test('shows a form for files', async () => {
    const { text } = await server.ask('GET /test/upload');
    expect(text).toContain(
      '<form method="post" enctype="multipart/form-data">\n<input type="file" name="file_0"',
    );
  });

  test('stores files, shows them and removes them', async () => {
    const body = bodyOf(
      file('file_0', 'test <file>.py', '"""Doc & more"""\n', 'text/x-python'),
      file('file_1', '../../etc/passwd', 'RAW', 'text/plain'),
      file('file_2', '', '', 'application/octet-stream'),
    ).toString('latin1');
    const response = await post('/test/upload', MULTIPART, body.replace('RAW', '\xff\x00\x80'));
    expect(response.status).toBe(200);
    for (const text of [
      '<h2>test &lt;file&gt;.py</h2>',
      row('field', 'file_0'),
      row('type', 'text/x-python'),
      row('length', '17 bytes'),
      '<pre>&quot;&quot;&quot;Doc &amp; more&quot;&quot;&quot;\n</pre>',
      '<h2>passwd</h2>',
      '<pre>/wCA</pre>',
    ])
      expect(response.text).toContain(text);
    expect(response.text.match(/<h2>/g)).toHaveLength(2);
    // The folder was made for it, and is empty again.
    expect(readdirSync(upload)).toEqual([]);
  });

  test('shows no more than the beginning of a long file', async () => {
    const body = bodyOf(file('file_0', 'long.txt', 'x'.repeat(100_000))).toString();
    const { text } = await post('/test/upload', MULTIPART, body);
    expect(text).toContain(row('length', '100000 bytes'));
    expect(/<pre>(x+)<\/pre>/.exec(text)?.[1]).toHaveLength(65_536);
  });

  test.each(['Content-Length: 100000', 'Transfer-Encoding: chunked'])(
    'keeps nothing of a form that is cut short (%s)',
    async (framing) => {
      const parts = file('file_0', 'whole.txt', 'whole') + file('file_1', 'cut.txt', 'begins').slice(0, -2);
      const body = framing.startsWith('Content') ? parts : `${parts.length.toString(16)}\r\n${parts}\r\n`;
      const client = await RawClient.connect(server.port);
      client.request('POST /test/upload', [MULTIPART, framing], body);
      while (readdirSync(upload).length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
      client.socket.end();
      expect((await client.response()).status).toBe(400);
      client.destroy();
      while (readdirSync(upload).length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    },
  );

  test('reads no form that is for nobody', async () => {
    const response = await post('/no-page', MULTIPART, bodyOf(file('a', 'a.txt', 'a')).toString());
    expect(response.status).toBe(404);
    expect(readdirSync(upload)).toEqual([]);
  });
});

test.each<[string, string, number, string | RegExp, string | undefined]>([
  ['/test/partial/generator', 'bytes=0-14', 206, 'bytes 0-14/70', 'line 0\nline 1\nl'],
  ['/test/partial/generator', 'bytes=-15', 206, 'bytes 55-69/70', '\nline 8\nline 9\n'],
  ['/test/partial/unicodes', 'unicodes=50-99', 206, 'unicodes 50-99/100', 'ěščřžýáíéů'.repeat(5)],
  ['/test/partial/empty', 'bytes=0-99', 416, 'bytes */0', undefined],
  ['/simple', 'bytes=-100', 206, /^bytes \d+-\d+\/\d+$/, SOURCE.slice(-100)],
])('%s answers %s with %i', async (path, range, ...expected) => {
  const [status, contentRange, text] = expected;
  const response = await server.ask(`GET ${path}`, [`Range: ${range}`]);
  expect(response.status).toBe(status);
  expect(response.header('content-range')).toMatch(contentRange);
  if (text !== undefined) expect(response.text).toBe(text);
});

describe('POST /yield', () => {
  test.each(['', URLENCODED, 'Content-Type: application/json'])(
    'sends back a body as it comes (%s)',
    async (type) => {
      const chunks = ['0', '1', '2'].map((text) => `1\r\n${text}\r\n`);
      const client = await RawClient.connect(server.port);
      client.request('POST /yield', [...(type ? [type] : []), 'Transfer-Encoding: chunked'], chunks[0]);
      await client.until((received) => received.endsWith('1\r\n0\r\n'));
      client.send(`${chunks.slice(1).join('')}0\r\n\r\n`);
      const response = await client.response();
      expect([response.status, response.header('content-type'), response.text]).toEqual([200, TEXT, '012']);
      client.destroy();
    },
  );
});

describe('/simple', () => {
  test.each([
    ['etag', 'If-None-Match'],
    ['last-modified', 'If-Modified-Since'],
  ])('answers 304 to who knows its %s', async (name, condition) => {
    const value = (await server.ask('HEAD /simple')).header(name) ?? '';
    expect(value).not.toBe('');
    expect((await server.ask('GET /simple', [`${condition}: ${value}`])).status).toBe(304);
  });
});

describe('errors', () => {
  test('/bad-request tells what the handler of ValueError says', async () => {
    const response = await server.ask('GET /bad-request', ['Accept: application/problem+json']);
    expect(JSON.parse(response.text)).toMatchObject({
      status: 400,
      detail: 'What was asked for has no meaning',
    });
  });

  test('/not-modified answers the response that was thrown', async () => {
    const response = await server.ask('GET /not-modified');
    expect([response.status, response.header('etag')]).toEqual([304, '"012"']);
  });

  test('/internal-server-error shows the crash, since debug is on', async () => {
    expect((await server.ask('GET /internal-server-error')).text).toContain('Error: No handler takes this');
  });

  test('a page that is missing says so in its own words', async () => {
    const response = await server.ask('GET /no-page/%3Cb%3E');
    expect([response.status, response.header('content-type')]).toEqual([404, HTML]);
    expect(response.text).toContain('<p>There is no <code>/no-page/&lt;b&gt;</code> here.</p>');
  });

  test.each(['/', '/no-page', '/none', '/internal-server-error'])(
    '%s is timed by the after hook',
    async (path) => {
      expect((await server.ask(`GET ${path}`)).header('server-timing')).toMatch(/^app;dur=\d+$/);
    },
  );
});

describe('the document root', () => {
  test('serves the files of the current directory', async () => {
    const response = await server.ask('GET /package.json');
    expect([response.status, response.header('content-type')]).toEqual([200, 'application/json']);
    expect(response.text).toBe(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  });

  test('lists folders', async () => {
    expect((await server.ask('GET /samples/simple/')).text).toContain('storage.ts');
  });

  test.each([
    ['/.git/config', 404],
    ['/%2e%2e/package.json', 400],
    ['/samples/..%2f..%2f..%2fetc/passwd', 404],
  ])('%s leads nowhere', async (path, status) => {
    expect((await server.ask(`GET ${path}`)).status).toBe(status);
  });
});
