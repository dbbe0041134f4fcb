/** The sample with a login form in a real browser: in, back to where one wanted to go, and out. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SampleInBrowser, type Page } from '../../support/browser.js';

describe('samples/login in Chromium', () => {
  let sample: SampleInBrowser;

  beforeAll(async () => {
    sample = await SampleInBrowser.start('login');
  });

  afterAll(async () => {
    await sample.stop();
  });

  async function fill(page: Page, user: string, password: string): Promise<void> {
    await page.getByLabel('Name').fill(user);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Log in' }).click();
  }

  test('leads to the form, says what was wrong, and back; then out again', async () => {
    const { page, complaints } = await sample.open('/admin');
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await fill(page, 'anna', '<b>wrong</b>');
    await page.getByText('The name or the password is wrong.', { exact: true }).waitFor();
    expect(await page.evaluate<string>('document.querySelector("#user").value')).toBe('anna');
    await fill(page, 'anna', 'correct horse');
    await page.getByRole('heading', { name: 'Administration' }).waitFor();
    expect(await page.evaluate<string>('location.pathname')).toBe('/admin');
    expect(await page.evaluate<string>('document.cookie')).toBe('');

    await page.goto(sample.url);
    await page.getByText('anna', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByText(/You are not logged in/).waitFor();
    // The browser itself complains of the 401, and of the icon that the sample does not have.
    expect(complaints.filter((text) => !/status of 40[14]/.test(text))).toEqual([]);
    await page.context().close();
  });

  test('keeps members out of the administration', async () => {
    const { page } = await sample.open('/admin');
    await fill(page, 'bert', 'battery staple');
    await page.getByRole('heading', { name: 'Not for you' }).waitFor();
    await page.context().close();
  });
});
