/** Features with the rights of an application's author. */
import { describe, expect, test } from '@jest/globals';
import {
  abort,
  Controller,
  createGuard,
  Default,
  ErrorHandler,
  Get,
  HttpState,
  Injectable,
  ObolError,
  path,
  Request,
  Response,
  Token,
  urlFor,
  type Feature,
  type Middleware,
  type Surroundings,
} from 'obol';
import { TestClient } from 'obol/testing';
import type { Adapt } from '../../src/application/adapted.js';
import { start } from '../support/client.js';
import { computed } from '../support/computed.js';
import { problemsOf } from '../support/problems.js';
import { FormLogin, CheckFormLogin } from '../../src/features/auth/index.js';
import { sessions } from '../../src/features/session/index.js';

const Keyed = createGuard('Keyed', (setup) => {
  const key = setup.resolve<string>('key');
  return (request) => {
    if (request.args.getFirst('key') !== key) abort(403);
  };
});

const keep: Middleware = (request, next) => next(request);

@Controller('/brought')
class BroughtController {
  @Get('/') index() {
    return 'brought';
  }
}

@Controller()
class OwnController {
  @Get('/own') own() {
    return 'own';
  }
  @Get('/crash') crash() {
    throw new RangeError('out of range');
  }
  @Get(computed('/on/<day:day>')) on(_req: Request, day: unknown) {
    return String(day instanceof Date);
  }
}

const feature: Feature = {
  controllers: [BroughtController],
  routes: [
    { path: path('/sum').path('/<a:int>/<b:int>'), handler: (_req, a: number, b: number) => a + b },
    { path: /\/(\d+)-(\d+)/, handler: (_req, a: string, b: string) => [a, b], methods: 'POST' },
    { path: '/keyed', handler: () => 'keyed', guards: [Keyed()], middleware: [(req, next) => next(req)] },
  ],
  before: [{ handler: (req: Request) => (req.db = 'from the feature'), prefix: '/sum' }],
  after: [{ handler: (_req, response: Response) => void response.headers.set('X-Feature', 'yes') }],
  states: [{ status: 404, handler: (req) => `nothing, ${String(req.db)}`, place: 'feature.ts:1:1' }],
  errors: [{ errorClass: RangeError, handler: (_req, error: RangeError) => error.message }],
  defaults: [{ handler: () => 'posted', methods: 'POST' }],
  filters: { day: { pattern: /\d{4}-\d\d-\d\d/, convert: (text) => new Date(text) } },
  providers: [{ provide: 'key', useValue: 'secret' }],
};

describe('a feature brings', () => {
  test.each([
    ['controllers', '/brought', 'GET', 'brought'],
    ['routes', '/sum/1/2', 'GET', '3'],
    ['routes by expressions', '/1-2', 'POST', '["1","2"]'],
    ['guards that let through', '/keyed?key=secret', 'GET', 'keyed'],
    ['state handlers', '/nowhere', 'GET', 'nothing, null'],
    ['hooks below a prefix', '/sum/nowhere', 'GET', 'nothing, from the feature'],
    ['error handlers', '/crash', 'GET', 'out of range'],
    ['default handlers', '/nowhere', 'POST', 'posted'],
    ['path filters, for the controllers of the application too', '/on/2026-01-31', 'GET', 'true'],
  ])('%s', async (_, path, method, text) => {
    const { client } = await start(OwnController, { features: [feature] });
    const response = await client.request(path, { method });
    expect([await response.text(), response.headers.get('x-feature')]).toEqual([text, 'yes']);
  });

  test('guards that refuse', async () => {
    const { client } = await start(OwnController, { features: [feature] });
    expect((await client.get('/keyed')).status).toBe(403);
  });

  test('what the table shows after that of the application, places as the feature gives them', async () => {
    const { app } = await start(OwnController, { features: [feature] });
    expect([...app.routes].map(({ path }) => path)).toEqual([
      '/own',
      '/crash',
      '/on/<day:day>',
      '/brought',
      '/sum/<a:int>/<b:int>',
      '/\\/(\\d+)-(\\d+)/',
      '/keyed',
    ]);
    expect([...app.routes].at(-1)).toMatchObject({ guards: ['Keyed'], place: 'features[0].routes[2]' });
    expect([...app.table.states]).toMatchObject([{ status: 404, place: 'feature.ts:1:1' }]);
    expect(urlFor(BroughtController, 'index')).toBe('/brought');
  });

  test('a filter that yields to one of the application', async () => {
    const own = { day: { pattern: /\d+/, convert: () => 'own' } };
    const { client } = await start(OwnController, { features: [feature], filters: own });
    expect(await (await client.get('/on/7')).text()).toBe('false');
  });
});

test('a feature that starts has the routes and the container of the application', async () => {
  let seen: Surroundings | undefined;
  const { app, client } = await start(OwnController, {
    features: [
      {
        start: (surroundings) => {
          seen = surroundings;
          surroundings.routes.add('/started', () => surroundings.resolve<string>('key'));
        },
      },
      feature,
    ],
  });
  expect([seen?.table, seen?.routes]).toEqual([app.table, app.routes]);
  expect(await (await client.get('/started')).text()).toBe('secret');
});

describe('what the application declares itself comes before the same of a feature', () => {
  @Controller()
  class Declaring {
    @Get('/range') range() {
      throw new RangeError('own');
    }
    @HttpState(404) missing() {
      return 'own state';
    }
    @ErrorHandler(RangeError) out() {
      return 'own error';
    }
    @Default('POST') posted() {
      return 'own default';
    }
  }
  const brings: Feature = {
    states: [{ status: 404, handler: () => 'of the feature' }],
    errors: [{ errorClass: RangeError, handler: () => 'of the feature' }],
    defaults: [{ handler: () => 'of the feature', methods: ['POST', 'PUT'] }],
  };

  test.each([
    ['a state handler', 'GET', '/nowhere', 'own state'],
    ['an error handler', 'GET', '/range', 'own error'],
    ['a default handler', 'POST', '/nowhere', 'own default'],
    ['a default handler for its methods only', 'PUT', '/nowhere', 'of the feature'],
  ])('%s', async (_, method, path, text) => {
    const { client } = await start(Declaring, { features: [brings] });
    expect(await (await client.request(path, { method })).text()).toBe(text);
  });

  test('until it is removed, with all that stands behind it', async () => {
    const { app } = await start(Declaring, { features: [brings] });
    expect([...app.table.states].map(({ name }) => name)).toEqual(['Declaring.missing', 'handler']);
    expect(() => app.table.states.add(404, () => 'late')).toThrow(
      expect.objectContaining({ code: 'E_HANDLER_DUPLICATE' }),
    );
    app.table.states.remove(404).add(404, () => 'late');
    expect([...app.table.states]).toHaveLength(1);
  });

  test('and two features that answer the same are a mistake, with the places of both', async () => {
    const problems = await problemsOf([BroughtController], { features: [brings, {}, { ...brings }] });
    expect(problems[0]).toMatchObject({
      code: 'E_HANDLER_DUPLICATE',
      place: 'features[2].states[0]',
      message:
        'Status 404 is handled for GET already by handler (features[0].states[0]). Remove that handler first.',
    });
  });
});

describe('a class that a feature plans as a controller', () => {
  const log: string[] = [];
  const Noted = createGuard('Noted', (_, name: string) => () => {
    log.push(name);
  });

  @Injectable()
  class Word {
    readonly text = 'word';
  }

  class Plain {
    readonly #word: Word;
    constructor(word: Word) {
      this.#word = word;
    }
    @Noted('method') say(what: string) {
      return `${this.#word.text} ${what}`;
    }
    sum(_: Request, a: number) {
      return a + 1;
    }
    data({ data }: Request) {
      return String(data);
    }
    nothing() {
      return 'nothing';
    }
  }
  Injectable(Word)(Plain);

  /** One object for each request. */
  class OfRequest {
    readonly #request: Request;
    constructor(request: Request) {
      this.#request = request;
    }
    say(what: string) {
      return `${this.#request.method} ${what}`;
    }
  }
  Injectable(Request)(OfRequest);

  const adapt: Adapt = (method) => (_, what) => method(`(${String(what)})`);
  const say = { property: 'say', path: '/say/<what>', methods: 'GET', adapt } as const;

  test('answers by the plan, injected and guarded as others are', async () => {
    const routes = [
      say,
      { property: 'sum', path: '/sum/<a:int>', methods: 'GET' },
      { property: 'data', path: '/data', methods: 'POST', body: { data: 4 } },
    ] as const;
    const states = [
      { property: 'nothing', status: 404 },
      { property: 'nothing', status: 405, prefix: '' },
    ];
    const plan = {
      controller: Plain,
      place: 'plan.ts:1:1',
      prefix: '/plain',
      guards: [Noted('plan')],
      routes,
      states,
    };
    const { app, client } = await start(BroughtController, { features: [{ planned: [plan] }] });
    const any = new TestClient(app, { expect: 'any' });
    const text = async (path: string): Promise<string> => (await any.get(path)).text();
    log.length = 0;
    expect([await text('/plain/say/x'), await text('/plain/sum/1'), await text('/plain/none')]).toEqual([
      'word (x)',
      '2',
      'nothing',
    ]);
    expect(log).toEqual(['plan', 'method', 'plan']);
    expect(await text('/none')).not.toBe('nothing');
    expect((await any.request('/brought', { method: 'PUT' })).status).toBe(405);
    expect(await (await client.post('/plain/data', { body: '1234' })).text()).toBe('1234');
    expect((await any.post('/plain/data', { body: '12345' })).status).toBe(413);
    expect([...app.routes].find(({ name }) => name === 'Plain.say')).toMatchObject({
      path: '/plain/say/<what>',
      prefix: '/plain',
      guards: ['Noted', 'Noted'],
      scope: 'application',
    });
  });

  test('may live as long as a request', async () => {
    const plan = { controller: OfRequest, place: '', prefix: '', routes: [say] };
    const { app, client } = await start(BroughtController, { features: [{ planned: [plan] }] });
    expect(await (await client.get('/say/x')).text()).toBe('GET (x)');
    expect([...app.routes].find(({ name }) => name === 'OfRequest.say')).toMatchObject({ scope: 'request' });
  });

  test('is reported with all that is wrong with it', async () => {
    class Needy {
      constructor(readonly key: Token<string>) {}
      say() {
        return 1;
      }
    }
    Injectable(new Token<Token<string>>('missing'))(Needy);
    const routes = [{ property: 'say', path: '/brought', methods: 'GET' }] as const;
    const planned = [
      { controller: Needy, place: 'needy.ts:1:1', prefix: '', routes },
      { controller: Plain, place: '', prefix: '/<x:itn>', routes },
      { controller: Plain, place: '', prefix: '', routes: [say], guards: [() => undefined] },
    ];
    const problems = await problemsOf([BroughtController], { features: [{ planned }] });
    expect(problems.map(({ code }) => code).sort()).toEqual([
      'E_DEPENDENCY',
      'E_ROUTE_DUPLICATE',
      'E_ROUTE_FILTER',
      'E_SETTING',
    ]);
  });
});

describe('bootstrap reports, with all other mistakes,', () => {
  @Controller()
  class MistakenController {
    @Get(computed('/<x:itn>')) filter() {
      return 1;
    }
    @CheckFormLogin() @Get('/members') members() {
      return 1;
    }
  }

  test('a feature that is forgotten, and two of one kind', async () => {
    const keys = ['a key of 32 bytes at least, or more'];
    const features = [sessions({ keys }), sessions({ keys })];
    const problems = await problemsOf([MistakenController], { features });
    expect(problems.map(({ code, member, message }) => [code, member, message])).toEqual([
      [
        'E_FEATURE',
        undefined,
        'Two features provide Session, as sessions({ ... }) does; an application has one of a kind. Leave one out.',
      ],
      ['E_ROUTE_FILTER', 'MistakenController.filter', expect.stringContaining('unknown filter "itn"')],
      [
        'E_AUTH',
        'MistakenController.members',
        'The guard @CheckFormLogin could not be put together: there is no form to log in with. Add features: ' +
          '[formLogin({ ... })] to those of bootstrap.',
      ],
    ]);
  });

  test('two features that provide one token', async () => {
    const features = [feature, { requestProviders: [{ provide: 'key', useFactory: () => 1 }] }];
    const [problem] = await problemsOf([OwnController], { features });
    expect(problem?.message).toBe(
      'Two features provide "key"; an application has one of a kind. Leave one out.',
    );
  });

  test('what a feature has wrong, and makes nothing for it', async () => {
    const made: string[] = [];
    const wrong: Feature = {
      routes: [
        { path: '/own', handler: () => 1 },
        { path: '/x', handler: () => 1, guards: [Keyed()] },
        { path: '/<x:itn>', handler: () => 1 },
      ],
      states: [{ status: 99, handler: () => 1 }],
      errors: [{ errorClass: Error, handler: 1 as never }],
      before: [{ handler: () => 1, prefix: '/<all:path>' }],
      filters: { re: { pattern: /x/ } },
      providers: [{ provide: 'key', useFactory: () => made.push('key') }],
    };
    const problems = await problemsOf([OwnController], { features: [feature, wrong] });
    expect(problems.map(({ code }) => code)).toEqual([
      'E_FEATURE',
      'E_FILTER',
      'E_ROUTE_DUPLICATE',
      'E_ROUTE_FILTER',
      'E_STATUS',
      'E_HANDLER',
      'E_PATH_TEMPLATE',
    ]);
    expect(made).toEqual([]);
  });

  test.each<[string, unknown, readonly string[]]>([
    ['a list that is none', { routes: { path: '/x' } }, ['routes: [Object] is not a list of objects.']],
    [
      'entries that are none',
      { before: [() => 1], states: [null] },
      ['before[0]: [Function', 'states[0]: null'],
    ],
    [
      'a function in place of a list of them',
      { outermost: () => 1 },
      ['outermost: [Function: outermost] is not'],
    ],
    [
      'middleware that is none',
      { middleware: [3] },
      ['middleware[0]: a number is not a function (request, next)'],
    ],
    [
      'a class in place of a list of them',
      { controllers: OwnController },
      ['controllers: [class OwnController'],
    ],
    [
      'a provider without a token',
      { providers: [{ useValue: 1 }] },
      ['providers[0]: [Object] is not a provider'],
    ],
    [
      'a factory that is none',
      { providers: [{ provide: 'x', useFactory: 1 }] },
      ['providers[0]: [Object] is not'],
    ],
    [
      'a value in place of a factory',
      { requestProviders: [{ provide: 'x', useValue: 1 }] },
      ['(request) => value'],
    ],
    ['filters in a list', { filters: [/x/] }, ['filters: [Array] is not an object of path filters by name.']],
    [
      'what is to be called and is no function',
      { start: 1, close: 'x' },
      ['close: a string', 'start: a number'],
    ],
    ['a need that is none', { needs: [3] }, ['needs[0]: 3 is not an object.']],
    [
      'a part under another name',
      { middlewares: [keep], route: [] },
      ['Did you mean "middleware"?', '"routes"?'],
    ],
    ['several features in place of one', [feature], ['features[0]: a list is not a feature']],
  ])('a feature with %s', async (_, wrong, messages) => {
    const [problem, ...others] = await problemsOf([OwnController], { features: [wrong as Feature, feature] });
    expect([problem?.code, others]).toEqual(['E_SETTING', []]);
    for (const message of messages) expect(problem?.message).toContain(message);
  });

  test('but not what a feature has besides its parts', async () => {
    const more = { guard: () => keep, entries: [1], state: { closed: false }, name: 'more' };
    await expect(start(OwnController, { features: [more as Feature, feature] })).resolves.toBeDefined();
  });

  test('what a feature finds wrong with itself, at once or later', async () => {
    const mistake = () => new ObolError('E_SETTING', 'wrong here');
    const features: Feature[] = [
      {
        verify() {
          throw mistake();
        },
      },
      { verify: () => Promise.reject(mistake()) },
      feature,
    ];
    const problems = await problemsOf([OwnController], { features });
    expect(problems.map(({ message }) => message)).toEqual(['wrong here', 'wrong here']);
  });

  test('a controller that is no class', async () => {
    const problems = await problemsOf([BroughtController], { features: [{ controllers: [FormLogin] }] });
    expect(problems).toEqual([expect.objectContaining({ code: 'E_CONTROLLER' })]);
  });
});
