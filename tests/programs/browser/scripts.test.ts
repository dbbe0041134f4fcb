/** The page of a script in a real browser: its output comes while it runs, with a script of its own and without. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bootstrap, Controller, Get, type RunningServer } from 'obol';
import { scripts } from 'obol/modules';
import { htmlMistakes } from '../../../src/hosts/testing/html.js';
import { launchBrowser, type Browser, type Page } from '../../support/browser.js';
import { collectingLogger } from '../../support/collecting-logger.js';
import { lookAt } from '../../support/page-look.js';

@Controller()
class Home {
  @Get('/') home() {
    return 'home';
  }
}

const LINE = 'echo "$$"; echo "<b>$2" >&2; printf "40 %%\\n"; [ "$2" = on ] && exec sleep 60; exit 3';
const command = ['/bin/sh', '-c', LINE, 'sh'];
const name = { name: 'name', label: 'Name' };
const action = { name: '--action', kind: 'choice', choices: ['a', 'b'], several: true } as const;

/** Whether a process lives; one that is dead and not yet fetched by its parent does not. */
function isAlive(pid: string): boolean {
  try {
    return !/^State:\s*[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
}

describe('the page of a script in Chromium', () => {
  let browser: Browser;
  let server: RunningServer;

  beforeAll(async () => {
    browser = await launchBrowser();
    const app = await bootstrap({
      controllers: [Home],
      // Names that a form has members of must not get in the way of its page.
      features: [
        scripts({
          scripts: {
            live: { command, progress: true, arguments: [name] },
            clobbered: { command, arguments: [action, { name: 'addEventListener' }, { name: 'submit' }] },
          },
        }),
      ],
      logger: collectingLogger(),
    });
    server = await app.listen({ port: 0, host: '127.0.0.1', signals: false });
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  async function open(path: string, javaScriptEnabled = true): Promise<{ page: Page; complaints: string[] }> {
    const page = await (await browser.newContext({ javaScriptEnabled })).newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(new URL(path, server.url).href);
    return { page, complaints };
  }

  async function run(page: Page, value: string): Promise<void> {
    await page.getByLabel('Name').fill(value);
    await page.getByRole('button', { name: 'Run' }).click();
  }

  test('shows output, errors and progress as they come, and Stop ends the run', async () => {
    const { page, complaints } = await open('/scripts/live');
    await run(page, 'on');
    await page.locator('#output', { hasText: '40 %' }).waitFor();
    await page.locator('progress[value="40"]').waitFor();
    const [pid = ''] = (await page.locator('#output').textContent())?.split('\n') ?? [];
    expect(await page.locator('#output .error').textContent()).toBe('<b>on\n');
    expect(isAlive(pid)).toBe(true);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.locator('#status', { hasText: 'Stopped.' }).waitFor();
    while (isAlive(pid)) await sleep(5);
    await run(page, 'off');
    await page.locator('#status', { hasText: 'Ended with code 3 after' }).waitFor();
    expect(await lookAt(page, 'script-ended')).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('says what is refused, and takes fields of any name', async () => {
    const { page, complaints } = await open('/scripts/clobbered');
    await page.locator('[name=submit]').fill('x');
    await page.getByRole('button', { name: 'Run' }).click();
    await page.getByText('submit: it needs addEventListener before it.').waitFor();
    expect(complaints.filter((text) => !text.includes('400'))).toEqual([]);
    expect(
      await htmlMistakes(await (await page.request.get(`${server.url}/scripts/clobbered`)).text()),
    ).toEqual([]);
    await page.context().close();
  });

  test('grows without a script of its own', async () => {
    const { page } = await open('/scripts/live', false);
    await run(page, 'on');
    await page.locator('#output', { hasText: '40 %' }).waitFor();
    const [pid = ''] = (await page.locator('#output').textContent())?.split('\n') ?? [];
    expect(isAlive(pid)).toBe(true);
    await page.context().close();
    while (isAlive(pid)) await sleep(5);
  });
});
