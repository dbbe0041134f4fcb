/** Opening a browser: the system's own program is told the URL, and its failure is only told. */
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openBrowser } from '../../src/cli/open-browser.js';
import { TestFolder } from '../support/folder.js';

// The programs of these tests are shell scripts.
const onUnix = process.platform === 'win32' ? describe.skip : describe;
const OPENER = process.platform === 'darwin' ? 'open' : 'xdg-open';

onUnix('openBrowser', () => {
  let folder: TestFolder;

  beforeEach(() => {
    folder = new TestFolder();
  });
  afterEach(() => {
    folder.remove();
  });

  const failure = (PATH: string): Promise<string> =>
    new Promise((resolve) => {
      openBrowser('http://127.0.0.1:8000/', { PATH }, resolve);
    });

  test('gives the URL to the program of the system, as one argument, and tells that it failed', async () => {
    const note = join(folder.path, 'arguments');
    const opener = folder.file(OPENER, `#!/bin/sh\nprintf '<%s>' "$@" > '${note}'\nexit 3\n`);
    chmodSync(opener, 0o755);
    expect(await failure(`${folder.path}:${process.env['PATH']}`)).toBe(`${OPENER} ended with 3`);
    expect(readFileSync(note, 'utf8')).toBe('<http://127.0.0.1:8000/>');
  });

  test('tells that there is no such program', async () => {
    expect(await failure(folder.path)).toBe(`spawn ${OPENER} ENOENT`);
  });
});
