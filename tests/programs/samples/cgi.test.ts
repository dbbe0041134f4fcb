/** samples/cgi as its readers start it. */
import { describe, expect, test } from '@jest/globals';
import { sample } from '../../support/sample.js';

const running = sample('cgi', { SECRET_OF_THE_SERVER: 'hidden', HTTP_PROXY: 'http://proxy.example' });

const linksOf = (html: string): string[] =>
  [...html.matchAll(/(?:href|src)="([^"#][^"]*)"/g)].map(([, link = '']) => link.replaceAll('&amp;', '&'));

/** NAME=VALUE of env.sh. */
async function environmentAt(target: string, fields: readonly string[] = []): Promise<Map<string, string>> {
  const answer = await running.ask(`GET ${target}`, fields);
  expect([answer.status, answer.header('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
  const lines = answer.text.trimEnd().split('\n');
  return new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

test('every link of the page leads somewhere', async () => {
  const links = linksOf(await (await fetch(running.url)).text()).filter((link) => !link.startsWith('data:'));
  const statuses = await Promise.all(
    links.map(async (link) => {
      const answer = await fetch(new URL(link, running.url), { redirect: 'manual' });
      await answer.arrayBuffer();
      return [link, answer.status];
    }),
  );
  expect(statuses).toEqual([
    ['cgi-bin/env.sh/path?a=1', 200],
    ['cgi-bin/form.py', 200],
    ['cgi-bin/hello.pl?name=Anna', 200],
    ['cgi-bin/status.sh', 404],
    ['cgi-bin/local.sh', 200],
    ['gitweb/', 200],
    ['about.txt', 200],
  ]);
});

describe('env.sh', () => {
  test('has the variables of RFC 3875, and those that everyone expects', async () => {
    const variables = Object.fromEntries(
      await environmentAt('/cgi-bin/env.sh/more%20path?a=1&b=%20', ['Accept: */*']),
    );
    expect(variables).toMatchObject({
      GATEWAY_INTERFACE: 'CGI/1.1',
      HTTP_ACCEPT: '*/*',
      HTTP_HOST: 'localhost',
      PATH_INFO: '/more path',
      QUERY_STRING: 'a=1&b=%20',
      REDIRECT_STATUS: '200',
      REMOTE_ADDR: '127.0.0.1',
      REQUEST_METHOD: 'GET',
      REQUEST_SCHEME: 'http',
      REQUEST_URI: '/cgi-bin/env.sh/more%20path?a=1&b=%20',
      SCRIPT_FILENAME: expect.stringMatching(/\/samples\/cgi\/cgi-bin\/env\.sh$/),
      SCRIPT_NAME: '/cgi-bin/env.sh',
      SERVER_NAME: 'localhost',
      SERVER_PROTOCOL: 'HTTP/1.1',
    });
    expect(Object.keys(variables)).toEqual(
      expect.arrayContaining(['PATH', 'PATH_TRANSLATED', 'SERVER_ADDR', 'SERVER_PORT', 'SERVER_SOFTWARE']),
    );
  });

  test('knows nothing of the environment of the server', async () => {
    const variables = await environmentAt('/cgi-bin/env.sh');
    expect([...variables.values()].join('\n')).not.toMatch(/hidden|proxy\.example/);
  });

  test('has a line end in the path in no line of its own', async () => {
    const variables = await environmentAt('/cgi-bin/env.sh/a%0AREMOTE_USER=root').catch(() => new Map());
    expect(variables.has('REMOTE_USER')).toBe(false);
  });

  test.each([
    ['Proxy: http://evil.example', 'HTTP_PROXY'],
    ['pRoXy: http://evil.example', 'HTTP_PROXY'],
    ['Authorization: Basic YTpi', 'HTTP_AUTHORIZATION'],
    ['Authorization: Basic YTpi', 'REMOTE_USER'],
    ['Authorization: Basic YTpi', 'AUTH_TYPE'],
    ['Proxy-Authorization: Basic YTpi', 'HTTP_PROXY_AUTHORIZATION'],
    ['X_Real_Name: evil', 'HTTP_X_REAL_NAME'],
    ['X.Real.Name: evil', 'HTTP_X_REAL_NAME'],
    ['X_Real-Name: evil', 'HTTP_X_REAL_NAME'],
    ['Remote_User: root', 'HTTP_REMOTE_USER'],
    ['Remote-User: root', 'REMOTE_USER'],
    ['Content_Length: 1', 'CONTENT_LENGTH'],
    ['Connection: close', 'HTTP_CONNECTION'],
  ])('of the field %s there is no %s', async (field, name) => {
    expect((await environmentAt('/cgi-bin/env.sh', [field])).has(name)).toBe(false);
  });

  test('has a command in a field as what it is, a text', async () => {
    const variables = await environmentAt('/cgi-bin/env.sh', ['User-Agent: () { :;}; echo broken in']);
    expect(variables.get('HTTP_USER_AGENT')).toBe('() { :;}; echo broken in');
  });

  test.each([
    '/cgi-bin%2Fenv.sh',
    '/cgi-bin%5Cenv.sh',
    '/cgi-bin//env.sh',
    '/cgi-bin/%2e%2e/cgi-bin/env.sh',
    '/cgi-bin/..%2fcgi-bin/env.sh',
    '/cgi-bin/../main.ts',
    '/cgi-bin/.%2e/.%2e/etc/passwd',
    '/cgi-bin/%2e%2e%2fmain.ts',
    '/cgi-bin/env.sh/../form.py',
    '/cgi-bin/env.sh%00',
    '/cgi-bin/env.ſh',
  ])('%s is answered with 400 or 404, and with nothing of a file', async (target) => {
    const { status, text } = await running.ask(`GET ${encodeURI(target).replaceAll('%25', '%')}`);
    expect([400, 404]).toContain(status);
    expect(text).not.toMatch(/GATEWAY_INTERFACE|#!|root:|import /);
  });
});

describe('form.py', () => {
  const fields = { name: '<Ann & Bob>', empty: '' };
  const shown = /<dt>name<\/dt>\s*<dd>&lt;Ann &amp; Bob&gt;<\/dd>/;

  test('is a form, and HEAD of it has no content', async () => {
    const page = await running.ask('GET /cgi-bin/form.py');
    expect(page.text).toContain('<form method="post"');
    const head = await running.ask('HEAD /cgi-bin/form.py');
    expect([head.status, head.text]).toEqual([200, '']);
  });

  test('shows what was sent urlencoded', async () => {
    const body = new URLSearchParams(fields);
    const answer = await fetch(`${running.url}/cgi-bin/form.py`, { method: 'POST', body });
    expect(await answer.text()).toMatch(shown);
  });

  test('shows what was sent as multipart, with a file', async () => {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    body.set('file', new Blob([Buffer.from([0, 255, 13, 10, 13, 10])]), 'ä.bin');
    const answer = await fetch(`${running.url}/cgi-bin/form.py`, { method: 'POST', body });
    const html = await answer.text();
    expect(html).toMatch(shown);
    expect(html).toContain('<dd>ä.bin (6 bytes)</dd>');
  });

  test('knows the length of what comes in chunks', async () => {
    const body = new Blob(['name=', 'chunked']).stream();
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const init = { method: 'POST', headers, body, duplex: 'half' } as RequestInit;
    expect(await (await fetch(`${running.url}/cgi-bin/form.py`, init)).text()).toContain('<dd>chunked</dd>');
  });
});

test('hello.pl greets', async () => {
  const answer = await fetch(`${running.url}/cgi-bin/hello.pl?name=%C3%84nne+%3Cb%3E`);
  expect(await answer.text()).toContain('<h1>Hello, Änne &lt;b&gt;!</h1>');
});

test('status.sh says its status', async () => {
  const answer = await fetch(`${running.url}/cgi-bin/status.sh`);
  expect([answer.status, await answer.text()]).toEqual([
    404,
    'The script says that there is nothing here.\n',
  ]);
});

test.each(['GET', 'POST'])('local.sh is answered inside, by GET, to %s', async (method) => {
  const init = { method, redirect: 'manual', ...(method === 'POST' && { body: 'a=1' }) } as const;
  const answer = await fetch(`${running.url}/cgi-bin/local.sh`, init);
  expect([answer.status, answer.headers.has('location')]).toEqual([200, false]);
  const lines = (await answer.text()).split('\n');
  expect(lines).toEqual(expect.arrayContaining(['REQUEST_METHOD=GET', 'QUERY_STRING=from=local.sh']));
  expect(lines.filter((line) => /^CONTENT_LENGTH=./.test(line))).toEqual([]);
});

test('a POST to a file is refused', async () => {
  const answer = await fetch(`${running.url}/about.txt`, { method: 'POST', body: 'a=1' });
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
});

test('gitweb has pages, and they lead to each other', async () => {
  const pending = ['/gitweb/', '/gitweb/static/gitweb.css'];
  const seen = new Map<string, string>();
  for (let path = pending.pop(); path !== undefined && seen.size < 12; path = pending.pop()) {
    if (seen.has(path)) continue;
    const url = new URL(path, running.url);
    const answer = await fetch(url);
    const text = await answer.text();
    seen.set(path, `${String(answer.status)} ${answer.headers.get('content-type') ?? ''}`);
    if (answer.headers.get('content-type')?.includes('html'))
      pending.push(
        ...linksOf(text)
          .map((link) => new URL(link, /<base href="([^"]+)"/.exec(text)?.[1] ?? url))
          .filter(({ origin, pathname }) => origin === running.url && pathname.startsWith('/gitweb'))
          .map(({ pathname, search }) => pathname + search),
      );
  }
  expect([...seen].filter(([, answer]) => !answer.startsWith('200 '))).toEqual([]);
  expect([...seen.keys()].some((path) => path.includes('demo.git'))).toBe(true);
  expect(seen.get('/gitweb/static/gitweb.css')).toBe('200 text/css; charset=utf-8');
});
