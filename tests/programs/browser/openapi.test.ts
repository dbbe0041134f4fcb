/** The page of `openapi()` in a real browser: it shows the document, and requests can be tried with a token. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bootstrap, Controller, Get, type Request, type RunningServer } from 'obol';
import { CheckBearer, type BearerTokens } from 'obol/auth';
import { openapi } from 'obol/openapi';
import { launchBrowser, type Browser } from '../../support/browser.js';

const tokens: BearerTokens = { verify: (token) => (token === 'demo' ? { user: 'smith' } : undefined) };

@Controller('/people')
class People {
  @Get('/me') @CheckBearer(tokens) me(req: Request) {
    return { user: req.user };
  }
}

let server: RunningServer;
let browser: Browser;

beforeAll(async () => {
  const features = [openapi({ info: { title: 'People', version: '1.0.0' } })];
  server = await (await bootstrap({ controllers: [People], features })).listen({ port: 0 });
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser.close();
  await server.close();
});

test('shows the document, without anything that its policy refuses, and sends what is tried with a token', async () => {
  const page = await (await browser.newContext()).newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(`${server.url}/docs`);
  await page.getByText('/people/me', { exact: true }).first().waitFor();
  await page.locator('button.authorize').click();
  await page.locator('.auth-container input').fill('demo');
  await page.locator('.auth-btn-wrapper button.authorize').click();
  await page.locator('.auth-btn-wrapper button.btn-done').click();
  await page.locator('.opblock-summary-control').click();
  await page.locator('button.try-out__btn').click();
  const answer = page.waitForResponse((response) => response.url().endsWith('/people/me'));
  await page.locator('button.execute').click();
  expect(await (await answer).json()).toEqual({ user: 'smith' });
  expect(complaints).toEqual([]);
});
