/** `obol serve --cgi`, asked what the tests of Python's http.server ask it. */
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { obolCommand, Program } from '../../support/program.js';
import { RawClient, type RawResponse } from '../../support/raw-client.js';
import { ScriptsFolder } from '../../support/scripts.js';

const python = (...lines: string[]): string =>
  [
    '#!/usr/bin/env python3',
    'import os, sys, urllib.parse',
    'print("Content-type: text/html")',
    'print()',
    ...lines,
    '',
  ].join('\n');
const HELLO = python('print("Hello World")');

const folder = new ScriptsFolder();
let program: Program;
let port = 0;

beforeAll(async () => {
  folder.program('nocgi.py', HELLO, 0o777);
  folder.program('cgi-bin/file1.py', HELLO, 0o777);
  folder.program(
    'cgi-bin/file2.py',
    python(
      'fields = dict(urllib.parse.parse_qsl(sys.stdin.read(int(os.environ["CONTENT_LENGTH"]))))',
      'print("{spam}, {eggs}, {bacon}".format(**fields))',
    ),
    0o777,
  );
  folder.program('cgi-bin/child-dir/file3.py', HELLO, 0o777);
  folder.program('cgi-bin/file4.py', python('print(os.environ["QUERY_STRING"])'), 0o777);
  folder.program('sub/dir/cgi-bin/file5.py', HELLO, 0o777);
  folder.program('cgi-bin/file6.py', python('for pair in os.environ.items(): print("=".join(pair))'), 0o777);
  folder.program('cgi-bin/data.txt', 'secret of a script', 0o644);
  folder.program('htbin/hello.sh', "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nhello from htbin\\n'\n");
  folder.program('sub/dir/page.txt', 'a file');
  symlinkSync('cgi-bin', join(folder.path, 'link'));
  symlinkSync('cgi-bin/file1.py', join(folder.path, 'link.py'));
  program = new Program([...obolCommand(), 'serve', folder.path, '--port', '0', '--cgi=/sub/dir/cgi-bin']);
  port = Number((await program.prints(/ at http:\/\/.*:(\d+)\/ \(Ctrl-C to stop\)\n/))[1]);
});
afterAll(async () => {
  await program.stop();
  folder.remove();
});

/** Sends the target as it stands, and the form where it has the fields of one. */
async function ask(target: string, fields: readonly string[] = []): Promise<RawResponse> {
  const client = await RawClient.connect(port);
  const [method, body] = fields === FORM ? ['POST', 'spam=1&eggs=python&bacon=123456'] : ['GET', ''];
  try {
    return await client.request(`${method} ${target}`, [...fields, 'Connection: close'], body).response();
  } finally {
    client.destroy();
  }
}

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
const FORM = ['Content-Type: application/x-www-form-urlencoded', 'Content-Length: 31'];
const BASIC = [`Authorization: Basic ${Buffer.from('username:pass').toString('base64')}`];

test.each<[what: string, target: string, text: string, fields: readonly string[]]>([
  ['a script', '/cgi-bin/file1.py', 'Hello World', []],
  ['a form', '/cgi-bin/file2.py', '1, python, 123456', FORM],
  ['a name and a password', '/cgi-bin/file1.py', 'Hello World', BASIC],
  ['a folder in the folder', '/cgi-bin/child-dir/file3.py', 'Hello World', []],
  ['two question marks', '/cgi-bin/file4.py?a=b?c=d', 'a=b?c=d', []],
  [
    'slashes in the query',
    '/cgi-bin/file4.py?k=aa%2F%2Fbb&//q//p//=//a//b//',
    'k=aa%2F%2Fbb&//q//p//=//a//b//',
    [],
  ],
  ['a path that was added', '/sub/dir/cgi-bin/file5.py', 'Hello World', []],
])('Python 3.12 and we answer %s', async (_what, target, text, fields) => {
  const answer = await ask(target, fields);
  expect([answer.status, answer.header('content-type'), answer.text]).toEqual([
    200,
    'text/html',
    `${text}\n`,
  ]);
});

test.each([
  ['/cgi-bin/invalid', 404],
  ['/cgi-bin/missing/file1.py', 404],
])('Python 3.12 and we answer %s with %d', async (target, status) => {
  expect((await ask(target)).status).toBe(status);
});

test('Python 3.12 and we give a script the types that a browser likes', async () => {
  const { status, text } = await ask('/cgi-bin/file6.py', [`Accept: ${BROWSER}`]);
  expect([status, text.split('\n').filter((line) => line.startsWith('HTTP_ACCEPT='))]).toEqual([
    200,
    [`HTTP_ACCEPT=${BROWSER}`],
  ]);
});

/** What Python answers otherwise, and the rule that is the reason. */
const DIFFERENCES: readonly {
  readonly of: string;
  readonly target: string;
  readonly fields?: readonly string[];
  readonly python: string;
  readonly ours: readonly [status: number, line?: string];
  readonly rule: string;
}[] = [
  {
    of: 'test_no_leading_slash',
    target: 'cgi-bin/file1.py',
    python: 'runs the script',
    ours: [400],
    rule: 'RFC 9112 3.2: the target of a request begins with a slash, or is a whole URL',
  },
  {
    of: 'test_urlquote_decoding_in_cgi_check',
    target: '/cgi-bin%2ffile1.py',
    python: 'runs the script',
    ours: [404],
    rule: 'hardening.md S1: an encoded slash is never a separator',
  },
  {
    of: 'test_issue19435',
    target: '///////////nocgi.py/../cgi-bin/nothere.sh',
    python: 'resolves the path and answers 404',
    ours: [400],
    rule: 'hardening.md S13: a segment `..` is refused',
  },
  {
    of: 'test_accept, without the field',
    target: '/cgi-bin/file6.py',
    python: 'gives an empty HTTP_ACCEPT',
    ours: [200],
    rule: 'RFC 3875 4.1.18: variables of fields that were sent',
  },
  {
    of: 'test_accept, with two fields',
    target: '/cgi-bin/file6.py',
    fields: ['Accept: text/html', 'ACCEPT: text/plain'],
    python: 'joins them by a comma',
    ours: [200, 'HTTP_ACCEPT=text/html, text/plain'],
    rule: 'RFC 9110 5.3: values are joined by a comma and a space',
  },
];

test.each(DIFFERENCES)('$of: Python $python, we do not ($rule)', async ({ target, fields, ours }) => {
  const { status, text } = await ask(target, fields);
  const line = text.split('\n').find((each) => each.startsWith('HTTP_ACCEPT='));
  expect([status, line]).toEqual([ours[0], ours[1]]);
});

describe('the inputs of test_url_collapse_path', () => {
  /** The target `/` is a listing, and `/cgi-bin/file1.py` a script; nothing else is there. */
  test.each<[string, readonly number[]]>([
    ['', [400]],
    ['..', [400]],
    ['/.//..', [400, 404]],
    ['/', [200]],
    ['//', [404]],
    ['/\\', [400, 404]],
    ['/.//', [400, 404]],
    ['cgi-bin/file1.py', [400]],
    ['/cgi-bin/file1.py', [200]],
    ['a', [400]],
    ['/a', [404]],
    ['//a', [404]],
    ['./a', [400]],
    ['./C:/', [400]],
    ['/a/b', [404]],
    ['/a/b/', [404]],
    ['/a/b/.', [400, 404]],
    ['/a/b/c/..', [400, 404]],
    ['/a/b/c/../d', [400, 404]],
    ['/a/b/c/../d/e/../f', [400, 404]],
    ['/a/b/c/../d/e/../../f', [400, 404]],
    ['/a/b/c/../d/e/.././././..//f', [400, 404]],
    ['../a/b/c/../d/e/.././././..//f', [400]],
    ['/a/b/c/../d/e/../../../f', [400, 404]],
    ['/a/b/c/../d/e/../../../../f', [400, 404]],
    ['/a/b/c/../d/e/../../../../../f', [400, 404]],
    ['/a/b/c/../d/e/../../../../f/..', [400, 404]],
    ['/a/b/c/../d/e/../../../../f/../.', [400, 404]],
  ])('%j is answered with one of %j', async (target, statuses) => {
    expect(statuses).toContain((await ask(target)).status);
  });
});

describe('the source of a script is not to be had', () => {
  test.each([
    '/cgi-bin',
    '/cgi-bin/',
    '/cgi-bin/child-dir',
    '/cgi-bin/child-dir/',
    '/cgi-bin/data.txt',
    '/%63gi-bin/data.txt',
    '/cgi%2dbin/data.txt',
    '//cgi-bin/file1.py',
    '/cgi-bin//file1.py',
    '/cgi-bin%2ffile1.py',
    '/cgi-bin%5cfile1.py',
    '/cgi-bin/%2e/file1.py',
    '/./cgi-bin/file1.py',
    '/sub/../cgi-bin/file1.py',
    '/sub/%2e%2e/cgi-bin/file1.py',
    '/sub/..%2fcgi-bin/file1.py',
    '/CGI-BIN/file1.py',
    '/Cgi-Bin/file1.py',
    '/cgi-bin/FILE1.PY',
    '/cgi-bin./file1.py',
    '/cgi-bin/file1.py.',
    '/cgi-bin/file1.py%20',
    '/cgi-bin/file1.py%00',
    '/cgi-bin/file1.py::$DATA',
    '/cgi-bin;x/file1.py',
    '/cgi-bin;/file1.py',
    '/cgi-bin/;/file1.py',
    '/cgi-bin/file1.py;x',
    '/link/file1.py',
    '/link.py',
    '/sub/dir//cgi-bin/file5.py',
    '/sub//dir/cgi-bin/file5.py',
    '/SUB/dir/cgi-bin/file5.py',
    'http://localhost//cgi-bin/file1.py',
  ])('by %s', async (target) => {
    const { status, text } = await ask(target);
    expect(text).not.toMatch(/import os|secret of a script|Hello World/);
    expect([301, 308, 400, 403, 404]).toContain(status);
  });

  test.each([
    '/%63gi-bin/file1.py',
    '/cgi%2Dbin/file1.py',
    '/cgi-bin/file1%2epy',
    'http://localhost/cgi-bin/file1.py',
  ])('by %s, which is the script itself', async (target) => {
    const { status, text } = await ask(target);
    expect([status, text]).toEqual([200, 'Hello World\n']);
  });
});

describe('everything else', () => {
  test('is files', async () => {
    expect(await ask('/sub/dir/page.txt')).toMatchObject({ status: 200, text: 'a file' });
    expect(await ask('/nocgi.py')).toMatchObject({ status: 200, text: HELLO });
  });

  test('takes no POST', async () => {
    const answer = await ask('/nocgi.py', FORM);
    expect([answer.status, answer.header('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
  });

  test('is scripts in /htbin too', async () => {
    expect(await ask('/htbin/hello.sh')).toMatchObject({ status: 200, text: 'hello from htbin\n' });
  });
});
