/** Every page of every sample, and of Obol itself: valid HTML, which fits on a phone and can be read by day and by night. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  abort,
  bootstrap,
  Controller,
  Get,
  HttpError,
  redirect,
  type Request,
  type RunningServer,
} from 'obol';
import { FormLogin, formLogin, PasswordHashMap, sessionLogin } from 'obol/auth';
import { mount } from 'obol/composition';
import { htmlPage } from 'obol/page';
import { sessions } from 'obol/session';
import { staticFiles } from 'obol/static';
import { htmlMistakes } from '../../../src/hosts/testing/html.js';
import { launchBrowser, type Browser, type BrowserOptions, type Page } from '../../support/browser.js';
import { collectingLogger } from '../../support/collecting-logger.js';
import { lookAt } from '../../support/page-look.js';
import { Sample } from '../../support/sample.js';
import { emptySite, HOSTILE_NAMES, type Site } from '../../support/site.js';

/** How many pages of one site are looked at. */
const LIMIT = 40;

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** What is wrong with the page that is open. */
async function faultsOf(page: Page, name: string, html: string): Promise<string[]> {
  const mistakes = await htmlMistakes(html);
  return [...mistakes.map((mistake) => `${name}: ${mistake}`), ...(await lookAt(page, name))];
}

/** Follows the links of a site from its first page, and looks at all pages. Text that is sent as HTML is none; `/docs` is that of a package. */
async function walk(page: Page, site: string, name: string): Promise<{ faults: string[]; seen: string[] }> {
  const pending = [`${site}/`];
  const met = new Set(pending);
  const [faults, seen]: [string[], string[]] = [[], []];
  for (let url = pending.shift(); url !== undefined && seen.length < LIMIT; url = pending.shift()) {
    // What closes the connection, has no content or is to be kept as a file opens no page.
    const response = await page.goto(url).catch(() => null);
    if (!response?.headers()['content-type']?.startsWith('text/html')) continue;
    const html = await response.text();
    if (!html.includes('</')) continue;
    const path = decodeURI(url.slice(site.length));
    seen.push(path);
    faults.push(...(await faultsOf(page, `${name}${path}`, html)));
    const links = await page.evaluate<string[]>('[...document.links].map(({ href }) => href.split("#")[0])');
    const next = links.filter((link) => link.startsWith(`${site}/`) && !/logout|\?|\/docs$/.test(link));
    for (const link of next) if (!met.has(link)) pending.push(link);
    for (const link of next) met.add(link);
  }
  return { faults, seen };
}

async function open(options: BrowserOptions = {}): Promise<Page> {
  return (await browser.newContext(options)).newPage();
}

/** Logs in with the form of a page. */
async function logIn(page: Page, url: string, user: string, password: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel('Name').fill(user);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

/** Samples that answer `/` with text, for programs. */
const WITHOUT_PAGES: readonly string[] = ['metrics', 'put-file'];
const SAMPLES = readdirSync('samples', { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !WITHOUT_PAGES.includes(entry.name))
  .map(({ name }) => name);

/** Who has to log in, where and how, to see all pages. */
const FORMS: Readonly<Record<string, readonly [user: string, password: string]>> = {
  'aes-session': ['anna', 'secret'],
  login: ['anna', 'correct horse'],
  'poor-session': ['anna', 'secret'],
  session: ['anna', 'secret'],
};

describe('the pages of', () => {
  test.each(SAMPLES)('samples/%s', async (name) => {
    const sample = new Sample(name, {});
    await sample.start();
    try {
      const page = await open();
      const walked = [await walk(page, sample.url, name)];
      const user = FORMS[name];
      if (user) {
        await logIn(page, `${sample.url}/login`, user[0], 'wrong');
        walked.push({ faults: await faultsOf(page, `${name}-refused`, await page.content()), seen: [] });
        await logIn(page, `${sample.url}/login`, ...user);
        walked.push(await walk(page, sample.url, `${name}-user`));
      }
      await page.context().close();
      expect(walked.flatMap(({ faults }) => faults)).toEqual([]);
      expect(walked[0]?.seen).toContain('/');
    } finally {
      await sample.stop();
    }
  });

  test('samples/http-digest for those who know a password', async () => {
    const sample = new Sample('http-digest', {});
    await sample.start();
    try {
      const page = await open({ httpCredentials: { username: 'foo', password: 'bar' } });
      const { faults, seen } = await walk(page, sample.url, 'http-digest-foo');
      await page.context().close();
      expect(faults).toEqual([]);
      expect(seen).toContain('/foo');
    } finally {
      await sample.stop();
    }
  });
});

describe('the pages of Obol', () => {
  const STATUSES = [400, 401, 403, 404, 405, 413, 418, 429, 500, 502, 503];
  const NOTE =
    'This request came from another site, so nothing was done. [Origin: "https://a.example/a-long-name"]';
  let site: Site;
  let server: RunningServer;

  @Controller('', FormLogin)
  class Pages {
    constructor(private readonly login: FormLogin) {}

    @Get('/')
    index() {
      const paths = [
        ...STATUSES.map((status) => `/status/${status}`),
        '/note',
        '/crash',
        '/login',
        '/files/',
      ];
      return htmlPage({
        title: 'Obol',
        main: paths.map((path) => `<p><a href="${path}">${path}</a></p>`).join('\n'),
      });
    }

    @Get('/status/<status:int>')
    status(_req: Request, status: number) {
      throw new HttpError(status);
    }

    @Get('/note')
    note() {
      abort(403, NOTE);
    }

    @Get('/crash')
    crash() {
      throw new Error('The handler threw this', { cause: new Error('And that was why') });
    }

    @Get('/login')
    form(req: Request) {
      return this.login.page(req);
    }

    @Get('/moved')
    moved() {
      redirect('/', { message: 'The page has moved' });
    }
  }

  beforeAll(async () => {
    site = emptySite();
    for (const name of [...HOSTILE_NAMES, `${'long-'.repeat(30)}name`]) site.write(`names/${name}`, 'a');
    site.write('empty/a/b.txt', '');
    const store = sessions({ keys: ['0123456789abcdef0123456789abcdef-pages'] });
    site.write('users', '');
    const users = new PasswordHashMap(join(site.root, 'users'));
    const app = await bootstrap({
      controllers: [Pages],
      features: [store, formLogin({ users, keeper: sessionLogin((request) => store.of(request)) })],
      middleware: [mount('/files', staticFiles(site.root, { listing: true }))],
      debug: true,
      logger: collectingLogger(),
    });
    server = await app.listen({ port: 0, host: '127.0.0.1', signals: false });
  });

  afterAll(async () => {
    await server.close();
    site.remove();
  });

  test('are valid, fit and can be read', async () => {
    const page = await open();
    const { faults, seen } = await walk(page, server.url, 'obol');
    await page.context().close();
    expect(faults).toEqual([]);
    expect(seen).toEqual(
      expect.arrayContaining(['/status/404', '/note', '/crash', '/login', '/files/', '/files/names/']),
    );
  });

  test('that redirects is valid', async () => {
    const response = await fetch(`${server.url}/moved`, {
      redirect: 'manual',
      headers: { Accept: 'text/html' },
    });
    const html = await response.text();
    expect(html).toContain('The page has moved');
    expect(await htmlMistakes(html)).toEqual([]);
  });
});
