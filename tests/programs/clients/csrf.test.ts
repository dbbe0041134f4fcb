/** CSRF protection as clients meet it: curl, and Chromium with pages of this site and of others. */
import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { bootstrap, Controller, Get, Post, reply, type Request, type RunningServer } from 'obol';
import { csrf, csrfField } from 'obol/csrf';
import { launchBrowser, type Browser, type Page } from '../../support/browser.js';
import { collectingLogger } from '../../support/collecting-logger.js';
import { TestFolder } from '../../support/folder.js';

const run = promisify(execFile);
const BUTTON = '<button>Pay</button>';

/** What reached the application: a line for each payment. */
let payments: string[] = [];
/** What the last unsafe request said of where it comes from, passed or refused. */
let said: (string | undefined)[] = [];

@Controller()
class Shop {
  @Get('/plain') plain() {
    return reply(`<form method="post" action="/pay">${BUTTON}</form>`, {
      headers: { 'Set-Cookie': 'SESSID=1; Path=/; HttpOnly' },
    });
  }

  @Get('/private') private() {
    return reply(`<form method="post" action="/pay">${BUTTON}</form>`, {
      headers: { 'Referrer-Policy': 'no-referrer' },
    });
  }

  @Get('/form') form(req: Request) {
    return `<form method="post" action="/pay">${csrfField(req)}<input name="to" value="smith"></form>`;
  }

  @Post('/pay') pay(req: Request) {
    payments.push(`to ${req.form.getFirst('to', 'nobody')}, session ${req.cookies.get('SESSID') ?? 'none'}`);
    return reply('paid', 'text/plain');
  }
}

async function listenShop(trustedOrigins: readonly string[] = []): Promise<RunningServer> {
  const app = await bootstrap({
    controllers: [Shop],
    logger: collectingLogger(),
    middleware: [
      (request, next) => {
        if (request.method === 'POST')
          said = [request.headers.get('sec-fetch-site'), request.headers.get('origin')];
        return next(request);
      },
      csrf({ trustedOrigins }),
    ],
  });
  return app.listen({ port: 0, signals: false, drainLinger: 20, drainTimeout: 2000 });
}

beforeEach(() => {
  payments = [];
  said = [];
});

describe('curl', () => {
  let server: RunningServer;
  let folder: TestFolder;

  beforeAll(async () => {
    server = await listenShop();
    folder = new TestFolder();
  });

  afterAll(async () => {
    folder.remove();
    await server.close();
  });

  /** The answer's text and status. */
  async function curl(path: string, ...args: string[]): Promise<string> {
    const options = [
      '--silent',
      '--max-time',
      '10',
      '--write-out',
      ' %{http_code}',
      '--header',
      'Accept: text/plain',
    ];
    return (await run('curl', [...options, ...args, server.url + path])).stdout;
  }

  const UNPROVED = /^403 There is no proof that this request came from a page of this site, .*\n 403$/;

  test('passes when it sends nothing that could be abused', async () => {
    expect(await curl('/pay', '--data', 'to=jones')).toBe('paid 200');
    expect(payments).toEqual(['to jones, session none']);
  });

  test('passes with a cookie and the token of a page, in the form or in the header', async () => {
    const jar = join(folder.path, 'cookies');
    const page = await curl('/form', '--cookie-jar', jar);
    const [, token = ''] = /name="_csrf" value="([\w-]+)"/.exec(page) ?? [];
    const cookies = ['--cookie', jar];
    expect(await curl('/pay', ...cookies, '--data', `to=smith&_csrf=${token}`)).toBe('paid 200');
    expect(await curl('/pay', ...cookies, '--form', 'to=jones', '--form', `_csrf=${token}`)).toBe('paid 200');
    expect(await curl('/pay', ...cookies, '--request', 'POST', '--header', `X-CSRF-Token: ${token}`)).toBe(
      'paid 200',
    );
    expect(payments).toEqual(['to smith, session none', 'to jones, session none', 'to nobody, session none']);
  });

  test.each<[string, string[]]>([
    ['a cookie', ['--cookie', 'SESSID=1', '--data', 'to=mallory']],
    ['a password', ['--user', 'a:b', '--data', 'to=mallory']],
    ['a cookie and an invented token', ['--cookie', 'csrf=x.y', '--data', `_csrf=${'A'.repeat(86)}`]],
  ])('is refused with %s alone', async (_, args) => {
    expect(await curl('/pay', ...args)).toMatch(UNPROVED);
    expect(payments).toEqual([]);
  });

  test('is refused with a cookie and a form that is too large to look for a token', async () => {
    const body = folder.file('form', 'a='.padEnd(2 * 1024 * 1024, 'x'));
    expect(await curl('/pay', '--cookie', 'SESSID=1', '--data-binary', `@${body}`)).toMatch(UNPROVED);
  });

  test('passes with a cookie when it names the origin of the site', async () => {
    const args = ['--cookie', 'SESSID=1', '--data', 'to=jones', '--header'];
    expect(await curl('/pay', ...args, `Origin: ${server.url}`)).toBe('paid 200');
    expect(await curl('/pay', ...args, 'Origin: https://evil.example')).toMatch(
      /^403 This request came from another site, .*\n 403$/,
    );
    expect(payments).toEqual(['to jones, session 1']);
  });
});

describe('Chromium', () => {
  let browser: Browser;
  let shop: RunningServer;
  let evil: Server;
  let shopPort: string;
  let evilPort: string;

  beforeAll(async () => {
    // Pages of http://shop.test are no secure context, so that the browser sends no fetch metadata there.
    browser = await launchBrowser('--host-resolver-rules=MAP *.test 127.0.0.1');
    evil = createServer((request, response) => {
      response.setHeader('Content-Type', 'text/html').end(foreignPage(request.url ?? ''));
    });
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
    evilPort = String((evil.address() as AddressInfo).port);
    shop = await listenShop([`http://friend.test:${evilPort}`]);
    shopPort = String(shop.port);
  });

  afterAll(async () => {
    await browser.close();
    evil.closeAllConnections();
    await new Promise((resolve) => evil.close(resolve));
    await shop.close();
  });

  /** A page with a form that pays, at the shop whose host is in the path. */
  function foreignPage(path: string): string {
    const action = `http://${path.slice(1)}:${shopPort}/pay`;
    return `<form method="post" action="${action}"><input type="hidden" name="to" value="mallory">${BUTTON}</form>`;
  }

  /** A client that is logged in at the shop looks at a page. */
  async function visit(host: string, url: string): Promise<Page> {
    const page = await (await browser.newContext()).newPage();
    await page.goto(`http://${host}:${shopPort}/plain`);
    await page.goto(url);
    return page;
  }

  /** Sends the form of the page and tells what the browser shows then. */
  async function pay(page: Page): Promise<string> {
    await page.getByRole('button', { name: 'Pay' }).click();
    const shown = page.getByText(/^paid$|so nothing was done/);
    await shown.waitFor();
    const text = (await shown.textContent()) ?? '';
    await page.context().close();
    return text;
  }

  const FOREIGN = expect.stringMatching(/^This request came from another site, so nothing was done\./);

  test.each<[host: string, site: string | undefined]>([
    ['localhost', 'same-origin'],
    ['127.0.0.1', 'same-origin'],
    ['shop.test', undefined],
  ])(
    'the form of a page of this site at %s passes',
    async (host, site) => {
      const page = await visit(host, `http://${host}:${shopPort}/plain`);
      expect(await pay(page)).toBe('paid');
      expect(said).toEqual([site, `http://${host}:${shopPort}`]);
      expect(payments).toEqual(['to nobody, session 1']);
    },
    20_000,
  );

  test.each<[host: string, foreign: string, site: string | undefined]>([
    ['localhost', '127.0.0.1', 'cross-site'],
    ['localhost', 'localhost', 'same-site'],
    ['localhost', 'evil.test', 'cross-site'],
    ['shop.test', 'evil.test', undefined],
    ['shop.test', 'shop.test', undefined],
    ['shop.test', 'shop.test.evil.test', undefined],
  ])(
    'the form to %s of a page at another origin of %s is refused',
    async (host, foreign, site) => {
      const page = await visit(host, `http://${foreign}:${evilPort}/${host}`);
      expect(await pay(page)).toEqual(FOREIGN);
      expect(said).toEqual([site, `http://${foreign}:${evilPort}`]);
      expect(payments).toEqual([]);
    },
    20_000,
  );

  test.each(['localhost', 'shop.test'])(
    'the form to %s of a page at a trusted origin passes',
    async (host) => {
      const page = await visit(host, `http://friend.test:${evilPort}/${host}`);
      expect(await pay(page)).toBe('paid');
      expect(payments).toEqual([expect.stringMatching(/^to mallory, /)]);
    },
    20_000,
  );

  test('a script of another origin gets nothing done either', async () => {
    const page = await visit('localhost', `http://localhost:${evilPort}/localhost`);
    const options = `{ method: 'POST', mode: 'no-cors', credentials: 'include', body: new URLSearchParams('to=mallory') }`;
    await page.evaluate(`fetch('http://localhost:${shopPort}/pay', ${options}).then(() => true)`);
    expect(said).toEqual(['same-site', `http://localhost:${evilPort}`]);
    expect(payments).toEqual([]);
    await page.context().close();
  });

  test('a page that hides where it is passes only where there is fetch metadata', async () => {
    const secure = await visit('localhost', `http://localhost:${shopPort}/private`);
    expect(await pay(secure)).toBe('paid');
    expect(said).toEqual(['same-origin', 'null']);
    const insecure = await visit('shop.test', `http://shop.test:${shopPort}/private`);
    expect(await pay(insecure)).toEqual(FOREIGN);
    expect(said).toEqual([undefined, 'null']);
  });
});
