/** Handlers put together by a configuration. */
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as obol from 'obol';
import { bootstrap, Controller, Get, makeResponse, type Handler, type Middleware, type Request } from 'obol';
import {
  compose,
  type ComposeOptions,
  type Composition,
  type CompositionConfig,
  type Factory,
} from 'obol/composition';
import * as composition from 'obol/composition';
import * as compression from 'obol/compression';
import * as statics from 'obol/static';
import { TestClient } from 'obol/testing';
import { z } from 'zod';
import { blocksOf, runBlock } from '../../support/document-blocks.js';
import { TestFolder } from '../../support/folder.js';

const folder = new TestFolder();
const saved = { ...process.env };
afterAll(() => {
  folder.remove();
});
afterEach(() => {
  process.env = { ...saved };
});

/** Answers with its options, and where it stands. */
const echo: Factory<Handler> = (part) => (request) =>
  makeResponse({ ...part.values, path: request.path, base: request.base });
const missing: Factory<Handler> = () => () => makeResponse('', 'text/plain', {}, 404);
const mark: Factory<Middleware> = (part) => async (request, next) => {
  const response = await next(request);
  response.headers.append('X-Mark', String(part.values['as']));
  return response;
};
const FACTORIES = { apps: { echo, missing }, filters: { mark } };

async function ask(site: Composition<unknown>, target = '/'): Promise<unknown> {
  const answer = await new TestClient(site).get(target);
  return answer.status === 200 ? await answer.json() : answer.status;
}

async function answerOf(
  apps: CompositionConfig['apps'],
  target = '/',
  { env, ...config }: Partial<CompositionConfig> & Pick<ComposeOptions, 'env'> = {},
): Promise<unknown> {
  return ask(await compose({ ...config, apps }, { ...FACTORIES, env }), target);
}

/** The lines of the mistakes. */
async function mistakesOf(config: unknown, options: ComposeOptions = FACTORIES): Promise<readonly string[]> {
  try {
    await compose(config as CompositionConfig, options);
    return [];
  } catch (error) {
    expect(error).toMatchObject({ code: 'E_CONFIG' });
    return (error as Error).message.split('\n');
  }
}

function fileOf(name: string, content: string): string {
  const file = join(folder.path, name);
  writeFileSync(file, content);
  return file;
}

describe('an app', () => {
  test.each<[string, CompositionConfig['apps'], string, unknown]>([
    [
      'is made by a factory, with its options',
      { main: { use: 'echo', a: 1 } },
      '/x',
      { a: 1, path: '/x', base: '' },
    ],
    ['is the name of another one', { main: 'site', site: { use: 'echo', a: 1 } }, '/', { a: 1 }],
    ['is the name of a factory', { main: 'echo' }, '/', { path: '/' }],
    [
      'is another one with options of its own',
      { main: { use: 'site', b: 3 }, site: { use: 'echo', a: 1, b: 2, deep: { c: 1 } } },
      '/',
      { a: 1, b: 3, deep: { c: 1 } },
    ],
    [
      'is one of one of another one',
      { main: { use: 'b', list: [3] }, a: { use: 'echo', list: [1, 2] }, b: { use: 'a', x: 1 } },
      '/',
      { list: [3], x: 1 },
    ],
    ['may be called as its factory is', { main: 'echo', echo: { use: 'echo', a: 1 } }, '/', { a: 1 }],
    [
      'is found by place',
      {
        main: { use: 'urlMap', map: { '/': 'home', '/shop': { use: 'echo', a: 2 } } },
        home: { use: 'echo', a: 1 },
      },
      '/shop/x',
      { a: 2, base: '/shop', path: '/x' },
    ],
    [
      'is found by host',
      { main: { use: 'urlMap', map: { '//localhost/b': 'echo' } } },
      '/b/',
      { base: '/b' },
    ],
    [
      'is asked in turn',
      { main: { use: 'cascade', apps: ['missing', { use: 'echo', a: 1 }] } },
      '/',
      { a: 1 },
    ],
    [
      'is not asked in turn after others',
      { main: { use: 'cascade', apps: ['missing', 'echo'], catch: [500] } },
      '/',
      404,
    ],
    [
      'stands below a path',
      { main: { use: 'mount', at: '/a/<b>', app: 'echo' } },
      '/a/1/c',
      { base: '/a/1' },
    ],
    ['stands nowhere else', { main: { use: 'mount', at: '/a', app: 'echo' } }, '/b', 404],
  ])('%s', async (_, apps, target, answer) => {
    const got = await answerOf(apps, target);
    if (typeof answer === 'number') expect(got).toBe(answer);
    else expect(got).toMatchObject(answer as object);
  });

  test('has defaults, unless it says otherwise', async () => {
    const defaults = { a: 1, deep: { b: 1, c: 2 } };
    expect(await answerOf({ main: { use: 'echo', deep: { c: 3 } } }, '/', { defaults })).toMatchObject({
      a: 1,
      deep: { b: 1, c: 3 },
    });
    expect(await answerOf({ main: { use: 'cascade', apps: ['echo'] } }, '/', { defaults })).toMatchObject(
      defaults,
    );
  });

  test('that has a name is made once', async () => {
    let made = 0;
    const count: Factory<Handler> = () => {
      made++;
      return () => makeResponse('x');
    };
    const map = { '/': 'one', '/b': 'one', '/c': { use: 'cascade', apps: ['one'] } };
    await compose(
      { apps: { main: { use: 'urlMap', map }, one: 'count', unused: 'count' } },
      { apps: { count } },
    );
    expect(made).toBe(1);
  });

  test('may be of the program, with others among its options', async () => {
    const around: Factory<Handler> = async (part) => {
      const first = await part.app('first');
      const second = await part.app('more', 0);
      return (request) => (request.path === '/1' ? first : second)(request);
    };
    const apps = {
      main: { use: 'around', first: 'one', more: [{ use: 'echo', n: 2 }] },
      one: { use: 'echo', n: 1 },
    };
    const site = await compose({ apps }, { apps: { echo, around } });
    expect([await ask(site, '/1'), await ask(site, '/2')]).toMatchObject([{ n: 1 }, { n: 2 }]);
  });

  test('is an application, whose table is seen and which is closed', async () => {
    let closed = 0;
    @Controller()
    class Home {
      @Get('/')
      home(req: Request) {
        return { base: req.base };
      }
    }
    const shop = (): ReturnType<typeof bootstrap> =>
      bootstrap({ controllers: [Home], features: [{ close: () => void closed++ }] });
    const site = await compose(
      { apps: { main: { use: 'mount', at: '/shop', app: 'shop' } } },
      { apps: { shop } },
    );
    expect(await ask(site, '/shop/')).toEqual({ base: '/shop' });
    expect(JSON.stringify(site.table)).toContain('"path":"/shop/"');
    await site.close();
    expect(closed).toBe(1);
  });
});

describe('filters', () => {
  const marks = async (config: CompositionConfig): Promise<string | undefined> => {
    const { headers } = await new TestClient(await compose(config, FACTORIES)).get('/');
    return headers.get('x-mark') ?? undefined;
  };
  const filters = { a: { use: 'mark', as: 'a' }, b: { use: 'a', as: 'b' }, c: 'a' };

  test.each<[string, unknown, string | undefined]>([
    ['in their order, the first outermost', ['a', 'b'], 'b, a'],
    [
      'described in place',
      [
        { use: 'mark', as: 'x' },
        { use: 'b', as: 'y' },
      ],
      'y, x',
    ],
    ['by another name', ['c'], 'a'],
    ['by the name of a factory', ['mark'], 'undefined'],
    ['none', [], undefined],
  ])('stand around an app: %s', async (_, list, seen) => {
    expect(await marks({ apps: { main: { use: 'echo', filters: list } }, filters })).toBe(seen);
  });

  test('come with the app that is described, unless it has others', async () => {
    const base = { use: 'echo', filters: ['a'] };
    expect(await marks({ apps: { main: { use: 'base' }, base }, filters })).toBe('a');
    expect(await marks({ apps: { main: { use: 'base', filters: ['b'] }, base }, filters })).toBe('b');
    expect(
      await marks({ apps: { main: { use: 'cascade', apps: ['base'], filters: ['b'] }, base }, filters }),
    ).toBe('a, b');
  });
});

describe('options are checked by a schema', () => {
  const strict: Factory<Handler> = (part) => {
    const options = part.options(
      z.strictObject({ size: z.number(), title: z.string().default('none'), on: z.boolean().optional() }),
    );
    return () => makeResponse(options);
  };
  const options = { apps: { strict }, env: ['PORT', 'TITLE', 'WHICH'] };

  test('which fills in what is missing', async () => {
    expect(await ask(await compose({ apps: { main: { use: 'strict', size: 1 } } }, options))).toEqual({
      size: 1,
      title: 'none',
    });
  });

  test('and a variable is what the schema wants', async () => {
    Object.assign(process.env, { PORT: '80', TITLE: '2026', WHICH: 'true' });
    const main = { use: 'strict', size: '${PORT}', title: '${TITLE}', on: '${WHICH}' };
    expect(await ask(await compose({ apps: { main } }, options))).toEqual({
      size: 80,
      title: '2026',
      on: true,
    });
    const base = { use: 'strict', size: '${PORT}' };
    expect(await ask(await compose({ apps: { main: { use: 'base' }, base } }, options))).toEqual({
      size: 80,
      title: 'none',
    });
  });

  test('and all mistakes are there at once, each with its place', async () => {
    process.env['PORT'] = 'many';
    const apps = {
      main: {
        use: 'urlMap',
        map: { '/': 'one', '/b': { use: 'strict' }, '/c c': { use: 'strict', size: '${PORT}' } },
      },
      one: { use: 'strict', size: '1', titel: 'x' },
    };
    expect(await mistakesOf({ apps }, options)).toEqual([
      'apps.one.size: Invalid input: expected number, received string (apps.one).',
      expect.stringMatching(/^apps\.one: .*titel/),
      'apps.main.map["/b"].size: Invalid input: expected number, received undefined.',
      'apps.main.map["/c c"].size: Invalid input: expected number, received string (PORT in the environment).',
    ]);
  });
});

describe('variables of the environment', () => {
  test.each<[string, unknown]>([
    ['${TITLE}', 'Shop'],
    ['a ${TITLE} b ${TITLE}', 'a Shop b Shop'],
    ['${PORT:-8080}', '8080'],
    ['${PORT:-}', ''],
    ['http://h:${PORT:-80}/', 'http://h:80/'],
    ['$${TITLE}', '${TITLE}'],
    ['$TITLE {TITLE} $', '$TITLE {TITLE} $'],
    ['${WHICH}', '${TITLE}'],
  ])('in %s', async (text, filled) => {
    Object.assign(process.env, { TITLE: 'Shop', WHICH: '${TITLE}', PORT: '' });
    const main = { use: 'echo', text, list: [text], deep: { text } };
    expect(await answerOf({ main }, '/', { env: ['TITLE', 'PORT', 'WHICH'] })).toMatchObject({
      text: filled,
      list: [filled],
      deep: { text: filled },
    });
  });

  test('may choose an app', async () => {
    process.env['WHICH'] = 'two';
    const apps = { main: '${WHICH}', two: { use: 'echo', n: 2 } };
    expect(await answerOf(apps, '/', { env: ['WHICH'] })).toMatchObject({ n: 2 });
  });

  test('are those that the program allows, and are set', async () => {
    process.env['SECRET'] = 'x';
    const apps = {
      main: { use: 'echo', a: '${SECRET}', b: ['-${SECRE}-'], c: '${PORT}', d: '${}', e: '${constructor}' },
    };
    expect(await mistakesOf({ apps }, { ...FACTORIES, env: ['PORT', 'SECRETS'] })).toEqual([
      'apps.main.a: the variable: "SECRET" is not "PORT" or "SECRETS". Did you mean "SECRETS"?',
      'apps.main.b[0]: the variable: "SECRE" is not "PORT" or "SECRETS".',
      'apps.main.c: PORT is not set in the environment; set it, or write ${PORT:-value}.',
      'apps.main.d: the variable: "" is not "PORT" or "SECRETS".',
      'apps.main.e: the variable: "constructor" is not "PORT" or "SECRETS".',
    ]);
    expect(await mistakesOf({ apps: { main: { use: 'echo', a: '${SECRET}' } } })).toEqual([
      'apps.main.a: the program allows no variables, so ${SECRET} cannot stand here; name it in env.',
    ]);
  });
});

describe('the server', () => {
  const site = (server: unknown, options: ComposeOptions = {}): ReturnType<typeof compose> =>
    compose({ apps: { main: 'echo' }, server } as CompositionConfig, { ...FACTORIES, ...options });

  test.each<[unknown, unknown]>([
    [
      { port: 8080, host: '::1' },
      { port: 8080, host: '::1' },
    ],
    [{ port: '${PORT}' }, { port: 8081 }],
    [undefined, {}],
  ])('of %j is %j', async (server, settled) => {
    process.env['PORT'] = '8081';
    expect((await site(server, { env: ['PORT'] })).server).toEqual(settled);
  });

  test('is checked', async () => {
    expect(
      await mistakesOf({ apps: { main: 'echo' }, server: { port: 'x', host: 1, trustProxy: true } }),
    ).toEqual([
      'server.port: it must be a port, from 0 to 65535 (server).',
      'server.host: it must be a host name or an address (server).',
      'server.trustProxy: there is no such option; there are port and host (server).',
    ]);
  });

  test('may be what the program says', async () => {
    const own = await compose(
      { apps: { main: 'echo' }, server: { socket: '/run/x' } },
      { ...FACTORIES, server: z.object({ socket: z.string() }) },
    );
    expect(own.server.socket).toBe('/run/x');
  });
});

describe('mistakes', () => {
  test.each<[string, unknown, readonly string[]]>([
    ['no app', { apps: {} }, ['apps: there is no "main", which is the whole.']],
    ['no apps', {}, ['apps: undefined is not an object.']],
    ['nothing', null, ['null holds no options; give an object, such as { apps: ... }.']],
    ['a list', [], [expect.stringContaining('apps')] as never],
    [
      'other members',
      { apps: { main: 'echo' }, filter: {}, server: 3 },
      ['server: 3 is not an object.', 'filter: there is no such option. Did you mean "filters"?'],
    ],
    [
      'unknown names',
      { apps: { main: { use: 'urlMap', map: { '/': 'eco', '/b': { use: 'ecko' } } } } },
      [
        'apps.main.map["/"]: "eco" is not "main" or "urlMap" or "cascade" or "mount" or "echo" or "missing". Did you mean "echo"?',
        'apps.main.map["/b"].use: "ecko" is not "main" or "urlMap" or "cascade" or "mount" or "echo" or "missing". Did you mean "echo"?',
      ],
    ],
    [
      'names of objects',
      { apps: { main: { use: 'constructor' }, b: '__proto__', c: { use: 'toString' } } },
      [/"constructor" is not/, /"__proto__" is not/, /"toString" is not/] as never,
    ],
    [
      'an unknown filter',
      { apps: { main: { use: 'echo', filters: ['marc', { use: 'x' }, 3] } } },
      [
        'apps.main.filters[0]: "marc" is not "mark". Did you mean "mark"?',
        'apps.main.filters[1].use: "x" is not "mark".',
        'apps.main.filters[2]: 3 is neither a name nor { "use": ... }.',
      ],
    ],
    [
      'filters that are no list',
      { apps: { main: { use: 'echo', filters: 'mark' } } },
      ['apps.main.filters: "mark" is not a list of filters.'],
    ],
    ['what is no app', { apps: { main: 3 } }, ['apps.main: 3 is neither a name nor { "use": ... }.']],
    [
      'an app without use',
      { apps: { main: { a: 1 } } },
      ['apps.main: [Object] is neither a name nor { "use": ... }.'],
    ],
    ['a module', { apps: { main: { use: './evil.js' } } }, [/"\.\/evil\.js" is not/] as never],
    ['a circle of names', { apps: { main: 'a', a: 'b', b: 'a' } }, ['apps.b: a -> b -> a is a circle.']],
    ['an app that is itself', { apps: { main: 'main' } }, ['apps.main: main -> main is a circle.']],
    [
      'an app described by itself',
      { apps: { main: { use: 'main' } } },
      ['apps.main: main -> main is a circle.'],
    ],
    [
      'a circle of descriptions',
      { apps: { main: 'echo', a: { use: 'b' }, b: { use: 'c' }, c: { use: 'b' } } },
      ['apps.c: b -> c -> b is a circle.'],
    ],
    [
      'a circle of parts',
      {
        apps: {
          main: { use: 'cascade', apps: ['a'] },
          a: { use: 'mount', at: '/', app: { use: 'mount', at: '/', app: 'main' } },
        },
      },
      ['apps.a.app.app: main -> a -> main is a circle.'],
    ],
    [
      'wrong options',
      {
        apps: {
          main: { use: 'cascade', apps: ['a', 'b', 'c', 'd'], cach: 1 },
          a: { use: 'urlMap' },
          b: { use: 'mount', at: '/<x', app: 'echo' },
          c: { use: 'mount', at: '/x' },
          d: { use: 'urlMap', map: { '/': 'echo', '//h h': 'echo' } },
        },
      },
      [
        'apps.a.map: undefined is not an object of apps by their places.',
        /^apps\.b: .*"\/<x"/,
        'apps.c.app: it names no app; write the name of one.',
        /^apps\.d: The host of/,
        /^apps\.main: cascade\.cach: there is no such option/,
      ] as never,
    ],
  ])('with %s', async (_, config, lines) => {
    const got = await mistakesOf(config);
    expect(got).toEqual(
      [...lines].map((line: unknown) => (line instanceof RegExp ? expect.stringMatching(line) : line)),
    );
  });

  test('of factories are among them, and what was made before is closed', async () => {
    let closed = 0;
    const good: Factory<{ handle: Handler; close: () => Promise<void> }> = () => ({
      handle: () => makeResponse('x'),
      close: () => Promise.resolve(void closed++),
    });
    const bad: Factory<Handler> = () => {
      throw new Error('no disk');
    };
    const none = (() => undefined) as unknown as Factory<Handler>;
    const apps = { main: { use: 'cascade', apps: ['good', 'bad', 'none'], filters: ['noFilter'] } };
    const noFilter = (() => ({})) as unknown as Factory<Middleware>;
    expect(await mistakesOf({ apps }, { apps: { good, bad, none }, filters: { noFilter } })).toEqual([
      'apps.main.apps[1]: no disk',
      expect.stringMatching(/^apps\.main\.apps\[2\]: undefined is no handler/),
      'apps.main.filters[0]: noFilter gave {}, which is no middleware.',
    ]);
    expect(closed).toBe(1);
  });

  test('of closing are among them, and the others are closed all the same', async () => {
    const closed: string[] = [];
    const closing = (name: string, problem?: string): { handle: Handler; close: () => Promise<void> } => ({
      handle: () => makeResponse(name),
      close: () => (closed.push(name), problem ? Promise.reject(new Error(problem)) : Promise.resolve()),
    });
    const inner: Factory<Composition<unknown>> = () =>
      compose({ apps: { main: 'x' } }, { apps: { x: () => closing('inner') } });
    const apps = { a: () => closing('a', 'of a'), b: () => closing('b', 'of b'), inner };
    const all = { use: 'cascade', apps: ['a', 'inner', 'b'] };
    const site = await compose({ apps: { main: all } }, { apps });
    await expect(site.close()).rejects.toThrow('of b');
    expect(closed.splice(0)).toEqual(['b', 'inner', 'a']);
    expect(await mistakesOf({ apps: { main: all, x: 'y' } }, { apps })).toEqual([
      expect.stringMatching(/^apps\.x: "y" is not/),
      'close: of b',
    ]);
    expect(closed).toEqual(['b', 'inner', 'a']);
  });

  test('name the file', async () => {
    const file = fileOf('site.json', '{ "apps": { "main": "eco" }, "filter": {} }');
    expect(await mistakesOf(file)).toEqual([
      `${file}: filter: there is no such option. Did you mean "filters"?`,
    ]);
    const other = fileOf('other.json', '{ "apps": { "main": "eco" } }');
    expect(await mistakesOf(other)).toEqual([expect.stringContaining(`${other}: apps.main: "eco" is not`)]);
  });

  test.each<[string, ComposeOptions, string]>([
    [
      'factories',
      { apps: { a: 3 } as never },
      'compose.apps.a: a number is not a function (part) => handler, or middleware.',
    ],
    ['variables', { env: 'PORT' as never }, 'compose.env: "PORT" is not a list of names of variables.'],
    ['options', { app: {} } as never, 'compose.app: there is no such option. Did you mean "apps"?'],
  ])('of the program: %s', async (_, options, message) => {
    await expect(compose({ apps: { main: 'x' } }, options)).rejects.toMatchObject({
      code: 'E_SETTING',
      message,
    });
  });
});

describe('a file', () => {
  test('is JSON or YAML', async () => {
    const json = fileOf(
      'a.json',
      '\uFEFF{ "apps": { "main": { "use": "echo", "a": 1 } }, "server": { "port": 80 } }',
    );
    const yaml = fileOf(
      'a.yaml',
      'apps:\n  main:\n    use: echo # comment\n    a: 1\nserver: { port: 80 }\n',
    );
    for (const file of [json, yaml]) {
      const site = await compose(file, FACTORIES);
      expect([await ask(site), site.server]).toMatchObject([{ a: 1 }, { port: 80 }]);
    }
  });

  test.each([
    ['b.json', '{,}', /is no JSON/],
    ['b.json', '[]', /holds no object/],
    ['b.yml', '{ a: [', /is no YAML/],
    ['b.yml', 'x', /holds no object/],
    [
      'b.yml',
      'a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c]',
      /is no YAML/,
    ],
  ])('%s that holds %j is none', async (name, content, why) => {
    expect((await mistakesOf(fileOf(name, content)))[0]).toMatch(why);
  });

  test('that is not there is a mistake', async () => {
    expect((await mistakesOf(join(folder.path, 'nowhere.json')))[0]).toMatch(/cannot be read \(ENOENT\)/);
  });
});

describe('docs/compose.md', () => {
  const [text = '', extended = ''] = [
    ...readFileSync(join(import.meta.dirname, '../../../docs/compose.md'), 'utf8').matchAll(
      /^```(?:json|yaml)\n(.*?)^```$/gms,
    ),
  ].map(([, block]) => block);
  const [program = '', own = ''] = blocksOf('docs/compose.md');

  test('shows a file and the program for it', async () => {
    const modules = {
      obol: { ...obol, listen: () => ({ url: 'http://x' }) },
      'obol/composition': {
        ...composition,
        compose: (_: string, options: ComposeOptions) => compose(fileOf('site.json', text), options),
      },
      'obol/compression': compression,
      'obol/static': statics,
      'obol/config': {},
      zod: { z },
      './shop.js': { shop: { handle: () => makeResponse('the shop') } },
    };
    mkdirSync(join(folder.path, 'public'));
    fileOf('public/index.html', 'the site');
    process.env['SITE_FOLDER'] = join(folder.path, 'public');
    const { site } = (await runBlock(program, modules, ['site'])) as { site: Composition<unknown> };
    const client = new TestClient(site);
    expect(await (await client.get('/')).text()).toBe('the site');
    expect(await (await client.get('/shop/')).text()).toBe('the shop');
    expect(site.server).toEqual({ port: 8080, host: '127.0.0.1' });
    const { failover } = await runBlock(own, modules, ['failover']);
    const apps = { main: { use: 'failover', first: 'missing', then: 'echo' } };
    const both = await compose(
      { apps },
      { apps: { ...FACTORIES.apps, failover: failover as Factory<Handler> } },
    );
    expect(await ask(both)).toMatchObject({ path: '/' });
  });

  test('shows the same in YAML', async () => {
    const site = await compose(fileOf('more.yaml', extended), { apps: { static: echo } });
    expect(await ask(site, '/archive/')).toMatchObject({
      folder: 'archive',
      listing: true,
      maxAge: 3600,
      base: '/archive',
    });
    expect(await ask(site, '/')).toMatchObject({ folder: 'public', maxAge: 60 });
  });
});
