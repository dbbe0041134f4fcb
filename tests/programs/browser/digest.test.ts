/** Digest authentication in a real browser, which logs in by itself: samples/http-digest, and what else it can be set to. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { bootstrap, Controller, Get, type Request, type RunningServer } from 'obol';
import { CheckDigest, digest, hexdigest, PasswordMap, type DigestOptions } from 'obol/auth';
import { launchBrowser, SampleInBrowser, type Browser, type Page } from '../../support/browser.js';
import { collectingLogger } from '../../support/collecting-logger.js';

describe('samples/http-digest in Chromium', () => {
  let sample: SampleInBrowser;

  beforeAll(async () => {
    sample = await SampleInBrowser.start('http-digest');
  });

  afterAll(async () => {
    await sample.stop();
  });

  /** Opens a page with name and password in its URL, as one could type them. */
  async function open(path: string, user: string, password: string): Promise<Page> {
    const url = new URL(path, sample.url);
    [url.username, url.password] = [user, password];
    return (await sample.open(url.href)).page;
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
  });

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
  });
});

@Controller()
class Zones {
  @Get('/zone') @CheckDigest('zone') zone(req: Request) {
    return `Hello, ${String(req.user)}!`;
  }
  @Get('/admin') @CheckDigest('zone', 'admin') admin() {
    return 'Hello, admin!';
  }
}

describe('Chromium', () => {
  let browser: Browser;
  let server: RunningServer | undefined;

  beforeAll(async () => {
    browser = await launchBrowser();
  });

  afterAll(() => browser.close());

  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  /** What somebody sees who opens the page with this password. */
  async function seen(path: string, password: string, options: Partial<DigestOptions> = {}): Promise<string> {
    const authMap = new PasswordMap();
    for (const user of ['ondřej', 'admin'])
      authMap.set('zone', user, [
        hexdigest(user, 'zone', 'heslíčko'),
        hexdigest(user, 'zone', 'heslíčko', 'SHA-256'),
      ]);
    const feature = digest({ secretKey: '5c1d7e0f94ab2836'.repeat(4), authMap, ...options });
    const app = await bootstrap({ controllers: [Zones], logger: collectingLogger(), features: [feature] });
    server = await app.listen({ port: 0, signals: false, drainLinger: 20, drainTimeout: 500 });
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      const url = new URL(path, server.url);
      [url.username, url.password] = ['ondřej', password];
      await page.goto(url.href);
      await page.goto(new URL(`${path}?again`, server.url).href);
      return await page.evaluate<string>('document.body.textContent.trim()');
    } finally {
      await context.close();
    }
  }

  test.each<[string, Partial<DigestOptions>]>([
    ['SHA-256, which is the default', {}],
    ['SHA-256-sess', { authAlgorithm: 'SHA-256-sess' }],
    ['MD5', { authAlgorithm: 'MD5' }],
    ['a choice of two', { authAlgorithm: ['MD5', 'SHA-256'] }],
    ['auth-int on offer, too', { authQop: ['auth', 'auth-int'] }],
    ['userhash on offer', { authUserhash: true }],
  ])(
    'logs in by %s',
    async (_name, options) => {
      expect(await seen('/zone', 'heslíčko', options)).toBe('Hello, ondřej!');
    },
    20_000,
  );

  test.each([
    ['/zone', 'wrong'],
    ['/admin', 'heslíčko'],
  ])(
    'is refused at %s with %s',
    async (path, password) => {
      // Without anybody at it, it gives up where people would be asked once more.
      await expect(seen(path, password)).rejects.toThrow('ERR_INVALID_AUTH_CREDENTIALS');
    },
    20_000,
  );
});
