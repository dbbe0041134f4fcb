/** The journey through the table: hooks and their order, methods, and what nobody routed. */
import { describe, expect, test } from '@jest/globals';
import {
  abort,
  AfterResponse,
  BeforeResponse,
  Controller,
  Default,
  Delete,
  Get,
  HttpState,
  Patch,
  Post,
  Put,
  reply,
  Response,
  Route,
  type Request,
} from 'obol';
import { start } from '../support/client.js';

let seen: string[] = [];
const note = (text: string): void => void seen.push(text);

@Controller()
class WholeController {
  @BeforeResponse() first() {
    note('whole 1');
    return 'ignored';
  }
  @BeforeResponse() async second() {
    await Promise.resolve();
    note('whole 2');
  }
  @BeforeResponse() third(req: Request) {
    note('whole 3');
    if (req.args.has('stop')) abort(403);
  }
  @AfterResponse() after() {
    note('whole after');
  }
  @Get('/') index() {
    note('index');
    return 'index';
  }
}

@Controller('/people')
class PeopleController {
  @BeforeResponse() before() {
    note('people');
  }
  @AfterResponse() after() {
    note('people after');
  }
  @Get('/') index() {
    note('people index');
    return 'people';
  }
}

@Controller('/people/<id:int>')
class PersonController {
  @BeforeResponse() before() {
    note('person');
  }
  @AfterResponse() after() {
    note('person after');
  }
  // The compiler sees the template of the route alone: the parameters of the prefix are in req.params.
  @Get('/edit') edit(req: Request) {
    note(`edit ${String(req.params['id'])}`);
    return String(req.params['id']);
  }
  @Get('/notes/<note:int>') note(req: Request, number: number) {
    return { ...req.params, number };
  }
}

@Controller()
class ElsewhereController {
  @Get('/<x>/y') y(_req: Request, x: string) {
    note(`y of ${x}`);
    return x;
  }
  @Get('/files/<rest:path>') files() {
    note('files');
    return 'files';
  }
  @Get('/<all:path>') all() {
    note('all');
    return 'all';
  }
}

const ALL = [WholeController, PeopleController, PersonController, ElsewhereController];
const WHOLE = ['whole 1', 'whole 2', 'whole 3'];

async function journey(path: string, method = 'GET'): Promise<{ status: number; seen: string[] }> {
  const { client } = await start(ALL);
  seen = [];
  const { status } = await client.request(path, { method });
  return { status, seen };
}

@Controller('/head')
class HeadController {
  @Get('/') get() {
    return reply('get', { headers: { 'X-By': 'get' } });
  }
  @Route('/', 'HEAD') head() {
    return reply(null, { status: 200, headers: { 'X-By': 'head' } });
  }
}

test('a HEAD route of its own may stand beside GET, wherever it is declared', async () => {
  const { client } = await start(HeadController);
  expect((await client.head('/head')).headers.get('x-by')).toBe('head');
  expect((await client.get('/head')).headers.get('x-by')).toBe('get');
});

describe('hooks', () => {
  test.each([
    ['/', 200, [...WHOLE, 'index', 'whole after']],
    ['/people', 200, ['people', ...WHOLE, 'people index', 'people after', 'whole after']],
    [
      '/people/7/edit',
      200,
      ['person', 'people', ...WHOLE, 'edit 7', 'person after', 'people after', 'whole after'],
    ],
    ['/people/y', 200, ['people', ...WHOLE, 'y of people', 'people after', 'whole after']],
    ['/other/y', 200, [...WHOLE, 'y of other', 'whole after']],
    ['/files/a/b', 200, [...WHOLE, 'files', 'whole after']],
    ['/people/x/z', 200, ['people', ...WHOLE, 'all', 'people after', 'whole after']],
    [
      '/people/7/z',
      200,
      ['person', 'people', ...WHOLE, 'all', 'person after', 'people after', 'whole after'],
    ],
    ['/peoples', 200, [...WHOLE, 'all', 'whole after']],
  ])('of %s run nearest prefix first, then as declared', async (path, status, order) => {
    expect(await journey(path)).toEqual({ status, seen: order });
  });

  test('before run for paths and methods nobody routed', async () => {
    expect(await journey('/people/7/edit', 'PUT')).toEqual({
      status: 405,
      seen: ['person', 'people', ...WHOLE, 'person after', 'people after', 'whole after'],
    });
    expect(await journey('/nowhere', 'PUT')).toMatchObject({ status: 405 });
  });

  test('leave the parameters of a prefix in req.params', async () => {
    const { client } = await start(ALL);
    expect(await (await client.get('/people/7/notes/1')).json()).toEqual({ id: 7, note: 1, number: 1 });
  });

  test('stop a request by throwing, and the after hooks still run', async () => {
    expect(await journey('/?stop=1')).toEqual({ status: 403, seen: [...WHOLE, 'whole after'] });
  });
});

@Controller()
class RejectingController {
  @BeforeResponse() async before(req: Request) {
    await Promise.resolve();
    if (req.args.has('stop')) abort(401);
  }
  @Get('/') index() {
    return 'index';
  }
}

test('an asynchronous before hook that rejects stops the request', async () => {
  const { client } = await start(RejectingController);
  expect((await client.get('/?stop=1')).status).toBe(401);
  expect(await (await client.get('/')).text()).toBe('index');
});

@Controller()
class AfterController {
  @AfterResponse() nothing(_req: Request, res: Response) {
    res.headers.set('X-Seen', '1');
  }
  @AfterResponse() async replace(req: Request, res: Response) {
    await Promise.resolve();
    return req.args.has('replace') ? reply(`${res.body as string}!`, { status: 201 }) : undefined;
  }
  @AfterResponse() last(req: Request, res: Response) {
    if (req.args.has('crash')) throw new Error('after crashed');
    if (req.args.has('empty')) return null;
    if (req.args.has('bad')) return new Map();
    res.headers.set('X-Last', String(res.status));
    return undefined;
  }
  @AfterResponse() async later(req: Request) {
    await Promise.resolve();
    if (req.args.has('reject')) throw new Error('after rejected');
    if (req.args.has('late')) return 'late';
    return undefined;
  }
  @Get('/') index() {
    return 'index';
  }
  @Get('/async') async slow() {
    return 'slow';
  }
}

describe('an after hook', () => {
  test.each(['/', '/async'])('that returns nothing leaves the response of %s', async (path) => {
    const { client } = await start(AfterController);
    const response = await client.get(path);
    expect([response.status, response.headers.get('x-seen'), response.headers.get('x-last')]).toEqual([
      200,
      '1',
      '200',
    ]);
  });

  test.each([
    ['/?replace=1', 201, 'index!'],
    ['/async?replace=1', 201, 'slow!'],
    ['/?empty=1', 204, ''],
    ['/?late=1', 200, 'late'],
  ])('of %s replaces it', async (path, status, body) => {
    const { client } = await start(AfterController);
    const response = await client.get(path);
    expect([response.status, await response.text()]).toEqual([status, body]);
  });

  test.each([
    ['/?crash=1', 'Error: after crashed'],
    ['/?reject=1', 'Error: after rejected'],
    ['/?bad=1', 'What AfterController.last returned cannot be sent: a Map cannot become a response.'],
  ])('of %s that fails is answered like any error', async (path, line) => {
    const { client, logger } = await start(AfterController);
    expect((await client.get(path)).status).toBe(500);
    expect(logger.errors).toEqual([expect.stringContaining(line)]);
  });
});

@Controller()
class LastAfterController {
  @AfterResponse() first() {
    throw new Error('first');
  }
  @AfterResponse() second() {
    note('second after');
  }
  @HttpState(500) crashed() {
    return 'state 500';
  }
  @Get('/') index() {
    return 'index';
  }
}

test('behind an after hook that fails the others are left out', async () => {
  const { client } = await start(LastAfterController);
  seen = [];
  expect(await (await client.get('/')).text()).toBe('state 500');
  expect(seen).toEqual([]);
});

@Controller()
class MethodsController {
  @Get('/static') get() {
    return 'get';
  }
  @Post('/static') post() {
    return 'post';
  }
  @Put('/int/<n:int>') put() {
    return 'put';
  }
  @Patch('/re/<n:re:[A-Z]{2}>') patch() {
    return 'patch';
  }
  @Delete('/int/<n:int>') remove() {
    return 'delete';
  }
  @Route('/own', ['GET', 'OPTIONS']) own(req: Request) {
    return `own ${req.method}`;
  }
  @Route('/trace', 'TRACE') trace() {
    return 'trace';
  }
  @Route('/head', 'HEAD') head() {
    return reply('head', { headers: { 'X-Own': 'head' } });
  }
  @Get('/head') afterHead() {
    return 'get';
  }
  @Route('/query', 'QUERY') query(req: Request) {
    return req.json;
  }
}

describe('a path that is known with another method', () => {
  test.each([
    ['DELETE', '/static', 'GET, HEAD, POST, OPTIONS'],
    ['TRACE', '/static', 'GET, HEAD, POST, OPTIONS'],
    ['GET', '/int/5', 'PUT, DELETE, OPTIONS'],
    ['HEAD', '/int/5', 'PUT, DELETE, OPTIONS'],
    ['POST', '/re/AB', 'PATCH, OPTIONS'],
    ['GET', '/trace', 'OPTIONS, TRACE'],
  ])('%s %s answers 405 with Allow: %s', async (method, path, allow) => {
    const { client } = await start(MethodsController);
    const response = await client.request(path, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
  });

  test.each([
    ['OPTIONS', '/static', 'GET, HEAD, POST, OPTIONS'],
    ['OPTIONS', '/re/AB', 'PATCH, OPTIONS'],
    ['OPTIONS', '*', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE, QUERY'],
  ])('%s %s answers 204 with Allow: %s', async (method, path, allow) => {
    const { client } = await start(MethodsController);
    const response = await client.request(path, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([204, allow]);
  });

  test('OPTIONS takes the route of the user where there is one', async () => {
    const { client } = await start(MethodsController);
    expect(await (await client.options('/own')).text()).toBe('own OPTIONS');
  });

  test.each([
    ['/re/ab', 'POST'],
    ['/int/x', 'GET'],
    ['/nowhere', 'OPTIONS'],
  ])('%s is not known when the filter refuses it (%s)', async (path, method) => {
    const { client } = await start(MethodsController);
    const response = await client.request(path, { method });
    expect([response.status, response.headers.has('allow')]).toEqual([404, false]);
  });

  test.each([
    ['BREW', '/static', 'GET, HEAD, POST, OPTIONS'],
    ['get', '/static', 'GET, HEAD, POST, OPTIONS'],
    ['BREW', '/nowhere', undefined],
    ['CONNECT', 'example.com:443', undefined],
  ])('%s %s, a method nobody knows, answers 501', async (method, path, allow) => {
    const { client } = await start(MethodsController);
    const response = await client.request(path, { method, headers: { Accept: 'text/plain' } });
    expect([response.status, response.headers.get('allow')]).toEqual([501, allow]);
    expect(await response.text()).toBe(`501 The method ${method} is not implemented\n`);
  });

  test('TRACE reaches only its own route', async () => {
    const { client } = await start(MethodsController);
    expect(await (await client.request('/trace', { method: 'TRACE' })).text()).toBe('trace');
  });

  test('QUERY brings a body that is parsed', async () => {
    const { client } = await start(MethodsController);
    const response = await client.request('/query', { method: 'QUERY', json: [1] });
    expect(await response.json()).toEqual([1]);
  });
});

describe('HEAD', () => {
  test('takes the route of GET and declares its length', async () => {
    const { client } = await start(MethodsController);
    const response = await client.head('/static');
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([
      200,
      '3',
      '',
    ]);
  });

  test('takes its own route where it was declared first', async () => {
    const { client } = await start(MethodsController);
    expect((await client.head('/head')).headers.get('x-own')).toBe('head');
    expect(await (await client.get('/head')).text()).toBe('get');
  });
});

test.each(['/%', '/%ff%', '/a/../b', '/a%00b', 'nowhere', '*', '/a b'])(
  'the malformed target %s answers 400',
  async (target) => {
    const { client, logger } = await start(MethodsController);
    expect((await client.get(target)).status).toBe(400);
    expect(logger.errors).toEqual([]);
  },
);

@Controller()
class DefaultsController {
  @Default() get(req: Request) {
    return `default ${req.path} ${req.route?.path}`;
  }
  @Default(['POST', 'PUT']) post(req: Request) {
    return { got: req.json };
  }
  @Get('/known') known() {
    return 'known';
  }
}

@Controller('/shop')
class ShopController {
  @Default() shop() {
    return 'shop';
  }
}

@Controller()
class NoRoutesController {
  @Default('OPTIONS') options() {
    return 'asked';
  }
}

describe('a default handler', () => {
  test.each([
    ['GET', '/nowhere', 200, 'default /nowhere /*'],
    ['HEAD', '/nowhere', 200, ''],
    ['POST', '/nowhere', 200, '{"got":{"a":1}}'],
    ['DELETE', '/nowhere', 404, undefined],
    ['POST', '/known', 405, undefined],
    ['GET', '/shop/none', 200, 'shop'],
    ['GET', '/shopping', 200, 'default /shopping /*'],
  ])('answers %s %s with %i', async (method, path, status, body) => {
    const { client } = await start([DefaultsController, ShopController]);
    const json = method === 'POST' ? { json: { a: 1 } } : {};
    const response = await client.request(path, { method, ...json });
    expect(response.status).toBe(status);
    if (body !== undefined) expect(await response.text()).toBe(body);
  });

  test('answers OPTIONS of paths that nobody knows', async () => {
    const { client } = await start(NoRoutesController);
    expect(await (await client.options('/x')).text()).toBe('asked');
    expect((await client.options('*')).headers.get('allow')).toBe('OPTIONS');
  });
});

describe('the route of a request', () => {
  @Controller('/r')
  class RouteController {
    @Get('/<a>/<b:int>/<c>') three(req: Request, ...rest: unknown[]) {
      return { rest, params: { ...req.params }, path: req.route?.path, name: req.route?.name };
    }
    @Get('/<a>/<b:int>') two(_req: Request, a: string, b: number) {
      return [a, b];
    }
    @Get('/<a>') one(_req: Request, a: string) {
      return [a];
    }
    @Get('/') none(...all: unknown[]) {
      return all.length;
    }
  }

  test.each([
    [
      '/r/x/1/z',
      {
        rest: ['x', 1, 'z'],
        params: { a: 'x', b: 1, c: 'z' },
        path: '/r/<a>/<b:int>/<c>',
        name: 'RouteController.three',
      },
    ],
    ['/r/x/1', ['x', 1]],
    ['/r/x%20y', ['x y']],
    ['/r', 1],
  ])('%s gives its parameters to the method', async (path, value) => {
    const { client } = await start(RouteController);
    expect(await (await client.get(path)).json()).toEqual(value);
  });
});
