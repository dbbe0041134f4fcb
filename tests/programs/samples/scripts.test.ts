/** The script of the sample of modules, and the file that names its modules, as programs see them. */
import { describe, expect, test } from '@jest/globals';
import { Sample, sample } from '../../support/sample.js';
import { TestFolder } from '../../support/folder.js';

describe('samples/modules', () => {
  const running = sample('modules');

  test.each([
    ['/', 200, '<a href="/hello/hello/">'],
    ['/hello/hello/', 200, 'Hello Not Authenticated !'],
    ['/hello/hello/abc', 200, 'Hello Not Authenticated ! You asked for abc.'],
    ['/hello/hello', 404, 'Nothing is at /hello/hello.'],
    ['/Example/Tests/Test/test/', 200, '"filename":""'],
    ['/Example/Tests/Test/test/abc', 200, '"filename":"abc"'],
    ['/hello/broken/', 500, 'Something broke'],
    ['/nowhere', 404, 'Nothing is at /nowhere.'],
  ])('GET %s is %i', async (path, status, part) => {
    const response = await fetch(running.url + path);
    expect([response.status, await response.text()]).toEqual([status, expect.stringContaining(part)]);
  });

  test.each([
    ['itself', (url: string) => url, 200],
    ['another port', () => 'http://127.0.0.1:1', 403],
    ['another site', () => 'https://evil.example', 403],
  ])('a call of a page of %s is answered by its origin', async (_, originOf, status) => {
    const entries = { 2: { value: 'a', input: false }, '--n': { value: 1.5, input: false } };
    const response = await fetch(`${running.url}/hello/echo/`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Origin: originOf(running.url), Cookie: 'a=b' },
      body: JSON.stringify({ csrf_token: 't', arguments: entries }),
    });
    expect(response.status).toBe(status);
    if (status === 200)
      expect(await response.json()).toEqual({ arguments: ['a', '--n', '1.5'], inputs: [], csrfToken: 't' });
    else expect(await response.text()).toContain('You may not do this.');
  });

  test('has a script with a form', async () => {
    const html = await (await fetch(`${running.url}/scripts/`)).text();
    expect(html).toMatch(/<form method="post"[^>]*>/);
    expect(html).toMatch(/<input type="text"[^>]* name="name"/);
  });

  test('whose output comes a line at a time, one for each argument, none taken for an option', async () => {
    const body = new URLSearchParams({ name: '--help; $(id)' });
    const headers = { Accept: 'text/event-stream' };
    const response = await fetch(`${running.url}/scripts/`, { method: 'POST', headers, body });
    const events = [...(await response.text()).matchAll(/^event: stdout\ndata: (.*)\n/gm)];
    expect(events.map(([, line]) => line)).toEqual(['--', '--help; $(id)']);
  });
});

test('a name that is taken out of the file takes its URLs away, without a change of code', async () => {
  const folder = new TestFolder();
  const modulesPath = [new URL('../../../samples/modules/modules', import.meta.url).pathname];
  const file = folder.file('modules.json', JSON.stringify({ modules: ['example'], modulesPath }));
  const other = new Sample('modules', { MODULES: `file://${file}` });
  await other.start();
  const statusOf = async (path: string) => (await fetch(other.url + path)).status;
  try {
    expect([await statusOf('/Example/Tests/Test/test/'), await statusOf('/hello/hello/')]).toEqual([
      200, 404,
    ]);
  } finally {
    await other.stop();
    folder.remove();
  }
});
