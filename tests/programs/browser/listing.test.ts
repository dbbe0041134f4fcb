/** A listing of hostile names in Chromium: they are shown, they lead to their files, and nothing of them runs. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SampleInBrowser, type Page } from '../../support/browser.js';
import { emptySite, HOSTILE_NAMES, type Site } from '../../support/site.js';

describe('the listing of a directory with hostile names', () => {
  let site: Site;
  let sample: SampleInBrowser;

  beforeAll(async () => {
    site = emptySite();
    for (const name of HOSTILE_NAMES) site.write(`names/${name}`, `this is ${name}`);
    site.write('<b onmouseover=alert(1)>/a.txt', 'a');
    sample = await SampleInBrowser.start('static', { FOLDER: site.root });
  });

  afterAll(async () => {
    await sample.stop();
    site.remove();
  });

  /** What the first column shows, and the absolute URLs that its links have for the browser. */
  const LINKS = `[...document.querySelectorAll('tbody a')].map((a) => [a.querySelector('bdi')?.textContent ?? '', a.href])`;

  async function linksOf(page: Page): Promise<Map<string, string>> {
    return new Map(await page.evaluate<[string, string][]>(LINKS));
  }

  test('runs nothing and breaks no policy', async () => {
    const { page, complaints } = await sample.open('/names/');
    expect(await page.evaluate(`document.querySelectorAll('img, script, iframe, b').length`)).toBe(0);
    expect(await page.evaluate(`getComputedStyle(document.querySelector('table')).borderCollapse`)).toBe(
      'collapse',
    );
    // The icon that browsers ask for by themselves is not there.
    expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
    await page.context().close();
  });

  test('shows every name as it is, and links to that very file', async () => {
    const { page } = await sample.open('/names/');
    const links = await linksOf(page);
    links.delete('');
    expect([...links.keys()].sort()).toEqual([...HOSTILE_NAMES].sort());
    for (const [name, url] of links) {
      expect(new URL(url).origin).toBe(sample.url);
      const response = await page.request.get(url);
      expect((await response.body()).toString()).toBe(`this is ${name}`);
    }
    await page.context().close();
  });

  test('leads into a directory with a hostile name and back', async () => {
    const { page } = await sample.open('/');
    await page.getByRole('link', { name: '<b onmouseover=alert(1)>/' }).click();
    expect(await page.evaluate('document.title')).toBe('Index of /<b onmouseover=alert(1)>/');
    expect([...(await linksOf(page)).keys()]).toEqual(['', 'a.txt']);
    await page.getByRole('link', { name: 'Parent directory' }).click();
    expect(await page.evaluate('location.pathname')).toBe('/');
    await page.context().close();
  });

  test('is sorted by its heads, without scripts', async () => {
    const { page } = await sample.open('/names/', { javaScriptEnabled: false });
    const names = async (): Promise<string[]> => [...(await linksOf(page)).keys()].slice(1);
    const ascending = await names();
    await page.locator('thead a', { hasText: 'Name' }).click();
    expect(await page.evaluate('location.search')).toBe('?sort=name&order=desc');
    expect(await names()).toEqual([...ascending].reverse());
    await page.context().close();
  });
});
