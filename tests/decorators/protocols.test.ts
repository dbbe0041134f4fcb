/** The same controllers, compiled for TypeScript's legacy decorators and for standard ones, are the same application. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import * as obol from 'obol';
import * as kit from 'obol/kit';
import type * as Fixture from './fixtures/both-protocols.js';
import { classNameOf, type Class } from '../../src/metadata/class.js';
import { ownRecords } from '../../src/metadata/records.js';
import { start } from '../support/client.js';
import { evaluate, run, type Protocol } from '../support/compile.js';

const PROTOCOLS: readonly Protocol[] = ['legacy', 'standard'];
const MODULES = { obol, 'obol/kit': kit };
const LIST =
  'Standard decorators know no parameters: there a list says what the constructor takes, @Controller(prefix, ...tokens) or @Injectable(...tokens).';
const FIXTURE = readFileSync(join(import.meta.dirname, 'fixtures/both-protocols.ts'), 'utf8');

/** The controller `Made` of a piece of code. */
function made(code: string, protocol: Protocol, more: object = {}) {
  const names = Object.keys({ ...obol, ...more }).join(', ');
  const source = `const { ${names} } = require('obol');\n${code}\nexports.Made = Made;`;
  return (run(source, protocol, { obol: { ...obol, ...more } }) as { Made: new () => object }).Made;
}

describe.each(PROTOCOLS)('%s decorators', (protocol) => {
  const fixture = run(FIXTURE, protocol, MODULES) as typeof Fixture;
  const controllers = [
    fixture.People,
    fixture.WithMixin,
    fixture.AlsoWithMixin,
    fixture.WrappedOutside,
    fixture.WrappedInside,
    fixture.Stored,
    fixture.StoredBelow,
  ];
  const started = start(controllers);

  test.each([
    ['a method', '/people/smith/42', { name: 'smith', age: 42 }],
    ['an inherited method', '/people/inherited', 'inherited'],
    ['a method that is overridden without a decorator', '/people/overridden', 'derived'],
    ['a method that is overridden with another path', '/people/moved-on', 'derived'],
    ['a concrete method of an abstract and generic class', '/people/concrete', [7]],
    ['a method with two routes, by the first', '/people/one', '/people/one'],
    ['a method with two routes, by the second', '/people/two', '/people/two'],
    ['a method with a symbol for a name', '/people/symbol', 'symbol'],
    ['a generator', '/people/stream', 'ab'],
    ['an error handler', '/people/fails', { error: 'too old' }],
    ['a state handler', '/people/nothing/at/all', { status: 404 }],
    ['a method of a mixin', '/mixed/mixed', 'mixed'],
    ['a method of the class below a mixin', '/mixed/inherited', 'inherited'],
    ['the same mixin of another class', '/twice/mixed', 'mixed'],
    ['a class that another decorator has replaced before', '/wrapping', 'wrapped'],
    ['a class that another decorator replaces afterwards', '/wrapped', 'wrapped'],
    ['a class that lists what its constructor takes', '/stored', [5]],
    ['a class that inherits such a list', '/stored/below', [5]],
    [
      'guards and tags of class and method, in the order written',
      '/people/said',
      { said: ['before', 'class', 'method'], tags: ['abstract', 'outer', 'inner', 'first', 'last'] },
    ],
  ])('serve %s', async (_, path, expected) => {
    const response = await (await started).client.get(path);
    const text = await response.text();
    expect(typeof expected === 'string' ? text : JSON.parse(text)).toEqual(expected);
    if (path.startsWith('/people')) expect(response.headers.get('X-After')).toBe('before');
  });

  test('serve a body setting and a default handler', async () => {
    const { client } = await started;
    expect(await (await client.post('/people', { json: { a: 1 } })).json()).toEqual({ json: true });
    expect(await (await client.put('/people/else')).text()).toBe('default');
  });

  test('name classes and methods in the table, with their places', async () => {
    const { app } = await started;
    const names = [...app.routes].map(({ name }) => name);
    expect(names).toEqual([
      'People.inherited',
      'People.overridden',
      'People.concrete',
      'People.moved',
      'People.said',
      'People.show',
      'People.twice',
      'People.twice',
      'People.Symbol(secret)',
      'People.create',
      'People.stream',
      'People.fails',
      'WithMixin.inherited',
      'WithMixin.overridden',
      'WithMixin.moved',
      'WithMixin.mixed',
      'AlsoWithMixin.mixed',
      'AlsoWithMixin.own',
      'WrappedOutside.index',
      'WrappedInside.index',
      'Stored.index',
      'StoredBelow.index',
    ]);
    for (const { place } of app.routes) expect(place).toMatch(new RegExp(`${protocol}\\.ts:\\d+:\\d+$`));
  });

  test('leave the records of a base alone', () => {
    const { Countable, TAGS } = fixture;
    const [one, other] = [Countable(Object), Countable(Object)];
    expect([ownRecords(one).length, ownRecords(other).length]).toEqual([1, 1]);
    expect(ownRecords(class extends one {})).toEqual([]);
    expect(TAGS.ofClass(fixture.People).map(({ value }) => value)).toEqual(['abstract', 'outer', 'inner']);
  });

  test.each<[string, string, string]>([
    ['a field', 'class Made { @Get("/") index = () => 1 }', 'index is a field. Write it as a method.'],
    ['a guard on a field', 'class Made { @Use() index = 1 }', 'index is a field. Write it as a method.'],
    [
      'a static field',
      'class Made { @Get("/") static index = 1 }',
      'index is a field. Write it as a method.',
    ],
    [
      'a getter',
      'class Made { @Get("/") get index() { return 1 } }',
      'index is an accessor. Write it as a method.',
    ],
    ['a setter', 'class Made { @Use() set index(_) {} }', 'index is an accessor. Write it as a method.'],
    [
      'a static getter',
      'class Made { @Json(false) static get index() { return 1 } }',
      'index is an accessor. Write it as a method.',
    ],
    ['a route on a class', '@Get("/") class Made {}', 'is a class.'],
    ['a controller on a method', 'class Made { @Controller("/") index() {} }', 'index is a method.'],
    ...['class Made { @Inject(Request) request }', 'class Made { @Inject(Request) show() {} }'].map(
      (code) => ['@Inject on a member', code, LIST] as [string, string, string],
    ),
    ['@Inject on a class', '@Inject(Request) class Made {}', `is a class. ${LIST}`],
  ])('refuse %s', (_, code, message) => {
    expect(() => made(code, protocol)).toThrow(
      expect.objectContaining({ code: 'E_DECORATOR', message: expect.stringContaining(message) }),
    );
  });

  test.each([
    ['Use', 'class Made { @Use index() {} }'],
    ['BeforeResponse', 'class Made { @BeforeResponse index() {} }'],
    ['AfterResponse', 'class Made { @AfterResponse static index() {} }'],
    ['Default', 'class Made { @Default index() {} }'],
    ['HttpState', 'class Made { @HttpState index() {} }'],
    ['ErrorHandler', 'class Made { @ErrorHandler index() {} }'],
    ['ErrorHandler', 'class Made { @ErrorHandler static index() {} }'],
    ['Form', 'class Made { @Form index() {} }'],
    ['Json', '@Json class Made {}'],
    ['Data', 'class Made { @Data index() {} }'],
    ['Default', '@Default class Made {}'],
    ['Level', 'class Made { @Level index() {} }'],
    ['Level', 'class Made { @Level static index() {} }'],
    ['Controller', '@Controller class Made {}'],
  ])('refuse @%s without parentheses in %s', (name, code) => {
    const Level = obol.createGuard('Level', () => () => undefined);
    expect(() => made(code, protocol, { Level })).toThrow(
      expect.objectContaining({
        code: 'E_DECORATOR',
        message: expect.stringMatching(
          `^@${name} .*stands without parentheses; write @${name}\\(\\.\\.\\.\\)\\.$`,
        ),
      }),
    );
  });

  test.each([
    ['outside of the controller', '@Closed() @Wrapped @Controller("/x")'],
    ['below it', '@Controller("/x") @Closed() @Wrapped'],
    ['inside of the replacement', '@Wrapped @Closed() @Controller("/x")'],
    ['between two replacements', '@Wrapped @Closed() @Wrapped @Controller("/x")'],
    ['outside of a proxy', '@Closed() @Proxied @Controller("/x")'],
    ['inside of a proxy', '@Proxied @Controller("/x") @Closed()'],
  ])('guard a class that another one has replaced, %s', async (_, decorators) => {
    const Wrapped = (target: new () => object): unknown => class extends target {};
    const Proxied = (target: new () => object): unknown => new Proxy(target, {});
    const Closed = obol.createGuard('Closed', () => () => obol.abort(403));
    const more = { Wrapped, Proxied, Closed };
    const Made = made(`${decorators} class Made { @Get("/") show() { return 1 } }`, protocol, more);
    const { client } = await start(Made);
    expect((await client.get('/x')).status).toBe(403);
  });

  test.each(['Get("/")', 'Default()', 'Use()'])(
    'leave a static method with @%s to bootstrap, which refuses it',
    async (decorator) => {
      const Made = made(`@Controller() class Made { @${decorator} static index() {} }`, protocol);
      await expect(start(Made)).rejects.toThrow(
        /Made\.index is static; only methods of objects can be handlers\. Take the word static away\./,
      );
    },
  );
});

describe('legacy decorators', () => {
  test('refuse @Inject before a parameter of a method, where handlers need none', () => {
    expect(() => made('class Made { show(@Inject(Request) req) {} }', 'legacy')).toThrow(
      /^@Inject stands where it has no effect .*Made\.show is a parameter\. Handlers need none: they take the request/,
    );
  });

  test('leave a guard without parentheses on a class to bootstrap, since it could take a class', async () => {
    const Level = obol.createGuard('Level', () => () => undefined);
    const Made = made('@Level @Controller() class Made {}', 'legacy', { Level });
    await expect(start(Made)).rejects.toThrow(
      '@Level stands on a class without parentheses; write @Level(...).',
    );
  });

  test.each([
    [
      'another class with a name of its own',
      'const Other = class Other extends target {}; return Other',
      false,
    ],
    ['one that took the name of the first', 'const Other = class Made extends target {}; return Other', true],
    ['one without a name', 'return class extends target {}', true],
  ])('below a decorator that puts %s in place make a controller: %s %s', async (_, body, isController) => {
    const Wrapped = (target: unknown) => evaluate(body, { target });
    const started = start(
      made('@Wrapped @Controller("/x") class Made { @Get("/") show() {} }', 'legacy', { Wrapped }),
    );
    if (isController) expect([...(await started).app.routes].map(({ name }) => name)).toEqual(['Made.show']);
    else
      await expect(started).rejects.toThrow(
        /Other is not decorated with @Controller\(\)\..* Where another decorator has made the class, @Controller\(\) stands above it\./,
      );
  });
});

describe('standard decorators', () => {
  test('refuse private methods', () => {
    expect(() => made('class Made { @Get("/") #index() {} }', 'standard')).toThrow(
      /#index is a private member\. Take the # away/,
    );
  });
});

describe.each([
  ['legacy', 'standard'],
  ['standard', 'legacy'],
] as const)('a %s class that extends a %s one', (own, inherited) => {
  const { Plain } = run(
    `const { Get, Use, Controller } = require('obol');
     @Use() class Plain { @Get('/a') a() { return 'a'; } @Get('/b') b() { return 'b'; } }
     exports.Plain = Plain;`,
    inherited,
    MODULES,
  ) as { Plain: new () => object };
  const Made = made(
    `@Controller('/x') class Made extends Plain { @Get('/c') b() { return 'c'; } @Get('/d') d() { return 'd'; } }`,
    own,
    { Plain },
  );

  test('has the routes of both', async () => {
    const { app, client } = await start(Made);
    expect([...app.routes].map(({ path, name }) => [path, name])).toEqual([
      ['/x/a', 'Made.a'],
      ['/x/c', 'Made.b'],
      ['/x/d', 'Made.d'],
    ]);
    expect(await (await client.get('/x/c')).text()).toBe('c');
    expect(obol.urlFor(Made as new () => { d(): string }, 'd')).toBe('/x/d');
  });
});

describe('decorators called by hand', () => {
  test('serve as a compiler would have called them', async () => {
    class Made {
      show() {
        return 'shown';
      }
      7() {
        return 'seven';
      }
    }
    const descriptor = Object.getOwnPropertyDescriptor(Made.prototype, 'show') ?? {};
    obol.Get('/x')(Made.prototype, 'show', descriptor);
    (obol.Get('/y') as (...given: unknown[]) => void)(Made.prototype, 'show');
    obol.Controller('/by-hand')(Made);
    (obol.Get('/z') as (...given: unknown[]) => void)(Made.prototype, 7);
    const { client } = await start(Made);
    expect(await (await client.get('/by-hand/x')).text()).toBe('shown');
    expect(await (await client.get('/by-hand/y')).text()).toBe('shown');
    expect(await (await client.get('/by-hand/z')).text()).toBe('seven');
  });
});

describe('a class in messages and in the table', () => {
  const named = (code: string) => classNameOf(evaluate(`class Base {}\n${code}`) as Class);

  test.each([
    ['has its name', 'return class People { show() {} }', 'People'],
    ['has its name, short as it is', 'return class T { show() {} }', 'T'],
    ['has the name of its variable', 'const People = class { show() {} }; return People', 'People'],
    ['has the name that a minifier kept', 'return class People{show(){}}', 'People'],
    ['is without one', 'return class { show() {} }', '(unnamed class)'],
    ['has that of the class that it wraps', 'return class extends Base {}', 'Base'],
    ['has one of tsc', 'return class class_1 extends Base { show() {} }', '(unnamed class extends Base)'],
    ['has one of tsc, as the default', 'return class default_1 { show() {} }', '(unnamed class)'],
    ['has one of swc', 'return class _class extends Base { show() {} }', '(unnamed class extends Base)'],
    ['has one of Babel', 'return class _Class2 { show() {} }', '(unnamed class)'],
    ['has one of esbuild', 'return class _a extends Base { show() {} }', '(unnamed class extends Base)'],
    ['has one of a minifier', 'return class t{show(){}}', '(minified class)'],
    ['has one of a minifier that begins like a name', 'return class Xe{show(){}}', '(minified class)'],
    ['has one of a minifier that looks like none', 'return class aB3{show(){}}', '(minified class)'],
    ['is a word, in a text without spaces', 'const App=class{show(){}};return App', 'App'],
    ['is one that tsx has kept', 'return class Db{static{((c,n)=>c)(this,"Db")}show(){}}', 'Db'],
    ['is one that tsx has kept beside its own', 'const X=class _X{static name="X";show(){}};return X', 'X'],
    [
      'is one that tsx has kept below another',
      'const Me=class _Me extends Base{static name="Me"};return Me',
      'Me',
    ],
    ['has one of a minifier, below another', 'return class t extends Base{show(){}}', '(minified class)'],
    ['has one of a minifier, by its variable', 'const t=class{};return t', '(minified class)'],
    [
      'is without one below one of a minifier',
      'const t=class{};return class extends t{show(){}}',
      '(unnamed class extends (minified class))',
    ],
  ])('%s', (_, code, expected) => {
    expect(named(code)).toBe(expected);
  });

  test('is called the same by routes and mistakes', async () => {
    const Short = evaluate('return class t{show(){}index(){}}') as new () => {
      show(): void;
      index(): void;
    };
    obol.Get('/')(Short.prototype as object, 'show', {});
    obol.Controller()(Short);
    const { app } = await start(Short);
    expect([...app.routes].map(({ controller, handler, name }) => [controller, handler, name])).toEqual([
      ['(minified class)', 'show', '(minified class).show'],
    ]);
    expect(() => obol.urlFor(Short, 'index')).toThrow('(minified class).index has no @Route');
    expect(() => {
      obol.Get('/<nothing:such>')(Short.prototype as object, 'field' as never, {});
    }).toThrow('(minified class).field is a field');
  });
});
