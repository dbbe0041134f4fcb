/** What is injected, how long it lives, and when it ends. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  container as globalContainer,
  inject,
  injectable,
  injectAll,
  Lifecycle,
  scoped,
  singleton,
} from 'tsyringe';
import {
  BeforeResponse,
  ContextKey,
  Controller,
  createGuard,
  Get,
  HttpError,
  HttpState,
  Request,
  type BootstrapOptions,
} from 'obol';
import { start } from '../support/client.js';
import { developerError } from '../support/errors.js';

const SEEN = new ContextKey<object>('seen');

let seen: string[] = [];
let made = 0;
beforeEach(() => {
  seen = [];
  made = 0;
});

class Ending {
  readonly #name: string;
  constructor(name: string) {
    this.#name = name;
  }
  dispose() {
    seen.push(`${this.#name} ended`);
  }
}

@singleton()
class Database extends Ending {
  readonly name: string = 'real';
  constructor() {
    super('database');
    seen.push('database');
  }
}

@singleton()
class Store extends Ending {
  constructor(readonly database: Database) {
    super('store');
    seen.push('store');
  }
}

@Controller()
class StoreController {
  readonly number = ++made;
  constructor(readonly store: Store) {
    seen.push('controller');
  }
  @Get('/') index() {
    return { number: this.number, database: this.store.database.name };
  }
}

async function json(client: { get(path: string): Promise<{ json(): Promise<unknown> }> }, path = '/') {
  return (await client.get(path)).json();
}

describe('singletons', () => {
  test('are built at bootstrap, dependencies first, and disposed by close, last built first, once', async () => {
    const { app } = await start(StoreController);
    expect(seen).toEqual(['database', 'store', 'controller']);
    seen = [];
    await Promise.all([app.close(), app.close()]);
    await app[Symbol.asyncDispose]();
    expect(seen).toEqual(['store ended', 'database ended']);
  });

  test('are the same for every request', async () => {
    const { app, client } = await start(StoreController);
    expect(await json(client)).toEqual({ number: 1, database: 'real' });
    expect(await json(client)).toEqual({ number: 1, database: 'real' });
    expect(app.resolve(StoreController)).toBe(app.resolve(StoreController));
    await app.close();
  });

  test('that somebody else built are not disposed', async () => {
    const database = globalContainer.resolve(Database);
    const { app } = await start(StoreController);
    expect(app.resolve(Store).database).toBe(database);
    seen = [];
    await app.close();
    expect(seen).toEqual(['store ended']);
    globalContainer.clearInstances();
  });

  test('are built again for the next application', async () => {
    const first = await start(StoreController);
    await first.app.close();
    const second = await start(StoreController);
    expect(seen.filter((name) => name === 'database')).toHaveLength(2);
    await second.app.close();
  });
});

class FakeDatabase {
  readonly name = 'fake';
}

describe('providers', () => {
  const fake: Pick<BootstrapOptions, 'providers'> = {
    providers: [{ provide: Database, useValue: new FakeDatabase() as unknown as Database }],
  };

  test('replace a dependency for one application alone', async () => {
    const faked = await start(StoreController, fake);
    const real = await start(StoreController);
    expect(await json(faked.client)).toMatchObject({ database: 'fake' });
    expect(await json(real.client)).toMatchObject({ database: 'real' });
    expect(faked.app.resolve(Store)).not.toBe(real.app.resolve(Store));
    await Promise.all([faked.app.close(), real.app.close()]);
  });

  test('stand in for what is only resolved later, too', async () => {
    @Controller()
    class EmptyController {
      @Get('/') index() {
        return 1;
      }
    }
    const { app } = await start(EmptyController, fake);
    expect(app.resolve(Store).database.name).toBe('fake');
    const other = await start(EmptyController);
    expect(other.app.resolve(Store).database.name).toBe('real');
    seen = [];
    await app.close();
    expect(seen).toEqual(['store ended']);
    await other.app.close();
  });

  test('are values, classes and factories under any token', async () => {
    @injectable()
    class Clock {
      readonly now = 5;
    }
    @Controller()
    class TokensController {
      constructor(
        @inject('config') readonly config: { debug: boolean },
        @inject('clock') readonly clock: { now: number },
        @inject('made') readonly first: { by: string },
        @inject('made') readonly second: { by: string },
      ) {}
      @Get('/') index() {
        const { config, clock, first, second } = this;
        return { config, clock, first, isSame: first === second };
      }
    }
    const { client } = await start(TokensController, {
      providers: [
        { provide: 'config', useValue: { debug: true } },
        { provide: 'clock', useClass: Clock },
        { provide: 'made', useFactory: () => ({ by: `factory ${++made}` }) },
      ],
    });
    expect(await json(client)).toEqual({
      config: { debug: true },
      clock: { now: 5 },
      first: { by: 'factory 1' },
      isSame: true,
    });
  });

  test('may be many under one token, or none', async () => {
    @Controller()
    class ManyController {
      constructor(
        @injectAll('plugin') readonly plugins: string[],
        @inject('none', { isOptional: true }) readonly none?: object,
      ) {}
      @Get('/') index() {
        return [this.plugins, this.none ?? 'none'];
      }
    }
    const providers = ['a', 'b'].map((useValue) => ({ provide: 'plugin', useValue }));
    const { client } = await start(ManyController, { providers });
    expect(await json(client)).toEqual([['a', 'b'], 'none']);
  });

  test('made by a factory, and plain dependencies, are disposed; values are not', async () => {
    @injectable()
    class Pool {
      [Symbol.asyncDispose]() {
        seen.push('pool ended');
        return Promise.resolve();
      }
    }
    @Controller()
    class PoolController {
      constructor(
        readonly pool: Pool,
        @inject('made') readonly made: Ending,
        @inject('given') readonly given: Ending,
      ) {}
    }
    const { app } = await start(PoolController, {
      providers: [
        { provide: 'made', useFactory: () => new Ending('made') },
        { provide: 'given', useValue: new Ending('given') },
      ],
    });
    await app.close();
    expect(seen).toEqual(['made ended', 'pool ended']);
  });

  test('live in a container of the user, whose registrations count', async () => {
    const own = globalContainer.createChildContainer();
    own.registerInstance('name', 'own');
    own.register('alias', { useToken: 'name' });
    own.registerSingleton('single', Database);
    @Controller()
    class NamedController {
      constructor(
        @inject('alias') readonly name: string,
        @inject('single') readonly single: Database,
      ) {}
      @Get('/') index() {
        return [this.name, this.single.name];
      }
    }
    const { client, app } = await start(NamedController, { container: own });
    expect(await json(client)).toEqual(['own', 'real']);
    await app.close();
    expect(seen).toEqual(['database', 'database ended']);
  });
});

describe('disposing', () => {
  test('goes on when one fails, and then says so', async () => {
    class Bad extends Ending {
      override dispose() {
        super.dispose();
        throw new Error('bad end');
      }
    }
    @Controller()
    class BadController {
      constructor(
        @inject('a') readonly a: Ending,
        @inject('b') readonly b: Ending,
        @inject('c') readonly c: Ending,
      ) {}
    }
    const one = [
      { provide: 'a', useFactory: () => new Ending('a') },
      { provide: 'b', useFactory: () => new Bad('b') },
      { provide: 'c', useFactory: () => new Ending('c') },
    ];
    const { app } = await start(BadController, { providers: one });
    await expect(app.close()).rejects.toThrow('bad end');
    expect(seen).toEqual(['c ended', 'b ended', 'a ended']);
    const two = [...one.slice(0, 2), { provide: 'c', useFactory: () => new Bad('c') }];
    const other = await start(BadController, { providers: two });
    await expect(other.app.close()).rejects.toThrow('2 objects could not be disposed');
  });
});

@injectable()
class Session extends Ending {
  readonly number = ++made;
  constructor(readonly request: Request) {
    super(`session of ${request.path}`);
  }
}

@injectable()
class Cart {
  constructor(readonly session: Session) {}
  [Symbol.dispose]() {
    seen.push('cart ended');
  }
}

@Controller()
class CartController {
  constructor(readonly cart: Cart) {}
  @BeforeResponse() before(req: Request) {
    seen.push(`hook ${this.cart.session.number} ${this.cart.session.request === req}`);
  }
  @Get('/cart') cart1() {
    return this.cart.session.number;
  }
  @Get('/<a>/<b>') two(_req: Request, a: string, b: string) {
    return [a, b];
  }
  @HttpState(404) missing(_req: Request, error: Error) {
    return `${error.message} ${this.cart.session.number}`;
  }
}

@Controller('/shared')
class SharedController {
  readonly number = ++made;
  @Get('/') index() {
    return this.number;
  }
}

describe('controllers that need something of the request', () => {
  test('are made once for each request, hooks and route alike', async () => {
    const { client, app } = await start([CartController, SharedController]);
    expect(made).toBe(1);
    expect([await json(client, '/cart'), await json(client, '/cart')]).toEqual([2, 3]);
    expect(seen.filter((text) => text.startsWith('hook'))).toEqual(['hook 2 true', 'hook 3 true']);
    expect(await json(client, '/x/y')).toEqual(['x', 'y']);
    expect(await (await client.get('/nowhere')).text()).toBe('Nothing is here 5');
    expect([...app.routes].map(({ name, scope }) => [name, scope])).toEqual([
      ['CartController.cart1', 'request'],
      ['CartController.two', 'request'],
      ['SharedController.index', 'application'],
    ]);
  });

  test('are disposed when the request is over', async () => {
    const { client } = await start(CartController);
    const response = await client.get('/cart');
    expect(seen).toEqual(['hook 1 true', 'session of /cart ended', 'cart ended']);
    await response.text();
    expect(seen).toHaveLength(3);
  });

  test('are disposed without harm to the server when that fails', async () => {
    @Controller()
    class RestlessController {
      constructor(readonly request: Request) {}
      @Get('/') index() {
        return 'index';
      }
      dispose() {
        throw new Error('restless');
      }
    }
    const { client, logger } = await start(RestlessController);
    expect(await (await client.get('/')).text()).toBe('index');
    await new Promise((resolve) => setImmediate(resolve));
    expect(logger.errors).toEqual([
      expect.stringContaining('What a request made could not be disposed: Error: restless'),
    ]);
  });

  test('may take what request providers make, once for each request', async () => {
    @Controller()
    class UserController {
      constructor(
        @inject('user') readonly user: object,
        @inject('user') readonly same: object,
      ) {}
      @Get('/<name>') show() {
        return { user: this.user, isSame: this.user === this.same };
      }
    }
    const { client } = await start(UserController, {
      requestProviders: [{ provide: 'user', useFactory: (request) => ({ path: request.path, n: ++made }) }],
    });
    expect(await json(client, '/a')).toEqual({ user: { path: '/a', n: 1 }, isSame: true });
    expect(await json(client, '/b')).toEqual({ user: { path: '/b', n: 2 }, isSame: true });
  });

  test('are made in their order of need, each once for each request, whatever they need', async () => {
    @injectable()
    class Mailer {
      readonly number = ++made;
    }
    @Controller('/a')
    class First {
      constructor(
        @inject('user') readonly user: { n: number },
        readonly store: Store,
        readonly mailer: Mailer,
        @inject('limit') readonly limit: number,
      ) {}
      @BeforeResponse() before() {
        seen.push(`first of user ${this.user.n}, mailer ${this.mailer.number}`);
      }
      @Get('/') index() {
        const { user, store, mailer, limit } = this;
        return [user.n, store.database.name, mailer.number, limit];
      }
    }
    const { client, app } = await start(First, {
      providers: [{ provide: 'limit', useValue: 0.5 }],
      requestProviders: [{ provide: 'user', useFactory: () => ({ n: ++made }) }],
    });
    seen = [];
    expect([await json(client, '/a'), await json(client, '/a')]).toEqual([
      [2, 'real', 1, 0.5],
      [3, 'real', 1, 0.5],
    ]);
    expect(seen).toEqual(['first of user 2, mailer 1', 'first of user 3, mailer 1']);
    expect(app.resolve(Store).database.name).toBe('real');
  });

  test('share what they have in common within a request, made by the container or without it', async () => {
    @Controller()
    class Plain {
      readonly number = ++made;
      constructor(@inject('user') readonly user: object) {}
      @BeforeResponse() before(req: Request) {
        req.set(SEEN, this);
      }
    }
    @Controller('/listed')
    class Listed {
      constructor(
        @injectAll('plugin') readonly plugins: string[],
        @inject('user') readonly user: object,
        readonly plain: Plain,
      ) {}
      @Get('/') index(req: Request) {
        return [this.plugins, this.user === this.plain.user, req.get(SEEN) === this.plain];
      }
    }
    @Controller('/nested')
    class Nested {
      constructor(
        readonly plain: Plain,
        readonly listed: Listed,
      ) {}
      @Get('/') index(req: Request) {
        return [this.plain === this.listed.plain, req.get(SEEN) === this.plain];
      }
    }
    const { client } = await start([Nested, Listed, Plain], {
      providers: [{ provide: 'plugin', useValue: 'one' }],
      requestProviders: [{ provide: 'user', useFactory: () => ({}) }],
    });
    expect([await json(client, '/listed'), made]).toEqual([[['one'], true, true], 1]);
    expect([await json(client, '/nested'), made]).toEqual([[true, true], 2]);
  });

  test('may take a controller that is made once, wherever it stands in the list', async () => {
    @Controller('/taking')
    class Taking {
      constructor(
        readonly request: Request,
        readonly shared: SharedController,
      ) {}
      @Get('/') index() {
        return this.shared.number;
      }
    }
    const { client } = await start([Taking, SharedController]);
    expect([await json(client, '/taking'), await json(client, '/taking')]).toEqual([1, 1]);
  });

  test('may take what is registered for each container', async () => {
    @scoped(Lifecycle.ContainerScoped)
    class Unit {
      readonly number = ++made;
    }
    @injectable()
    class Repository {
      constructor(readonly unit: Unit) {}
    }
    @Controller()
    class UnitController {
      constructor(
        readonly unit: Unit,
        readonly repository: Repository,
      ) {}
      @Get('/unit') index() {
        return [this.unit.number, this.repository.unit === this.unit];
      }
    }
    const { client } = await start(UnitController);
    expect([await json(client, '/unit'), await json(client, '/unit')]).toEqual([
      [1, true],
      [2, true],
    ]);
  });

  test('answer what a request provider throws', async () => {
    @Controller()
    class UserController {
      constructor(@inject('user') readonly user: object) {}
      @Get('/') index() {
        return this.user;
      }
    }
    const useFactory = (): never => {
      throw new HttpError(403, 'Not you');
    };
    const { client } = await start(UserController, { requestProviders: [{ provide: 'user', useFactory }] });
    expect((await client.get('/')).status).toBe(403);
  });

  test('are disposed where the instance alone knows how', async () => {
    @Controller()
    class OwnEnd {
      readonly dispose = () => void seen.push('own end');
      constructor(readonly request: Request) {}
      @Get('/') index() {
        return 'index';
      }
    }
    const { client } = await start(OwnEnd);
    await (await client.get('/')).text();
    expect(seen).toEqual(['own end']);
  });

  test('cannot be had from the application', async () => {
    const { app } = await start(CartController);
    await expect(start(SharedController).then((other) => other.app.resolve(CartController))).rejects.toThrow(
      'CartController exists once per request',
    );
    expect(() => app.resolve(CartController)).toThrow('CartController exists once per request');
    expect(() => app.resolve(Cart)).toThrow(
      expect.objectContaining({
        code: 'E_DEPENDENCY_SCOPE',
        message: 'Cart exists once per request, so the application has none; take it in a constructor.',
      }),
    );
    expect(() => app.resolve('unknown')).toThrow(
      developerError(
        'E_DEPENDENCY',
        '"unknown" is not provided. Pass providers: [{ provide: ..., useValue: ... }] to bootstrap, or register it in ' +
          'the container.',
      ),
    );
  });

  test('whose mistakes show when they are resolved, show them as bootstrap would', async () => {
    @injectable()
    class Wrong {
      constructor(readonly count: number) {}
    }
    const { app } = await start(SharedController);
    for (let i = 0; i < 2; i++) {
      expect(() => app.resolve(Wrong)).toThrow('Parameter 1 of the constructor of Wrong is of type Number');
    }
  });
});

const UsesStore = createGuard('UsesStore', (setup) => {
  const store = setup.resolve(Store);
  return () => void seen.push(store.database.name);
});

@Controller('/base')
class BaseController {
  constructor(@inject('greeting') protected readonly greeting: string) {}
  @BeforeResponse() before() {
    seen.push('base hook');
  }
  @UsesStore() @Get('/hello') hello() {
    return this.greeting;
  }
  @Get('/other') other() {
    return 'base';
  }
}

@Controller('/derived')
class DerivedController extends BaseController {
  override other() {
    return 'derived';
  }
  @Get('/own') own() {
    return 'own';
  }
}

describe('an inherited controller', () => {
  test('has the routes, hooks, guards and constructor of its base below its own prefix', async () => {
    const { client } = await start(DerivedController, {
      providers: [{ provide: 'greeting', useValue: 'hi' }],
    });
    seen = [];
    expect(await (await client.get('/derived/hello')).text()).toBe('hi');
    expect(seen).toEqual(['base hook', 'real']);
    expect(await (await client.get('/derived/other')).text()).toBe('derived');
    expect(await (await client.get('/derived/own')).text()).toBe('own');
    expect((await client.get('/base/hello')).status).toBe(404);
  });
});
