/** samples/php as its readers start it: by php-cgi, and by php-fpm. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PhpFpm } from '../../support/php-fpm.js';
import { Sample } from '../../support/sample.js';
import { ScriptsFolder } from '../../support/scripts.js';

let fpm: PhpFpm;
beforeAll(async () => {
  fpm = await PhpFpm.start();
});
afterAll(() => fpm.stop());

describe.each([
  ['php-cgi', 'cgi-fcgi'],
  ['php-fpm', 'fpm-fcgi'],
])('by %s', (program, sapi) => {
  const own = new ScriptsFolder();
  let running: Sample;
  let another: Sample;

  beforeAll(async () => {
    const env = { PHP_FPM: program === 'php-fpm' ? fpm.socket : '' };
    own.file('index.php', '<?php echo php_sapi_name();');
    own.file('sub/index.php', '<?php echo $_SERVER["SCRIPT_NAME"];');
    own.file('style.css', 'a{}');
    running = new Sample('php', env);
    another = new Sample('php', { ...env, PHP_ROOT: own.path });
    await running.start();
    await another.start();
  });
  afterAll(async () => {
    await running.stop();
    await another.stop();
    own.remove();
  });

  const at = (path: string, init?: RequestInit): Promise<Response> =>
    fetch(new URL(path, running.url), { redirect: 'manual', ...init });

  test('every link of the page leads where it says', async () => {
    const html = await (await at('/')).text();
    expect(html).toContain(`are run by ${program};`);
    const links = [...html.matchAll(/<a href="([^"]*)"/g)].map(([, link = '']) => link);
    const statuses = await Promise.all(
      links.map(async (link) => {
        const answer = await at(link);
        await answer.arrayBuffer();
        return [link, answer.status];
      }),
    );
    expect(statuses).toEqual([
      ['hello.php?name=Anna', 200],
      ['variables.php/more/path?a=1', 200],
      ['visits.php', 200],
      ['upload.php', 200],
      ['back.php', 303],
      ['lines.php', 200],
      ['gone.php', 410],
      ['broken.php', 500],
      ['about.txt', 200],
    ]);
    expect(running.output).toContain('GET /broken.php: PHP ');
  });

  test('a greeting is a text, whatever it is', async () => {
    expect(await (await at('/hello.php?name=%3Cb%3E')).text()).toContain('<h1>Hello, &lt;b&gt;!</h1>');
  });

  test('a session counts visits', async () => {
    const [cookie = ''] = (await at('/visits.php')).headers.getSetCookie();
    const headers = { Cookie: cookie.split(';')[0] ?? '' };
    for (const visits of [2, 3])
      expect(await (await at('/visits.php', { headers })).text()).toContain(
        `<h1>Visits: ${String(visits)}</h1>`,
      );
  });

  test('a file is taken', async () => {
    const body = new FormData();
    body.set('name', 'Ann & Bob');
    body.set('file', new Blob([Buffer.alloc(100_000)]), 'a b.bin');
    const html = await (await at('/upload.php', { method: 'POST', body })).text();
    expect(html).toContain('<dd>Ann &amp; Bob</dd>');
    expect(html).toContain('<dd>a b.bin (100000 bytes)</dd>');
  });

  test.each([
    '/page.inc',
    '/hello.PHP',
    '/hello.php.',
    '/hello%2Ephp%20',
    '/hello.php%2Fx',
    '/.%2e/main.ts',
    '/about.txt/x.php',
  ])('%s shows no source', async (path) => {
    const { status, text } = await running.ask(`GET ${path}`);
    expect([400, 404]).toContain(status);
    expect(text).not.toMatch(/<\?php|import /);
  });

  test('has another folder where that is named', async () => {
    expect(await (await fetch(another.url)).text()).toBe(sapi);
    expect(await (await fetch(`${another.url}/sub`)).text()).toBe('/sub/index.php');
    expect(await (await fetch(`${another.url}/style.css`)).text()).toBe('a{}');
  });
});
