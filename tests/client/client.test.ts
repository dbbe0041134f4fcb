/** Typed clients: the methods of a controller, called in process, through a test client, and over fetch. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  bootstrap,
  Controller,
  Delete,
  EventStreamResponse,
  Get,
  HttpError,
  path,
  Post,
  Put,
  redirect,
  reply,
  Response,
  Route,
  type Application,
  type Contract,
  type Request,
  type Valid,
} from 'obol';
import {
  client,
  clientRoutes,
  ResponseError,
  type ClientOptions,
  type ClientRoutes,
  type RoutesOf,
} from 'obol/client';
import { mount } from 'obol/composition';
import { each, fields, file } from 'obol/contract';
import { TestClient } from 'obol/testing';
import { z } from 'zod';
import { collectingLogger } from '../support/collecting-logger.js';
import { deferred } from '../support/serve.js';

/** The list without an end. */
let ended = deferred();

const Note = z.object({ id: z.number(), title: z.string() });
const Missing = z.object({ missing: z.number() });
const addNote = {
  body: z.object({ title: z.string().min(1), due: z.iso.date().optional() }),
  returns: { 201: Note, 404: Missing, 204: null },
} satisfies Contract;
const listNotes = {
  query: z.object({
    limit: z.number().default(20),
    label: z.array(z.string()).default([]),
    since: z.string().optional(),
  }),
} satisfies Contract;
const byHeader = {
  headers: z.object({ 'x-count': z.number() }),
  cookies: z.object({ theme: z.string().optional() }),
} satisfies Contract;
const upload = {
  form: fields({
    caption: z.string().optional(),
    file: file({ size: 100 }),
    tag: z.array(z.string()).default([]),
  }),
  returns: {
    201: z.object({ name: z.string(), size: z.number(), text: z.string(), tags: z.array(z.string()) }),
  },
} satisfies Contract;
const plainForm = { form: z.object({ a: z.string(), b: z.number() }) } satisfies Contract;
const items = { returns: each(Note) } satisfies Contract;
const byDay = path('/notes/by-day');

@Controller('/notes')
class Notes {
  @Post('/<id:int>/notes', addNote)
  add(_req: Request, id: number, { body }: Valid<typeof addNote>) {
    if (id === 404) return reply({ missing: id }, { status: 404 });
    if (id === 204) return null;
    if (id === 409) throw new HttpError(409, 'It is locked');
    return { id, title: body.title };
  }

  @Get('/', listNotes)
  list(_req: Request, { query }: Valid<typeof listNotes>) {
    return query;
  }

  @Get('/headers', byHeader)
  byHeader(req: Request, { headers, cookies }: Valid<typeof byHeader>) {
    return { count: headers['x-count'], theme: cookies.theme, own: req.headers.get('x-own') };
  }

  @Post('/upload', upload)
  async upload(_req: Request, { form }: Valid<typeof upload>) {
    const text = (await form.file.bytes()).toString();
    return { name: form.file.filename, size: form.file.length, text, tags: form.tag };
  }

  @Put('/form', plainForm)
  form(req: Request, { form }: Valid<typeof plainForm>) {
    return { ...form, type: req.mimeType };
  }

  @Get('/each/<count:int>', items)
  async *each(_req: Request, count: number, _valid: Valid<typeof items>) {
    for (let id = 0; id < count; id++) yield await Promise.resolve({ id, title: `"[${String(id)}]",{` });
  }

  @Get('/forever', items)
  *forever(): Generator<z.infer<typeof Note>> {
    try {
      for (let id = 0; ; id++) yield { id, title: 'on and on' };
    } finally {
      ended.resolve();
    }
  }

  @Get('/events/<count:int>')
  events(_req: Request, count: number) {
    return new EventStreamResponse(
      (function* () {
        for (let id = 1; id <= count; id++) yield { id: String(id), event: 'tick', data: { id } };
      })(),
      { heartbeat: 0 },
    );
  }

  @Get('/when/<word:word>/<rest:path>')
  when(_req: Request, word: string, rest: string) {
    return { word, rest, at: new Date(0), none: undefined };
  }

  @Get(byDay.path('/<day>'))
  day(_req: Request, day: string) {
    return `<p>${day}</p>`;
  }

  @Delete('/nothing')
  nothing() {
    return null;
  }

  @Get('/bytes')
  bytes() {
    return new Response(Buffer.from([1, 2, 255]), { contentType: 'image/png' });
  }

  @Get('/moved')
  moved() {
    return redirect('/notes/nothing-here');
  }

  @Get('/fails')
  fails(): string {
    throw new HttpError(503, 'Try later');
  }

  @Route('/json', ['POST', 'PUT'])
  json(req: Request) {
    return { method: req.method, json: req.json, args: req.args.toJSON(), type: req.mimeType };
  }

  @Get('/one')
  @Get('/one/<id:int>')
  one(_req: Request, id = 0) {
    return id;
  }

  @Post('/login')
  login() {
    return reply('in', { headers: { 'Set-Cookie': 'who=me; Path=/' } });
  }

  @Get('/who')
  who(req: Request) {
    return { who: req.cookies.get('who'), other: req.cookies.get('other') };
  }

  @Get(/\/notes\/x(\d+)/)
  expression(_req: Request, digits: string) {
    return digits;
  }
}

let app: Awaited<ReturnType<typeof start>>;
let origin: string;

@Controller('/')
class Outer {
  @Get('/')
  outer() {
    return 'outer';
  }
}

function start() {
  return bootstrap({ controllers: [Notes], debug: true, logger: collectingLogger() });
}

beforeAll(async () => {
  app = await start();
  const { url } = await app.listen({ port: 0 });
  origin = url;
});

afterAll(() => app.close());

/** What the module of a table exports. */
async function tableOf(from: Pick<Application, 'routes'>): Promise<Record<string, ClientRoutes>> {
  return tableIn(clientRoutes(from.routes));
}

async function tableIn(text: string): Promise<Record<string, ClientRoutes>> {
  const module = `data:text/javascript,${encodeURIComponent(text)}`;
  return ((await import(module)) as { routes: Record<string, ClientRoutes> }).routes;
}

async function collected<T>(list: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of list) all.push(item);
  return all;
}

/** Everything that is called in each of the ways. */
type Api = ReturnType<typeof client<typeof Notes>>;

const WAYS: readonly [way: string, connect: () => Promise<Api>][] = [
  ['in process, by the class', () => Promise.resolve(client(app, { from: Notes }))],
  ['through a test client', () => Promise.resolve(client(following(), { from: Notes }))],
  ['over fetch, by a table', async () => client<typeof Notes>(origin, await routesOfNotes())],
  [
    'of a handler, by a table',
    async () => client<typeof Notes>((req) => app.handle(req), await routesOfNotes()),
  ],
];

function following(): TestClient {
  return new TestClient(app, { followRedirects: true });
}

async function routesOfNotes(): Promise<ClientOptions<typeof Notes>> {
  return { routes: (await tableOf(app))['Notes'] as RoutesOf<typeof Notes> };
}

describe.each(WAYS)('a client %s', (_way, connect) => {
  let api: Api;
  beforeAll(async () => {
    api = await connect();
  });

  test.each<[what: string, call: (api: Api) => PromiseLike<unknown>, data: unknown]>([
    ['sends a body', (api) => api.add(1, { body: { title: 'a' } }), { id: 1, title: 'a' }],
    ['gives undefined for no content', (api) => api.add(204, { body: { title: 'a' } }), undefined],
    ['gives undefined for a handler that gives nothing', (api) => api.nothing(), undefined],
    ['leaves a query out', (api) => api.list(), { limit: 20, label: [] }],
    [
      'repeats the name of a list in the query, and leaves out what is undefined',
      (api) => api.list({ query: { limit: 3, label: ['a&b', 'ü'], since: undefined } }),
      { limit: 3, label: ['a&b', 'ü'] },
    ],
    [
      'sends headers and cookies of a contract, and more of them',
      (api) => api.byHeader({ headers: { 'x-count': 7, 'X-Own': 'b' }, cookies: { theme: 'dark' } }),
      { count: 7, theme: 'dark', own: 'b' },
    ],
    [
      'uploads files',
      (api) => api.upload({ form: { file: new File(['hällo'], 'a.txt'), caption: 'c', tag: ['x', 'y'] } }),
      { name: 'a.txt', size: 6, text: 'hällo', tags: ['x', 'y'] },
    ],
    [
      'sends a form without files in one line',
      (api) => api.form({ form: { a: 'x y', b: 2 } }),
      { a: 'x y', b: 2, type: 'application/x-www-form-urlencoded' },
    ],
    [
      'encodes values of the path',
      (api) => api.when('süß', 'a b/c?d'),
      { word: 'süß', rest: 'a b/c?d', at: '1970-01-01T00:00:00.000Z' },
    ],
    ['takes a path value', (api) => api.day('a%2F b'), '<p>a%2F b</p>'],
    [
      'uses the first of several methods, and sends anything without a contract',
      (api) => api.json({ body: { a: [1, null] }, query: { b: 1, c: [true, new Date(0)] } }),
      {
        method: 'POST',
        json: { a: [1, null] },
        args: { b: '1', c: ['true', '1970-01-01T00:00:00.000Z'] },
        type: 'application/json',
      },
    ],
    ['sends a text as JSON', (api) => api.json({ body: 'a' }), expect.objectContaining({ json: 'a' })],
    [
      'lets a header say what the body is',
      (api) => api.json({ body: {}, headers: { 'Content-Type': 'application/merge-patch+json' } }),
      expect.objectContaining({ type: 'application/merge-patch+json' }),
    ],
    ['takes the route of so many values: none', (api) => api.one(0), 0],
    ['takes the route of so many values: one, and an input', (api) => api.one(5, {}), 5],
    ['takes undefined for no input', (api) => api.one(5, undefined), 5],
  ])('%s', async (_what, call, data) => {
    expect(await call(api)).toEqual(data);
  });

  test('gives bytes of another type as a Blob', async () => {
    const blob = (await api.bytes()) as Blob;
    expect(blob.type).toBe('image/png');
    expect([...new Uint8Array(await blob.arrayBuffer())]).toEqual([1, 2, 255]);
  });

  test.each([0, 1, 3])('gives a list of %i items one after the other', async (count) => {
    const titles = (await collected(await api.each(count))).map(({ title }) => title);
    expect(titles).toEqual(['"[0]",{', '"[1]",{', '"[2]",{'].slice(0, count));
  });

  test('ends a list that is left early', async () => {
    ended = deferred();
    for await (const { id } of await api.forever()) if (id === 3) break;
    await ended.promise;
  });

  test('gives events as they come', async () => {
    expect(await collected(await api.events(2))).toEqual([
      { event: 'tick', data: '{"id":1}', id: '1' },
      { event: 'tick', data: '{"id":2}', id: '2' },
    ]);
  });

  test('gives the answer of any status that the contract has', async () => {
    const added = await api.add(1, { body: { title: 'a' } }).result();
    expect(added).toMatchObject({ ok: true, status: 201, data: { id: 1, title: 'a' } });
    const missing = await api.add(404, { body: { title: 'a' } }).result();
    expect(missing).toMatchObject({ ok: false, status: 404, data: { missing: 404 } });
    expect(missing.headers.get('content-type')).toMatch('application/json');
  });

  test('gives the answer of every status where there is no contract', async () => {
    expect(await api.fails().result()).toMatchObject({
      ok: false,
      status: 503,
      data: { title: 'Service Unavailable' },
    });
  });

  test('gives the response itself', async () => {
    const response = await api.day('x').response();
    expect([response.status, await response.text()]).toEqual([200, '<p>x</p>']);
  });

  test.each<[what: string, call: (api: Api) => PromiseLike<unknown>, error: object]>([
    [
      'a status of the contract',
      (api) => api.add(404, { body: { title: 'a' } }),
      {
        status: 404,
        data: { missing: 404 },
        problem: undefined,
        message: expect.stringMatching(/^POST .*\/404\/notes was answered with 404$/),
      },
    ],
    [
      'a problem',
      (api) => api.add(409, { body: { title: 'a' } }),
      {
        status: 409,
        problem: { detail: 'It is locked' },
        message: expect.stringContaining(' with 409: It is locked'),
      },
    ],
    [
      'what the contract refuses',
      (api) => api.add(1, { body: { title: '' } }),
      { status: 422, problem: { errors: [{ in: 'body', pointer: '#/title' }] } },
    ],
    [
      'a status that the contract does not have, as a result',
      (api) => api.add(409, { body: { title: 'a' } }).result(),
      { status: 409 },
    ],
    ['what a redirect leads to', (api) => api.moved(), { status: 404 }],
  ])('throws a ResponseError for %s', async (_what, call, error) => {
    const thrown: unknown = await Promise.resolve(call(api)).catch((reason: unknown) => reason);
    expect(thrown).toBeInstanceOf(ResponseError);
    expect(thrown).toMatchObject(error);
  });

  test.each<[what: string, call: (api: Api) => PromiseLike<unknown>, code: string]>([
    [
      'a value that its filter does not have',
      (api) => api.add(1.5, { body: { title: 'a' } }),
      'E_URL_PARAMETER',
    ],
    [
      'a value that is missing',
      (api) => api.add(undefined as never, { body: { title: 'a' } }),
      'E_URL_PARAMETER',
    ],
    ['a path that leads elsewhere', (api) => api.when('a', '../b'), 'E_URL_PARAMETER'],
    [
      'too many values',
      (api) => (api.day as (...args: unknown[]) => Promise<unknown>)('a', {}, 'b'),
      'E_URL_PARAMETER',
    ],
    [
      'a cookie that would be two',
      (api) => api.byHeader({ headers: { 'x-count': 1 }, cookies: { theme: 'a; b=c' } }),
      'E_COOKIE',
    ],
  ])('refuses %s', async (_what, call, code) => {
    await expect(Promise.resolve(call(api))).rejects.toMatchObject({ code });
  });

  test('ends with its signal', async () => {
    const aborted = AbortSignal.abort(new Error('enough'));
    await expect(api.json({ signal: aborted })).rejects.toThrow('enough');
  });

  test('ends a list with its signal, whatever has come of it already', async () => {
    const left = new AbortController();
    const seen: number[] = [];
    const read = async (): Promise<void> => {
      for await (const { id } of await api.forever({ signal: left.signal })) {
        seen.push(id);
        if (id === 1) left.abort(new Error('enough'));
      }
    };
    await expect(read()).rejects.toThrow('enough');
    expect(seen).toEqual([0, 1]);
  });

  test('is a promise in every way', async () => {
    await expect(api.fails().catch((error: unknown) => (error as ResponseError).status)).resolves.toBe(503);
    await expect(api.one(1).finally(() => undefined)).resolves.toBe(1);
    expect(Object.prototype.toString.call(api.one(1))).toBe('[object Call]');
  });
});

/** A client whose every answer is of that type and has those chunks. */
function answering(type: string, chunks: readonly string[]): Api {
  const table = {
    each: [{ method: 'GET', path: '/each/<count:int>', each: [200] }],
    events: [{ method: 'GET', path: '/events/<count:int>' }],
  };
  const fetch = () => {
    const body = ReadableStream.from(chunks.map((chunk) => new TextEncoder().encode(chunk)));
    return Promise.resolve(new globalThis.Response(body as never, { headers: { 'content-type': type } }));
  };
  return client<typeof Notes>('', { routes: table, fetch });
}

describe('a list that comes in pieces', () => {
  const whole = ' [ {"a":"]},\\"[","b":[{}]} , 2,"\\\\",null, [] ] \n';
  const read = (...chunks: string[]) =>
    answering('application/json', chunks)
      .each(1)
      .then((list) => collected<unknown>(list));

  test('is the same wherever it is cut', async () => {
    const items: unknown = JSON.parse(whole);
    for (let at = 0; at <= whole.length; at++)
      expect(await read(whole.slice(0, at), whole.slice(at))).toEqual(items);
    expect(await read(...whole.split(''))).toEqual(items);
  });

  test.each([
    '',
    '[',
    '[1',
    '[1,2',
    '["]',
    '{"a":1}',
    '1',
    '[1,]',
    '[,1]',
    '[1]]',
    '[1][2]',
    '[1] 2',
    '[1 2]',
    'x[1]',
    '[{]}',
  ])('is refused where it is none: %s', async (text) => {
    await expect(read(text)).rejects.toThrow(SyntaxError);
  });
});

describe('events that come in pieces', () => {
  const read = (...chunks: string[]) =>
    answering('text/event-stream; charset=utf-8', chunks)
      .events(1)
      .then((events) => collected(events));
  const text =
    ':hello\r\nid: 7\r\nevent: tick\r\ndata: a\r\ndata:b\r\ndata\r\n\r\ndata: {"c":1}\n\nevent: none\n\nid: x\0\ndata:  d\r\runknown: e\n\ndata: not ended\n';

  test('are the same wherever they are cut', async () => {
    const events = [
      { event: 'tick', data: 'a\nb\n', id: '7' },
      { event: 'message', data: '{"c":1}', id: '7' },
      { event: 'message', data: ' d', id: '7' },
    ];
    for (let at = 0; at <= text.length; at++)
      expect(await read(text.slice(0, at), text.slice(at))).toEqual(events);
    expect(await read(...text.split(''))).toEqual(events);
    expect(await read(...text.split('').flatMap((piece) => [piece, '']))).toEqual(events);
  });
});

test('leaving a list ends its answer', async () => {
  let isOver = false;
  const body = new ReadableStream({
    pull: (controller) => {
      controller.enqueue(new TextEncoder().encode('[1,2,'));
    },
    cancel: () => {
      isOver = true;
    },
  });
  const fetch = () =>
    Promise.resolve(
      new globalThis.Response(body as never, { headers: { 'content-type': 'application/json' } }),
    );
  const routes = { each: [{ method: 'GET', path: '/each/<count:int>', each: [200] }] };
  for await (const item of await client<typeof Notes>('', { routes, fetch }).each(1)) {
    expect(item).toBe(1);
    break;
  }
  expect(isOver).toBe(true);
});

describe('a table', () => {
  test('has the place where a controller is mounted, by itself and by the class', async () => {
    const inner = await bootstrap({ controllers: [Notes], logger: collectingLogger() });
    const outer = await bootstrap({
      controllers: [Outer],
      middleware: [mount('/inner', inner)],
      logger: collectingLogger(),
    });
    expect((await tableOf(outer))['Notes']).toMatchObject({
      one: [{ path: '/inner/notes/one' }, { path: '/inner/notes/one/<id:int>' }],
    });
    expect(await client(outer, { from: Notes }).one(3)).toBe(3);
  });

  test('has no expressions, the statuses of contracts, and those whose answer is a list', async () => {
    const { Notes: table } = await tableOf(app);
    expect(table).not.toHaveProperty('expression');
    expect(table?.['add']).toEqual([
      { method: 'POST', path: '/notes/<id:int>/notes', statuses: [201, 204, 404] },
    ]);
    expect(table?.['json']).toEqual([{ method: 'POST', path: '/notes/json' }]);
    expect(table?.['each']?.[0]?.each).toContain(200);
  });

  test('is no prototype, whatever its members are called', async () => {
    const route = { methods: ['GET'], path: '/', isExpression: false, target: class {} } as const;
    const text = clientRoutes([{ ...route, controller: '__proto__', handler: '__proto__' }]);
    expect(await tableIn(text)).toHaveProperty(['__proto__', '__proto__', '0', 'path'], '/');
  });

  test('numbers classes of one name', () => {
    const route = {
      methods: ['GET'],
      path: '/',
      isExpression: false,
      controller: 'A',
      handler: 'b',
    } as const;
    const text = clientRoutes([
      { ...route, target: class A {} },
      { ...route, target: class A {} },
    ]);
    expect(text).toContain('"A2": {');
  });

  test('writes values of filters that it does not know, and of patterns, as text', async () => {
    const routes = { day: [{ method: 'GET', path: '/a b/<day:date>/<name:re:[<>a-z/]+>' }] };
    const asked: string[] = [];
    const fetch = (url: string) => {
      asked.push(url);
      return Promise.resolve(new globalThis.Response(null, { status: 204 }));
    };
    const api = client<typeof Notes>('https://a.example/b/', { routes, fetch });
    await (api.day as (...values: unknown[]) => Promise<unknown>)(new Date(0).toISOString(), 'a/b c');
    expect(asked).toEqual(['https://a.example/b/a%20b/1970-01-01T00%3A00%3A00.000Z/a/b%20c']);
  });
});

const ONE_ROUTE = { routes: { list: [{ method: 'GET', path: '/notes' }] } };

test.each<[what: string, routes: object]>([
  ['no member', {}],
  ['a member without routes', { list: [] }],
  ['a member that is not there', { list: undefined }],
  ['a module that has none', Object.create(null) as object],
])('is refused a table of routes with %s, with the cure', (_what, routes) => {
  expect(() => client<typeof Notes>('/', { routes } as never)).toThrow(
    expect.objectContaining({
      code: 'E_SETTING',
      message:
        'client(): its routes are a table without any, so it would have no methods; give that of a controller which has some, such ' +
        'as routes.IssuesController of the module that "obol routes --client" writes, or { from: TheController }.',
    }),
  );
});

test.each<[what: string, make: () => unknown, code: string]>([
  ['neither routes nor a class', () => client<typeof Notes>('/', {} as never), 'E_SETTING'],
  ['a base with a query', () => client<typeof Notes>('/?a', ONE_ROUTE), 'E_SETTING'],
])('is refused %s', (_what, make, code) => {
  expect(make).toThrow(expect.objectContaining({ code }));
});

test.each<[what: string, make: () => unknown]>([
  ['no options', () => client(app, undefined as never)],
  ['an option that is none', () => client(app, { from: Notes, header: {} } as never)],
  ['an object as class', () => client(app, { from: new Notes() } as never)],
  ['a table of all controllers', () => client<typeof Notes>(origin, { routes: { Notes: {} } } as never)],
  ['a table that is none', () => client<typeof Notes>(origin, { routes: 'routes.ts' } as never)],
  ['headers in one text', () => client(app, { from: Notes, headers: 'x-own: a' } as never)],
  ['a fetch that is none', () => client(origin as never, { from: Notes, fetch: 5 } as never)],
  ['an application that is not there yet', () => client(Promise.resolve(app) as never, { from: Notes })],
  ['no base', () => client(undefined as never, { from: Notes })],
])('is refused %s', (_what, make) => {
  expect(make).toThrow(expect.objectContaining({ code: 'E_SETTING' }));
});

test.each<[what: string, call: () => PromiseLike<unknown>]>([
  ['an input that is none', () => client(app, { from: Notes }).list({ qeury: {} } as never)],
  ['a body that JSON has nothing of', () => client(app, { from: Notes }).json({ body: () => 1 })],
  ['a path alone as base, outside of pages', () => client('/', { from: Notes }).one(0)],
  ['a host alone as base', () => client('localhost:8080', { from: Notes }).one(0)],
])('refuses a call with %s', async (_what, call) => {
  await expect(Promise.resolve(call())).rejects.toMatchObject({ code: 'E_SETTING' });
});

test('has methods called as those of every object, where the controller has them', async () => {
  @Controller('/named')
  class Named {
    @Get('/text') toString() {
      return 'text';
    }
    @Get('/own') hasOwnProperty() {
      return true;
    }
    @Get('/catch') catch() {
      return 'caught';
    }
  }
  const named = await bootstrap({ controllers: [Named], logger: collectingLogger() });
  const byTable = client<typeof Named>(named, {
    routes: (await tableOf(named))['Named'] as RoutesOf<typeof Named>,
  });
  for (const api of [client(named, { from: Named }), byTable]) {
    const answers = [api.toString(), api.hasOwnProperty(), api.catch()];
    expect(await Promise.all(answers)).toEqual(['text', true, 'caught']);
    expect(Reflect.get(api, 'valueOf')).toBeUndefined();
  }
});

test('takes what the web has for named values', async () => {
  const api = client(app, { from: Notes, headers: new globalThis.Headers({ 'x-own': 'a' }) as never });
  expect(await api.byHeader({ headers: { 'x-count': 1, 'x-none': null } })).toMatchObject({ own: 'a' });
  expect(await api.json({ query: new URLSearchParams('a=1&a=2') as never })).toMatchObject({
    args: { a: ['1', '2'] },
  });
  const form = new FormData();
  form.append('a', 'x');
  form.append('b', '2');
  expect(await api.form({ form: form as never })).toMatchObject({ a: 'x', b: 2 });
});

/** The status, data and message of what a call of a hostile server throws. */
async function refusedBy(status: number, type: string, text: string): Promise<unknown> {
  const response = new globalThis.Response(text, { status, headers: { 'content-type': type } });
  const routes = { one: [{ method: 'GET', path: '/one/<id:int>' }] };
  const api = client<typeof Notes>('', { routes, fetch: () => Promise.resolve(response) });
  return api.one(1).catch((error: unknown) => error);
}

test.each<[status: number, type: string, text: string, error: object]>([
  [502, 'application/json', '<html>', { name: 'ResponseError', status: 502, data: '<html>' }],
  [500, 'text/event-stream', 'data: a', { name: 'ResponseError', status: 500, data: 'data: a' }],
  [
    400,
    'application/problem+json',
    '{"detail":{"toString":1},"title":"Odd"}',
    { name: 'ResponseError', status: 400, message: 'GET /one/1 was answered with 400: Odd' },
  ],
  [400, 'application/problem+json', 'null', { name: 'ResponseError', status: 400, problem: undefined }],
  [
    200,
    'application/json',
    '{"a":',
    { name: 'SyntaxError', message: expect.stringContaining('GET /one/1 was answered with 200') },
  ],
])('says what was answered with %i, %s: %s', async (status, type, text, error) => {
  expect(await refusedBy(status, type, text)).toMatchObject(error);
});

test.each([
  '/my files',
  '/50%',
  '/ü',
  '/%2F',
  '//admin.test',
  '//admin.test/a b',
  'http://admin.test:8443/in',
])('calls what is below the mount %j', async (point) => {
  const inner = await bootstrap({ controllers: [Notes], logger: collectingLogger() });
  const middleware = [mount(point, inner)];
  const outer = await bootstrap({ controllers: [Outer], middleware, logger: collectingLogger() });
  expect(await client(outer, { from: Notes }).one(3)).toBe(3);
});

test.each(['/of/<tenant>', '//*.admin.test', '//*:8080/in'])(
  'does not call what is below the mount %j, whose values it does not know',
  async (point) => {
    const inner = await bootstrap({ controllers: [Notes], logger: collectingLogger() });
    const middleware = [mount(point, inner)];
    const outer = await bootstrap({ controllers: [Outer], middleware, logger: collectingLogger() });
    await expect(client(outer, { from: Notes }).one(3)).rejects.toMatchObject({ code: 'E_URL_PARAMETER' });
  },
);

test('has no method for what has no path', async () => {
  await expect(client(app, { from: Notes }).expression('1')).rejects.toMatchObject({
    code: 'E_ROUTE_MISSING',
  });
  expect(client<typeof Notes>('/', ONE_ROUTE).expression).toBeUndefined();
});

test('is no promise itself, and has nothing of what every object has', async () => {
  const api = client(app, { from: Notes });
  expect(await Promise.resolve(api)).toBe(api);
  expect(JSON.stringify(api)).toBe('{}');
  expect((api as { constructor?: unknown }).constructor).toBeUndefined();
});

test('asks for headers at each call, and lets those of the call win', async () => {
  let calls = 0;
  const api = client(app, { from: Notes, headers: () => ({ 'x-count': ++calls, 'X-OWN': 'client' }) });
  expect(await api.byHeader({ headers: { 'x-count': 9 } })).toMatchObject({ count: 9, own: 'client' });
  expect(await api.byHeader({ headers: { 'x-count': 9, 'x-own': 'call' } })).toMatchObject({ own: 'call' });
  expect(calls).toBe(2);
});

test.each<[what: string, body: unknown, sent: string]>([
  ['a Uint8Array', new TextEncoder().encode('ab'), 'ab'],
  ['an ArrayBuffer', new TextEncoder().encode('ab').buffer, 'ab'],
  ['a view of one', new DataView(new TextEncoder().encode('xaby').buffer, 1, 2), 'ab'],
  ['a Blob', new Blob(['ab'], { type: 'text/plain' }), 'ab'],
  ['a stream', new Blob(['ab']).stream(), 'ab'],
  ['null', null, 'null'],
])('sends %s over fetch', async (_what, body, sent) => {
  const table = { json: [{ method: 'POST', path: '/echo' }] };
  const fetch = async (url: string, init: object) => {
    const asked = new globalThis.Request(url, init);
    return Promise.resolve(
      new globalThis.Response(await asked.text(), { headers: { 'content-type': 'text/plain' } }),
    );
  };
  const api = client<typeof Notes>('http://localhost', { routes: table, fetch });
  expect(await api.json({ body })).toBe(sent);
});

test('keeps the cookies of a test client, and adds those of a call', async () => {
  const kept = new TestClient(app);
  const api = client(kept, { from: Notes });
  await api.login();
  expect(await api.who({ cookies: { other: 'x' } })).toEqual({ who: 'me', other: 'x' });
  expect(kept.cookies.get('who')).toBe('me');
});
