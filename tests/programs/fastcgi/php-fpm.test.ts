/** The scripts of a folder, run by a real php-fpm: what they get and answer, what load costs, and what becomes of both when one leaves. */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fastcgi, type FastcgiOptions } from 'obol/fastcgi';
import { PhpFpm } from '../../support/php-fpm.js';
import { forgetPeak, HAS_PROC, openDescriptors, peakMemory, residentMemory } from '../../support/proc.js';
import { Program } from '../../support/program.js';
import { RawClient, type RawResponse } from '../../support/raw-client.js';
import { ScriptsFolder } from '../../support/scripts.js';
import { serve, type Served } from '../../support/serve.js';

const ROOT = resolve(import.meta.dirname, '../../..');
const MIB = 1024 * 1024;
const SIZE = 10 * MIB;
const SCRIPTS = {
  'info.php': `<?php header('Content-Type: application/json');
    $file = isset($_FILES['file']) ? [$_FILES['file']['name'], filesize($_FILES['file']['tmp_name'])] : null;
    echo json_encode(['server' => $_SERVER, 'get' => $_GET, 'post' => $_POST, 'cookie' => $_COOKIE, 'file' => $file]);`,
  'input.php': `<?php header('Content-Type: text/plain');
    $hash = hash_init('sha256'); $size = 0;
    for ($in = fopen('php://input', 'r'); !feof($in); $size += strlen($piece)) { $piece = fread($in, 8192); hash_update($hash, $piece); }
    echo $size, ' ', hash_final($hash), ' ', $_SERVER['CONTENT_LENGTH'] ?? '';`,
  'echo.php': `<?php header('Content-Type: application/octet-stream'); fpassthru(fopen('php://input', 'r'));`,
  'first-writes.php': `<?php header('Content-Type: text/plain');
    for ($i = 0; $i < 160; $i++) { echo str_repeat('x', 65536); flush(); } file_get_contents('php://input');`,
  'session.php': `<?php session_start(); echo $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;`,
  'status.php': `<?php http_response_code((int) $_GET['code']); echo 'said';`,
  'location.php': `<?php header('Location: ' . $_GET['to']);`,
  'headers.php': `<?php for ($i = 0; $i < 100; $i++) header("X-N$i: $i"); setcookie('a', '1'); setcookie('b', '2'); header('X-Two: a'); header('X-Two: b', false); echo 'many';`,
  'flush.php': `<?php echo 'first'; flush(); while (!file_exists(__DIR__ . '/go')) usleep(10000); echo ' second';`,
  'exit.php': `<?php echo 'before'; exit; echo 'after';`,
  'exit-text.php': `<?php exit('last words');`,
  'fatal.php': `<?php nothing_there();`,
  'late-fatal.php': `<?php echo 'part'; flush(); usleep(20000); nothing_there();`,
  'syntax.php': `<?php this is no PHP`,
  'etag.php': `<?php header('ETag: "a"'); if (($_SERVER['HTTP_IF_NONE_MATCH'] ?? '') === '"a"') { http_response_code(304); exit; } echo 'whole';`,
  'length.php': `<?php header('Content-Length: 5'); header('Content-Type: text/plain'); echo 'hello';`,
  'pid.php': `<?php echo getmypid();`,
  'slow.php': `<?php usleep(20000); echo 'done';`,
  'long.php': `<?php ignore_user_abort(false); echo 'begun'; flush();
    for ($i = 0; $i < 2000; $i++) { usleep(10000); echo ' '; flush(); } touch(sys_get_temp_dir() . '/obol-too-long');`,
};

const folder = new ScriptsFolder();
const servers: Program[] = [];
let fpm: PhpFpm;
let served: Served;

beforeAll(async () => {
  for (const [name, text] of Object.entries(SCRIPTS)) folder.program(name, text, 0o644);
  folder.file('photo.jpg', '<?php echo "run";');
  fpm = await PhpFpm.start();
  served = await serve(fastcgi({ socket: fpm.socket, root: folder.path }));
});
afterAll(async () => {
  await served.server.close();
  await Promise.all(servers.map((program) => program.stop()));
  await fpm.stop();
  folder.remove();
});

const at = (path: string, init?: RequestInit): Promise<Response> =>
  fetch(`http://127.0.0.1:${String(served.port)}${path}`, { redirect: 'manual', ...init });
const textAt = async (path: string, init?: RequestInit): Promise<string> => (await at(path, init)).text();
const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

const moment = (milliseconds: number): Promise<void> =>
  new Promise((proceed) => setTimeout(proceed, milliseconds));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await moment(20);
}

describe('a script', () => {
  test('learns of its request', async () => {
    const { server, get } = (await (
      await at('/info.php/a%20b?c%5B%5D=d', { headers: { Proxy: 'evil' } })
    ).json()) as {
      server: Record<string, string>;
      get: unknown;
    };
    expect(server).toMatchObject({
      SCRIPT_NAME: '/info.php',
      SCRIPT_FILENAME: `${folder.path}/info.php`,
      PATH_INFO: '/a b',
      PHP_SELF: '/info.php/a b',
      REQUEST_URI: '/info.php/a%20b?c%5B%5D=d',
      DOCUMENT_ROOT: folder.path,
    });
    expect(Object.keys(server)).not.toContain('HTTP_PROXY');
    expect(get).toEqual({ c: ['d'] });
  });

  test('gets forms, with files and without', async () => {
    const plain = new URLSearchParams({ name: 'Ann & Bob', 'list[]': '1' });
    expect(await (await at('/info.php', { method: 'POST', body: plain })).json()).toMatchObject({
      post: { name: 'Ann & Bob', list: ['1'] },
    });
    const body = new FormData();
    body.set('name', 'ä');
    body.set('file', new Blob([Buffer.alloc(1_500_000)]), 'a b.bin');
    expect(await (await at('/info.php', { method: 'POST', body })).json()).toMatchObject({
      post: { name: 'ä' },
      file: ['a b.bin', 1_500_000],
    });
  });

  test('gets a body of any size, with its length also where that comes in chunks', async () => {
    const body = randomBytes(3_000_000);
    const said = `3000000 ${hashOf(body)} 3000000`;
    expect(await textAt('/input.php', { method: 'PUT', body })).toBe(said);
    const init = { method: 'POST', body: new Blob([body]).stream(), duplex: 'half' } as RequestInit;
    expect(await textAt('/input.php', init)).toBe(said);
  });

  test('keeps a session', async () => {
    const [cookie = ''] = (await at('/session.php')).headers.getSetCookie();
    const headers = { Cookie: cookie.split(';')[0] ?? '' };
    expect([await textAt('/session.php', { headers }), await textAt('/session.php', { headers })]).toEqual([
      '2',
      '3',
    ]);
  });

  test.each([200, 201, 400, 404, 418, 500, 503])('says the status %d', async (code) => {
    const answer = await at(`/status.php?code=${String(code)}`);
    expect([answer.status, await answer.text()]).toEqual([code, 'said']);
  });

  test.each(['https://example.org/', '/info.php?a', 'info.php'])('redirects the client to %s', async (to) => {
    const answer = await at(`/location.php?to=${encodeURIComponent(to)}`);
    expect([answer.status, answer.headers.get('location')]).toEqual([302, to]);
  });

  test('has many header fields, and each cookie in its own', async () => {
    const { headers } = await at('/headers.php');
    expect([headers.get('x-n0'), headers.get('x-n99'), headers.get('x-two')]).toEqual(['0', '99', 'a, b']);
    expect(headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  test('sends what it flushes', async () => {
    const { body } = await at('/flush.php');
    const pieces: string[] = [];
    for await (const piece of body ?? []) {
      pieces.push(Buffer.from(piece).toString());
      writeFileSync(join(folder.path, 'go'), '');
    }
    expect([pieces[0], pieces.join('')]).toEqual(['first', 'first second']);
  });

  test('may exit', async () => {
    expect([await textAt('/exit.php'), await textAt('/exit-text.php')]).toEqual(['before', 'last words']);
  });

  test.each(['fatal.php', 'syntax.php'])('that fails is 500, and why is in the log: %s', async (name) => {
    expect((await at(`/${name}`)).status).toBe(500);
    await until(() =>
      served.logger.warnings.some((line) => line.startsWith(`GET /${name}: PHP message: PHP `)),
    );
  });

  test('that fails when it has begun ends there: php-fpm says in the log alone that it did', async () => {
    expect(await textAt('/late-fatal.php')).toBe('part');
    await until(() =>
      served.logger.warnings.some((line) => line.startsWith('GET /late-fatal.php: PHP message: ')),
    );
  });

  test('answers HEAD without a document, and what the client has already by 304', async () => {
    const head = await at('/length.php', { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '5', '']);
    const known = await at('/etag.php', { headers: { 'If-None-Match': '"a"' } });
    expect([known.status, known.headers.get('etag'), await known.text()]).toEqual([304, '"a"', '']);
    expect(await textAt('/etag.php')).toBe('whole');
  });

  test.each([
    '/photo.jpg',
    '/photo.jpg/x.php',
    '/photo.jpg/.php',
    '/photo.jpg%00.php',
    '/photo.jpg%2Fx.php',
    '/info.php%00.jpg',
    '/info.PHP',
    '/none.php',
    '/none/info.php',
    '/..%2finfo.php',
  ])('is not what %s names', async (path) => {
    const answer = await at(path);
    expect([400, 404]).toContain(answer.status);
    expect(await answer.text()).not.toMatch(/run|<\?php|No input file|File not found/);
  });
});

describe('php-fpm', () => {
  test('has fewer processes than there are requests: all are answered', async () => {
    const all = await Promise.all(Array.from({ length: 50 }, () => textAt('/slow.php')));
    expect(all).toEqual(Array(50).fill('done'));
  });

  test('has one process for two servers: all are answered', async () => {
    const single = await PhpFpm.start(1);
    const options: FastcgiOptions = { socket: single.socket, root: folder.path, keepTimeout: 50 };
    const both = [await serve(fastcgi(options)), await serve(fastcgi(options))];
    const asked = Array.from({ length: 12 }, async (_, index) => {
      const init = index % 3 === 0 ? { method: 'POST', body: 'a=b' } : {};
      return (await fetch(`${both[index % 2]?.server.url ?? ''}/slow.php`, init)).text();
    });
    expect(await Promise.all(asked)).toEqual(Array(12).fill('done'));
    for (const { server } of both) await server.close();
    await single.stop();
  });

  test('serves several requests on a connection', async () => {
    const pids = [await textAt('/pid.php'), await textAt('/pid.php'), await textAt('/pid.php')];
    expect(new Set(pids).size).toBe(1);
  });

  test('is started again in the middle: what runs is lost, all else is answered', async () => {
    const other = await PhpFpm.start();
    const { server, port, logger } = await serve(fastcgi({ socket: other.socket, root: folder.path }));
    const ask = (path: string, init?: RequestInit): Promise<Response> =>
      fetch(`http://127.0.0.1:${String(port)}${path}`, init);
    expect((await ask('/slow.php')).status).toBe(200);
    await other.restart();
    expect((await ask('/slow.php')).status).toBe(200);
    expect((await ask('/slow.php', { method: 'POST', body: 'a' })).status).toBe(200);
    await other.end();
    expect((await ask('/slow.php')).status).toBe(502);
    expect(logger.errors.at(-1)).toMatch(/^GET \/slow\.php: \S+slow\.php gave no connection: connect E/);
    await other.restart();
    expect((await ask('/slow.php')).status).toBe(200);
    await server.close();
    await other.stop();
  });
});

/** A server of its own, to look at. */
async function serverWith(options: FastcgiOptions = {}) {
  const program = new Program(
    ['--import', '@oxc-node/core/register', 'tests/programs/fixtures/fastcgi-server.ts'],
    { OPTIONS: JSON.stringify({ socket: fpm.socket, root: folder.path, ...options }) },
  );
  servers.push(program);
  const [, port] = await program.prints(/Listening on http:\/\/127\.0\.0\.1:(\d+)\n/);
  return { program, port: Number(port), pid: Number(program.process.pid) };
}

async function ask(port: number, path: string, body?: Buffer): Promise<RawResponse> {
  const client = await RawClient.connect(port);
  try {
    if (!body) return await client.request(`GET ${path}`).response();
    client.request(`POST ${path}`, [`Content-Length: ${String(body.length)}`]).send(body);
    return await client.response();
  } finally {
    client.destroy();
  }
}

describe('10 MB in and 10 MB out', () => {
  const body = randomBytes(SIZE);

  test.each([
    ['echo.php', body],
    ['first-writes.php', Buffer.alloc(SIZE, 'x')],
  ])('%s ends', async (name, expected) => {
    const { status, body: content, complete } = await ask(served.port, `/${name}`, body);
    expect([status, complete, content.equals(expected)]).toEqual([200, true, true]);
  });

  (HAS_PROC ? test : test.skip)('cost less than 8 MiB of memory', async () => {
    const { port, pid } = await serverWith();
    // What the first ones cost is code, and garbage until the collector knows how much of it there is.
    for (let round = 0; round < 30; round++) await ask(port, '/echo.php', body.subarray(0, MIB));
    const before = residentMemory(pid);
    forgetPeak(pid);
    await ask(port, '/echo.php', body);
    const rise = (peakMemory(pid) - before) / 1024;
    if (process.env['FIGURES']) process.stderr.write(`${rise.toFixed(1)} MiB for 10 MB in and out\n`);
    expect(rise).toBeLessThan(8);
  });
});

(HAS_PROC ? describe : describe.skip)('clients that leave', () => {
  test('leave no socket, and nothing that runs for them', async () => {
    const { port, pid, program } = await serverWith({ keepTimeout: 20 });
    await ask(port, '/pid.php');
    await moment(100);
    const before = openDescriptors(pid);
    const requests: readonly (readonly [string, readonly string[], string])[] = [
      ['GET /long.php', [], ''],
      ['POST /long.php', ['Transfer-Encoding: chunked'], '5\r\nhello\r\n0\r\n\r\n'],
      ['POST /input.php', ['Transfer-Encoding: chunked'], `1000\r\n${'x'.repeat(4096)}\r\n`],
      ['POST /input.php', ['Content-Length: 100000'], 'x'.repeat(5000)],
    ];
    for (let round = 0; round < 3; round++) {
      const clients = await Promise.all(Array.from({ length: 12 }, () => RawClient.connect(port)));
      clients.forEach((client, index) => client.request(...(requests[index % 4] ?? ['', [], ''])));
      await moment(round * 50);
      for (const client of clients) client.destroy();
    }
    await until(() => openDescriptors(pid) <= before);
    expect(program.output).not.toMatch(/Error/);
    // All processes of php-fpm are free again.
    const all = await Promise.all(Array.from({ length: 8 }, () => ask(port, '/slow.php')));
    expect(all.map(({ text }) => text)).toEqual(Array(8).fill('done'));
  });
});

test('the code of the document runs', async () => {
  const page = readFileSync(join(ROOT, 'docs/fastcgi.md'), 'utf8');
  const [first = '', second = ''] = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text = '']) => text);
  const project = new ScriptsFolder();
  symlinkSync(join(ROOT, 'node_modules'), join(project.path, 'node_modules'));
  symlinkSync(folder.path, join(project.path, 'site'));
  folder.file('app.txt', '');
  const { compilerOptions } = JSON.parse(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8')) as {
    compilerOptions: { paths: Record<string, string[]> };
  };
  const paths = Object.fromEntries(
    Object.entries(compilerOptions.paths).map(([name, files]) => [
      name,
      files.map((file) => join(ROOT, file)),
    ]),
  );
  project.file('tsconfig.json', JSON.stringify({ compilerOptions: { ...compilerOptions, paths } }));
  project.file('package.json', '{ "type": "module" }');
  project.file('app/public/index.php', '');
  project.file('other.ts', `${second}export { site };\n`);
  const code = first.replace('/run/php/php-fpm.sock', fpm.socket).replace('8080', '0');
  project.file(
    'page.ts',
    `process.chdir(import.meta.dirname);\nawait import('./other.js');\n${code}console.log(server.url);\n`,
  );
  const loader = join(ROOT, 'node_modules/@oxc-node/core/register.mjs');
  const program = new Program(['--import', loader, join(project.path, 'page.ts')], {
    TS_NODE_PROJECT: join(project.path, 'tsconfig.json'),
  });
  servers.push(program);
  const [url] = await program.prints(/http:\S+/);
  expect(await (await fetch(`${url}/exit.php`)).text()).toBe('before');
  expect((await fetch(`${url}/app.txt`)).status).toBe(200);
  expect(await (await fetch(`${url}/status`)).json()).toEqual({ up: true });
  project.remove();
});
