/** samples/http-digest in a real browser, which logs in by itself. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeInBrowser, SampleInBrowser, type Page } from '../support/browser.js';

describeInBrowser('samples/http-digest in Chromium', () => {
  let sample: SampleInBrowser;

  beforeAll(async () => {
    sample = await SampleInBrowser.start('http-digest');
  }, 30_000);

  afterAll(async () => {
    await sample.stop();
  });

  /** Opens a page with name and password in its URL, as one could type them. */
  async function open(path: string, user: string, password: string): Promise<Page> {
    const { page } = await sample.open('/');
    const url = new URL(path, sample.url);
    [url.username, url.password] = [user, password];
    await page.goto(url.href);
    return page;
  }

  test.each([
    ['/user_zone', 'user', 'looser'],
    ['/user/utf-8', 'Ondřej', 'heslíčko'],
    ['/spaces in url', 'sha', 'sha'],
    ['/čeština v url', 'Ondřej', 'heslíčko'],
    ['/crazy in url 🤪', 'foo', 'bar'],
    ['/admin_zone', 'admin', 'admin'],
  ])(
    '%s greets %s',
    async (path, user, password) => {
      const page = await open(path, user, password);
      expect(await page.locator('#user').textContent()).toBe(user);
      await page.context().close();
    },
    20_000,
  );

  test('goes from page to page without being asked again', async () => {
    const page = await open('/user_zone', 'user', 'looser');
    for (const path of ['/user', '/spaces%20in%20url', '/user/utf-8']) {
      await page.goto(sample.url + path);
      expect(await page.locator('#user').textContent()).toBe('user');
    }
    await page.context().close();
  }, 20_000);

  test('changes a password', async () => {
    const page = await open('/foo', 'foo', 'bar');
    await page.getByLabel('New password').fill('baz');
    const answer = page.waitForResponse((response) => response.url().endsWith('/foo/passwd'));
    await page.getByRole('button', { name: 'Change' }).click();
    await answer;
    await page.context().close();
    const next = await open('/user_zone', 'foo', 'baz');
    expect(await next.locator('#user').textContent()).toBe('foo');
    await next.context().close();
  }, 20_000);
});
