/** Pages of other origins in a real browser: what they may read, and inline scripts with a nonce. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bootstrap, Controller, Get, Put, reply, Response, type Request, type RunningServer } from 'obol';
import { cors } from 'obol/cors';
import { csrf } from 'obol/csrf';
import { requestId } from 'obol/request-id';
import { launchBrowser, SampleInBrowser, type Browser, type Page } from '../../support/browser.js';

const SOCKET = { port: 0, signals: false, drainLinger: 1 } as const;

@Controller()
class PageController {
  @Get('/') page() {
    return reply('<!doctype html><title>page</title>', {
      headers: { 'Content-Security-Policy': "default-src * 'unsafe-inline'" },
    });
  }
  @Get('/inline') inline(req: Request) {
    const nonce = req.cspNonce;
    return (
      `<!doctype html><title>inline</title><script nonce="${nonce}">document.title += " nonce"</script>` +
      '<script>document.title += " none"</script><script nonce="guessed">document.title += " guessed"</script>'
    );
  }
}

@Controller()
class ApiController {
  @Get('/') index(req: Request) {
    return reply(`cookie ${req.cookies.get('name') ?? 'none'}`, {
      headers: { 'X-Shown': '1', 'X-Other': '1' },
    });
  }
  @Put('/') put(req: Request) {
    return { put: req.json };
  }
  @Get('/login') login() {
    return new Response('in').setCookie('name', 'anna');
  }
  @Get('/crash') crash(): never {
    throw new RangeError('crash');
  }
}

describe('a page of another origin', () => {
  let browser: Browser;
  let servers: RunningServer[];
  let friend: Page;
  let stranger: Page;
  const urls: Record<string, string> = {};

  async function serve(options: Omit<Parameters<typeof bootstrap>[0], 'controllers'>): Promise<string> {
    const app = await bootstrap({ controllers: [ApiController], logger: silent, ...options });
    const server = await app.listen(SOCKET);
    servers.push(server);
    return server.url;
  }

  const silent = { error: () => undefined, warn: () => undefined };

  async function pageAt(url: string): Promise<Page> {
    const page = await (await browser.newContext()).newPage();
    await page.goto(url);
    return page;
  }

  /** What a page gets: status and text, or that it may not read. */
  function ask(page: Page, url: string, init = '{}'): Promise<string> {
    const read = `async (response) => response.status + ' ' + await response.text()`;
    return page.evaluate(`fetch(${JSON.stringify(url)}, ${init}).then(${read}, () => 'blocked')`);
  }

  beforeAll(async () => {
    servers = [];
    browser = await launchBrowser();
    const pages = [];
    for (let i = 0; i < 2; i++) {
      const app = await bootstrap({ controllers: [PageController], logger: silent });
      pages.push(await app.listen(SOCKET));
    }
    servers.push(...pages);
    const [own = '', other = ''] = pages.map(({ url }) => url);
    [friend, stranger] = [await pageAt(own), await pageAt(other)];
    const several = [own, 'https://shop.example'];
    const personal = { origins: several, credentials: true, exposedHeaders: ['X-Shown'] };
    urls['all'] = await serve({ features: [cors({ origins: '*' })] });
    urls['one'] = await serve({ features: [cors({ origins: [own] })] });
    urls['some'] = await serve({ features: [cors({ origins: several })] });
    urls['decided'] = await serve({
      features: [cors({ origins: async (origin) => Promise.resolve(origin === own) })],
    });
    urls['personal'] = await serve({ middleware: [csrf()], features: [cors(personal), requestId()] });
    urls['none'] = await serve({});
  });

  afterAll(async () => {
    await browser.close();
    await Promise.all(servers.map((server) => server.close()));
  });

  const PUT = `{ method: 'PUT', headers: { 'Content-Type': 'application/json', 'X-A': 'b' }, body: '1' }`;
  const BEARER = `{ headers: { Authorization: 'Bearer abc' } }`;
  const INCLUDE = `{ credentials: 'include' }`;

  test.each<[api: string, init: string, friend: string, stranger: string]>([
    ['all', '{}', '200 cookie none', '200 cookie none'],
    ['all', PUT, '200 {"put":1}', '200 {"put":1}'],
    ['all', BEARER, '200 cookie none', '200 cookie none'],
    ['all', INCLUDE, 'blocked', 'blocked'],
    ['one', '{}', '200 cookie none', 'blocked'],
    ['one', PUT, '200 {"put":1}', 'blocked'],
    ['some', '{}', '200 cookie none', 'blocked'],
    ['some', PUT, '200 {"put":1}', 'blocked'],
    ['some', INCLUDE, 'blocked', 'blocked'],
    ['decided', PUT, '200 {"put":1}', 'blocked'],
    ['personal', BEARER, '200 cookie none', 'blocked'],
    ['none', '{}', 'blocked', 'blocked'],
    ['none', PUT, 'blocked', 'blocked'],
  ])('%s: fetch with %s', async (api, init, ofFriend, ofStranger) => {
    const url = urls[api] ?? '';
    expect([await ask(friend, url, init), await ask(stranger, url, init)]).toEqual([ofFriend, ofStranger]);
  });

  test.each([
    ['/nowhere', '{}', 404],
    ['/crash', '{}', 500],
    ['/%zz', '{}', 400],
    ['/', `{ method: 'DELETE', credentials: 'include' }`, 403],
    ['/', PUT, 403],
  ])('reads that %s with %s is %s', async (path, init, status) => {
    expect(await ask(friend, `${urls['personal'] ?? ''}${path}`, init)).toMatch(
      new RegExp(`^${String(status)} `),
    );
  });

  test('asks as the user where it may, and reads the fields that it may', async () => {
    const api = urls['personal'] ?? '';
    expect(await ask(friend, `${api}/login`, INCLUDE)).toBe('200 in');
    expect(await ask(friend, api, INCLUDE)).toBe('200 cookie anna');
    expect(await ask(friend, api)).toBe('200 cookie none');
    const names = `['X-Shown', 'X-Other', 'X-Request-Id'].map((name) => headers.get(name))`;
    expect(await friend.evaluate(`fetch(${JSON.stringify(api)}).then(({ headers }) => ${names})`)).toEqual([
      '1',
      null,
      null,
    ]);
  });

  test('reads what its own navigation has put into the cache', async () => {
    const page = await pageAt(urls['some'] ?? '');
    await page.goto(await friend.evaluate('location.href'));
    expect(await ask(page, urls['some'] ?? '', `{ cache: 'force-cache' }`)).toBe('200 cookie none');
    await page.context().close();
  });

  test('of no origin reads what is for all, and nothing else', async () => {
    const frame = (api: string): string =>
      `new Promise((resolve) => {
        onmessage = ({ data }) => resolve(data);
        const frame = document.createElement('iframe');
        frame.sandbox = 'allow-scripts';
        const ask = "fetch(" + ${JSON.stringify(JSON.stringify(api))} + ").then((r) => r.text(), () => 'blocked')";
        frame.srcdoc = '<script>' + ask + ".then((text) => parent.postMessage(text, '*'))</" + 'script>';
        document.body.append(frame);
      })`;
    expect(await friend.evaluate(frame(urls['all'] ?? ''))).toBe('cookie none');
    expect(await friend.evaluate(frame(urls['some'] ?? ''))).toBe('blocked');
  });

  test('runs inline scripts that have the nonce of the page, and no others', async () => {
    const page = await pageAt(new URL('/inline', await stranger.evaluate<string>('location.href')).href);
    expect(await page.evaluate('document.title')).toBe('inline nonce');
    await page.context().close();
  });
});

test('samples/cors: the page shows what the API answers', async () => {
  const sample = await SampleInBrowser.start('cors');
  try {
    const { page, complaints } = await sample.open('/');
    await page.getByText(/The id of the answer was [\da-f-]{36}/).waitFor();
    const text = await page.locator('#log').textContent();
    expect(text).toContain(
      'PUT /notes/1 200 {"kept":1}\nGET /notes/1 200 {"note":"buy bread"}\nGET /nowhere 404 ',
    );
    // The browser itself complains of the 404.
    expect(complaints.filter((each) => !each.includes('status of 404'))).toEqual([]);
  } finally {
    await sample.stop();
  }
});
