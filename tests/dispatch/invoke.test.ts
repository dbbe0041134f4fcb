/** A route compiled: guards, then the body, then the method, and middleware around them. */
import { describe, expect, test } from '@jest/globals';
import {
  abort,
  Controller,
  createGuard,
  Default,
  Get,
  makeResponse,
  Post,
  Put,
  Route,
  TextResponse,
  Use,
  type Middleware,
  type Request,
} from 'obol';
import { singleton } from 'tsyringe';
import { start } from '../support/client.js';

let seen: string[] = [];

@singleton()
class Users {
  readonly names = ['anna'];
}

const Allow = createGuard('Allow', (setup, name: string) => {
  const users = setup.resolve(Users);
  seen.push(`bound ${setup.name} ${setup.path}`);
  return (request) => {
    seen.push(`guard ${name}`);
    if (!users.names.includes(request.headers.get('x-user') ?? '')) abort(403, `${name} refuses`);
    return 'ignored';
  };
});

const AllowLater = createGuard('AllowLater', () => async (request) => {
  await Promise.resolve();
  seen.push('guard later');
  if (request.headers.has('x-refused')) abort(401);
});

@Allow('class')
@Controller('/guarded')
class GuardedController {
  @AllowLater() @Allow('method') @Post('/') create(req: Request) {
    seen.push('create');
    return req.json;
  }
  @Default('PUT') put() {
    return 'default';
  }
  @Get('/') index() {
    return 'index';
  }
}

const anna = { headers: { 'X-User': 'anna' } };

describe('guards', () => {
  test('are bound once, at bootstrap, with name and path of the route', async () => {
    seen = [];
    const { client } = await start(GuardedController);
    await client.get('/guarded', anna);
    expect(seen).toEqual([
      'bound GuardedController.put /*',
      'bound GuardedController.create /guarded',
      'bound GuardedController.create /guarded',
      'bound GuardedController.index /guarded',
      'guard class',
    ]);
  });

  test('run those of the class first, then those of the method from top to bottom', async () => {
    const { client } = await start(GuardedController);
    seen = [];
    expect(await (await client.post('/guarded', { ...anna, json: { a: 1 } })).json()).toEqual({ a: 1 });
    expect(seen).toEqual(['guard class', 'guard later', 'guard method', 'create']);
  });

  test('refuse before the body is looked at', async () => {
    const { client } = await start(GuardedController);
    const headers = { 'Content-Type': 'application/json' };
    expect((await client.post('/guarded', { headers, body: '{broken' })).status).toBe(403);
    const refused = { ...headers, 'X-User': 'anna', 'X-Refused': '1' };
    expect((await client.post('/guarded', { headers: refused, body: '{broken' })).status).toBe(401);
    const passed = { ...headers, 'X-User': 'anna' };
    expect((await client.post('/guarded', { headers: passed, body: '{broken' })).status).toBe(400);
  });

  test('stand before default handlers too', async () => {
    const { client } = await start(GuardedController);
    expect((await client.put('/guarded/none')).status).toBe(403);
    expect(await (await client.put('/guarded/none', anna)).text()).toBe('default');
  });

  test('are listed with the route', async () => {
    const { app } = await start(GuardedController);
    const route = [...app.routes].find(({ handler }) => handler === 'create');
    expect(route?.guards).toEqual(['Allow', 'AllowLater', 'Allow']);
  });
});

const trace =
  (name: string): Middleware =>
  (request, next) => {
    seen.push(`${name} in`);
    const answer = next(request);
    seen.push(`${name} out`);
    return answer;
  };

const later: Middleware = async (request, next) => {
  await Promise.resolve();
  const response = await next(request);
  response.headers.set('X-Later', '1');
  return response;
};

const garbage = (value: unknown): Middleware => (() => value) as unknown as Middleware;

@Use(trace('class'))
@Controller()
class UsedController {
  @Use(trace('a'), trace('b')) @Use(trace('c')) @Get('/order') order() {
    seen.push('method');
    return 'order';
  }
  @Use(() => new TextResponse('short')) @Get('/short') short() {
    seen.push('never');
    return 'long';
  }
  @Use(later) @Get('/later') later() {
    return 'later';
  }
  @Use(garbage('text')) @Get('/text') text() {
    return 1;
  }
  @Use(garbage(undefined)) @Get('/undefined') nothing() {
    return 1;
  }
  @Use(garbage(null)) @Get('/null') none() {
    return 1;
  }
  @Use(garbage(Promise.resolve(5))) @Get('/promise') promise() {
    return 1;
  }
  @Use(() => abort(409)) @Get('/throws') throws() {
    return 1;
  }
  @Use((_request, next) => (next(_request), makeResponse('changed'))) @Get('/changed') changed() {
    return 'original';
  }
  @Use(trace('default')) @Default() other() {
    return 'other';
  }
}

describe('middleware of a route', () => {
  test('wraps it, the class outermost, then from top to bottom and left to right', async () => {
    const { client } = await start(UsedController);
    seen = [];
    expect(await (await client.get('/order')).text()).toBe('order');
    expect(seen).toEqual([
      ...['class in', 'a in', 'b in', 'c in', 'method'],
      ...['c out', 'b out', 'a out', 'class out'],
    ]);
  });

  test.each([
    ['/short', 200, 'short'],
    ['/changed', 200, 'changed'],
    ['/later', 200, 'later'],
  ])('of %s answers %i %s', async (path, status, body) => {
    const { client } = await start(UsedController);
    seen = [];
    const response = await client.get(path);
    expect([response.status, await response.text()]).toEqual([status, body]);
    expect(seen).not.toContain('never');
  });

  test('that throws is answered like the handler', async () => {
    const { client, logger } = await start(UsedController);
    expect((await client.get('/throws')).status).toBe(409);
    expect(logger.errors).toEqual([]);
  });

  test('wraps default handlers too', async () => {
    const { client } = await start(UsedController);
    seen = [];
    await client.get('/none');
    expect(seen).toEqual(['class in', 'default in', 'default out', 'class out']);
  });

  test.each([
    ['/text', 'string'],
    ['/undefined', 'undefined'],
    ['/null', 'null'],
    ['/promise', 'number'],
  ])('of %s that returns no response is a mistake of the program', async (path, type) => {
    const { client, logger } = await start(UsedController);
    expect((await client.get(path)).status).toBe(500);
    expect(logger.errors).toEqual([
      expect.stringContaining(
        `A middleware returned ${type} instead of a response. Return what next(request) gives, or a Response of your own; makeResponse(value) makes one.`,
      ),
    ]);
  });
});

const JSON_TYPE = { 'Content-Type': 'application/json' };

async function* chunked(...texts: string[]) {
  for (const text of texts) yield await Promise.resolve(text);
}

@Controller()
class BodyController {
  @Route('/', ['GET', 'POST', 'PUT', 'DELETE']) echo(req: Request) {
    return { json: req.json ?? 'nothing' };
  }
  @Post('/async') async later(req: Request) {
    return { json: await req.readJson() };
  }
  @Post('/deep') async deep(req: Request) {
    return await req.readJson({ depth: 1 });
  }
  @Post('/bytes') async bytes(req: Request) {
    return (await req.readBytes()).toString('hex');
  }
  @Put('/limited') async limited(req: Request) {
    return (await req.readBytes(3)).length;
  }
}

describe('a JSON body', () => {
  test.each([
    ['POST', 'application/json', '{"a":[1]}', { a: [1] }],
    ['PUT', 'application/json; charset=utf-8', '"ü"', 'ü'],
    ['DELETE', 'application/merge-patch+json', 'null', 'nothing'],
    ['POST', 'application/vnd.api+json', '1', 1],
    ['POST', 'APPLICATION/JSON', '\ufefftrue', true],
    ['POST', 'text/plain', '{"a":1}', 'nothing'],
    ['POST', 'application/json', '', 'nothing'],
    ['GET', 'application/json', '{"a":1}', { a: 1 }],
  ])('of %s %s %s is parsed', async (method, type, body, json) => {
    const { client } = await start(BodyController);
    const response = await client.request('/', { method, headers: { 'Content-Type': type }, body });
    expect(await response.json()).toEqual({ json });
  });

  test('of a malformed type is not guessed at', async () => {
    const { client } = await start(BodyController);
    const response = await client.post('/', { headers: { 'Content-Type': 'nonsense' }, body: '{}' });
    expect(response.status).toBe(415);
  });

  test('comes in chunks of any length', async () => {
    const { client } = await start(BodyController);
    const response = await client.post('/', { headers: JSON_TYPE, body: chunked('{"a":', '"b', 'c"}') });
    expect(await response.json()).toEqual({ json: { a: 'bc' } });
  });

  test.each([
    ['{"a":', 400, 'The body is not valid JSON'],
    ['{"__proto__":{"x":1}}', 400, 'The JSON body has a key that is not allowed'],
    ['{"\\u005f_proto__":1}', 400, 'The JSON body has a key that is not allowed'],
    ['{"constructor":{"prototype":{}}}', 400, 'The JSON body has a key that is not allowed'],
    ['[[[[1]]]]', 400, 'The JSON body is nested deeper than 3 levels'],
    ['"12345678901234567890123456789012345678"', 413, 'The body is larger than 36 bytes'],
  ])('%s is refused with %i', async (body, status, detail) => {
    const { client, logger } = await start(BodyController, { json: { limit: 36, depth: 3 } });
    const response = await client.post('/', { headers: { ...JSON_TYPE, Accept: 'text/plain' }, body });
    expect([response.status, await response.text()]).toEqual([status, `${status} ${detail}\n`]);
    expect(logger.errors).toEqual([]);
  });

  test('in chunks is counted as it arrives', async () => {
    const { client } = await start(BodyController, { json: { limit: 4 } });
    const response = await client.post('/', { headers: JSON_TYPE, body: chunked('"12', '345"') });
    expect(response.status).toBe(413);
  });

  test('may have other types', async () => {
    const { client } = await start(BodyController, { jsonMimeTypes: ['Text/JSON'] });
    const ask = async (type: string) =>
      (await client.post('/', { headers: { 'Content-Type': type }, body: '1' })).json();
    expect(await ask('text/json')).toEqual({ json: 1 });
    expect(await ask('application/json')).toEqual({ json: 'nothing' });
  });

  test('is read by hand whatever its type', async () => {
    const { client } = await start(BodyController);
    expect(await (await client.post('/async', { body: '[1]' })).json()).toEqual({ json: [1] });
    expect(await (await client.post('/async', { body: '' })).text()).toBe('{}');
    expect((await client.post('/async', { body: '[' })).status).toBe(400);
  });

  test('read by hand keeps the limits of the application that its own options leave out', async () => {
    const { client } = await start(BodyController, { json: { limit: 4 } });
    expect((await client.post('/deep', { body: '[1]' })).status).toBe(200);
    expect((await client.post('/deep', { body: '[[]]' })).status).toBe(400);
    expect((await client.post('/deep', { body: '[1,2]' })).status).toBe(413);
  });

  test('read by hand as bytes has a limit too', async () => {
    const { client } = await start(BodyController);
    expect(await (await client.post('/bytes', { body: 'ab' })).text()).toBe('6162');
    expect((await client.put('/limited', { body: 'abc' })).status).toBe(200);
    expect((await client.put('/limited', { body: 'abcd' })).status).toBe(413);
  });
});
