/** The sample of server-sent events in a real browser: it counts, and goes on counting when it has to connect again. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SampleInBrowser } from '../../support/browser.js';

describe('samples/events in Chromium', () => {
  let sample: SampleInBrowser;

  beforeAll(async () => {
    sample = await SampleInBrowser.start('events', { INTERVAL: '20', PER_CONNECTION: '5' });
  });

  afterAll(async () => {
    await sample.stop();
  });

  test('counts, and goes on after the last event when it connects again', async () => {
    const { page, complaints } = await sample.open('/');
    const lines = page.locator('#log li');
    await lines.nth(1).waitFor();
    expect(await lines.first().textContent()).toMatch(/connected, Last-Event-ID 5$/);
    expect(await lines.last().textContent()).toMatch(/connected, Last-Event-ID none$/);
    await page.locator('#count', { hasText: '10' }).waitFor();
    expect(await page.locator('#time').textContent()).toMatch(/\d:\d\d:\d\d/);
    expect(await page.locator('#memory').textContent()).toMatch(/^\d+ MiB$/);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
