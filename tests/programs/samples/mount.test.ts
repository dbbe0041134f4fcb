/** samples/mount as its readers start it. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Sample } from '../../support/sample.js';

const sample = new Sample('mount', {});

beforeAll(() => sample.start());
afterAll(() => sample.stop());

const linksOf = (html: string): string[] =>
  [...html.matchAll(/href="([^"]+)"/g)].map(([, link = '']) => link);

test('every link of the site and of what is mounted in it leads somewhere', async () => {
  const pending = ['/'];
  const seen = new Set<string>();
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const url = new URL(path, sample.url);
    if (seen.has(url.pathname)) continue;
    seen.add(url.pathname);
    const response = await fetch(url);
    expect([path, response.status]).toEqual([path, 200]);
    if (response.headers.get('content-type')?.startsWith('text/html'))
      pending.push(...linksOf(await response.text()).map((link) => new URL(link, url).pathname));
    else await response.arrayBuffer();
  }
  expect([...seen]).toEqual(
    expect.arrayContaining(['/shop/goods', '/shop/goods/lamp', '/files/', '/files/main.ts']),
  );
});
