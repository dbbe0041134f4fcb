/** samples/static as its readers start it. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Program } from '../../support/program.js';

let program: Program;
let url: string;

beforeAll(async () => {
  program = new Program(['samples/run.mjs', 'static'], { PORT: '0' });
  [, url = ''] = await program.prints(/Listening on (http:\/\/127\.0\.0\.1:\d+)\n/);
});

afterAll(async () => {
  program.process.kill('SIGTERM');
  await program.exited;
  expect(program.output).not.toContain('Error');
});

test('serves a page with its style and its picture', async () => {
  const page = await fetch(`${url}/`);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  const html = await page.text();
  const links = [...html.matchAll(/<(?:link|img)[^>]*(?:href|src)="([^"]+)"/g)].map(([, link = '']) => link);
  expect(links).toEqual(['styles.css', 'coin-3f9a1c07.svg', 'coin-3f9a1c07.svg']);
  for (const link of links) expect((await fetch(`${url}/${link}`)).status).toBe(200);
});

test('sends the style compressed, and it is the same', async () => {
  const compressed = await fetch(`${url}/styles.css`, { headers: { 'Accept-Encoding': 'gzip' } });
  expect(compressed.headers.get('content-encoding')).toBe('gzip');
  const plain = await fetch(`${url}/styles.css`, { headers: { 'Accept-Encoding': 'identity' } });
  expect(plain.headers.has('content-encoding')).toBe(false);
  expect(await compressed.text()).toBe(await plain.text());
});

test('keeps what has a hash in its name for ever, and asks for the rest', async () => {
  const policyOf = async (path: string): Promise<string | null> =>
    (await fetch(url + path)).headers.get('cache-control');
  expect(await policyOf('/coin-3f9a1c07.svg')).toBe('public, immutable, max-age=31536000');
  expect(await policyOf('/styles.css')).toBe('no-cache');
});

test('lists a folder without a page, for people and for programs', async () => {
  const response = await fetch(`${url}/files`);
  expect(response.url).toBe(`${url}/files/`);
  const html = await response.text();
  expect(html).toContain('<a href="./notes/">');
  expect(html).toContain(
    '<a href="./50%25%20%26%20more%3A%20weights.csv"><bdi>50% &amp; more: weights.csv</bdi></a>',
  );
  const json = await fetch(`${url}/files/?sort=size`, { headers: { Accept: 'application/json' } });
  const { entries } = (await json.json()) as { entries: { name: string }[] };
  expect(entries.map(({ name }) => name)).toEqual(['notes', 'hello.txt', '50% & more: weights.csv']);
  expect((await fetch(`${url}/files/50%25%20%26%20more%3A%20weights.csv`)).status).toBe(200);
});
