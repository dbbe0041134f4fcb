/** PHP and Perl with the libraries that their programs are written with. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cgiDirectory } from 'obol/cgi';
import { serve, type Served } from '../../support/serve.js';
import { ScriptsFolder } from '../../support/scripts.js';

const folder = new ScriptsFolder();
let served: Served;

beforeAll(async () => {
  folder.program(
    'info.php',
    `<?php
$seen = (int) ($_COOKIE['seen'] ?? 0) + 1;
setcookie('seen', "$seen");
setcookie('other', 'x');
header('Content-Type: application/json');
$server = array_intersect_key($_SERVER, array_flip(['REQUEST_METHOD', 'SCRIPT_NAME', 'PATH_INFO', 'QUERY_STRING', 'PHP_SELF']));
$upload = isset($_FILES['file']) ? [$_FILES['file']['name'], file_get_contents($_FILES['file']['tmp_name'])] : null;
echo json_encode(['sapi' => php_sapi_name(), 'server' => $server, 'get' => $_GET, 'post' => $_POST, 'upload' => $upload], JSON_INVALID_UTF8_SUBSTITUTE);
`,
    0o644,
  );
  folder.program('gone.php', `<?php http_response_code(410); echo 'gone';`, 0o644);
  folder.program('elsewhere.php', `<?php header('Location: https://example.org/');`, 0o644);
  folder.program('broken.php', `<?php this is no PHP`, 0o644);
  folder.program(
    'İ.php',
    `<?php header('Content-Type: text/plain'); echo $_SERVER['SCRIPT_NAME'], $_SERVER['PATH_INFO'] ?? '';`,
    0o644,
  );
  folder.program(
    'form.pl',
    `#!/usr/bin/env perl
use strict;
use warnings;
use CGI;
my $q = CGI->new;
my @cookies = map { $q->cookie(-name => $_, -value => "$_ value", -httponly => 1) } qw(one two);
my $file = $q->upload('file');
my $size = 0;
if ($file) { binmode $file; local $/; $size = length <$file>; }
print $q->header(-type => 'text/plain', -charset => 'utf-8', -cookie => \\@cookies);
print join("\\n", $q->request_method, scalar $q->param('name') // '', "$size", $q->cookie('sent') // '', $q->url(-absolute => 1), $q->path_info), "\\n";
`,
  );
  folder.program(
    'redirect.pl',
    "#!/usr/bin/env perl\nuse CGI;\nprint CGI->new->redirect('/form.pl?name=redirected');\n",
  );
  served = await serve(
    cgiDirectory(folder.path, { extensions: ['.pl'], interpreters: { '.php': '/usr/bin/php-cgi' } }),
  );
});
afterAll(async () => {
  await served.server.close();
  folder.remove();
});

const at = (path: string, init?: RequestInit): Promise<Response> =>
  fetch(`http://127.0.0.1:${String(served.port)}${path}`, { redirect: 'manual', ...init });

function upload(bytes: number): FormData {
  const form = new FormData();
  form.set('name', 'Ann & Bob');
  form.set('file', new Blob([Buffer.alloc(bytes, 'x')]), 'a b.txt');
  return form;
}

describe('php-cgi', () => {
  const ask = async (path: string, init?: RequestInit): Promise<unknown> => (await at(path, init)).json();

  test('knows the script, the rest of the path and the query', async () => {
    expect(await ask('/info.php/more/path?a=1&b%5B%5D=2')).toEqual({
      sapi: 'cgi-fcgi',
      server: {
        REQUEST_METHOD: 'GET',
        SCRIPT_NAME: '/info.php',
        PATH_INFO: '/more/path',
        QUERY_STRING: 'a=1&b%5B%5D=2',
        PHP_SELF: '/info.php/more/path',
      },
      get: { a: '1', b: ['2'] },
      post: [],
      upload: null,
    });
  });

  test('reads forms', async () => {
    const body = new URLSearchParams({ name: 'Ann & Bob', 'list[]': '1' });
    expect(await ask('/info.php', { method: 'POST', body })).toMatchObject({
      post: { name: 'Ann & Bob', list: ['1'] },
    });
  });

  test('takes uploads', async () => {
    expect(await ask('/info.php', { method: 'POST', body: upload(10) })).toMatchObject({
      post: { name: 'Ann & Bob' },
      upload: ['a b.txt', 'xxxxxxxxxx'],
    });
  });

  test('keeps cookies, each in a field of its own', async () => {
    const answer = await at('/info.php', { headers: { Cookie: 'seen=41; a=b' } });
    expect(answer.headers.getSetCookie()).toEqual(['seen=42', 'other=x']);
  });

  test('says the status', async () => {
    const answer = await at('/gone.php');
    expect([answer.status, await answer.text()]).toEqual([410, 'gone']);
  });

  test('redirects', async () => {
    const answer = await at('/elsewhere.php');
    expect([answer.status, answer.headers.get('location')]).toEqual([302, 'https://example.org/']);
  });

  test.each([
    '-s',
    '-s+x',
    '%2ds',
    '-dauto_prepend_file%3d/etc/passwd',
    '--help',
    '-h',
    '%ADs',
    '+-s',
    '-i',
    '-v',
  ])('takes ?%s for no option', async (query) => {
    const text = await (await at(`/info.php?${query}`)).text();
    expect(text).toContain('"sapi":"cgi-fcgi"');
    expect(text).not.toMatch(/root:|setcookie|Usage:/);
  });

  test('is not misled by letters that change their length in lower case', async () => {
    const answer = await at('/%C4%B0.php/x');
    expect([answer.status, await answer.text()]).toEqual([200, '/İ.php/x']);
  });

  test.each([
    '/info.ph%CF%81',
    '/info.PHP',
    '/info.php.',
    '/info.php%20',
    '/info.php%00',
    '/info%E2%80%A4php',
    '/info.php%2Fx',
  ])('shows no source by %s', async (path) => {
    const answer = await at(path);
    expect([400, 403, 404]).toContain(answer.status);
    expect(await answer.text()).not.toContain('setcookie');
  });
});

describe('CGI.pm', () => {
  test('reads fields of the query and cookies', async () => {
    const answer = await at('/form.pl/path?name=Ann', { headers: { Cookie: 'x=1; sent=yes' } });
    expect(await answer.text()).toBe('GET\nAnn\n0\nyes\n/form.pl\n/path\n');
  });

  test('sets cookies, each in a field of its own', async () => {
    const answer = await at('/form.pl');
    expect(answer.headers.getSetCookie()).toEqual([
      'one=one%20value; path=/; HttpOnly',
      'two=two%20value; path=/; HttpOnly',
    ]);
  });

  test('takes an upload of 1 MB', async () => {
    const answer = await at('/form.pl', { method: 'POST', body: upload(1_000_000) });
    expect([answer.status, (await answer.text()).split('\n').slice(0, 3)]).toEqual([
      200,
      ['POST', 'Ann & Bob', '1000000'],
    ]);
  });

  test('redirects', async () => {
    const answer = await at('/redirect.pl');
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/form.pl?name=redirected']);
  });
});
