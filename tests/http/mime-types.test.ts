/** Content types by file name. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { bootstrap, Controller, FileResponse, Get } from 'obol';
import { staticFiles } from 'obol/static';
import { TestClient } from 'obol/testing';
import { serveHandler } from '../../src/cli/serve-handler.js';
import { readServeOptions } from '../../src/cli/serve-options.js';
import { contentTypeOf, contentTypesBy } from '../../src/http/mime-types.js';

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

describe('a table of content types', () => {
  const typeOf = contentTypesBy(
    {
      '.md': 'text/x-own',
      HTML: 'application/x-page',
      'tar.gz': 'application/x-tar',
      '': 'text/plain',
      '.css': 'text/css; charset=x',
    },
    'x',
  );

  test.each([
    ['a.md', 'text/x-own; charset=utf-8'],
    ['folder.md/A.MD', 'text/x-own; charset=utf-8'],
    ['a.html', 'application/x-page'],
    ['a.tar.gz', 'application/x-tar'],
    ['a.b.tar.gz', 'application/x-tar'],
    ['a.gz', 'application/gzip'],
    ['README', 'text/plain; charset=utf-8'],
    ['a.d/LICENSE', 'text/plain; charset=utf-8'],
    ['.profile', 'text/plain; charset=utf-8'],
    ['a.css', 'text/css; charset=x'],
    ['a.unheard-of', 'application/octet-stream'],
    ['a.constructor', 'application/octet-stream'],
    ['a.png', 'image/png'],
  ])('gives %s the type %s', (name, type) => {
    expect(typeOf(name)).toBe(type);
  });

  test.each([
    [{ 'a/b': 'text/plain' }, 'x: "a/b" is no ending; write ".md", or "" for names without one.'],
    [{ '.': 'text/plain' }, 'x: "." is no ending; write ".md", or "" for names without one.'],
    [{ '.md': 'markdown' }, `x: 'markdown' is no media type; write "text/markdown".`],
    [{ '.md': 5 }, 'x: 5 is no media type; write "text/markdown".'],
  ])('refuses %j', (table, message) => {
    expect(() => contentTypesBy(table as never, 'x')).toThrow(
      expect.objectContaining({ code: 'E_SETTING', message }),
    );
  });

  test('is of static files, document roots, file responses and obol serve alike', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'obol-types-'));
    writeFileSync(join(folder, 'a.md'), '# a');
    const contentTypes = { md: 'text/markdown' };
    const options = readServeOptions([folder, '--type', '.md=text/markdown'], {});
    const handlers = [
      staticFiles(folder, { contentTypes }),
      await bootstrap({ controllers: [Nothing], documentRoot: folder, contentTypes }),
      () => new FileResponse(join(folder, 'a.md'), { contentTypes }),
      serveHandler({ ...options, isLocal: false }),
    ];
    for (const handler of handlers) {
      const response = await new TestClient(handler).get('/a.md');
      expect([response.status, response.headers.get('content-type')]).toEqual([
        200,
        'text/markdown; charset=utf-8',
      ]);
    }
    expect(() => readServeOptions([folder, '--type', 'md'], {})).toThrow("write it as '.md=text/markdown'");
    await expect(bootstrap({ controllers: [Nothing], contentTypes: { md: 'x' } })).rejects.toThrow(
      "contentTypes: 'x' is no media type",
    );
    rmSync(folder, { recursive: true });
  });
});

@Controller()
class Nothing {
  @Get('/nothing') nothing() {
    return null;
  }
}
