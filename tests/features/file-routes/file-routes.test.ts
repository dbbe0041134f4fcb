/** Routes of a folder: what its files answer, what is never reached, and what is wrong with them. */
import { renameSync, symlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bootstrap, type Feature } from 'obol';
import { fileRoutes, packageAssets, type FileRoutesOptions, type PageFile } from 'obol/file-routes';
import { TestClient } from 'obol/testing';
import {
  endingOf,
  isLeftOut,
  namedPathOf,
  pathOf,
  variantPathOf,
} from '../../../src/features/file-routes/file-path.js';
import { TestFolder } from '../../support/folder.js';
import { problemsOf } from '../../support/problems.js';

const MARKDOWN: FileRoutesOptions = {
  loaders: { '.md': (text) => text.replace(/^# (.*)$/m, '<h1>$1</h1>') },
};

async function clientOf(...features: Feature[]): Promise<TestClient> {
  return new TestClient(await bootstrap({ controllers: [], features }));
}

describe('the path of a file', () => {
  test.each([
    ['about.md', '/about'],
    ['index.html', '/'],
    ['docs/index.md', '/docs/'],
    ['docs/a.b.md', '/docs/a.b'],
    ['users/[id].ts', '/users/<id>'],
    ['users/[id:int].ts', '/users/<id:int>'],
    ['users/[id:int]/posts.ts', '/users/<id:int>/posts'],
    ['[...rest].ts', '/<rest:path>'],
    ['files/[...rest].ts', '/files/<rest:path>'],
    ['post-[id:int]-[slug].md', '/post-<id:int>-<slug>'],
    ['[year:int]/index.md', '/<year:int>/'],
    ['über uns.md', '/über uns'],
    ['100%.md', '/100%'],
  ])('%s answers %s', (file, path) => {
    expect(pathOf(file)).toBe(path);
  });

  test.each([
    ['[id.ts', 'bracket'],
    ['id].ts', 'bracket'],
    ['[[id]].ts', 'bracket'],
    ['[].ts', 'bracket'],
    ['[1d].ts', 'bracket'],
    ['[id:re:[a-z]+].ts', 'bracket'],
    ['[id:].ts', 'bracket'],
    ['a[...rest].ts', 'a name of its own'],
    ['[...rest:int].ts', 'a name of its own'],
    ['<id>.ts', '"<"'],
    ['a>b/c.ts', '">"'],
    ['why?.md', '"?"'],
    ['c#/index.md', '"#"'],
  ])('%s has none', (file, why) => {
    expect(() => pathOf(file)).toThrow(why);
  });

  test.each([
    ['people.json', '/people.json'],
    ['docs/index.md', '/docs/index.md'],
    ['[year:int]/[slug].HTML', '/<year:int>/<slug>.HTML'],
  ])('%s, where it is one of several, has %s, too', (file, path) => {
    expect(variantPathOf(file)).toBe(path);
  });

  test.each(['logo[1].png', 'a<b.css', 'x>.png', 'a?.css', 'c#.pdf'])(
    '%s, which is sent as it is, has none',
    (file) => {
      expect(() => namedPathOf(file)).toThrow('no parameters');
    },
  );

  test.each([
    ['a.d.ts', true],
    ['a.d.mts', true],
    ['a.js.map', true],
    ['a.test.ts', true],
    ['a.spec.mjs', true],
    ['a.ts', false],
    ['test.ts', false],
    ['a.d.md', false],
  ])('%s is left out: %s', (file, isOut) => {
    expect(isLeftOut(file)).toBe(isOut);
  });

  test('has its ending in lower case', () => {
    expect(endingOf('A/B.HTML')).toBe('.html');
  });
});

describe('a folder', () => {
  const folder = new TestFolder();
  const outside = new TestFolder();
  let client: TestClient;

  beforeAll(async () => {
    folder.file('index.md', '# Home');
    folder.file('about.html', '<p>About');
    folder.file('docs/index.md', '# Docs');
    folder.file('docs/guide.md', '# Guide');
    folder.file('people.html', '<p>People');
    folder.file('people.json', '{"people":[]}');
    folder.file('robots.txt', 'User-agent: *');
    folder.file('post-[slug].md', '# Post');
    folder.file('news/[year:int].html', '<p>News');
    folder.file('news/[year:int].json', '{"news":[]}');
    folder.file(
      'compiled.cjs',
      'exports.__esModule = true; exports.methods = "POST"; exports.default = () => "cjs";',
    );
    folder.file('_middleware.d.mts', '');
    folder.file('_middleware.md', 'secret');
    folder.file('img/dot.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>');
    folder.file('hello.mjs', 'export default (req) => `Hello ${req.method}`;');
    folder.file('value.mjs', 'export default { answer: 42 };');
    folder.file('text.mjs', 'export default Promise.resolve("later");');
    folder.file('methods.mjs', 'export default { GET: () => "got", POST: (req) => req.json };');
    folder.file('put.mjs', 'export const methods = ["PUT", "DELETE"]; export default (req) => req.method;');
    folder.file('users/[id:int].mjs', 'export default (req, id) => ({ id });');
    folder.file('users/index.mjs', 'export default { GET: () => [], POST: (req) => req.json };');
    folder.file('files/[...rest].mjs', 'export default (req, rest) => rest;');
    folder.file('t/[lang:word]/[page].mjs', 'export default (req, lang, page) => `${lang} ${page}`;');
    folder.file('_middleware.mjs', around('outer'));
    folder.file('docs/_middleware.mjs', around('inner'));
    folder.file('docs/logo.png', 'png');
    folder.file('_secret.mjs', 'globalThis.ran = true; export default "secret";');
    folder.file('_parts/part.html', 'secret');
    folder.file('.env', 'secret');
    folder.file('.git/config.html', 'secret');
    folder.file('node_modules/x/index.mjs', 'globalThis.ran = true;');
    folder.file('hello.test.mjs', 'globalThis.ran = true;');
    folder.file('types.d.ts', 'secret');
    folder.file('note.js.map', 'secret');
    outside.file('secret.html', 'secret');
    symlinkSync('about.html', `${folder.path}/linked.html`);
    client = await clientOf(await fileRoutes(folder.path, MARKDOWN));
  });
  afterAll(() => {
    folder.remove();
    outside.remove();
  });

  test.each([
    ['GET', '/', 200, '<h1>Home</h1>'],
    ['GET', '/about', 200, '<p>About'],
    ['GET', '/linked', 200, '<p>About'],
    ['GET', '/docs/', 200, '<h1>Docs</h1>'],
    ['GET', '/docs/guide', 200, '<h1>Guide</h1>'],
    ['GET', '/robots.txt', 200, 'User-agent: *'],
    ['GET', '/hello', 200, 'Hello GET'],
    ['HEAD', '/hello', 200, ''],
    ['GET', '/value', 200, '{"answer":42}'],
    ['GET', '/text', 200, 'later'],
    ['GET', '/methods', 200, 'got'],
    ['PUT', '/put', 200, 'PUT'],
    ['DELETE', '/put', 200, 'DELETE'],
    ['GET', '/users/42', 200, '{"id":42}'],
    ['GET', '/users/', 200, '[]'],
    ['GET', '/files/a/b/c.txt', 200, 'a/b/c.txt'],
    ['GET', '/t/en/news', 200, 'en news'],
    ['GET', '/post-a', 200, '<h1>Post</h1>'],
    ['GET', '/news/1999', 200, '<p>News'],
    ['GET', '/news/1999.json', 200, '{"news":[]}'],
    ['POST', '/compiled', 200, 'cjs'],
  ])('answers %s %s', async (method, path, status, text) => {
    const response = await client.request(path, { method });
    expect([response.status, await response.text()]).toEqual([status, text]);
  });

  test.each([
    ['/docs', '/docs/'],
    ['/docs?a=b%20c', '/docs/?a=b%20c'],
    ['/users', '/users/'],
  ])('redirects %s to %s', async (from, to) => {
    const response = await client.get(from);
    expect([response.status, response.headers.get('location')]).toEqual([308, to]);
  });

  test.each([
    ['POST', '/about', 405, 'GET, HEAD, OPTIONS'],
    ['GET', '/put', 405, 'PUT, DELETE, OPTIONS'],
    ['OPTIONS', '/methods', 204, 'GET, HEAD, POST, OPTIONS'],
  ])('answers %s %s with %i and Allow', async (method, path, status, allow) => {
    const response = await client.request(path, { method });
    const allowed = response.headers.get('allow')?.split(', ').sort();
    expect([response.status, allowed]).toEqual([status, allow.split(', ').sort()]);
  });

  test.each([
    '/_secret',
    '/_parts/part',
    '/_middleware',
    '/.env',
    '/.git/config',
    '/hello.mjs',
    '/hello.test',
    '/types.d',
    '/types.d.ts',
    '/note.js',
    '/about.html',
    '/index',
    '/about/',
    '/About',
    '/users/[id:int]',
    '/users/%5Bid:int%5D',
    '/users/%5Bid%3Aint%5D.mjs',
    '/docs/..%2Fabout',
    '/docs/%2e%2e%2fabout',
    '/docs%2Fguide',
    '/docs%5Cguide',
    '/docs/guide%00',
    '/docs/guide.',
    '/docs/logo.png/',
    '/DOCS/LOGO.PNG',
  ])('has nothing at %s', async (path) => {
    const response = await client.get(path);
    expect([400, 404]).toContain(response.status);
    expect(await response.text()).not.toMatch(/secret|h1/);
  });

  test('runs no module that is hidden or a test', () => {
    expect('ran' in globalThis).toBe(false);
  });

  test('calls the middleware of folders from the outside to the inside', async () => {
    const paths = ['/about', '/hello', '/docs/guide', '/docs/', '/docs', '/docs/logo.png', '/people'];
    const around = await Promise.all(
      paths.map(async (path) => (await client.get(path)).headers.get('x-around')),
    );
    expect(around).toEqual([
      'outer',
      'outer',
      'inner, outer',
      'inner, outer',
      'inner, outer',
      'inner, outer',
      'outer',
    ]);
  });

  test.each([
    [undefined, 'text/html; charset=utf-8', 'people.html'],
    ['application/json', 'application/json', 'people.json'],
    ['application/json;q=0.5, text/html', 'text/html; charset=utf-8', 'people.html'],
    ['application/*', 'application/json', 'people.json'],
  ])('chooses among pages of one name for Accept: %s', async (accept, type, name) => {
    const { status, headers } = await client.get('/people', { headers: accept ? { accept } : {} });
    expect([status, headers.get('content-type')]).toEqual([200, type]);
    expect(headers.get('content-location')).toBe(name);
    expect(headers.get('vary')).toMatch(/\bAccept\b/i);
  });

  test.each([
    ['/news/1999', '1999.html'],
    ['/a%3Ab', 'a%3Ab.html'],
    ['/', 'index.html'],
  ])('says the URL of its own of the page chosen for %s', async (path, name) => {
    folder.file('own/[word].html', '');
    folder.file('own/[word].json', '0');
    folder.file('own/index.html', '');
    folder.file('own/index.json', '0');
    const own = path.startsWith('/news') ? client : await clientOf(await fileRoutes(`${folder.path}/own`));
    expect((await own.get(path)).headers.get('content-location')).toBe(name);
  });

  test('answers 406 where no page of a name is acceptable', async () => {
    const { status, headers } = await client.get('/people', { headers: { accept: 'image/png' } });
    expect([status, headers.get('vary')]).toEqual([406, expect.stringMatching(/Accept/)]);
  });

  test('gives each page of a name a URL of its own', async () => {
    expect(await (await client.get('/people.json')).json()).toEqual({ people: [] });
    expect(await (await client.get('/people.html')).text()).toBe('<p>People');
  });

  test.each(['/about', '/people', '/docs/guide', '/img/dot.svg'])('%s has validators', async (path) => {
    const { headers } = await client.get(path);
    const etag = headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[^"]+"$/);
    expect(headers.get('last-modified')).toBe('Sun, 06 Nov 1994 08:49:37 GMT');
    expect((await client.get(path, { headers: { 'if-none-match': etag } })).status).toBe(304);
    expect((await client.get(path, { headers: { 'if-match': '"other"' } })).status).toBe(412);
  });

  test('shows its routes, with their places', async () => {
    const app = await bootstrap({ controllers: [], features: [await fileRoutes(folder.path, MARKDOWN)] });
    const places = app.routes.toJSON().map(({ path, place }) => [path, place.replace(folder.path, '')]);
    expect(places).toContainEqual(['/users/<id:int>', '/users/[id:int].mjs']);
    expect(places).toContainEqual(['/docs/guide', '/docs/guide.md']);
    expect(places).toContainEqual(['/img/dot.svg', '/img/dot.svg']);
  });

  test('stands below a prefix', async () => {
    const site = await clientOf(await fileRoutes(folder.path, { ...MARKDOWN, prefix: '/site' }));
    expect(await (await site.get('/site/users/7')).json()).toEqual({ id: 7 });
    expect((await site.get('/site')).headers.get('location')).toBe('/site/');
    expect((await site.get('/about')).status).toBe(404);
  });
});

function around(name: string): string {
  return `export default (req, next) => { const mark = (response) => { response.headers.append('X-Around', '${name}'); return response; };
    const answer = next(req); return answer instanceof Promise ? answer.then(mark) : mark(answer); };`;
}

test('a redirect to the slash of a folder never leaves the host', async () => {
  const folder = new TestFolder();
  folder.file('[...rest]/index.html', 'x');
  const { headers } = await (await clientOf(await fileRoutes(folder.path))).get('//evil.example');
  expect(headers.get('location')).toBe('/evil.example/');
  folder.remove();
});

describe('a module', () => {
  const key = { 'x-key': '1' };
  let client: TestClient;
  beforeAll(async () => {
    client = await clientOf(await fileRoutes(new URL('site', import.meta.url)));
  });

  test.each<[string, object, number, string]>([
    ['/people/all/7', { headers: key }, 200, '{"id":7}'],
    ['/people/all', { headers: key, method: 'POST', json: { a: 1 } }, 200, '{"a":1}'],
    ['/people/all/x', { headers: key }, 404, ''],
    ['/people', { headers: key }, 404, ''],
    ['/people/all/7', {}, 423, ''],
    ['/sum', { headers: key, method: 'POST', json: { numbers: [1, 2] } }, 201, '3'],
    ['/sum', { headers: key, method: 'POST', json: { numbers: ['1'] } }, 422, ''],
    ['/sum', { method: 'POST', json: { numbers: [1, 2] } }, 423, ''],
    ['/sum', { headers: key }, 405, ''],
  ])('answers %s %j', async (path, init, status, text) => {
    const response = await client.request(path, init);
    expect(response.status).toBe(status);
    if (text !== '') expect(await response.text()).toBe(text);
  });
});

describe('a folder with guards', () => {
  let client: TestClient;
  beforeAll(async () => {
    client = await clientOf(await fileRoutes(new URL('site', import.meta.url)));
  });

  test.each([
    ['/members/', 401, 200],
    ['/members', 401, 308],
    ['/members/list', 401, 200],
    ['/members/list.html', 401, 200],
    ['/members/list.json', 401, 200],
    ['/members/notes.txt', 401, 200],
    ['/members/none', 404, 404],
    ['/members/staff/plan', 401, 403],
    ['/members/staff/pay', 401, 403],
    ['/people', 404, 404],
  ])(
    'answers %s with %i to all, and with %i to those that its guard lets pass',
    async (path, all, members) => {
      const statuses = [await client.get(path), await client.get(path, { headers: { 'x-member': '1' } })];
      expect(statuses.map(({ status }) => status)).toEqual([all, members]);
    },
  );

  test('asks those of the folder around it first, those of the module last, and middleware behind them', async () => {
    const keys = ['x-member', 'x-staff', 'x-key'];
    const asked = keys.map((_, count) =>
      Object.fromEntries(keys.slice(0, count + 1).map((key) => [key, '1'])),
    );
    const responses = await Promise.all(
      [{}, ...asked].map((headers) => client.get('/members/staff/pay', { headers })),
    );
    expect(responses.map(({ status }) => status)).toEqual([401, 403, 423, 200]);
    expect(responses.map(({ headers }) => headers.get('x-around'))).toEqual([
      undefined,
      undefined,
      undefined,
      'staff',
    ]);
  });
});

describe('a page', () => {
  const folder = new TestFolder();
  afterAll(() => {
    folder.remove();
  });

  test('is loaded anew in development when it has changed, and answers 404 when it is gone', async () => {
    const file = folder.file('fresh/news.html', 'one');
    const client = await clientOf(await fileRoutes(`${folder.path}/fresh`));
    expect(await (await client.get('/news')).text()).toBe('one');
    folder.file('fresh/news.html', 'second', new Date());
    expect(await (await client.get('/news')).text()).toBe('second');
    renameSync(file, `${file}.old`);
    expect((await client.get('/news')).status).toBe(404);
    symlinkSync('/etc/passwd', file);
    expect((await client.get('/news')).status).toBe(404);
  });

  test('is loaded once in production', async () => {
    folder.file('kept/news.html', 'one');
    let loads = 0;
    const site = await fileRoutes(`${folder.path}/kept`, {
      loaders: { '.html': (text) => `${text} ${String(++loads)}` },
    });
    await inProduction(async () => {
      const client = await clientOf(site);
      folder.file('kept/news.html', 'second', new Date());
      expect(await (await client.get('/news')).text()).toBe('one 1');
      expect(await (await client.get('/news')).text()).toBe('one 1');
    });
  });

  test('may be a function of the request, JSON, bytes, or of any type', async () => {
    folder.file('kinds/a-[kind].fn', 'text');
    for (const ending of ['obj', 'bin', 'css']) folder.file(`kinds/a-${ending}.${ending}`, 'text');
    const site = await fileRoutes(`${folder.path}/kinds`, {
      loaders: {
        '.fn': (text) => (req: { query: string }, kind: string) => `${text} ${kind} ${req.query}`,
        '.obj': { type: 'application/ld+json', load: (text) => ({ text }) },
        '.bin': { type: 'application/octet-stream', load: () => new Uint8Array([1, 2]) },
        '.css': {
          type: 'text/css',
          load: async (text, { path }) => Promise.resolve(`/* ${path} */ ${text}`),
        },
      },
    });
    const client = await clientOf(site);
    const answers = await Promise.all(
      ['fn?x', 'obj', 'bin', 'css'].map(async (kind) => {
        const response = await client.get(`/a-${kind}`);
        return [response.headers.get('content-type'), await response.text()];
      }),
    );
    expect(answers).toEqual([
      ['text/html; charset=utf-8', 'text fn x'],
      ['application/ld+json', '{"text":"text"}'],
      ['application/octet-stream', '\x01\x02'],
      ['text/css; charset=utf-8', '/* /a-css */ text'],
    ]);
  });
});

async function inProduction(run: () => Promise<void>): Promise<void> {
  const before = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  try {
    await run();
  } finally {
    process.env['NODE_ENV'] = before;
  }
}

describe('mistakes', () => {
  const folder = new TestFolder();
  afterAll(() => {
    folder.remove();
  });

  test('are reported all at once, with their files', async () => {
    folder.file('all/none.mjs', 'export const x = 1;');
    folder.file('all/throws.mjs', 'throw new Error("no database");');
    folder.file('all/syntax.mjs', 'export default (;');
    folder.file('all/stream.mjs', 'export default (function* () {})();');
    folder.file('all/map.mjs', 'export default new Map();');
    folder.file('all/verbs.mjs', 'export default { GET() {}, Post() {} };');
    folder.file('all/app.mjs', 'export default { handle() {} };');
    folder.file('all/class.mjs', 'export default class Plain {};');
    folder.file('all/guard.mjs', 'export const guard = []; export default () => "open";');
    folder.file('all/verb.mjs', 'export const POST = () => 1; export default () => 1;');
    folder.file('all/around.mjs', 'export const middleware = () => 1; export default () => 1;');
    folder.file('all/text.mjs', 'throw "no database either";');
    folder.file('all/nothing.htm', '');
    folder.file('all/guards/_middleware.mjs', 'export const guards = {};');
    folder.file('all/guards/a.html', '');
    folder.file('all/methods/_middleware.mjs', 'export const methods = ["GET"]; export const guards = [];');
    folder.file('all/methods/a.html', '');
    folder.file('all/idle/_middleware.mjs', 'export const x = 1;');
    folder.file('all/idle/a.html', '');
    folder.file('all/plural/_middlewares.mjs', 'export default (req, next) => next(req);');
    folder.file('all/case/_Middleware.mjs', 'export default (req, next) => next(req);');
    folder.file('all/link/_hidden.html', '');
    folder.file('all/bad.json', '{');
    folder.file('all/latin.html', new Uint8Array([0xe7]));
    folder.file('all/photo.heic', '');
    folder.file('all/README', '');
    folder.file('all/[id.mjs', 'export default 1;');
    folder.file('all/same.html', '');
    folder.file('all/same.htm', '');
    folder.file('all/logo[1].png', '');
    folder.file('all/sub/_middleware.mjs', 'export default 1;');
    folder.file('all/sub/_middleware.js', 'export default 1;');
    folder.file('all/sub/a.html', '');
    symlinkSync('/etc/passwd', `${folder.path}/all/out.html`);
    symlinkSync('..', `${folder.path}/all/sub/up`);
    symlinkSync('gone', `${folder.path}/all/broken.html`);
    symlinkSync('_hidden.html', `${folder.path}/all/link/seen.html`);
    folder.file('outside.mjs', 'export default (req, next) => next(req);');
    symlinkSync('../../outside.mjs', `${folder.path}/all/link/_middleware.mjs`);
    const load = (text: string, { path }: PageFile): unknown => (path === '/nothing' ? undefined : text);
    const site = await fileRoutes(`${folder.path}/all`, { loaders: { '.htm': load } });
    const [problem, ...others] = await problemsOf([], { features: [site] });
    expect(others).toEqual([]);
    expect(problem?.code).toBe('E_FILE_ROUTE');
    const lines = problem?.message.split('\n') ?? [];
    const expected: [string, RegExp][] = [
      ['none.mjs', /no default export/],
      ['throws.mjs', /no database/],
      ['syntax.mjs', /./],
      ['stream.mjs', /a stream/],
      ['map.mjs', /Map/],
      ['verbs.mjs', /'Post' is no method/],
      ['app.mjs', /mount\(\)/],
      ['class.mjs', /@Controller\(\)/],
      ['guard.mjs', /call it "guards"/],
      ['verb.mjs', /export default \{ POST \}/],
      ['around.mjs', /"middleware" must be functions/],
      ['text.mjs', /: 'no database either'\.$/],
      ['nothing.htm', /gave nothing/],
      ['guards/_middleware.mjs', /its "guards" must be a list of guards/],
      ['methods/_middleware.mjs', /"methods", which is for a single module/],
      ['idle/_middleware.mjs', /neither a default export, which is middleware, nor guards/],
      ['plural/_middlewares.mjs', /call it "_middleware"/],
      ['case/_Middleware.mjs', /call it "_middleware"/],
      ['link/seen.html', /never seen/],
      ['link/_middleware.mjs', /leads out of the folder/],
      ['bad.json', /JSON/],
      ['latin.html', /valid/],
      ['photo.heic', /".heic"/],
      ['README', /without an ending/],
      ['[id.mjs', /bracket/],
      ['same.html', /same page already/],
      ['logo[1].png', /no parameters/],
      ['sub/_middleware.mjs', /_middleware.js already/],
      ['sub/_middleware.js', /must be functions/],
      ['out.html', /leads out of the folder/],
      ['sub/up', /stands in/],
      ['broken.html', /ENOENT/],
    ];
    for (const [file, why] of expected)
      expect([file, lines.find((line) => line.includes(`/all/${file}: `))]).toEqual([
        file,
        expect.stringMatching(why),
      ]);
    expect(lines).toHaveLength(expected.length);
  });

  test('of routes are those of all routes, at the place of the file', async () => {
    folder.file('routes/[id].mjs', 'export default 1;');
    folder.file('routes/[name].mjs', 'export default 1;');
    folder.file('routes/x/[id:itn].mjs', 'export default 1;');
    const problems = await problemsOf([], { features: [await fileRoutes(`${folder.path}/routes`)] });
    expect(problems.map(({ code }) => code).sort()).toEqual(['E_ROUTE_DUPLICATE', 'E_ROUTE_FILTER']);
    expect(problems.find(({ code }) => code === 'E_ROUTE_FILTER')?.message).toContain('Did you mean "int"?');
    expect(problems.map(({ place }) => place?.replace(folder.path, '')).sort()).toEqual([
      '/routes/[name].mjs',
      '/routes/x/[id:itn].mjs',
    ]);
  });

  test.each(['module.mjs', 'value.mjs', '_middleware.mjs', 'page.html'])(
    'are named where they never end: %s',
    async (file) => {
      folder.file(
        `late/${file}/${file}`,
        file.startsWith('v') ? 'export default new Promise(() => {});' : 'await new Promise(() => {});',
      );
      folder.file(`late/${file}/a.json`, '1');
      const loaders = { '.html': () => new Promise(() => undefined) };
      const site = await fileRoutes(`${folder.path}/late/${file}`, { loaders, timeout: 1 });
      const [problem] = await problemsOf([], { features: [site] });
      expect(problem?.message).toMatch(new RegExp(`/${file}: .*it is not done after 1 ms\\.$`));
    },
  );

  test('are a folder in which nothing answers', async () => {
    folder.file('idle/_part.html', '');
    const [problem] = await problemsOf([], { features: [await fileRoutes(`${folder.path}/idle`)] });
    expect(problem?.message).toMatch(/idle: there is no file in it/);
  });

  test.each<[string, unknown]>([
    ['prefix', { prefix: 'blog' }],
    ['prefix', { prefix: '/<x>' }],
    ['prefix', { prefix: '/a/../b' }],
    ['loaders', { loaders: null }],
    ['"md" is not an ending', { loaders: { md: () => '' } }],
    ["loaders['.md']", { loaders: { '.md': { type: 'markdown', load: () => '' } } }],
    ['timeout', { timeout: 0 }],
    ['loaders', { loaders: { '.md': 'marked' } }],
    ['loaders', { loaders: { '.ts': () => '' } }],
    ['loaders', { loaders: { '.md': { load: () => '' } } }],
    ['assets', { assets: ['.ts'] }],
    ['assets', { assets: 'css' }],
    ['loader', { loader: {} }],
  ])('of the option %s: %j', async (name, options) => {
    await expect(fileRoutes(folder.path, options as FileRoutesOptions)).rejects.toThrow(name);
  });

  test('name a folder that is none', async () => {
    for (const wrong of [undefined, '', 4, new URL('https://example.org/')])
      await expect(fileRoutes(wrong as never)).rejects.toThrow('is not a path, or a URL of a file');
    await expect(fileRoutes(`${folder.path}/none`)).rejects.toThrow('is no directory');
  });
});

describe('the files of a package', () => {
  const folder = new TestFolder();
  const from = `${folder.path}/index.js`;
  let open: TestClient;
  let exporting: TestClient;

  beforeAll(() => {
    const plain = `node_modules/plain`;
    folder.file(`${plain}/package.json`, '{}');
    folder.file(`${plain}/dist/a.css`, 'a {}');
    folder.file(`${plain}/.npmrc`, 'secret');
    folder.file(`${plain}/node_modules/dep/a.css`, 'secret');
    const scoped = 'node_modules/@acme/ui';
    const exports = {
      './package.json': null,
      './style.css': './lib/style.css',
      './icons/*': './lib/icons/*',
      './icons/private/*': null,
    };
    folder.file(`${scoped}/package.json`, JSON.stringify({ name: '@acme/ui', exports }));
    folder.file(`${scoped}/lib/style.css`, 'ui {}');
    folder.file(`${scoped}/lib/icons/x.svg`, '<svg/>');
    folder.file(`${scoped}/lib/icons/private/y.svg`, 'secret');
    folder.file(`${scoped}/lib/icons/more/x.svg`, '<svg/>');
    folder.file('node_modules/broken/package.json', 'null');
    folder.file('node_modules/cut/package.json', '{');
    folder.file(`${scoped}/lib/internal.js`, 'secret');
    open = new TestClient(packageAssets('plain', { from }));
    exporting = new TestClient(packageAssets('@acme/ui', { from }));
  });
  afterAll(() => {
    folder.remove();
  });

  test.each([
    ['/dist/a.css', 200],
    ['/.npmrc', 404],
    ['/node_modules/dep/a.css', 404],
    ['/../../index.js', 400],
    ['/missing.css', 404],
  ])('without exports are all its own: %s', async (path, status) => {
    expect((await open.get(path)).status).toBe(status);
  });

  test.each([
    ['/style.css', 200],
    ['/icons/x.svg', 200],
    ['/icons/private/y.svg', 404],
    ['/lib/style.css', 404],
    ['/lib/internal.js', 404],
    ['/package.json', 404],
    ['/icons/..%2Finternal.js', 404],
    ['/icons/%2e%2e/internal.js', 400],
    ['/', 404],
    ['/icons/', 404],
    ['/icons/x.svg%00', 400],
    ['/icons/%2578.svg', 404],
    ['/icons/x.svg%3F', 404],
    ['/icons/x.svg%23', 404],
    ['/icons/x.svg%20', 404],
    ['/icons/x%09.svg', 404],
    ['/icons/more%5Cx.svg', 404],
    ['/icons/more/x.svg', 200],
  ])('with exports are those that it gives out: %s', async (path, status) => {
    expect((await exporting.get(path)).status).toBe(status);
    expect((await exporting.get(path)).status).toBe(status);
  });

  test('may be those of one folder', async () => {
    const dist = new TestClient(packageAssets('plain', { from, folder: 'dist' }));
    expect(await (await dist.get('/a.css')).text()).toBe('a {}');
    const icons = new TestClient(packageAssets('@acme/ui', { from, folder: 'icons' }));
    expect((await icons.get('/x.svg')).status).toBe(200);
  });

  test.each([
    ['missing', {}, 'npm install missing'],
    ['../x', {}, 'name of a package'],
    ['plain', { folder: '../x' }, 'folder of the package'],
    ['plain', { folder: '/etc' }, 'folder of the package'],
    ['plain', { folder: 'dist/../..' }, 'folder of the package'],
    ['plain', { from: 'main.js' }, 'the URL of a module'],
    ['plain', { from: 'https://example.org/main.js' }, 'the URL of a module'],
    ['broken', {}, 'cannot read'],
    ['cut', {}, 'cannot read'],
    ['plain', { root: '' }, 'root'],
  ])('of %s, %j: a mistake', (name, options, why) => {
    expect(() => packageAssets(name, { from, ...options })).toThrow(why);
  });
});
