/** `obol/config`: layers, places in messages, secrets, and how applications get it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type } from 'arktype';
import { bootstrap, Controller, Get, type Request } from 'obol';
import { config, type ConfigOptions } from 'obol/config';
import type { Schema } from 'obol/contract';
import * as v from 'valibot';
import { z } from 'zod';
import { TestClient } from '../../../src/hosts/testing/test-client.js';
import { developerError } from '../../support/errors.js';

const SCHEMA = z.object({
  port: z.number().default(8080),
  title: z.string().default('Shop'),
  isOpen: z.boolean().default(false),
  tags: z.array(z.string()).default([]),
  documentRoot: z.string().optional(),
  database: z
    .object({ url: z.string(), password: z.string().default('none') })
    .default({ url: 'here', password: 'none' }),
});

let folder = '';
const file = (name: string): string => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'obol-config-'));
  const files = {
    'shop.json':
      '{ "port": 1, "title": "File", "tags": ["a", "b"], "database": { "url": "file", "password": "p1" } }',
    'bom.json': '\uFEFF{ "port": 2 }',
    '.env.json': '{ "port": 4 }',
    'proto.json': '{ "__proto__": { "port": 3 } }',
    '.env': 'SHOP_TITLE="From .env"\nSHOP_DATABASE__URL=dotenv # why\nOTHER=1\nSHOP_EMPTY=\n',
    '.env.local': 'SHOP_TITLE=local\n',
    'broken.json': '{ "password": "hunter2", }',
    'list.json': '[1]',
    'shop.yaml': 'port: 3 # why\ntags: [x]\n',
    'broken.yml': 'password: [hunter2',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(file(name), text);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const set = new Set<string>();

function environment(variables: Record<string, string>): void {
  for (const [name, value] of Object.entries(variables)) {
    process.env[name] = value;
    set.add(name);
  }
}

afterEach(() => {
  for (const name of set) Reflect.deleteProperty(process.env, name);
  set.clear();
});

/** Files are those of the folder. */
function shop({ files = [], ...options }: ConfigOptions = {}) {
  return class ShopConfig extends config(SCHEMA, { files: files.map(file), ...options }) {};
}

function messageOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    expect(error).toMatchObject({ code: 'E_CONFIG' });
    return (error as Error).message.replaceAll(`${folder}/`, '');
  }
  throw new Error('It was read');
}

describe('layers', () => {
  test.each<[ConfigOptions, Record<string, string>, object]>([
    [{}, {}, { port: 8080, title: 'Shop', tags: [], database: { url: 'here' } }],
    [{ files: ['shop.json'] }, {}, { port: 1, title: 'File', tags: ['a', 'b'], database: { url: 'file' } }],
    [{ files: ['shop.json', 'bom.json'] }, {}, { port: 2, title: 'File' }],
    [{ files: ['proto.json'] }, {}, { port: 8080 }],
    [{ files: ['shop.json', 'shop.yaml'] }, {}, { port: 3, title: 'File', tags: ['x'] }],
    [
      { files: ['.env', 'shop.json'], env: 'SHOP_' },
      {},
      { title: 'From .env', database: { url: 'dotenv', password: 'p1' } },
    ],
    [{ files: ['.env', '.env.local', '.env.none'], env: 'SHOP_' }, {}, { title: 'local' }],
    [{ files: ['.env.json'] }, {}, { port: 4 }],
    [{ files: ['.env'], env: 'SHOP_' }, { SHOP_TITLE: 'environment' }, { title: 'environment' }],
    [{ env: 'SHOP_', args: ['--title=args'] }, { SHOP_TITLE: 'environment' }, { title: 'args' }],
    [{ env: 'SHOP_' }, { SHOP_DOCUMENT_ROOT: '/srv', OTHER_PORT: '1' }, { documentRoot: '/srv', port: 8080 }],
    [{ env: 'SHOP_' }, { SHOP_TITLE: '' }, { title: 'Shop' }],
    [{ env: 'SHOP_', args: ['--database.url=x'] }, { SHOP_DATABASE: 'text' }, { database: { url: 'x' } }],
    [
      { files: ['shop.json'], args: ['--database={"url":"y"}'] },
      {},
      { database: { url: 'y', password: 'none' } },
    ],
    [{ env: 'SHOP_', variables: { CONFIG_TEST_PORT: 'port' } }, { CONFIG_TEST_PORT: '81' }, { port: 81 }],
    [
      { variables: { CONFIG_TEST_URL: 'database.url' } },
      { CONFIG_TEST_URL: 'there', SHOP_PORT: '1' },
      { port: 8080, database: { url: 'there' } },
    ],
    [
      { args: ['--port', '82', '--is-open', '--database.url', 'x', 'rest'] },
      {},
      { port: 82, isOpen: true, database: { url: 'x' } },
    ],
    [
      { args: ['--no-is-open', '--tags=x', '--tags=y', '--', '--port=1'] },
      {},
      { isOpen: false, tags: ['x', 'y'], port: 8080 },
    ],
  ])('%j with %j are %j', (options, variables, values) => {
    environment(variables);
    expect(shop(options).read()).toMatchObject(values);
  });

  test('are read once', () => {
    const Config = shop({ env: 'SHOP_' });
    const first = Config.read();
    environment({ SHOP_PORT: '9' });
    expect(Config.read()).toBe(first);
    expect(first).toBeInstanceOf(Config);
    expect(shop({ env: 'SHOP_' }).read().port).toBe(9);
  });
});

describe('text of the environment', () => {
  const read = (variable: string, schema = SCHEMA as z.ZodType<object>): object => {
    environment({ SHOP_VALUE: variable });
    return class extends config(z.object({ value: schema }), { env: 'SHOP_' }) {}.read();
  };

  test.each<[string, z.ZodType<never>, unknown]>([
    ['8080', z.number() as never, 8080],
    ['8080', z.string() as never, '8080'],
    ['true', z.boolean() as never, true],
    ['["a"]', z.array(z.string()) as never, ['a']],
    ['{"a":1}', z.object({ a: z.number() }) as never, { a: 1 }],
    ['null', z.null() as never, null],
    ['007', z.string() as never, '007'],
    ['8080', z.coerce.number() as never, 8080],
  ])('%j is for %p what the schema takes', (text, schema, value) => {
    expect(read(text, schema)).toEqual({ value });
  });

  test('that helps in no form is what the message is about', () => {
    expect(() => read('12', z.string().min(5) as never)).toThrow(/expected string to have >=5 characters/);
  });
});

describe('mistakes', () => {
  test('are told all at once, each with its place, and none with its value', () => {
    environment({ SHOP_PORT: 'hunter2', SHOP_DATABASE__PASSWORD: 'x' });
    const Config = class ShopConfig extends config(
      z.object({
        port: z.number(),
        title: z.string(),
        database: z.object({ url: z.string(), password: z.string().min(8) }),
      }),
      { files: [file('shop.json')], env: 'SHOP_', args: ['--title.x=1'] },
    ) {};
    expect(messageOf(() => Config.read())).toBe(
      [
        'ShopConfig.port: Invalid input: expected number, received string (SHOP_PORT in the environment).',
        'ShopConfig.title: Invalid input: expected string, received object (the argument --title.x).',
        'ShopConfig.database.password: Too small: expected string to have >=8 characters (SHOP_DATABASE__PASSWORD in the environment).',
      ].join('\n'),
    );
  });

  test.each<[z.ZodType, string, string]>([
    [z.number().max(65_535), '99999', 'Too big: expected number to be <=65535'],
    [z.number(), 'many', 'Invalid input: expected number, received string'],
    [z.email(), '5', 'Invalid email address'],
    [z.array(z.number().max(2)), '[3]', 'Too big: expected number to be <=2'],
    [z.string().max(2), '[3,4]', 'Too big: expected string to have <=2 characters'],
  ])('are those of what a text is meant as: %#', (port, text, detail) => {
    environment({ SHOP_PORT: text });
    const Config = class ShopConfig extends config(z.object({ port }), { env: 'SHOP_' }) {};
    expect(messageOf(() => Config.read())).toMatch(
      new RegExp(`^ShopConfig\\.port(?:\\.0)?: ${detail} \\(SHOP_PORT in the environment\\)\\.$`),
    );
  });

  test('that an object has leave its texts what they are meant as', () => {
    environment({ SHOP_PORT: '80', SHOP_TYPO: 'x' });
    const Config = class ShopConfig extends config(z.strictObject({ port: z.number() }), { env: 'SHOP_' }) {};
    expect(messageOf(() => Config.read())).not.toContain('ShopConfig.port');
  });

  test.each<[ConfigOptions, string]>([
    [{}, 'ShopConfig.name: Invalid input: expected string, received undefined.'],
    [
      { env: 'SHOP_' },
      'ShopConfig.name: Invalid input: expected string, received undefined; give it as SHOP_NAME.',
    ],
    [
      { files: ['bom.json', '.env'], env: 'SHOP_', args: true },
      'ShopConfig.name: Invalid input: expected string, received undefined; give it in bom.json, or as SHOP_NAME, or as --name=....',
    ],
    [
      { files: ['.env'], env: 'MY_', args: [] },
      'ShopConfig.name: Invalid input: expected string, received undefined; give it as MY_NAME, or as --name=....',
    ],
  ])('with %j what is missing says where it can be given', ({ files = [], ...options }, message) => {
    const Config = class ShopConfig extends config(z.object({ name: z.string() }), {
      files: files.map(file),
      ...options,
    }) {};
    expect(messageOf(() => Config.read())).toBe(message);
  });

  test.each<[string, string]>([
    [
      'none.json',
      'The file "none.json" cannot be read (ENOENT). It is looked for from the working directory; give its whole path, or leave it out of files.',
    ],
    [
      'broken.json',
      'The file "broken.json" is no JSON. Neither comments nor commas at the end may stand in it.',
    ],
    ['broken.yml', 'The file "broken.yml" is no YAML.'],
    ['list.json', 'The file "list.json" holds no object; write { "name": value }.'],
  ])('of the file %s', (name, message) => {
    expect(messageOf(() => shop({ files: [name] }).read())).toBe(message);
  });

  test('of the call', () => {
    expect(() => config({} as never)).toThrow(
      developerError(
        'E_CONFIG',
        'config(): its first argument is no schema; give one of zod, valibot or arktype.',
      ),
    );
    expect(() => config(SCHEMA, { env: '1', files: 'a' } as never)).toThrow(
      /config\.files: .*\nconfig\.env: "1" is not/,
    );
    for (const variables of [['PORT'], { PORT: 5 }, { PORT: '' }, { PORT: 'a..b' }, null])
      expect(() => config(SCHEMA, { variables } as never)).toThrow(/config\.variables/);
    expect(() => shop({}).feature(5 as never)).toThrow(/feature: a number holds no values/);
    const later = z.object({ a: z.string().refine(() => Promise.resolve(true)) });
    environment({ SHOP_A: 'x' });
    expect(() => class extends config(later, { env: 'SHOP_' }) {}.read()).toThrow(
      /its schema is asynchronous/,
    );
  });
});

describe('the object', () => {
  const SECRET = { files: ['shop.json'], env: 'SHOP_', secrets: ['title'] };

  test('cannot be changed, at any depth', () => {
    const own = shop(SECRET).read();
    for (const [object, name] of [
      [own, 'port'],
      [own.database, 'url'],
      [own.tags, '0'],
    ] as const)
      expect(() => Object.assign(object, { [name]: 'other' })).toThrow(TypeError);
  });

  test('shows no secret when it is printed, whole or in part', () => {
    environment({ SHOP_DATABASE__URL: 'postgres://me:hunter2@db/shop' });
    const own = shop(SECRET).read();
    expect(own.database).toEqual({ url: 'postgres://me:hunter2@db/shop', password: 'p1' });
    for (const text of [
      inspect(own),
      JSON.stringify(own),
      inspect(own.database),
      JSON.stringify({ db: own.database }),
    ]) {
      expect(text).toContain('[redacted]');
      expect(text).not.toMatch(/hunter2|p1|File/);
    }
    expect(JSON.parse(JSON.stringify(own))).toMatchObject({ port: 1, database: { url: '[redacted]' } });
  });

  test.each<[string, Schema<unknown, object>, object]>([
    [
      'in a list',
      z.object({ at: z.array(z.string()) }),
      { at: ['postgres://me:hunter2@db/shop', { password: 'hunter2' }] },
    ],
    [
      'in an object that its schema froze',
      z.object({ db: z.object({ password: z.string() }).readonly() }),
      {},
    ],
    [
      'of an address as an object',
      z.object({ at: z.instanceof(URL) }),
      { at: new URL('redis://me:hunter2@db') },
    ],
    [
      'in what is listed as one',
      z.object({ user: z.object({ name: z.string() }) }),
      { user: { name: 'hunter2' } },
    ],
  ])('shows no secret %s', (_what, schema, values) => {
    const Config = config(schema, { secrets: ['user'] });
    const frozen = { db: Object.freeze({ password: 'hunter2' }), ...values };
    const own = new Config(frozen);
    for (const part of [own, ...(Object.values(own) as unknown[])].filter((value) => !(value instanceof URL)))
      for (const text of [inspect(part), JSON.stringify(part)]) expect(text).not.toContain('hunter2');
    expect(own).toEqual(frozen);
    expect(Object.isFrozen(values)).toBe(false);
  });

  test.each([
    'postgres://me:hunt/er2@db/shop',
    'redis://:hunter2@db',
    'postgres://db/shop?user=me&password=hunter2',
    'Server=db;User=me;Pwd=hunter2',
    'host=db password=hunter2',
  ])('shows nothing of %s', (at) => {
    expect(inspect(new (config(z.object({ at: z.string() })))({ at }))).toContain("at: '[redacted]'");
  });

  test.each(['https://shop.example/a', 'a text about a password', 'me@shop.example', 'http://shop:8080'])(
    'shows %s',
    (at) => {
      expect(inspect(new (config(z.object({ at: z.string() })))({ at }))).toContain(at);
    },
  );

  test('is made from plain values in tests, and a plain object stands for it', () => {
    const values = { port: 5, title: 'Test', isOpen: true, tags: [], database: { url: 'x', password: 'y' } };
    const Config = class extends config(SCHEMA) {};
    expect(new Config(values).port).toBe(5);
    const takes = ({ title }: Pick<InstanceType<typeof Config>, 'title'>): string => title;
    expect(takes(values)).toBe('Test');
  });
});

test.each([
  ['valibot', v.object({ port: v.optional(v.number(), 1), name: v.string() })],
  ['arktype', type({ port: 'number = 1', name: 'string' })],
])('schemas of %s do as well', (_library, schema) => {
  environment({ SHOP_NAME: 'Ann', SHOP_PORT: '7' });
  const Config = config(schema, { env: 'SHOP_' });
  expect(Config.read()).toEqual({ port: 7, name: 'Ann' });
  environment({ SHOP_PORT: 'hunter2' });
  const message = messageOf(() => config(schema, { env: 'SHOP_' }).read());
  expect(message).toMatch(/^Config\.port: .*\(SHOP_PORT in the environment\)\.$/);
  expect(message).not.toContain('hunter2');
});

describe('an application', () => {
  class ShopConfig extends config(SCHEMA, { env: 'SHOP_' }) {}

  @Controller('/', ShopConfig)
  class Shop {
    constructor(private readonly own: ShopConfig) {}

    @Get('/')
    title(_req: Request) {
      return { title: this.own.title, port: this.own.port };
    }
  }

  test('gives it to its classes, with values of its own where it has some', async () => {
    const app = await bootstrap({ controllers: [Shop], features: [ShopConfig.feature()] });
    const inner = await bootstrap({
      controllers: [Shop],
      features: [ShopConfig.feature({ title: 'Inner' })],
    });
    expect(await (await new TestClient(app).get('/')).json()).toEqual({ title: 'Shop', port: 8080 });
    expect(await (await new TestClient(inner).get('/')).json()).toEqual({ title: 'Inner', port: 8080 });
    expect(app.resolve(ShopConfig)).toBe(ShopConfig.read());
    await Promise.all([app.close(), inner.close()]);
  });

  test('tells its mistakes with all others', async () => {
    class Broken extends config(z.object({ name: z.string() })) {}
    const start = bootstrap({
      controllers: [Shop],
      features: [Broken.feature({ name: 5 as never })],
      debug: 1 as never,
    });
    await expect(start).rejects.toThrow(/has 3 mistakes/);
    await expect(start).rejects.toThrow(/E_CONFIG\s+Broken\.name: .*\(given to feature\(\)\)/);
    await expect(start).rejects.toThrow(/ShopConfig\.feature\(\)/);
  });
});
