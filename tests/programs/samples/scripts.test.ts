/** The script of the sample of modules, and the file that names its modules, as programs see them. */
import { describe, expect, test } from '@jest/globals';
import { Sample, sample } from '../../support/sample.js';
import { TestFolder } from '../../support/folder.js';

describe('samples/modules', () => {
  const running = sample('modules');

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
