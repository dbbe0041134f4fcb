/** What `staticFiles` takes, and what it refuses. */
import { afterAll, expect, test } from '@jest/globals';
import { pathToFileURL } from 'node:url';
import { staticFiles, type StaticFilesOptions } from 'obol/static';
import { TestClient } from 'obol/testing';
import { developerError } from '../../support/errors.js';
import { emptySite } from '../../support/site.js';

const site = emptySite();
site.write('a.txt');
afterAll(() => {
  site.remove();
});

test.each([
  [{ index: ['a/b.html'] }, 'staticFiles.index[0]: "a/b.html" is not a file name.'],
  [{ index: ['..'] }, 'staticFiles.index[0]: ".." is not a file name.'],
  [{ index: [''] }, 'staticFiles.index[0]: "" is not a file name.'],
  [{ exclude: ['/a'] }, 'staticFiles.exclude[0]: "/a" is not a path in the folder, such as "cgi-bin".'],
  [{ exclude: ['a/'] }, 'staticFiles.exclude[0]: "a/" is not a path in the folder, such as "cgi-bin".'],
  [{ exclude: ['../a'] }, 'staticFiles.exclude[0]: "../a" is not a path in the folder, such as "cgi-bin".'],
  [{ dotFiles: 'allow' }, 'staticFiles.dotFiles: "allow" is not "hide" or "show".'],
  [
    { fallback: '../a.html' },
    'staticFiles.fallback: "../a.html" is not the path of a file in the folder, such as "index.html".',
  ],
  [
    { fallback: 'a/' },
    'staticFiles.fallback: "a/" is not the path of a file in the folder, such as "index.html".',
  ],
  [
    { precompressed: ['br', 'constructor'] },
    'staticFiles.precompressed[1]: "constructor" is not "br" or "zstd" or "gzip".',
  ],
  [{ memory: -1 }, 'staticFiles.memory: -1 is not a whole number of bytes, 0 or more.'],
  [{ memory: Infinity }, 'staticFiles.memory: Infinity is not a whole number of bytes, 0 or more.'],
  [{ cacheControl: { maxAge: -1 } }, 'cacheControl.maxAge: -1 is not a whole number of seconds, 0 or more.'],
])('refuses %j', (options, message) => {
  expect(() => staticFiles(site.root, options as StaticFilesOptions)).toThrow(
    developerError('E_SETTING', message),
  );
});

test.each(['no-such-folder', 'a.txt'])('refuses %j as a folder', (name) => {
  const path = `${site.root}/${name}`;
  expect(() => staticFiles(path)).toThrow(
    developerError('E_SETTING', `staticFiles: ${JSON.stringify(path)} is no directory.`),
  );
});

test.each([site.root, `${site.root}/`, pathToFileURL(site.root), pathToFileURL(`${site.root}/`)])(
  'takes %s as a folder',
  async (root) => {
    const response = await new TestClient(staticFiles(root)).get('/a.txt');
    expect(await response.text()).toBe('a.txt');
  },
);
