/** Open metadata: what any package may record with decorators of its own, and how it is read back. */
import { describe, expect, test } from '@jest/globals';
import { BeforeResponse, Controller, Get, Post, Route, type Request } from 'obol';
import { GUARD } from '../../src/decorators/wrapping.js';
import { MetadataKey } from '../../src/metadata/metadata-key.js';
import { ownRecords } from '../../src/metadata/records.js';
import { start } from '../support/client.js';
import { developerError } from '../support/errors.js';

const TAGS = new MetadataKey<readonly string[]>('acme-docs.tags');
const NAMED = new MetadataKey<string>('acme-docs.named');
const Tags = (...tags: string[]) => TAGS.decorator(tags, Tags);
const Titled = (title: string) => NAMED.classDecorator(title, Titled);
const Called = (name: string) => NAMED.methodDecorator(name, Called);
const Wanted = (token: string) => NAMED.parameterDecorator(token, Wanted);

class Store {}

@Tags('base')
class Base {
  constructor(
    @Wanted('first') readonly first: Store,
    readonly second: Store,
    @Wanted('third') readonly third: Store,
  ) {}
  @Tags('inherited') @Get('/kept') kept() {
    return 1;
  }
  @Tags('replaced') @Get('/changed') changed() {
    return 1;
  }
  @Tags('untouched') overridden() {
    return 1;
  }
}

@Titled('people')
@Tags('outer')
@Tags('inner')
@Controller('/people')
class People extends Base {
  constructor() {
    super(new Store(), new Store(), new Store());
  }
  @Tags('of derived') @Get('/changed') override changed() {
    return 2;
  }
  @Route('/overridden') override overridden() {
    return 2;
  }
  @Tags('a') @Called('b') @Post('/') @Tags('c') create(req: Request) {
    return req.route && TAGS.of(req.route);
  }
  @Tags('static') static create() {
    return 1;
  }
  @BeforeResponse() plain() {
    return undefined;
  }
}

class Inheriting extends Base {}

describe('what a package recorded', () => {
  test.each([
    ['kept', ['inherited']],
    ['changed', ['of derived']],
    ['overridden', ['untouched']],
    ['create', ['a', 'c']],
  ])(
    'applies to the route of %s: that of the classes, base first, then that of the method',
    async (name, own) => {
      const { app } = await start(People);
      const route = [...app.routes].find(({ handler }) => handler === name);
      expect(route && TAGS.of(route)).toEqual([['base'], ['outer'], ['inner'], ...own.map((tag) => [tag])]);
    },
  );

  test('can be read from the route of a request', async () => {
    const { client } = await start(People);
    expect(await (await client.post('/people')).json()).toEqual([
      ['base'],
      ['outer'],
      ['inner'],
      ['a'],
      ['c'],
    ]);
  });

  test('is nothing for a plain function', async () => {
    const { app } = await start(People);
    app.routes.add('/sum', () => 1);
    expect([...app.routes].slice(-1).flatMap((route) => TAGS.of(route))).toEqual([]);
  });

  test('stands on members and classes apart from the keys of others', () => {
    expect(NAMED.ofMembers(People).map(({ property, value }) => [property, value])).toEqual([
      ['create', 'b'],
    ]);
    expect(NAMED.ofOwnClass(People).map(({ value }) => value)).toEqual(['people']);
    expect(TAGS.ofOwnClass(People).map(({ value }) => value)).toEqual([['outer'], ['inner']]);
    expect(
      TAGS.ofMembers(People)
        .filter(({ isStatic }) => isStatic)
        .map(({ value }) => value),
    ).toEqual([['static']]);
  });

  test('stands on parameters of a constructor, the inherited one where there is no other', () => {
    const parameters = (target: typeof People | typeof Base) =>
      NAMED.ofParameters(target).map(({ parameter, value }) => [parameter, value]);
    const expected = [
      [0, 'first'],
      [2, 'third'],
    ];
    expect(parameters(Base)).toEqual(expected);
    expect(parameters(Inheriting)).toEqual(expected);
    expect(NAMED.ofOwnClass(Base)).toEqual([]);
  });

  test('says where it was written', () => {
    for (const { place } of [...TAGS.ofClass(People), ...TAGS.ofMembers(People), ...NAMED.ofParameters(Base)])
      expect(String(place)).toMatch(/metadata-key\.test\.ts:\d+:\d+$/);
  });

  test('is found by another copy of the package, which makes the key anew', () => {
    const again = new MetadataKey<readonly string[]>('acme-docs.tags');
    expect(again.ofClass(People)).toEqual(TAGS.ofClass(People));
  });

  test('hangs on the class under a symbol that every copy of Obol knows, and shows in no listing of its members', () => {
    const held = (People as unknown as Record<symbol, unknown>)[Symbol.for('obol.metadata.v1')];
    expect(held).toBe(ownRecords(People));
    expect(Object.keys(People)).toEqual([]);
    expect(ownRecords(Inheriting)).toEqual([]);
  });

  test.each<[string, () => unknown, string]>([
    [
      'a name',
      () => new MetadataKey(undefined as never),
      'MetadataKey: undefined is not a name, such as "acme-docs.summary".',
    ],
    [
      'a name of some letters',
      () => new MetadataKey(''),
      'MetadataKey: "" is not a name, such as "acme-docs.summary".',
    ],
    [
      'the function that makes the decorator',
      () => TAGS.decorator([], undefined as never),
      'MetadataKey acme-docs.tags: the factory: undefined is not a function whose call is the place of the decorator.',
    ],
  ])('needs %s', (_, make, message) => {
    expect(make).toThrow(developerError('E_SETTING', message));
  });

  test('is known of a decorator that has not been used', () => {
    expect(TAGS.recordedBy(Tags('x', 'y'))).toEqual(['x', 'y']);
    expect(NAMED.recordedBy(Tags('x'))).toBeUndefined();
    expect(GUARD.recordedBy(() => undefined)).toBeUndefined();
  });
});

describe('a decorator that stands where nothing can be recorded is a mistake:', () => {
  const here = Object.assign(() => undefined, {});
  const legacy = { configurable: true, value: here };
  const context = (kind: string, more: object = {}) => ({ kind, name: 'create', metadata: {}, ...more });
  const neither =
    'and called in the way of neither protocol, legacy or standard. ' +
    "Babel needs { version: '2023-11' }, swc { decoratorVersion: '2022-03' }, TypeScript 5.2 or newer.";

  test.each<[string, unknown, unknown[], string]>([
    [
      'of classes, on a method',
      Titled('x'),
      [People.prototype, 'create', legacy],
      'Titled: for classes, and People.create is a method.',
    ],
    ['of methods, on a class', Called('x'), [People], 'Called: for methods, and People is a class.'],
    [
      'of methods, on a parameter of one',
      Called('x'),
      [People.prototype, 'create', 0],
      'Called: for methods, and People.create is a parameter. Handlers need none: they take the request and the parameters of the path.',
    ],
    [
      'of methods, on one of the constructor',
      Called('x'),
      [People, undefined, 0],
      'Called: for methods, and People is a constructor parameter.',
    ],
    [
      'of parameters, on a class',
      Wanted('x'),
      [People],
      'Wanted: for parameters of constructors, and People is a class.',
    ],
    [
      'of methods, on a field',
      Called('x'),
      [People.prototype, 'field', undefined],
      'Called: for methods, and People.field is a field. Write it as a method.',
    ],
    [
      'of both, on a field as Babel has them',
      Tags('x'),
      [People.prototype, 'field', { initializer: here }],
      'Tags: for classes and methods, and People.field is a field. Write it as a method.',
    ],
    [
      'of methods, on a getter',
      Called('x'),
      [People.prototype, 'got', { get: here }],
      'Called: for methods, and People.got is an accessor. Write it as a method.',
    ],
    [
      'of methods, on a standard class',
      Called('x'),
      [People, context('class')],
      'Called: for methods, and this is a class.',
    ],
    [
      'of classes, on a standard method',
      Titled('x'),
      [here, context('method')],
      'Titled: for classes, and create is a method.',
    ],
    [
      'of methods, on a standard field',
      Called('x'),
      [undefined, context('field')],
      'Called: for methods, and create is a field. Write it as a method.',
    ],
    [
      'of methods, on a standard getter',
      Called('x'),
      [here, context('getter')],
      'Called: for methods, and create is an accessor. Write it as a method.',
    ],
    [
      'of methods, on a standard accessor',
      Called('x'),
      [{}, context('accessor')],
      'Called: for methods, and create is an accessor. Write it as a method.',
    ],
    [
      'of methods, on a private method',
      Called('x'),
      [here, context('method', { private: true })],
      'Called: for methods, and create is a private member. Take the # away: Obol calls methods from outside of the class.',
    ],
    ['of both, in a call without arguments', Tags('x'), [], `Tags: for classes and methods, ${neither}`],
    [
      'of both, on a function that is no class',
      Tags('x'),
      [here],
      `Tags: for classes and methods, ${neither}`,
    ],
    [
      'of both, on a mere object',
      Tags('x'),
      [{}, 'create', legacy],
      `Tags: for classes and methods, ${neither}`,
    ],
    [
      'of both, as Babel called them in 2018',
      Tags('x'),
      [{ kind: 'method', key: 'create', placement: 'prototype' }],
      `Tags: for classes and methods, ${neither}`,
    ],
  ])('%s', (_, decorator, given, expected) => {
    const before = ownRecords(People).length;
    const use = () => {
      (decorator as (...given: unknown[]) => void)(...given);
    };
    const message = expect.stringMatching(/^@\w+ stands where it has no effect \(.+:\d+:\d+\): it is for /);
    expect(use).toThrow(expect.objectContaining({ code: 'E_DECORATOR', message }));
    const [name, ...said] = expected.split(': ');
    expect(use).toThrow(new RegExp(`^@${String(name)} `));
    expect(use).toThrow(`: it is ${said.join(': ')}`);
    expect(ownRecords(People)).toHaveLength(before);
  });

  test.each(['method', 'class'])('a standard one on a %s, from a compiler that keeps no metadata', (kind) => {
    expect(() => {
      (Tags('x') as (...given: unknown[]) => void)(here, context(kind, { metadata: undefined }));
    }).toThrow(
      /^@Tags stands where it has no effect \(.+\): the compiler gives it no context\.metadata\. Import obol before the module of the class; .+ Babel needs \{ version: '2023-11' \}, swc .+$/,
    );
  });
});
