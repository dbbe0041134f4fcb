/** The dispatch table of a running application: asked for, changed, and shown as plain data. */
import { describe, expect, test } from '@jest/globals';
import {
  abort,
  AfterResponse,
  BeforeResponse,
  Controller,
  createGuard,
  Data,
  Default,
  ErrorHandler,
  Get,
  HttpState,
  makeResponse,
  Request,
  Use,
  type HandlerLike,
  type Middleware,
  type Response,
} from 'obol';
import type { Table } from '../../src/application/table.js';
import { createLayer } from '../../src/decorators/wrapping.js';
import { start } from '../support/client.js';
import { computed } from '../support/computed.js';
import { developerError } from '../support/errors.js';

const HERE = expect.stringMatching(/table\.test\.ts:\d+:\d+$/);
const Staff = createGuard('Staff', (setup, name: string) => {
  const only = setup.tryResolve<string>('staff') ?? name;
  return (request) => {
    if (request.headers.get('x-user') !== only) abort(403);
  };
});
const stamp: Middleware = async (request, next) => {
  const response = await next(request);
  response.headers.append('X-Stamp', 'yes');
  return response;
};

@Controller('/people')
class PeopleController {
  @BeforeResponse() before(req: Request) {
    req.user = 'seen by people';
  }
  @AfterResponse() after(_req: Request, response: Response) {
    response.headers.append('X-After', 'people');
  }
  @Get('/<id:int>') show(req: Request, id: number) {
    if (id === 0) throw new RangeError('no zero');
    return `${String(req.user)} ${String(id)}`;
  }
  @HttpState(404) missing() {
    return 'no such person';
  }
  @ErrorHandler(RangeError, 'GET') range(_req: Request, error: RangeError) {
    return error.message;
  }
  @Default(['GET', 'POST']) @Staff('root') @Use(stamp) other() {
    return 'other people';
  }
}

@Controller('/requests')
class RequestsController {
  constructor(readonly request: Request) {}
  @BeforeResponse() look() {
    return undefined;
  }
  @Get('/') index() {
    return this.request.path;
  }
}

function methodOf(controller: { readonly prototype: object }, name: string): () => unknown {
  return (controller.prototype as Record<string, () => unknown>)[name] ?? (() => undefined);
}

async function started() {
  const { app, client } = await start([PeopleController, RequestsController]);
  const text = async (path: string, init = {}) => (await client.request(path, init)).text();
  const status = async (path: string, init = {}) => (await client.request(path, init)).status;
  return { app, client, table: app.table, text, status };
}

describe('the table as plain data', () => {
  test('says everything of what is not a route', async () => {
    const { table } = await started();
    const common = { controller: 'PeopleController', prefix: '/people', scope: 'application', place: HERE };
    const member = (handler: string) => ({
      ...common,
      handler,
      name: `PeopleController.${handler}`,
      property: handler,
    });
    expect(JSON.parse(JSON.stringify(table))).toEqual({
      routes: [
        expect.objectContaining({ name: 'PeopleController.show' }),
        expect.objectContaining({ name: 'RequestsController.index', scope: 'request' }),
      ],
      states: [{ ...member('missing'), status: 404, methods: expect.arrayContaining(['GET', 'QUERY']) }],
      errors: [{ ...member('range'), error: 'RangeError', methods: ['GET', 'HEAD'] }],
      defaults: [
        { ...member('other'), methods: ['GET', 'HEAD', 'POST'], guards: ['Staff'], middleware: ['stamp'] },
      ],
      before: [
        member('before'),
        expect.objectContaining({ name: 'RequestsController.look', scope: 'request' }),
      ],
      after: [member('after')],
      filters: expect.arrayContaining([
        { name: 'int', pattern: '-?[0-9]+', flags: '', weight: 20, spans: false, isBuiltIn: true },
      ]),
    });
  });

  test('names plain functions, and says where they were added', async () => {
    const { table } = await started();
    table.states.add(410, function gone() {
      return 'gone';
    });
    table.before.add(() => undefined);
    table.after.add(() => undefined, { prefix: '/people', place: 'people.ts:1:1' });
    const function_ = { controller: '', scope: 'application', prefix: '' };
    expect([...table.states].at(-1)).toMatchObject({
      ...function_,
      name: 'gone',
      handler: 'gone',
      place: HERE,
    });
    expect([...table.before].at(-1)).toMatchObject({ ...function_, name: 'anonymous', place: HERE });
    expect([...table.after].at(-1)).toMatchObject({ prefix: '/people', place: 'people.ts:1:1' });
  });

  test('has the classes themselves for those who ask in the process', async () => {
    const { table } = await started();
    expect([...table.errors]).toEqual([
      expect.objectContaining({ errorClass: RangeError, target: PeopleController, property: 'range' }),
    ]);
  });

  test('counts what has no prefix everywhere in the hooks of each route', async () => {
    const { table } = await started();
    table.before.add(function all() {
      return undefined;
    });
    expect([...table.routes].map(({ before }) => before)).toEqual([
      ['PeopleController.before', 'all'],
      ['RequestsController.look', 'all'],
    ]);
  });
});

describe('a route that is added', () => {
  test('may have guards, middleware and its own limits of a body', async () => {
    const { app, client, status } = await started();
    app.routes.add('/staff', (req) => String(req.data ?? 'none'), {
      methods: 'POST',
      guards: [Staff('root')],
      middleware: [stamp],
      body: { data: 3 },
    });
    const user = { 'X-User': 'root', 'Content-Type': 'text/plain' };
    const answer = await client.request('/staff', { method: 'POST', headers: user, body: 'abc' });
    expect([await answer.text(), answer.headers.get('x-stamp')]).toEqual(['abc', 'yes']);
    expect(await status('/staff', { method: 'POST', headers: user, body: 'abcd' })).toBe(413);
    expect(await status('/staff', { method: 'POST' })).toBe(403);
    expect([...app.routes].at(-1)).toMatchObject({
      guards: ['Staff'],
      middleware: ['stamp'],
      methods: ['POST'],
    });
  });

  test('may have layers, behind guards and body, as methods have them', async () => {
    const Shouted = createLayer('Shouted', ({ path }, sign: string) => async (request, next) => {
      const response = await next(request);
      return response.with({ body: `${await response.text()}${sign} at ${path}` });
    });
    @Controller('/layered')
    class Layered {
      @Shouted('!') @Get('/') declared() {
        return 'declared';
      }
    }
    const layers = [Shouted('?'), Shouted('!')];
    const route = { path: '/feature', handler: () => 'feature', layers: [Shouted('.')] };
    const { app, client } = await start(Layered, { features: [{ routes: [route] }] });
    app.routes.add('/added', () => 'added', { layers });
    app.table.defaults.add(() => 'default', { methods: 'POST', layers });
    const text = async (path: string, method = 'GET') => (await client.request(path, { method })).text();
    expect([
      await text('/layered'),
      await text('/feature'),
      await text('/added'),
      await text('/nowhere', 'POST'),
    ]).toEqual([
      'declared! at /layered',
      'feature. at /feature',
      'added! at /added? at /added',
      'default! at /*? at /*',
    ]);
    expect([...app.routes, ...app.table.defaults].map((each) => each.layers)).toEqual([
      ['Shouted'],
      ['Shouted'],
      ['Shouted', 'Shouted'],
      ['Shouted', 'Shouted'],
    ]);
    expect([...(await started()).app.routes][0]).not.toHaveProperty('layers');
  });

  test.each<[string, (table: Table) => unknown, string, string]>([
    [
      'a guard that is none',
      ({ routes }) => routes.add('/x', () => 1, { guards: [Data(1)] }),
      'E_SETTING',
      "guards takes guards only, such as CheckDigest('Staff').",
    ],
    [
      'a guard without its parentheses',
      ({ routes }) => routes.add('/x', () => 1, { guards: [Staff as never] }),
      'E_SETTING',
      "guards takes guards only, such as CheckDigest('Staff').",
    ],
    [
      'a guard that cannot be put together',
      ({ routes }) => routes.add('/x', () => 1, { guards: [Broken()] }),
      'E_DEPENDENCY',
      'The guard @Broken could not be put together: "nothing" is not provided. Pass providers: [{ provide: ..., ' +
        'useValue: ... }] to bootstrap, or register it in the container.',
    ],
    [
      'limits of bodies that cannot be',
      ({ routes }) => routes.add('/x', () => 1, { body: { form: { files: 0 } } }),
      'E_SETTING',
      'routes.add.body.form.files: 0 is not a whole number of files, 1 or more.',
    ],
    [
      'middleware that is no function',
      ({ routes }) => routes.add('/x', () => 1, { middleware: [1 as never] }),
      'E_SETTING',
      'routes.add.middleware[0]: a number is not a function (request, next) => response.',
    ],
    [
      'an option that there is not, such as a guard under a wrong name',
      ({ routes }) => routes.add('/x', () => 1, { guard: [Staff('root')] } as never),
      'E_SETTING',
      'routes.add.guard: there is no such option. Did you mean "guards"?',
    ],
  ])('is refused with %s', async (_, add, code, message) => {
    const { table } = await started();
    expect(() => add(table)).toThrow(developerError(code as 'E_SETTING', message));
    expect(table.routes.has('/x')).toBe(false);
  });
});

const Broken = createGuard('Broken', (setup) => {
  setup.resolve('nothing');
  return () => undefined;
});

describe('state handlers', () => {
  test('are added, asked for and removed', async () => {
    const { table, text } = await started();
    expect(await text('/nowhere')).toContain('404');
    table.states.add(404, () => 'nothing', 'GET');
    expect([table.states.has(404, 'GET'), table.states.has(404), table.states.has(410)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(await text('/nowhere')).toBe('nothing');
    expect(await text('/nowhere', { method: 'POST' })).toContain('404');
    table.states.remove(404, 'GET');
    expect(await text('/nowhere')).toContain('404');
  });

  test('answer below their prefix', async () => {
    const { table, text } = await started();
    table.defaults.remove({ methods: ['GET', 'POST'], prefix: '/people' });
    expect(await text('/people/x')).toBe('no such person');
    expect(table.states.has(404, { prefix: '/people' })).toBe(true);
    table.states.remove(404, { prefix: '/people', methods: 'GET' });
    expect(await text('/people/x')).toContain('"title":"Not Found"');
    expect(await text('/people/x', { method: 'PUT' })).toBe('no such person');
    table.states.add(404, () => 'again', { prefix: '/people/', methods: 'GET' });
    expect(await text('/people/x')).toBe('again');
  });

  test('keep their status', async () => {
    const { table, status } = await started();
    table.states.add(404, () => 'nothing');
    expect(await status('/nowhere')).toBe(404);
  });
});

describe('error handlers', () => {
  test('are added, asked for and removed', async () => {
    const { table, text } = await started();
    class Odd extends Error {}
    table.routes.add('/odd', () => {
      throw new Odd('odd');
    });
    table.errors.add(Odd, (_req, error) => error.message, ['GET', 'POST']);
    expect([table.errors.has(Odd, 'POST'), table.errors.has(Odd), table.errors.has(Error)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(await text('/odd')).toBe('odd');
    table.errors.remove(Odd, 'GET');
    expect(await text('/odd')).toContain('500');
    expect(table.errors.has(Odd, 'POST')).toBe(true);
  });

  test('of a controller are removed below its prefix', async () => {
    const { table, text } = await started();
    expect(await text('/people/0')).toBe('no zero');
    table.errors.remove(RangeError, { prefix: '/people', methods: 'GET' });
    expect(await text('/people/0')).toContain('500');
    expect([...table.errors]).toEqual([]);
  });
});

describe('default handlers', () => {
  test('are added, asked for and removed, with what stands around them', async () => {
    const { table, client, text, status } = await started();
    table.defaults.add((req) => `${req.route?.path ?? ''} ${req.route?.name ?? ''}`, {
      guards: [Staff('root')],
    });
    expect([table.defaults.has(), table.defaults.has('POST')]).toEqual([true, false]);
    expect(await status('/nowhere')).toBe(403);
    expect(await (await client.get('/nowhere', { headers: { 'X-User': 'root' } })).text()).toBe(
      '/* anonymous',
    );
    table.defaults.remove();
    expect(await text('/nowhere')).toContain('404');
  });

  test('have what is recorded about their method', async () => {
    const { table } = await started();
    expect([...table.defaults]).toEqual([
      expect.objectContaining({ target: PeopleController, property: 'other' }),
    ]);
  });
});

describe('hooks', () => {
  test('are added, asked for and removed', async () => {
    const { table, client, text } = await started();
    const refuse = (): never => abort(503);
    const replace = (): Response => makeResponse('replaced');
    table.before.add(refuse, { prefix: '/people' });
    expect(table.before.has(refuse)).toBe(true);
    expect((await client.get('/people/1')).status).toBe(503);
    expect(await text('/requests')).toBe('/requests');
    table.before.remove(refuse);
    table.after.add(replace);
    expect(await text('/people/1')).toBe('replaced');
    table.after.remove(replace);
    expect(await text('/people/1')).toBe('seen by people 1');
    expect([table.before.has(refuse), table.after.has(replace)]).toEqual([false, false]);
  });

  test('of controllers are known by name or by their method', async () => {
    const { table, text } = await started();
    const before = methodOf(PeopleController, 'before');
    expect([table.before.has(before), table.before.has('PeopleController.before')]).toEqual([true, true]);
    expect(table.before.has(methodOf(RequestsController, 'look'))).toBe(true);
    table.before.remove(before).remove('RequestsController.look');
    expect(await text('/people/1')).toBe('null 1');
    expect([...table.before]).toEqual([]);
  });

  test('may stand below several prefixes, and are removed from all', async () => {
    const { table } = await started();
    const hook = (): void => undefined;
    table.before.add(hook, { prefix: '/a' }).add(hook, { prefix: '/b' });
    table.before.remove(hook);
    expect(table.before.has(hook)).toBe(false);
  });
});

describe('path filters', () => {
  const day = { pattern: /\d{4}-\d\d-\d\d/, convert: (text: string) => new Date(text) };

  test('are added, asked for and removed', async () => {
    const { table, text } = await started();
    table.filters.add('day', day);
    table.routes.add(computed('/on/<day:day>'), (_req, ...days: unknown[]) =>
      String(days[0] instanceof Date),
    );
    expect([table.filters.has('day'), await text('/on/2026-01-31')]).toEqual([true, 'true']);
    table.routes.remove('/on/<day:day>');
    table.filters.remove('day');
    expect(table.filters.has('day')).toBe(false);
    expect([...table.filters].map(({ name }) => name)).not.toContain('day');
  });

  test('take the place of a built-in one, which is back when they go', async () => {
    const { table, text } = await started();
    table.routes.remove('/people/<id:int>');
    table.filters.add('int', { pattern: /[0-9]/, convert: (digit) => -Number(digit) });
    table.routes.add('/<n:int>', (_req, n) => String(n));
    expect([await text('/1'), await text('/12')]).toEqual(['-1', expect.stringContaining('404')]);
    table.routes.remove('/<n:int>');
    table.filters.remove('int');
    table.routes.add('/<n:int>', (_req, n) => typeof n);
    expect(await text('/12')).toBe('number');
  });
});

describe('what cannot be added or removed is a mistake:', () => {
  const hook = (): void => undefined;

  test.each<[string, (table: Table) => unknown, string, unknown]>([
    [
      'a second handler of a status',
      ({ states }) => states.add(404, hook, { prefix: '/people', methods: ['PUT', 'POST'] }),
      'E_HANDLER_DUPLICATE',
      expect.stringMatching(
        /^Status 404 is handled for POST already by PeopleController\.missing \(.+\)\. Remove that handler first\.$/,
      ),
    ],
    [
      'a second handler of an error',
      ({ errors }) => errors.add(RangeError, hook, { prefix: '/people' }),
      'E_HANDLER_DUPLICATE',
      expect.stringMatching(/^RangeError is handled for GET already by PeopleController\.range /),
    ],
    [
      'a second default handler',
      ({ defaults }) => defaults.add(hook, { place: '' }).add(hook),
      'E_HANDLER_DUPLICATE',
      'What has no route is handled for GET already by hook. Remove that handler first.',
    ],
    [
      'a guard in place of a layer',
      ({ routes }) => routes.add('/x', hook, { layers: [Staff('root')] }),
      'E_SETTING',
      'layers takes decorators of createLayer only, such as Transactional().',
    ],
    [
      'a class in place of a function',
      ({ routes }) => routes.add('/x', PeopleController as never),
      'E_HANDLER',
      'The handler of "/x" must be a function, not [class PeopleController].',
    ],
    [
      'a hook that is there',
      ({ before }) => before.add(hook, { place: '' }).add(hook),
      'E_HANDLER_DUPLICATE',
      'The hook hook is declared already by hook. Remove that handler first.',
    ],
    [
      'a handler of a status that is not there',
      ({ states }) => states.remove(404),
      'E_HANDLER_MISSING',
      'Status 404 is not handled for GET, so it cannot be removed.',
    ],
    [
      'a handler of an error for a method that it lacks',
      ({ errors }) => errors.remove(RangeError, { prefix: '/people', methods: ['GET', 'PUT'] }),
      'E_HANDLER_MISSING',
      'RangeError is not handled for PUT, so it cannot be removed.',
    ],
    [
      'a default handler that is not there',
      ({ defaults }) => defaults.remove('PUT'),
      'E_HANDLER_MISSING',
      'What has no route is not handled for PUT, so it cannot be removed.',
    ],
    [
      'a default handler for the HEAD that comes with GET',
      ({ defaults }) => defaults.add(hook).remove('HEAD'),
      'E_HANDLER_MISSING',
      'What has no route is not handled for HEAD, so it cannot be removed.',
    ],
    [
      'a hook that is not there',
      ({ after }) => after.remove(hook),
      'E_HANDLER_MISSING',
      'There is no hook hook, so it cannot be removed.',
    ],
    [
      'a hook that is not there by name',
      ({ after }) => after.remove('A.b'),
      'E_HANDLER_MISSING',
      'There is no hook A.b, so it cannot be removed.',
    ],
    [
      'a status that there is not',
      ({ states }) => states.add(99, hook),
      'E_STATUS',
      'states.add(99): use a status from 200 to 599.',
    ],
    [
      'a class of errors that is none',
      ({ errors }) => errors.add('RangeError' as never, hook),
      'E_ERROR_CLASS',
      "errors.add takes a class of errors, not 'RangeError'.",
    ],
    [
      'a hook that is no function',
      ({ before }) => before.add(1 as never),
      'E_HANDLER',
      'The handler of a hook must be a function, not 1.',
    ],
    [
      'a hook with methods',
      ({ before }) => before.add(hook, { methods: 'GET' } as never),
      'E_SETTING',
      'before.add.methods: there is no such option. The options are place, prefix.',
    ],
    [
      'a prefix that is none',
      ({ states }) => states.has(404, { prefix: 1 as never }),
      'E_SETTING',
      'states.has.prefix: 1 is not a path template.',
    ],
    [
      'a prefix that spans',
      ({ before }) => before.add(hook, { prefix: '/<all:path>' }),
      'E_PATH_TEMPLATE',
      'The prefix \'/<all:path>\' has a parameter "all" that may span several segments, so that nothing is left below it; ' +
        'use a filter of one segment, or put it into a route.',
    ],
    [
      'a filter that a route uses',
      ({ filters }) => filters.add('int', { pattern: /x/, convert: Number }),
      'E_FILTER',
      'The path filter "int" is used by "/people/<id:int>". Remove what has that path first.',
    ],
    [
      'a filter that a prefix uses',
      ({ filters, before }) => {
        before.add(hook, { prefix: '/<w:word>' });
        return filters.add('word', { pattern: /x/ });
      },
      'E_FILTER',
      'The path filter "word" is used by "/<w:word>". Remove what has that path first.',
    ],
    [
      'a built-in filter',
      ({ filters }) => filters.remove('hex'),
      'E_FILTER',
      'The path filter "hex" is built in, so it cannot be removed.',
    ],
    [
      'a filter that is not there',
      ({ filters }) => filters.remove('day'),
      'E_FILTER',
      'The path filter "day" is not there, so it cannot be removed.',
    ],
  ])('%s', async (_, change, code, message) => {
    const { table } = await started();
    expect(() => change(table)).toThrow(expect.objectContaining({ code, message }));
  });
});

describe('what a function of others has by the name of table', () => {
  const shown = (table: unknown) =>
    start(PeopleController, { middleware: [Object.assign(stamp.bind(null), { table })] });
  const nothing = { toJSON: () => null };

  test.each([
    ['a text', 'people'],
    ['an object', {}],
    ['nothing', null],
    ['no lists', nothing],
  ])('is left out where it is %s', async (_, table) => {
    const { app } = await shown(table);
    expect([...app.routes]).toHaveLength(1);
    expect(JSON.parse(JSON.stringify(app.table))).toMatchObject({ states: [{ status: 404 }] });
  });

  test('is shown as far as it says something', async () => {
    const routes = [null, 'x', { path: '/theirs' }, { path: 7, methods: 'GET' }];
    const { app } = await shown({
      toJSON: () => ({ routes, states: [null, { status: 500 }], errors: 'none' }),
    });
    expect([...app.routes].slice(1)).toMatchObject([
      { path: '/theirs', methods: [], guards: [], scope: 'application' },
      { path: '', methods: [] },
    ]);
    expect(String(app.routes)).toContain('/theirs');
    expect([...app.table.states].at(-1)).toEqual({ status: 500 });
    expect([...app.table.errors]).toHaveLength(1);
  });
});

test('stands on the application and on its handler, for what mounts either', async () => {
  const { app } = await started();
  const like: HandlerLike[] = [app, app.handle, () => makeResponse('')];
  expect(like.map(({ table }) => table)).toEqual([app.table, app.table, undefined]);
});

test('a request that is under way keeps the hooks that it began with', async () => {
  const { app, client } = await started();
  let go: () => void = () => undefined;
  app.routes.add(
    '/slow',
    () =>
      new Promise<string>(
        (resolve) =>
          (go = () => {
            resolve('slow');
          }),
      ),
  );
  const pending = client.get('/slow');
  await new Promise((resolve) => setImmediate(resolve));
  app.table.after.add(() => makeResponse('hooked'));
  go();
  expect(await (await pending).text()).toBe('slow');
});

describe('a HEAD route', () => {
  test('of its own outlives that of GET, and goes when it is named', async () => {
    const { app } = await started();
    app.routes.add('/h', () => 'get').add('/h', () => null, 'HEAD');
    app.routes.remove('/h');
    expect(app.routes.has('/h', 'HEAD')).toBe(true);
    app.routes.remove('/h', 'HEAD');
    expect(app.routes.has('/h', 'HEAD')).toBe(false);
  });

  test('that comes with GET goes with it, and not without it', async () => {
    const { app } = await started();
    app.routes.add('/h', () => 'get', ['GET', 'POST']);
    expect(() => app.routes.remove('/h', 'HEAD')).toThrow(
      developerError('E_ROUTE_MISSING', 'HEAD /h is not routed, so it cannot be removed.'),
    );
    app.routes.remove('/h', ['GET', 'HEAD']);
    expect([app.routes.has('/h', 'HEAD'), app.routes.has('/h', 'POST')]).toEqual([false, true]);
  });
});
