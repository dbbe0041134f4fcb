/** Content types by file name. */
import { expect, test } from '@jest/globals';
import { contentTypeOf } from '../../src/http/mime-types.js';

test.each([
  ['a.txt', 'text/plain; charset=utf-8'],
  ['A.HTML', 'text/html; charset=utf-8'],
  ['/srv/www.d/a.b.css', 'text/css; charset=utf-8'],
  ['C:\\x\\a.js', 'text/javascript; charset=utf-8'],
  ['a.json', 'application/json'],
  ['a.svg', 'image/svg+xml'],
  ['a.png', 'image/png'],
  ['a.wasm', 'application/wasm'],
  ['a.gz', 'application/gzip'],
  ['a.tar.gz', 'application/gzip'],
  ['a.tgz', 'application/gzip'],
  ['a.Z', 'application/octet-stream'],
  ['a.txt.zst', 'application/zstd'],
  ['a.unheard-of', 'application/octet-stream'],
  ['a.constructor', 'application/octet-stream'],
  ['a.__proto__', 'application/octet-stream'],
  ['a.', 'application/octet-stream'],
  ['html', 'application/octet-stream'],
  ['.html', 'application/octet-stream'],
  ['/a.html/b', 'application/octet-stream'],
  ['', 'application/octet-stream'],
])('%j is %s, the second time too', (name, type) => {
  expect([contentTypeOf(name), contentTypeOf(name)]).toEqual([type, type]);
});
