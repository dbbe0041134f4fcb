/** Listings: what is in them, in which order, and how they are written. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Controller, Get, type Request } from 'obol';
import {
  DirectoryListing,
  listDirectory,
  staticFiles,
  type DirectoryContent,
  type ListedEntry,
  type StaticFilesOptions,
} from 'obol/static';
import { request, TestClient } from 'obol/testing';
import { ConfinedFolder, confinementOf } from '../../../src/files/confined-folder.js';
import { humanSize, isoDate } from '../../../src/features/static/listing-page.js';
import {
  MAX_ENTRIES,
  readDirectory,
  type DirectoryQuestion,
} from '../../../src/features/static/read-directory.js';
import { start } from '../../support/client.js';
import { httpError } from '../../support/errors.js';
import { emptySite, HOSTILE_NAMES, type Site } from '../../support/site.js';

let site: Site;

beforeEach(() => {
  site = emptySite();
});

afterEach(() => {
  site.remove();
});

function clientOf(options: StaticFilesOptions = {}): TestClient {
  return new TestClient(staticFiles(site.root, { listing: true, ...options }));
}

/** @param base the part of the canonical path that a mount has taken */
function clientBelow(base: string): TestClient {
  const files = staticFiles(site.root, { listing: true });
  return new TestClient((asked) => files(asked.below(base)));
}

interface Json {
  readonly path: string;
  readonly entries: readonly { name: string; type: string; size: number | null; modified: string | null }[];
  readonly isCut: boolean;
}

async function jsonOf(target: string, options?: StaticFilesOptions): Promise<Json> {
  return (await clientOf(options).get(target, { headers: { Accept: 'application/json' } })).json<Json>();
}

async function namesOf(target: string, options?: StaticFilesOptions): Promise<string[]> {
  return (await jsonOf(target, options)).entries.map(({ name }) => name);
}

/** Reads the folder itself. */
function readRoot(question: Partial<DirectoryQuestion>): Promise<DirectoryContent> {
  const folder = new ConfinedFolder(site.root, confinementOf(false));
  const held = folder.hold('');
  if (!held) throw new Error('The folder is gone');
  return readDirectory({ folder, path: '', held, showHidden: false, ...question });
}

/** The rows of a page: text of the first cell and where it leads. */
function rowsOf(html: string): { href: string | undefined; text: string }[] {
  return [...html.matchAll(/<tr[^>]*><td>(.*?)<\/td>/g)].map(([, cell = '']) => ({
    href: /href="([^"]*)"/.exec(cell)?.[1],
    text: cell.replace(/<[^>]*>/g, ''),
  }));
}

describe('the content', () => {
  test('is JSON where the client likes that better', async () => {
    site.write('d/a.txt', '12345', new Date('2026-01-02T03:04:05.500Z'));
    mkdirSync(join(site.root, 'd/e'));
    utimesSync(join(site.root, 'd/e'), 0, 0);
    expect(await jsonOf('/d/')).toEqual({
      path: '/d/',
      entries: [
        { name: 'e', type: 'directory', size: null, modified: '1970-01-01T00:00:00.000Z' },
        { name: 'a.txt', type: 'file', size: 5, modified: '2026-01-02T03:04:05.500Z' },
      ],
      isCut: false,
    });
  });

  test.each([
    [undefined, 'text/html; charset=utf-8'],
    ['*/*', 'text/html; charset=utf-8'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'text/html; charset=utf-8'],
    ['image/png', 'text/html; charset=utf-8'],
    ['application/json', 'application/json'],
    ['text/html;q=0.5, application/json', 'application/json'],
  ])('for Accept %s is %s', async (accept, type) => {
    const headers: Record<string, string> = accept === undefined ? {} : { Accept: accept };
    const response = await clientOf().get('/', { headers });
    expect(response.headers.get('content-type')).toBe(type);
    expect(response.headers.get('vary')).toBe('Accept');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(response.headers.get('etag')).toMatch(/^"[\w-]{27}"$/);
  });

  test('leaves out what is hidden, no file, or leads out', async () => {
    for (const name of ['a.txt', '.env', 'a.txt~', '.d/a', 'd/a', '../secret']) site.write(name);
    site.link('in', 'a.txt');
    site.link('in-dir', 'd');
    site.link('out', '../secret');
    site.link('up', '..');
    site.link('broken', 'missing');
    site.link('loop', 'loop');
    execFileSync('mkfifo', [join(site.root, 'fifo')]);
    expect(await namesOf('/')).toEqual(['d', 'in-dir', 'a.txt', 'in']);
    expect(await namesOf('/', { dotFiles: 'show' })).toEqual([
      '.d',
      'd',
      'in-dir',
      '.env',
      'a.txt',
      'a.txt~',
      'in',
    ]);
    expect(await namesOf('/', { followSymlinks: true })).toEqual(['d', 'in-dir', 'up', 'a.txt', 'in', 'out']);
  });

  test('of a directory with an index is that index', async () => {
    site.write('index.htm', 'home');
    expect(await (await clientOf().get('/')).text()).toBe('home');
  });

  test('is cut after 10,000 entries', async () => {
    for (const name of ['a', 'b', 'c']) site.write(name);
    const read = async (limit?: number): Promise<[number, boolean]> => {
      const { entries, isCut } = await readRoot(limit === undefined ? {} : { limit });
      return [entries.length, isCut];
    };
    expect(MAX_ENTRIES).toBe(10_000);
    expect(await read()).toEqual([3, false]);
    expect(await read(3)).toEqual([3, false]);
    expect(await read(2)).toEqual([2, true]);
  });

  test('that was cut says so', async () => {
    site.write('a');
    const listing = new DirectoryListing(await readRoot({}), { top: '' });
    const cut = new DirectoryListing({ ...(await readRoot({})), isCut: true }, { top: '' });
    expect(listing.toResponse(request('/')).body as string).not.toContain('<p>');
    expect(cut.toResponse(request('/')).body as string).toContain(
      '<p>More than 1 entries; the rest is not shown.</p>',
    );
    const json = cut.toResponse(request('/', { headers: { Accept: 'application/json' } }));
    expect(JSON.parse(json.body as string)).toMatchObject({ isCut: true });
  });

  test('leaves out what goes away while it is read, and fails with what is no absence', async () => {
    site.write('a');
    site.link('link', 'a');
    const failing = (error: Error): Partial<DirectoryQuestion> => {
      const folder = new ConfinedFolder(site.root, confinementOf(false));
      folder.hold = () => {
        throw error;
      };
      return { folder };
    };
    const gone = Object.assign(new Error('gone'), { code: 'ENOENT' });
    const { entries } = await readRoot(failing(gone));
    expect(entries.map(({ name }) => name)).toEqual(['a']);
    const failed = new Error('disk');
    await expect(readRoot(failing(failed))).rejects.toBe(failed);
  });
});

describe('the order', () => {
  beforeEach(() => {
    site.write('b.txt', '1', new Date('2026-01-03'));
    site.write('a10.txt', '333', new Date('2026-01-02'));
    site.write('a9.txt', '22', new Date('2026-01-04'));
    site.write('z/a', '');
    site.write('y/a', '');
    utimesSync(join(site.root, 'z'), 1, 1);
    utimesSync(join(site.root, 'y'), 2, 2);
  });

  test.each([
    ['', ['y', 'z', 'a9.txt', 'a10.txt', 'b.txt']],
    ['?sort=name', ['y', 'z', 'a9.txt', 'a10.txt', 'b.txt']],
    ['?sort=name&order=desc', ['z', 'y', 'b.txt', 'a10.txt', 'a9.txt']],
    ['?sort=date&order=asc', ['z', 'y', 'a10.txt', 'b.txt', 'a9.txt']],
    ['?sort=date&order=desc', ['y', 'z', 'a9.txt', 'b.txt', 'a10.txt']],
    ['?sort=size', ['y', 'z', 'b.txt', 'a9.txt', 'a10.txt']],
    ['?sort=size&order=desc', ['y', 'z', 'a10.txt', 'a9.txt', 'b.txt']],
    ['?order=desc', ['z', 'y', 'b.txt', 'a10.txt', 'a9.txt']],
    ['?sort=constructor&order=up', ['y', 'z', 'a9.txt', 'a10.txt', 'b.txt']],
  ])('for "%s" puts directories first, then %j', async (query, names) => {
    expect(await namesOf(`/${query}`)).toEqual(names);
  });

  test('is the same for names that read the same', () => {
    const entry = (name: string): ListedEntry => ({
      name,
      segment: name,
      isReachable: true,
      isDirectory: false,
      size: 0,
      modified: 0,
    });
    const names = ['a1', 'a01', 'a001'];
    for (const given of [names, [...names].reverse()]) {
      const listing = new DirectoryListing({ entries: given.map(entry), isCut: false }, { top: '' });
      const html = listing.toResponse(request('/')).body as string;
      expect(rowsOf(html).map(({ text }) => text)).toEqual(['a001', 'a01', 'a1']);
    }
  });

  test('can be asked for by links, and is told to those who cannot see it', async () => {
    const heads = async (query: string): Promise<string[]> => {
      const html = await (await clientOf().get(`/${query}`)).text();
      return [...html.matchAll(/<th scope="col"(.*?)<\/a>/g)].map(([, text = '']) => text);
    };
    expect(await heads('')).toEqual([
      ' aria-sort="ascending"><a href="?sort=name&amp;order=desc">Name',
      '><a href="?sort=date&amp;order=asc">Modified (UTC)',
      '><a href="?sort=size&amp;order=asc">Size',
    ]);
    expect(await heads('?sort=size&order=desc')).toEqual([
      '><a href="?sort=name&amp;order=asc">Name',
      '><a href="?sort=date&amp;order=asc">Modified (UTC)',
      ' aria-sort="descending"><a href="?sort=size&amp;order=asc">Size',
    ]);
  });
});

describe('the page', () => {
  test('shows names, times and sizes', async () => {
    site.write('d/a.txt', '12345', new Date('2026-01-02T03:04:05Z'));
    mkdirSync(join(site.root, 'd/e'));
    utimesSync(join(site.root, 'd/e'), 0, 0);
    const html = await (await clientOf().get('/d/')).text();
    expect(html).toContain(
      '<tr class="dir"><td><a href="./e/"><bdi>e</bdi>/</a></td>' +
        '<td><time datetime="1970-01-01T00:00:00.000Z">1970-01-01 00:00</time></td><td></td></tr>\n' +
        '<tr><td><a href="./a.txt"><bdi>a.txt</bdi></a></td>' +
        '<td><time datetime="2026-01-02T03:04:05.000Z">2026-01-02 03:04</time></td><td>5 B</td></tr>\n',
    );
  });

  test('allows its own style and nothing else', async () => {
    const response = await clientOf().get('/');
    expect(response.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    expect(await response.text()).not.toContain('<script');
  });

  test('leads up, level by level, but not above the top', async () => {
    site.write('a/b/c.txt');
    const linksOf = async (target: string, client = clientOf()): Promise<string[]> => {
      const html = await (await client.get(target)).text();
      return [...html.matchAll(/<a href="(\.[^"]*)"(?: aria-current="page")?>(.*?)<\/a>/g)].map(
        ([, href = '', text = '']) => `${href} ${text.replace(/<[^>]*>/g, '')}`,
      );
    };
    expect(await linksOf('/')).toEqual(['./ /', './a/ a/']);
    expect(await linksOf('/a/b/')).toEqual([
      '../../ /',
      '../ a/',
      './ b/',
      '../ Parent directory',
      './c.txt c.txt',
    ]);
    expect(await linksOf('/x/', clientBelow('/x'))).toEqual(['./ /', './a/ a/']);
    expect(await linksOf('/x/a/', clientBelow('/x'))).toEqual([
      '../ /',
      './ a/',
      '../ Parent directory',
      './b/ b/',
    ]);
  });

  test('tells its whole path as JSON, and as a page the one from its top', async () => {
    site.write('a b/50%/c.txt');
    const client = clientBelow('/my files');
    const target = '/my%20files/a%20b/50%25/';
    const asked = await client.get(target, { headers: { Accept: 'application/json' } });
    expect(await asked.json()).toMatchObject({ path: '/my files/a b/50%/' });
    expect(await (await client.get(target)).text()).toContain('<title>Index of /a b/50%/</title>');
  });

  test('links to every name, and what it links to is that file', async () => {
    for (const name of HOSTILE_NAMES) site.write(name, `this is ${name}`);
    const client = clientOf();
    const rows = rowsOf(await (await client.get('/')).text());
    expect(rows.length).toBe(HOSTILE_NAMES.length);
    const seen: string[] = [];
    for (const { href = '' } of rows) {
      expect(href).toMatch(/^\.\/[\w.~%!*()&#;-]+$/);
      const target = new URL(href.replaceAll('&#39;', "'"), 'http://localhost/');
      expect(target.host + target.search + target.hash).toBe('localhost');
      const text = await (await client.get(target.pathname)).text();
      seen.push(text.replace('this is ', ''));
    }
    expect(seen.sort()).toEqual([...HOSTILE_NAMES].sort());
  });

  test('links names of any octets', async () => {
    const name = Buffer.concat([Buffer.from(`${site.root}/`), Buffer.from([0x61, 0xff, 0xfe, 0x62])]);
    writeFileSync(name, 'x');
    writeFileSync(join(site.root, 'line\nbreak'), 'x');
    const html = await (await clientOf().get('/')).text();
    expect(html).toContain('<a href="./a%FF%FEb"><bdi>a\uFFFD\uFFFDb</bdi></a>');
    expect(html).toContain('<a href="./line%0Abreak"><bdi>line\nbreak</bdi></a>');
    symlinkSync('line\nbreak', Buffer.concat([name, Buffer.from('c')]));
    expect(await namesOf('/')).toEqual(['a\uFFFD\uFFFDb', 'a\uFFFD\uFFFDbc', 'line\nbreak']);
  });

  test('of a hostile directory name is text', async () => {
    const name = '<script>alert(1)<∕script>';
    site.write(`${name}/a.txt`);
    const html = await (await clientOf().get(`/${encodeURIComponent(name)}/`)).text();
    expect(html).toContain('<title>Index of /&lt;script&gt;alert(1)&lt;∕script&gt;/</title>');
    expect(html).not.toContain('<script>');
  });
});

test('can be returned by a controller, which decides who may see it', async () => {
  site.write('a.txt');
  site.write('.env');
  site.link('out', '..');
  @Controller()
  class Files {
    @Get('/files/')
    list(_req: Request) {
      return listDirectory(site.root, { top: '/files' });
    }

    @Get('/files/all/')
    all(_req: Request) {
      return listDirectory(site.root, { dotFiles: 'show', followSymlinks: true });
    }

    @Get('/files/none/')
    none(_req: Request) {
      return listDirectory(join(site.root, 'missing'));
    }

    @Get('/files/file/')
    file(_req: Request) {
      return listDirectory(join(site.root, 'a.txt'));
    }
  }
  const { client } = await start(Files);
  const rows = rowsOf(await (await client.get('/files/')).text());
  expect(rows).toEqual([{ href: './a.txt', text: 'a.txt' }]);
  const all = rowsOf(await (await client.get('/files/all/')).text());
  expect(all.map(({ text }) => text)).toEqual(['Parent directory', 'out/', '.env', 'a.txt']);
  expect((await client.get('/files/none/')).status).toBe(404);
  expect((await client.get('/files/file/')).status).toBe(404);
});

test('of a directory that is no longer there is 404', async () => {
  const folder = new ConfinedFolder(site.root, 'compared');
  const held = folder.hold('');
  site.remove();
  await expect(held && readDirectory({ folder, path: '', held, showHidden: false })).rejects.toEqual(
    httpError(404, 'Nothing is here'),
  );
});

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [10_138, '9.9 KiB'],
  [10_190, '10 KiB'],
  [1_048_063, '1023 KiB'],
  [1_048_064, '1.0 MiB'],
  [1024 ** 3, '1.0 GiB'],
  [1024 ** 4, '1.0 TiB'],
  [1024 ** 5, '1.0 PiB'],
  [1024 ** 6, '1.0 EiB'],
  [1024 ** 7, '1024 EiB'],
])('%d bytes read %s', (bytes, text) => {
  expect(humanSize(bytes)).toBe(text);
});

test.each([
  [0, '1970-01-01T00:00:00.000Z'],
  [8.64e15, '+275760-09-13T00:00:00.000Z'],
  [1e17, null],
  [NaN, null],
])('the time %d is %s', (time, text) => {
  expect(isoDate(time)).toBe(text);
});
