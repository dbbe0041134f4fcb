/** Dependencies as they are listed, how long they live, and every mistake in them that bootstrap finds. */
import { EventEmitter } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  container as globalContainer,
  delay,
  inject,
  injectable,
  injectAll,
  injectWithTransform,
  Lifecycle,
  scoped,
  singleton,
} from 'tsyringe';
import { ContextKey, Controller, createGuard, Get, Inject, Injectable, lazy, Request, Token } from 'obol';
import type { BootstrapOptions } from 'obol';
import { start } from '../support/client.js';
import { wayToMetadata } from '../../src/application/way-to-metadata.js';
import { developerError } from '../support/errors.js';
import { problemsOf } from '../support/problems.js';

type Options = Omit<BootstrapOptions, 'controllers'>;
type AnyClass = new (...args: never[]) => object;

const LIMIT = new Token<number>('limit');
const PLUGIN = new Token<string>('plugin');
const NONE = new Token<string>('none');

@Injectable()
class Clock {
  readonly zone: string = 'UTC';
}

@Controller()
class Empty {}

describe('a list of dependencies', () => {
  test.each<[string, unknown[], unknown[], Options?]>([
    ['classes', [Clock, Clock], [new Clock(), new Clock()]],
    ['tokens', [LIMIT], [5], { providers: [{ provide: LIMIT, useValue: 5 }] }],
    ['the symbols of tokens', [LIMIT.symbol], [5], { providers: [{ provide: LIMIT.symbol, useValue: 5 }] }],
    [
      'all that is registered',
      [Token.all(PLUGIN)],
      [['a', 'b']],
      { providers: ['a', 'b'].map((useValue) => ({ provide: PLUGIN, useValue })) },
    ],
    ['what may be missing', [Token.optional(NONE), Token.optional(Token.all(NONE))], [undefined, []]],
    ['what is looked up later', [lazy(() => Clock)], [new Clock()]],
    ['a text, in JavaScript', ['text'], [1], { providers: [{ provide: 'text', useValue: 1 }] }],
  ])('holds %s', async (_, list, given, options = {}) => {
    class Taking {
      readonly taken: unknown[];
      constructor(...taken: unknown[]) {
        this.taken = taken;
      }
    }
    Controller('/', ...(list as []))(Taking);
    const { app } = await start(Taking, options);
    expect(app.resolve(Taking).taken).toEqual(given);
  });

  test('counts, whatever the compiler emits', async () => {
    class Late extends Clock {
      override readonly zone = 'CET';
    }
    @Controller('/', Late)
    class Listing {
      constructor(readonly clock: Clock) {}
    }
    const { app } = await start(Listing);
    expect(app.resolve(Listing).clock).toBeInstanceOf(Late);
  });

  test('counts for a proxy in place of the class', async () => {
    @Controller('/', new Proxy(Base, {}))
    class Listing {
      constructor(readonly base: Base) {}
    }
    const { app } = await start(Listing, { providers: [{ provide: LIMIT, useValue: 5 }] });
    expect(app.resolve(Listing).base.limit).toBe(5);
  });

  class Base {
    constructor(readonly limit: number) {}
  }
  Injectable(LIMIT)(Base);

  test('is inherited by a class without a constructor, and replaced by that of one', async () => {
    class Inherits extends Base {}
    class Replaces extends Base {
      constructor(readonly clock: Clock) {
        super(7);
      }
    }
    Controller('/inherits')(Inherits);
    Controller('/replaces', Clock)(Replaces);
    const { app } = await start([Inherits, Replaces], { providers: [{ provide: LIMIT, useValue: 5 }] });
    expect(app.resolve(Inherits).limit).toBe(5);
    expect(app.resolve(Replaces)).toEqual({ limit: 7, clock: new Clock() });
  });

  test('is what plain tsyringe resolves the class by, and those that inherit it', () => {
    class Inherits extends Base {}
    Injectable()(Inherits);
    const child = globalContainer.createChildContainer();
    child.register(LIMIT.symbol, { useValue: 5 });
    for (const target of [Base, Inherits]) expect(child.resolve<object>(target)).toEqual({ limit: 5 });
  });
});

describe('@Inject', () => {
  const LIMITS = { providers: [{ provide: LIMIT, useValue: 5 }] };
  const injected = (...names: [index: number, dependency: unknown][]): AnyClass => {
    class Injected {
      readonly taken: unknown[];
      constructor(first: unknown, second: unknown) {
        this.taken = [first, second];
      }
    }
    for (const [index, dependency] of names) Inject(dependency as Token<unknown>)(Injected, undefined, index);
    Controller()(Injected);
    return Injected;
  };

  test('stands beside types that the compiler emits, beside decorators of tsyringe, and before what has a default', async () => {
    @Controller()
    class Mixed {
      readonly taken: unknown[];
      constructor(
        readonly clock: Clock,
        @Inject(LIMIT) limit: number,
        @inject('text') text: string,
        @Inject(Token.optional(NONE)) none = 'default',
      ) {
        this.taken = [limit, text, none];
      }
    }
    const providers = [...LIMITS.providers, { provide: 'text', useValue: 'text' }];
    const { app } = await start(Mixed, { providers });
    expect(app.resolve(Mixed).taken).toEqual([5, 'text', 'default']);
    expect(app.resolve(Mixed).clock).toEqual(new Clock());
  });

  test('needs no types where it stands before each parameter', async () => {
    const Injected = injected([1, 'text'], [0, lazy(() => Clock)]);
    const { app } = await start(Injected, { providers: [{ provide: 'text', useValue: 'text' }] });
    const { taken } = app.resolve(Injected) as { taken: [Clock, string] };
    expect([taken[0].zone, taken[1]]).toEqual(['UTC', 'text']);
  });

  test('is inherited with the constructor, and by a class put in its place', async () => {
    class Base {
      constructor(@Inject(LIMIT) readonly limit: number) {}
    }
    @Controller('/below')
    class Below extends Base {}
    @Controller('/own')
    class Own extends Base {
      constructor(@Inject(Clock) readonly clock: Clock) {
        super(1);
      }
    }
    const Replaced = new Proxy(injected([0, LIMIT], [1, LIMIT]), {});
    const { app } = await start([Below, Own, Replaced], LIMITS);
    expect([app.resolve(Below).limit, app.resolve(Own).limit]).toEqual([5, 1]);
    expect(app.resolve<object>(Replaced)).toEqual({ taken: [5, 5] });
  });

  test('decides by what it asks for how long an object lives', async () => {
    @Controller()
    class OfRequest {
      constructor(@Inject(Request) readonly request: { readonly path: string }) {}
      @Get('/path')
      path() {
        return this.request.path;
      }
    }
    const { client } = await start(OfRequest);
    expect(await (await client.get('/path')).text()).toBe('/path');
  });

  test('is known to tsyringe alone', () => {
    @injectable()
    class Plain {
      constructor(
        @Inject(LIMIT) readonly limit: number,
        readonly clock: Clock,
      ) {}
    }
    const container = globalContainer.createChildContainer();
    container.register(LIMIT.symbol, { useValue: 7 });
    expect(container.resolve(Plain)).toEqual({ limit: 7, clock: new Clock() });
  });

  test.each<[string, AnyClass, string]>([
    [
      'before nothing that is provided',
      injected([0, LIMIT], [1, LIMIT]),
      'asks for Symbol(limit), which is not provided',
    ],
    [
      'before a module that still loads',
      injected([0, undefined], [1, Clock]),
      'Name it as @Inject(lazy(() => X))',
    ],
    [
      'before some parameters alone, where no types are',
      injected([1, Clock]),
      'no metadata about those without @Inject. Put @Inject(TOKEN) before each, or list in place of it',
    ],
    [
      'twice',
      injected([0, Clock], [0, LIMIT], [1, Clock]),
      'Parameter 1 of the constructor of Injected is named twice: @Inject(Symbol(limit)) (',
    ],
  ])('is a mistake %s', async (_, controller, message) => {
    const [problem] = await problemsOf([controller]);
    expect(problem?.message).toContain(message);
  });

  test.each<[string, object, object]>([
    ['above', inject('a'), Inject('b')],
    ['below', Inject('a'), inject('b')],
  ])('is a mistake %s a decorator of tsyringe, with its place', async (_, one, other) => {
    class Both {
      constructor(readonly taken: unknown) {}
    }
    for (const decorate of [other, one] as ((...given: unknown[]) => void)[]) decorate(Both, undefined, 0);
    Controller()(Both);
    const [problem] = await problemsOf([Both]);
    expect(problem?.message).toMatch(
      /^Parameter 1 of the constructor of Both is named twice: @Inject\("[ab]"\) \(.+:\d+:\d+\) has another @Inject, or one of tsyringe's decorators, beside it\. Keep one of them\.$/,
    );
  });

  test('is a mistake where the class that is asked for is not that of the parameter, which loaders do not see', async () => {
    class Other {
      readonly zone = 'other';
    }
    @Injectable()
    class Unfit {
      constructor(@Inject(Other) readonly clock: Clock) {}
    }
    const [problem] = await problemsOf([listing(Unfit)]);
    expect(problem?.message).toMatch(
      /^Parameter 1 of the constructor of Unfit is of class Clock, but its dependency is Other, which does not extend it\. Inject another \(.+:\d+:\d+\), or change its type\.$/,
    );
  });

  test.each<[string, unknown[], string]>([
    ['nothing', [], '@Inject stands without its one token'],
    ['what a compiler gives to a decorator', [Clock, undefined, 0], '@Inject stands without its one token'],
    ['a prototype and a key', [Clock.prototype, 'zone'], 'stands without parentheses'],
  ])('is an error without its token: %s', (_, given, message) => {
    expect(() => (Inject as (...given: unknown[]) => unknown)(...given)).toThrow(
      expect.objectContaining({ code: 'E_DECORATOR', message: expect.stringContaining(message) }),
    );
  });
});

describe('lazy()', () => {
  class Hen {
    readonly #name = 'hen';
    constructor(readonly egg: Egg) {}
    name() {
      return this.#name;
    }
  }
  class Egg {
    readonly #name = 'egg';
    size?: number = 1;
    constructor(readonly hen: Hen) {}
    get name() {
      return this.#name;
    }
  }
  Injectable(lazy(() => Egg))(Hen);
  Injectable(Hen)(Egg);

  test('lets two classes take each other, private members and all', async () => {
    const { app } = await start(Empty);
    const { egg } = app.resolve(Hen);
    egg.size = 2;
    expect([egg.name, egg.hen.name(), egg.hen === app.resolve(Hen)]).toEqual(['egg', 'hen', true]);
    expect([egg instanceof Egg, 'size' in egg, Object.keys(egg).sort()]).toEqual([
      true,
      true,
      ['hen', 'size'],
    ]);
    expect(app.resolve(Egg).size).toBe(2);
    delete egg.size;
    expect(app.resolve(Egg)).not.toHaveProperty('size');
    expect(Object.getOwnPropertyDescriptor(egg, 'none')).toBeUndefined();
  });

  test.each([
    ['a class', Clock, 'lazy(Clock) names the dependency at once; write lazy(() => Clock).'],
    ['a token', LIMIT, 'names the dependency at once; write lazy(() => X).'],
    ['nothing', undefined, 'lazy(undefined) names the dependency at once; write lazy(() => X).'],
  ])('takes a function, and not %s', (_, given, message) => {
    expect(() => lazy(given as never)).toThrow(
      expect.objectContaining({ code: 'E_DEPENDENCY', message: expect.stringContaining(message) }),
    );
  });

  test('gives each request its own where that exists once per request', async () => {
    class Cart {
      constructor(readonly request: Request) {}
      path() {
        return this.request.path;
      }
    }
    class Shop {
      constructor(readonly cart: Cart) {}
      index() {
        return this.cart.path();
      }
    }
    Injectable(Request)(Cart);
    Controller(
      '/<name>',
      lazy(() => Cart),
    )(Shop);
    Get('/')(Shop.prototype, 'index', Object.getOwnPropertyDescriptor(Shop.prototype, 'index') as never);
    const { client, app } = await start(Shop);
    expect(await Promise.all(['/a', '/b'].map(async (path) => (await client.get(path)).text()))).toEqual([
      '/a',
      '/b',
    ]);
    expect([...app.routes].map(({ scope }) => scope)).toEqual(['request']);
  });
});

/** What is made anew gets the next number. */
let made = 0;

class Counter {
  readonly number = ++made;
}

@injectable()
class DecoratedCounter extends Counter {}

@Injectable({ scope: 'singleton' })
class SingletonCounter extends Counter {}

@Injectable({ scope: 'request' })
class RequestCounter extends Counter {}

@Injectable({ scope: 'transient' })
class TransientCounter extends Counter {}

@Injectable()
class InheritsScope extends TransientCounter {}

@injectable()
class PathCounter extends Counter {
  constructor(readonly request: Request) {
    super();
  }
}

@scoped(Lifecycle.ContainerScoped)
class ScopedCounter extends Counter {}

const ENDED = new ContextKey<boolean>('ended');

/** The numbers that two controllers see in two requests each: of the application, once per request, or new each time. */
async function numbersOf(
  counter: AnyClass & { prototype: Counter },
  options: Options = {},
): Promise<unknown[]> {
  made = 0;
  const read = (...counters: Counter[]): number[] => counters.map(({ number }) => number);
  class First {
    constructor(
      readonly request: Request,
      readonly one: Counter,
      readonly two: Counter,
    ) {}
    index() {
      return read(this.one, this.two);
    }
  }
  class Second extends First {}
  Controller('/first', Request, counter as never, counter as never)(First);
  Controller('/second')(Second);
  Get('/')(First.prototype, 'index', Object.getOwnPropertyDescriptor(First.prototype, 'index') as never);
  const { client, app } = await start([First, Second], options);
  const numbers: unknown[] = [];
  for (const path of ['/first', '/second', '/first']) numbers.push(await (await client.get(path)).json());
  await app.close();
  return numbers;
}

describe('an object lives', () => {
  const ONE = [[1, 1], [1, 1], [1, 1]]; // prettier-ignore
  const EACH_REQUEST = [[1, 1], [2, 2], [3, 3]]; // prettier-ignore
  const EACH_TIME = [[1, 2], [3, 4], [5, 6]]; // prettier-ignore

  test.each<[string, AnyClass & { prototype: Counter }, number[][], Options?]>([
    ['as long as the application by itself', Counter, ONE],
    ['the same with the decorator of tsyringe', DecoratedCounter, ONE],
    ['the same where it says so', SingletonCounter, ONE],
    ['for a request where it takes something of one', PathCounter, EACH_REQUEST],
    ['for a request where it says so', RequestCounter, EACH_REQUEST],
    ['for a request where tsyringe says so', ScopedCounter, EACH_REQUEST],
    ['where it is taken, if it says so', TransientCounter, EACH_TIME],
    ['where it is taken, if its base says so', InheritsScope, EACH_TIME],
  ])('%s', async (_, counter, numbers) => {
    expect(await numbersOf(counter)).toEqual(numbers);
  });

  test('where it is taken, if it is registered as transient', async () => {
    const container = globalContainer.createChildContainer().register(Counter, Counter);
    expect(await numbersOf(Counter, { container })).toEqual(EACH_TIME);
  });

  test('as long as the application, for two controllers that live as long', async () => {
    @Controller('/a')
    class A {
      constructor(readonly counter: Counter) {}
    }
    @Controller('/b')
    class B extends A {}
    const { app } = await start([A, B]);
    expect(app.resolve(A).counter).toBe(app.resolve(B).counter);
    expect(app.resolve(Counter)).toBe(app.resolve(A).counter);
  });

  test('with the one who resolves it, and no longer, where it is transient', async () => {
    const { app } = await start(Empty);
    expect(app.resolve(TransientCounter)).not.toBe(app.resolve(TransientCounter));
  });

  test('for a request, as a transient controller does', async () => {
    @Injectable({ scope: 'transient' })
    @Controller()
    class Transient extends Counter {
      @Get('/') index() {
        return this.number;
      }
    }
    made = 0;
    const { client } = await start(Transient);
    const numbers = [await client.get('/'), await client.get('/')].map(async (response) => response.json());
    expect(await Promise.all(numbers)).toEqual([1, 2]);
  });
});

describe('a singleton', () => {
  let ended: string[] = [];
  afterEach(() => {
    ended = [];
    globalContainer.clearInstances();
  });

  @singleton()
  class Pool extends Counter {
    isEnded = false;
    dispose() {
      this.isEnded = true;
      ended.push('pool');
    }
  }

  @Controller()
  class PoolController {
    constructor(readonly pool: Pool) {}
    @Get('/') index() {
      return this.pool.isEnded;
    }
  }

  @Controller()
  class PoolOfRequest extends PoolController {
    constructor(
      pool: Pool,
      readonly request: Request,
    ) {
      super(pool);
    }
  }

  test.each([PoolController, PoolOfRequest])(
    'is ended by the application that made it: %p',
    async (controller) => {
      const [first, second] = [await start(controller), await start(controller)];
      await first.app.close();
      expect(ended).toEqual(['pool']);
      expect([await (await second.client.get('/')).json(), second.app.resolve(Pool).isEnded]).toEqual([
        false,
        false,
      ]);
      await second.app.close();
      expect(ended).toEqual(['pool', 'pool']);
    },
  );

  test('that the user made is that of all applications, and ended by none', async () => {
    const pool = globalContainer.resolve(Pool);
    const both = [await start(PoolController), await start(PoolOfRequest)];
    expect(both.map(({ app }) => app.resolve(Pool) === pool)).toEqual([true, true]);
    await Promise.all(both.map(({ app }) => app.close()));
    expect(ended).toEqual([]);
  });

  test.each(['before', 'after'])('stays one where the container is reset %s bootstrap', async (when) => {
    const container = globalContainer.createChildContainer();
    container.registerSingleton(Pool);
    if (when === 'before') container.reset();
    const { app, client } = await start(PoolOfRequest, { container });
    if (when === 'after') container.reset();
    const pool = app.resolve(Pool);
    expect([(await client.get('/')).status, app.resolve(Pool) === pool]).toEqual([200, true]);
    await app.close();
    expect(ended).toEqual(['pool']);
  });

  test('is built at bootstrap, one of several under a token, too', async () => {
    class Other extends Pool {}
    const container = globalContainer.createChildContainer();
    container.registerSingleton<Pool>('pools', Pool);
    container.registerSingleton<Pool>('pools', Other);
    const given = new Pool();
    container.register('pools', { useValue: given });
    @Controller()
    class Pools {
      constructor(
        readonly request: Request,
        @injectAll('pools') readonly pools: Pool[],
      ) {}
    }
    made = 0;
    const { app } = await start(Pools, { container });
    expect(made).toBe(2);
    await app.close();
    expect([ended, given.isEnded]).toEqual([['pool', 'pool'], false]);
  });
});

describe('a guard', () => {
  @Injectable({ scope: 'request' })
  class Visitor {
    readonly name: string;
    constructor(readonly request: Request) {
      this.name = request.query || 'none';
    }
  }
  let setups = 0;
  const IsKnown = createGuard('IsKnown', (setup, name: string) => {
    setups++;
    const counter = setup.resolve(Counter);
    const visitor = setup.resolve(Visitor);
    const clock = setup.tryResolve(Clock);
    const none = setup.tryResolve(NONE);
    return (request) => {
      if (visitor.name !== `name=${name}`) throw new Error(`not ${visitor.name}`);
      request.user = [counter.number, visitor.request === request, clock?.zone, none];
    };
  });

  @Controller()
  class Guarded {
    constructor(readonly visitor: Visitor) {}
    @IsKnown('ann') @Get('/') index(req: Request) {
      req.set(ENDED, true);
      return [req.user, this.visitor.name];
    }
  }

  test('may take what exists once per request, the same as a controller gets', async () => {
    made = 0;
    setups = 0;
    const { client } = await start(Guarded);
    expect(await (await client.get('/?name=ann')).json()).toEqual([[1, true, 'UTC', null], 'name=ann']);
    expect((await client.get('/?name=bob')).status).toBe(500);
    expect(setups).toBe(3);
  });
});

abstract class Abstract {
  abstract now(): number;
}

abstract class HalfAbstract {
  later() {
    return this.now() + 1;
  }
  protected abstract now(): number;
}

abstract class ExtendsAbstract extends HalfAbstract {
  twice() {
    return this.later() * 2;
  }
}

class Callbacks {
  private readonly after: (() => number) | undefined;
  private onChange?: () => number;
  constructor() {
    this.after = () => 1;
  }
  run() {
    if (this.onChange) return this.onChange();
    return this.after?.() ?? this.own() + Number(this.hasOwnProperty('after'));
  }
  own() {
    return 1;
  }
}

class Concrete extends Abstract {
  now() {
    return 1;
  }
}

@singleton()
class KeepsRequest {
  constructor(readonly request: Request) {}
}

@injectable()
class NeedsNone {
  constructor(@inject('none') readonly none: unknown) {}
}

class Upper {
  constructor(readonly limit: number) {}
  transform(text: string) {
    return text.toUpperCase();
  }
}

class A {
  readonly value = 1;
}
class B {
  readonly value = 1;
}
class ExtendsA extends A {}

class Undecorated {
  constructor(readonly clock: Clock) {}
}

class TooShort {
  constructor(
    readonly clock: Clock,
    readonly limit: number,
  ) {}
}
Injectable(...([Clock] as unknown as [typeof Clock, typeof LIMIT]))(TooShort);

/** A controller whose parameter is of a type that is emitted, or that a decorator names. */
function taking(type: object, decorate?: (target: object, key: undefined, index: number) => void): AnyClass {
  class Taking {
    readonly taken: unknown;
    constructor(taken: unknown) {
      this.taken = taken;
    }
  }
  Reflect.defineMetadata('design:paramtypes', [type], Taking);
  decorate?.(Taking, undefined, 0);
  Controller()(Taking);
  return Taking;
}

function listing(...list: unknown[]): AnyClass {
  class Listing {
    readonly taken: unknown[];
    constructor(...taken: unknown[]) {
      this.taken = taken;
    }
  }
  Controller('/', ...(list as []))(Listing);
  return Listing;
}

/** A controller without metadata, which takes what is listed. */
function listed(...list: unknown[]): (target: AnyClass) => AnyClass {
  return (target) => {
    Controller('/', ...(list as []))(target);
    return target;
  };
}

function listedService(target: AnyClass): AnyClass {
  Injectable()(target);
  return target;
}

function registered(...registrations: [token: string, provider: object][]): Options {
  const container = globalContainer.createChildContainer();
  for (const [token, provider] of registrations) container.register(token, provider as { useValue: unknown });
  return { container };
}

test.each([undefined, null])('a factory that gives %s is a mistake of its provider', async (nothing) => {
  const providers = [{ provide: 'x', useFactory: () => nothing }];
  const problems = await problemsOf([listing('x')], { providers });
  expect(problems.map(({ code }) => code)).toEqual(['E_DEPENDENCY']);
  expect(problems[0]?.message).toContain(
    'The provider of "x" is { useFactory: [Function (anonymous)] }, which gives nothing.',
  );
});

test.each([0, false, ''])('a factory that gives %j gives something', async (made) => {
  const providers = [{ provide: 'x', useFactory: () => made }];
  await expect(problemsOf([listing('x')], { providers })).rejects.toThrow('bootstrap found no mistake');
});

describe('bootstrap finds', () => {
  const looksAbstract = (name: string): string => `${name}, which looks abstract`;
  const gives = (what: string): string => `The provider of "x" is ${what}, which gives nothing.`;

  test.each<[string, AnyClass, string, string, Options?]>([
    ['an abstract class', taking(Abstract), 'E_DEPENDENCY', looksAbstract('Abstract')],
    ['one that has members', listing(HalfAbstract), 'E_DEPENDENCY', looksAbstract('HalfAbstract')],
    ['one that inherits them', listing(ExtendsAbstract), 'E_DEPENDENCY', looksAbstract('ExtendsAbstract')],
    [
      'one behind delay()',
      taking(Object, inject(delay(() => Abstract as never))),
      'E_DEPENDENCY',
      'looks abstract',
    ],
    ['one behind lazy()', listing(lazy(() => Abstract)), 'E_DEPENDENCY', 'looks abstract'],
    ['one among all', taking(Object, injectAll(Abstract as never)), 'E_DEPENDENCY', 'looks abstract'],
    [
      'one behind an alias',
      taking(Object, inject('x')),
      'E_DEPENDENCY',
      'looks abstract',
      registered(['x', { useToken: Abstract as never }]),
    ],
    ['a class of the language', taking(Map), 'E_DEPENDENCY', 'is of type Map, which says nothing'],
    ['a function', listing(() => 1), 'E_DEPENDENCY', 'which is not provided'],
    [
      'a class that comes by import type',
      taking(Function),
      'E_DEPENDENCY',
      'Import the class without `type`',
    ],
    [
      'a value that is null',
      taking(Object, inject('x')),
      'E_DEPENDENCY',
      gives('{ useValue: null }'),
      { providers: [{ provide: 'x', useValue: null }] },
    ],
    [
      'one that is undefined',
      listing('x'),
      'E_DEPENDENCY',
      gives('{ useValue: undefined }'),
      { providers: [{ provide: 'x', useValue: undefined }] },
    ],
    [
      'one that may be missing',
      listing(Token.optional('x' as never)),
      'E_DEPENDENCY',
      gives('{ useValue: null }'),
      { providers: [{ provide: 'x', useValue: null }] },
    ],
    [
      'a provider without a class',
      listing('x'),
      'E_DEPENDENCY',
      gives('{ useClass: undefined }'),
      { providers: [{ provide: 'x', useClass: undefined as never }] },
    ],
    [
      'one of the container',
      listing(Token.all('x' as never)),
      'E_DEPENDENCY',
      gives('{ useValue: null }'),
      registered(['x', { useValue: null }], ['x', { useValue: 1 }]),
    ],
    [
      'an abstract class that a provider gives',
      listing('x'),
      'E_DEPENDENCY',
      'The provider of "x" is the class HalfAbstract, which looks abstract',
      { providers: [{ provide: 'x', useClass: HalfAbstract as never }] },
    ],
    [
      'one that the container gives for an abstract class',
      listing(Abstract),
      'E_DEPENDENCY',
      'The provider of Abstract is the class ExtendsAbstract, which looks abstract',
      { providers: [{ provide: Abstract, useClass: ExtendsAbstract as never }] },
    ],
    [
      'a singleton behind delay() that takes the request',
      taking(Object, inject(delay(() => KeepsRequest))),
      'E_DEPENDENCY_SCOPE',
      'The singleton KeepsRequest',
    ],
    [
      'one behind lazy()',
      listing(lazy(() => KeepsRequest)),
      'E_DEPENDENCY_SCOPE',
      'The singleton KeepsRequest',
    ],
    [
      'one among several',
      listing(Token.all('x' as never)),
      'E_DEPENDENCY_SCOPE',
      'The singleton "x"',
      {
        providers: [
          { provide: 'x', useClass: KeepsRequest },
          { provide: 'x', useValue: 1 },
        ],
      },
    ],
    [
      'what is missing to one of several',
      listing(Token.all('x' as never)),
      'E_DEPENDENCY',
      'asks for "none"',
      registered(['x', { useClass: NeedsNone }], ['x', { useValue: 1 }]),
    ],
    [
      'what is missing behind an alias',
      listing('x'),
      'E_DEPENDENCY',
      '"none" is not provided',
      registered(['x', { useToken: 'none' }]),
    ],
    [
      'what is missing to a transform',
      taking(Object, injectWithTransform('x', Upper as never)),
      'E_METADATA',
      'Upper has constructor parameters',
      registered(['x', { useValue: 'x' }]),
    ],
    [
      'a list that is too short',
      listed(Clock)(
        class Short {
          constructor(
            readonly clock: Clock,
            readonly limit: number,
          ) {}
        },
      ),
      'E_DEPENDENCY',
      'takes 2 parameters, but its list names 1',
    ],
    [
      'an entry that is still loading',
      listing(undefined),
      'E_DEPENDENCY',
      'Name it in the list: @Controller(path, lazy(() => X))',
    ],
    ...[
      [[Clock], '[ [class Clock] ]'],
      [{ scope: 'transient' }, "{ scope: 'transient' }"],
      [Object.create(null), '[Object: null prototype] {}'],
    ].map(([entry, name]): [string, AnyClass, string, string] => [
      `an entry that is ${String(name)}`,
      listing(entry),
      'E_DEPENDENCY',
      `asks for ${String(name)}, which is not provided`,
    ]),
    ...[String, Object, Map, Promise].map((entry): [string, AnyClass, string, string] => [
      `${entry.name} in a list`,
      listing(entry),
      'E_DEPENDENCY',
      `asks for ${entry.name}, which comes with the language and is not provided. List a Token in its place, or pass providers: [{ provide: ${entry.name}, useValue: ... }] to bootstrap.`,
    ]),
    [
      'a list that is too short for the class that inherits it',
      listed()(class Inherits extends TooShort {}),
      'E_DEPENDENCY',
      'The constructor of TooShort takes 2 parameters, but its list names 1. List one dependency for each: @Injectable(A, B).',
    ],
    [
      'what may be missing, but is looked up later',
      listing(Token.optional(lazy(() => Abstract))),
      'E_DEPENDENCY',
      looksAbstract('Abstract'),
    ],
    [
      'a proxy of a class without a list',
      listing(new Proxy(Undecorated, {})),
      'E_METADATA',
      'Undecorated has constructor parameters but no metadata about them. List what it takes: @Injectable(A, B)',
    ],
    [
      'a base class without a list',
      listed()(class Inherits extends Undecorated {}),
      'E_METADATA',
      'Inherits inherits the constructor of Undecorated, which has parameters but no metadata about them. List what it takes: @Injectable(A, B) before Undecorated.',
    ],
  ])('%s', async (_, ...[controller, code, message, options]) => {
    const [problem, ...others] = await problemsOf([controller], options);
    expect(others).toEqual([]);
    expect(problem).toMatchObject({
      code,
      member: controller.name,
      message: expect.stringContaining(message),
    });
    expect(problem?.place).toMatch(/dependencies\.test\.ts:\d+:\d+$/);
  });

  test('dependencies in the wrong order, though their types are of one structure', async () => {
    @Controller('/', B, ExtendsA)
    class Swapped {
      constructor(
        readonly a: A,
        readonly b: B,
      ) {}
    }
    expect((await problemsOf([Swapped])).map(({ message }) => message)).toEqual([
      'Parameter 1 of the constructor of Swapped is of class A, but its dependency is B, which does not extend it. List the dependencies in the order of the parameters.',
      'Parameter 2 of the constructor of Swapped is of class B, but its dependency is ExtendsA, which does not extend it. List the dependencies in the order of the parameters.',
    ]);
  });

  test.each<[string, unknown]>([
    ['looked up later', lazy(() => B)],
    ['optional', Token.optional(B)],
    ['both', Token.optional(lazy(() => B))],
  ])('one that is another class, though it is %s', async (_, dependency) => {
    @Controller('/', dependency as never)
    class Unfit {
      constructor(readonly a: A) {}
    }
    expect((await problemsOf([Unfit])).map(({ message }) => message)).toEqual([
      'Parameter 1 of the constructor of Unfit is of class A, but its dependency is B, which does not extend it. List the dependencies in the order of the parameters.',
    ]);
  });

  test('the mistakes of a list that is inherited', async () => {
    @Injectable(B)
    class Unfit {
      constructor(readonly a: A) {}
    }
    class Inherits extends Unfit {}
    expect((await problemsOf([listing(Inherits)])).map(({ message }) => message)).toEqual([
      'Parameter 1 of the constructor of Unfit is of class A, but its dependency is B, which does not extend it. List the dependencies in the order of the parameters.',
    ]);
  });

  test.each([inject, Inject])('dependencies that are named twice', async (Named) => {
    @Controller('/', Clock)
    class Twice {
      constructor(@Named(Clock) readonly clock: Clock) {}
    }
    expect((await problemsOf([Twice])).map(({ message }) => message)).toEqual([
      'The dependencies of Twice are named twice. Keep one list, and neither @Inject nor @inject beside it.',
    ]);
  });

  test('a factory that throws, even where only requests need it', async () => {
    const useFactory = (): never => {
      throw new Error('no database');
    };
    const problems = await problemsOf([listing(Request, 'x')], { providers: [{ provide: 'x', useFactory }] });
    expect(problems).toEqual([{ code: 'E_DEPENDENCY', message: '"x" could not be built: no database' }]);
  });

  test('a container that is not of the tsyringe in use', async () => {
    const container = { resolve: () => 1, createChildContainer: () => container };
    const [problem] = await problemsOf([Empty], { container: container as never });
    expect(problem).toMatchObject({
      code: 'E_SETTING',
      message: expect.stringContaining('another copy of tsyringe'),
    });
  });

  test('a scope that there is not, where the decorator stands', () => {
    expect(() => Injectable({ scope: 'Singleton' as never })).toThrow(
      developerError(
        'E_SETTING',
        '@Injectable.scope: "Singleton" is not "singleton" or "request" or "transient". Did you mean "singleton"?',
      ),
    );
  });
});

describe('bootstrap lets pass', () => {
  test.each<[string, unknown, Options?]>([
    [
      'an abstract class that is provided',
      Abstract,
      { providers: [{ provide: Abstract, useClass: Concrete }] },
    ],
    ['one that may be missing', Token.optional(Abstract)],
    ['calls of fields, inherited methods and methods that are guarded', Callbacks],
    ['an empty class that is meant', listedService(class Marker {})],
    ['a class that extends one of the language', class Failure extends Error { readonly isFailure = true; }], // prettier-ignore
    ['a class that extends one of Node', class Bus extends EventEmitter { readonly isBus = true; }], // prettier-ignore
  ])('%s', async (_, dependency, options = {}) => {
    const controller = listing(dependency);
    const { app } = await start(controller, options);
    expect(app.resolve<object>(controller)).toBeInstanceOf(controller);
  });
});

describe('missing metadata', () => {
  test.each<[string, object, string]>([
    [
      'Bun',
      { versions: { bun: '1.3.0' } },
      'Or turn on experimentalDecorators and emitDecoratorMetadata in tsconfig.json.',
    ],
    ['Deno', { versions: { deno: '2.5.0' } }, 'in the compilerOptions of deno.json'],
    ['Vitest', { env: { VITEST: 'true' } }, 'add unplugin-swc to its plugins'],
    ['Jest', { env: { JEST_WORKER_ID: '1' } }, 'have Jest transform with ts-jest or @swc/jest'],
    [
      'tsx',
      { execArgv: ['--import', 'file:///node_modules/tsx/dist/loader.mjs'] },
      'load with @oxc-node/core/register',
    ],
    ['tsx by an option', { env: { NODE_OPTIONS: '--import tsx' } }, 'load with @oxc-node/core/register'],
    ['any other tool', {}, 'compile with tsc or swc: esbuild and tsx drop the metadata'],
  ])('has the way out that fits %s', (_, running, way) => {
    expect(wayToMetadata(false, { versions: {}, env: {}, execArgv: [], ...running })).toContain(way);
  });

  test('has the list alone as a way out from standard decorators', async () => {
    class Standard {
      constructor(readonly clock: Clock) {}
    }
    const metadata = {};
    Object.defineProperty(Standard, Symbol.for('Symbol.metadata'), { value: metadata });
    const context = { kind: 'class', name: 'Standard', metadata } as const;
    Controller('/standard')(Standard, context);
    expect((await problemsOf([Standard])).map(({ code, message }) => [code, message])).toEqual([
      [
        'E_METADATA',
        'Standard has constructor parameters but no metadata about them. List what it takes: @Controller(path, A, B). Standard decorators emit none.',
      ],
    ]);
    Controller('/standard', Clock)(Standard, context);
    const { app } = await start(Standard);
    expect(app.resolve(Standard).clock).toEqual(new Clock());
  });
});
