/** Contracts on routes: what handlers take is valid, what they give is as it was promised. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type } from 'arktype';
import {
  bootstrap,
  Controller,
  Get,
  Patch,
  Post,
  Put,
  reply,
  Request,
  Response,
  Route,
  type BootstrapOptions,
  type ClassOrMethodDecorator,
  type Contract,
  type Middleware,
  type ParsedForm,
  type Valid,
} from 'obol';
import { each, file, type Schema } from 'obol/contract';
import { request, TestClient } from 'obol/testing';
import * as v from 'valibot';
import { z } from 'zod';
import { hold } from '../../src/answering/hold.js';
import { RouteContract } from '../../src/contracts/route-contract.js';
import { collectingLogger } from '../support/collecting-logger.js';

const Note = z.object({ id: z.number(), title: z.string().min(1).max(20) });
const NewNote = z.object({ title: z.string().min(1).max(20), tags: z.array(z.string()).max(3).optional() });

const addNote = {
  body: NewNote,
  returns: { 201: Note, 404: z.object({ why: z.string() }), 204: null },
} satisfies Contract;
const patchNote = {
  body: z.object({ title: z.string() }),
  bodyTypes: ['application/json', 'application/merge-patch+json'],
} satisfies Contract;
const listNotes = {
  query: z.object({
    limit: z.number().int().min(1).max(100).default(20),
    label: z.array(z.string()).default([]),
    exact: z.boolean().optional(),
    ids: z.array(z.number()).optional(),
  }),
} satisfies Contract;
const byHeader = {
  headers: z.object({ 'x-count': z.number() }),
  cookies: z.object({ theme: z.enum(['dark', 'light']) }),
} satisfies Contract;
const sendForm = {
  form: z.object({
    caption: z.string().optional(),
    count: z.number(),
    file: z.custom<ParsedForm>((file) => typeof file === 'object'),
  }),
} satisfies Contract;
const slow = {
  body: z.object({ name: z.string().refine((name) => Promise.resolve(name !== 'taken'), 'Is taken') }),
  returns: z.string(),
} satisfies Contract;
const stream = { returns: each(Note) } satisfies Contract;
const byValibot = {
  body: v.object({ age: v.pipe(v.number(), v.minValue(18)) }),
  query: v.object({ page: v.optional(v.number(), 1) }),
} satisfies Contract;
const byArktype = { body: type({ age: 'number>=18' }) } satisfies Contract;

@Controller('/notes')
class Notes {
  @Post('/', addNote)
  add(_req: Request, { body }: Valid<typeof addNote>) {
    if (body.title === 'none') return null;
    if (body.title === 'lost') return reply({ why: 'lost' }, { status: 404, headers: { 'X-Why': 'lost' } });
    if (body.title === 'raw') return new Response('raw', { status: 202 });
    if (body.title === 'bad') return { id: 'x' as never, title: 'bad' };
    if (body.title === 'other') return reply({ id: 1 } as never, { status: 409 as never });
    return { id: 1, title: body.title, secret: 'hidden' };
  }

  @Patch('/', patchNote)
  patch(_req: Request, { body }: Valid<typeof patchNote>) {
    return body;
  }

  @Get('/', listNotes)
  list(_req: Request, { query }: Valid<typeof listNotes>) {
    return query;
  }

  @Get('/<id:int>/of/<name>', listNotes)
  one(_req: Request, id: number, name: string, { query }: Valid<typeof listNotes>) {
    return { id, name, limit: query.limit };
  }

  @Get('/header', byHeader)
  header(_req: Request, { headers, cookies }: Valid<typeof byHeader>) {
    return { count: headers['x-count'], theme: cookies.theme };
  }

  @Post('/form', sendForm)
  form(_req: Request, { form }: Valid<typeof sendForm>) {
    return { caption: form.caption, count: form.count };
  }

  @Put('/slow', slow)
  async slow(_req: Request, { body }: Valid<typeof slow>) {
    return Promise.resolve(body.name);
  }

  @Get('/stream/<kind>', stream)
  *stream(_req: Request, kind: string) {
    yield { id: 1, title: 'one', more: true };
    if (kind === 'bad') yield { id: 2, title: '' };
    yield { id: 3, title: 'three' };
  }

  @Get('/array', stream)
  array() {
    return [{ id: 1, title: 'one' }];
  }

  @Route('/valibot', ['POST', 'PUT'], byValibot)
  valibot(_req: Request, { body, query }: Valid<typeof byValibot>) {
    return { age: body.age, page: query.page };
  }

  @Post('/arktype', byArktype)
  arktype(_req: Request, { body }: Valid<typeof byArktype>) {
    return body;
  }

  @Post('/text', { body: z.string().optional() })
  text(_req: Request, { body }: { body?: string | undefined }) {
    return { body: body ?? 'none' };
  }

  @Put('/created', { returns: Note })
  created() {
    return reply({ id: 1, title: 'a' }, { status: 201 });
  }

  @Get('/some', { returns: null })
  some() {
    return reply('some' as never, { status: 204 });
  }

  @Get('/null', { returns: z.object({ a: z.number() }).nullable() })
  nothing() {
    return null;
  }
}

const logger = collectingLogger();

async function start(options: Partial<BootstrapOptions> = {}) {
  const app = await bootstrap({ controllers: [Notes], logger, ...options });
  return [new TestClient(app), app] as const;
}

let client: TestClient;
beforeAll(async () => {
  [client] = await start();
});

async function ask(path: string, body?: unknown, headers: Record<string, string> = {}, method = 'POST') {
  const type = body === undefined || typeof body === 'string' ? {} : { 'Content-Type': 'application/json' };
  const answer = await client.request(path, {
    method,
    headers: { ...type, ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    type: answer.headers.get('content-type'),
    headers: answer.headers,
    text,
    json: parsed(text),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

describe('a body', () => {
  test('that fits reaches the handler, stripped of what the schema does not have', async () => {
    expect(await ask('/notes', { title: 'Tea', more: 1 })).toMatchObject({
      status: 201,
      json: { id: 1, title: 'Tea' },
    });
  });

  test.each<[unknown, object[]]>([
    [{ title: '' }, [{ in: 'body', pointer: '#/title', detail: expect.stringContaining('Too small') }]],
    [{}, [{ in: 'body', pointer: '#/title' }]],
    [[], [{ in: 'body', pointer: '#' }]],
    [null, [{ in: 'body', pointer: '#' }]],
    [{ title: 5, tags: ['a', 6] }, [{ pointer: '#/title' }, { pointer: '#/tags/1' }]],
  ])('%j is refused with a pointer to each mistake', async (body, errors) => {
    const { status, type: contentType, json } = await ask('/notes', body);
    expect([status, contentType]).toEqual([422, 'application/problem+json']);
    expect(json).toMatchObject({ type: 'about:blank', title: 'Unprocessable Entity', status: 422, errors });
    expect((json as { errors: unknown[] }).errors).toHaveLength(errors.length);
  });

  test.each<[string, string | undefined, Record<string, string>, number]>([
    ['none', undefined, {}, 400],
    ['empty JSON', '', { 'Content-Type': 'application/json' }, 400],
    ['broken JSON', '{"a"', { 'Content-Type': 'application/json' }, 400],
    ['a form', 'title=a', { 'Content-Type': 'application/x-www-form-urlencoded' }, 415],
    ['text', 'x', { 'Content-Type': 'text/plain' }, 415],
    ['no type', '{}', {}, 415],
    ['JSON of a kind of its own', '{"title":"a"}', { 'Content-Type': 'application/vnd.note+json' }, 201],
  ])('%s is answered %4$i', async (_what, body, headers, status) => {
    expect((await ask('/notes', body, headers)).status).toBe(status);
  });

  test.each([
    ['application/json', 200],
    ['application/merge-patch+json', 200],
    ['Application/JSON; charset=utf-8', 200],
    ['application/json-patch+json', 415],
    ['application/vnd.x+json', 415],
    ['text/plain', 415],
  ])('of the type %s is answered %i where the contract lists types', async (contentType, status) => {
    const answer = await ask('/notes', '{"title":"a"}', { 'Content-Type': contentType }, 'PATCH');
    expect(answer.status).toBe(status);
  });

  test.each<[string, string, string]>([
    ['broken', '{"a"', 'application/json'],
    ['empty', '', 'application/json'],
    ['too deep', '['.repeat(100), 'application/json'],
    ['poisoned', '{"__proto__":1}', 'application/json'],
    ['too large', `"${'x'.repeat(1024 * 1024)}"`, 'application/json'],
    ['no JSON', 'x', 'text/plain'],
    ['a form', 'a=1', 'application/x-www-form-urlencoded'],
    ['a form that is broken', 'x', 'multipart/form-data; boundary=b'],
    ['of a malformed type', '{}', 'json'],
  ])('that is refused as a whole (%s) is pointed to', async (_what, body, contentType) => {
    const { status, json } = await ask('/notes', body, { 'Content-Type': contentType });
    expect([400, 413, 415]).toContain(status);
    expect(json).toMatchObject({ errors: [{ in: 'body', pointer: '#', detail: expect.any(String) }] });
  });

  test('that is refused is pointed to where the contract is not about it, too', async () => {
    const json = { 'Content-Type': 'application/json' };
    expect((await ask('/notes/array', '{', json, 'GET')).json).toMatchObject({
      status: 400,
      errors: [{ in: 'body', pointer: '#' }],
    });
  });

  test('of another type is not read before it is refused', () => {
    const unread = { json: false, form: false, data: false } as const;
    expect(new RouteContract(addNote).bodyOptions(undefined)).toEqual({ form: false, data: false });
    expect(new RouteContract(sendForm).bodyOptions(undefined)).toEqual({ ...unread, form: {} });
    expect(new RouteContract(sendForm).bodyOptions(unread)).toEqual({ ...unread, form: {} });
  });

  test('of a form is left unread where JSON is wanted, and JSON where a form is', async () => {
    const multipart = { 'Content-Type': 'multipart/form-data; boundary=b' };
    expect((await ask('/notes', 'not read', multipart)).status).toBe(415);
    expect((await ask('/notes/form', 'not read', { 'Content-Type': 'application/json' })).status).toBe(415);
    const broken = await ask('/notes/form', 'x', multipart);
    expect(broken).toMatchObject({ status: 400, json: { errors: [{ in: 'form', pointer: '#' }] } });
  });

  test('that may be left out is undefined', async () => {
    expect((await ask('/notes/text')).json).toEqual({ body: 'none' });
    expect((await ask('/notes/text', 'x', { 'Content-Type': 'application/json' })).status).toBe(400);
  });

  test('is judged by asynchronous schemas, and by those of other libraries', async () => {
    expect(await ask('/notes/slow', { name: 'free' }, {}, 'PUT')).toMatchObject({
      status: 200,
      text: 'free',
    });
    expect(await ask('/notes/slow', { name: 'taken' }, {}, 'PUT')).toMatchObject({ status: 422 });
    expect((await ask('/notes/valibot?page=2', { age: 18 })).json).toEqual({ age: 18, page: 2 });
    const refused = await ask('/notes/valibot', { age: 'hunter2' });
    expect(refused.json).toMatchObject({ errors: [{ pointer: '#/age', detail: 'It does not fit' }] });
    expect(refused.text).not.toContain('hunter2');
    expect((await ask('/notes/arktype', { age: 5 })).json).toMatchObject({ errors: [{ pointer: '#/age' }] });
  });

  test('is read where the application leaves bodies to handlers', async () => {
    const [own] = await start({ autoJson: false, autoForm: false });
    const answer = await own.post('/notes', { json: { title: 'Tea' } });
    expect(answer.status).toBe(201);
  });
});

describe('a query', () => {
  test.each<[string, object]>([
    ['', { limit: 20, label: [] }],
    ['limit=5', { limit: 5, label: [] }],
    ['limit=', { limit: 20, label: [] }],
    ['label=a', { limit: 20, label: ['a'] }],
    ['label=a&label=b', { limit: 20, label: ['a', 'b'] }],
    ['label=5&limit=5', { limit: 5, label: ['5'] }],
    ['ids=1&ids=2', { limit: 20, label: [], ids: [1, 2] }],
    ['ids=1', { limit: 20, label: [], ids: [1] }],
    ['exact=true', { limit: 20, label: [], exact: true }],
    ['unknown=1&__proto__=x', { limit: 20, label: [] }],
  ])('%j becomes %j', async (query, json) => {
    expect((await ask(`/notes?${query}`, undefined, {}, 'GET')).json).toEqual(json);
  });

  test.each<[string, string[]]>([
    ['limit=0', ['#/limit']],
    ['limit=abc', ['#/limit']],
    ['limit=5&limit=6', ['#/limit']],
    ['limit=1e999', ['#/limit']],
    ['exact=maybe', ['#/exact']],
    ['ids=1&ids=x', ['#/ids/1']],
    ['limit=x&exact=y&label=z', ['#/limit', '#/exact']],
  ])('%j is refused', async (query, pointers) => {
    const { status, json } = await ask(`/notes?${query}`, undefined, {}, 'GET');
    expect(status).toBe(422);
    const { errors } = json as { errors: { in: string; pointer: string }[] };
    expect(errors.map(({ pointer }) => pointer)).toEqual(pointers);
    expect(new Set(errors.map((error) => error.in))).toEqual(new Set(['query']));
  });

  test('comes after the parameters of the path', async () => {
    const path = '/notes/7/of/ann?limit=3';
    expect((await ask(path, undefined, {}, 'GET')).json).toEqual({ id: 7, name: 'ann', limit: 3 });
  });
});

test.each<[string, object]>([
  ['from=3&to=5', { body: { from: 3, to: 5 } }],
  ['from=5&to=3', { errors: [{ in: 'query', pointer: '#', detail: 'Goes backwards' }] }],
  ['from=x&to=3', { errors: [{ in: 'query', pointer: '#/from' }] }],
])('a rule over several members of a query is one of its numbers: %s', async (query, json) => {
  const range = z.object({ from: z.number(), to: z.number() });
  const contract = { query: range.refine(({ from, to }) => from < to, 'Goes backwards') } satisfies Contract;
  const [own, app] = await start();
  app.routes.add('/range', (_req, ...[valid]: unknown[]) => ({ body: (valid as { query: unknown }).query }), {
    contract,
  });
  expect(await (await own.get(`/range?${query}`)).json()).toMatchObject(json);
});

test('what is refused without a word does not reach the handler', async () => {
  const silent: Schema = {
    '~standard': { version: 1, vendor: 'silent', validate: () => ({ issues: [] }) },
  };
  const [own, app] = await start();
  const reached: unknown[] = [];
  app.routes.add('/silent', () => reached.push(1), { contract: { query: silent } });
  expect(await (await own.get('/silent')).json()).toMatchObject({
    status: 422,
    errors: [{ in: 'query', pointer: '#', detail: 'It does not fit' }],
  });
  expect(reached).toEqual([]);
});

test('all is validated that is sent, whatever the application reads for handlers by itself', async () => {
  const auto = { autoArgs: false, autoCookies: false, autoForm: false, autoJson: false, autoData: false };
  const [own] = await start(auto);
  expect(await (await own.get('/notes?limit=5')).json()).toMatchObject({ limit: 5 });
  expect((await own.get('/notes?limit=x')).status).toBe(422);
  const header = (Cookie: string) => own.get('/notes/header', { headers: { 'X-Count': '3', Cookie } });
  expect(await (await header('theme=dark')).json()).toEqual({ count: 3, theme: 'dark' });
  expect((await header('theme=pink')).status).toBe(422);
  expect((await own.post('/notes/form', { form: { count: 'x' } })).status).toBe(422);
});

test('headers, cookies and forms are validated as queries are', async () => {
  const headers = { 'X-Count': '3', Cookie: 'theme=dark' };
  expect((await ask('/notes/header', undefined, headers, 'GET')).json).toEqual({ count: 3, theme: 'dark' });
  const bad = await ask('/notes/header', undefined, { Cookie: 'theme=pink' }, 'GET');
  expect(bad.json).toMatchObject({
    errors: [
      { in: 'headers', pointer: '#/x-count' },
      { in: 'cookies', pointer: '#/theme' },
    ],
  });
  const body =
    '--b\r\nContent-Disposition: form-data; name="count"\r\n\r\n7\r\n' +
    '--b\r\nContent-Disposition: form-data; name="caption"\r\n\r\n\r\n' +
    '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nx\r\n--b--\r\n';
  const multipart = { 'Content-Type': 'multipart/form-data; boundary=b' };
  expect((await ask('/notes/form', body, multipart)).json).toEqual({ count: 7 });
  const urlencoded = { 'Content-Type': 'application/x-www-form-urlencoded' };
  expect((await ask('/notes/form', 'count=x', urlencoded)).json).toMatchObject({
    errors: [{ in: 'form', pointer: '#/count' }, { pointer: '#/file' }],
  });
  expect((await ask('/notes/form', { count: 1 })).status).toBe(415);
});

describe('what a handler gives', () => {
  test('has the lowest status with content, that of its reply, or none', async () => {
    expect((await ask('/notes', { title: 'none' })).status).toBe(204);
    const lost = await ask('/notes', { title: 'lost' });
    expect([lost.status, lost.json, lost.headers.get('x-why')]).toEqual([404, { why: 'lost' }, 'lost']);
    expect(await ask('/notes', { title: 'raw' })).toMatchObject({ status: 202, text: 'raw' });
    expect(await ask('/notes/created', undefined, {}, 'PUT')).toMatchObject({ status: 201, json: { id: 1 } });
    expect(await ask('/notes/null', undefined, {}, 'GET')).toMatchObject({ status: 200, json: null });
  });

  test.each(['bad', 'other'])(
    'and does not fit (%s) is a 500, whose reason the log alone has',
    async (title) => {
      const answer = await ask('/notes', { title });
      expect(answer.status).toBe(500);
      expect(answer.text).not.toMatch(/contract|E_CONTRACT|id/);
      expect(logger.errors.at(-1)).toContain('contract');
    },
  );

  test('and is content where the contract has none is a 500', async () => {
    expect((await ask('/notes/some', undefined, {}, 'GET')).status).toBe(500);
    const [own] = await start({ checkReturns: false });
    expect((await own.get('/notes/some')).status).toBe(204);
  });

  test('is not looked at where the application says so', async () => {
    const [own] = await start({ checkReturns: false });
    const answer = await own.post('/notes', { json: { title: 'bad' } });
    expect([answer.status, await answer.json()]).toEqual([201, { id: 'x', title: 'bad' }]);
    const other = await own.post('/notes', { json: { title: 'other' } });
    expect([other.status, await other.json()]).toEqual([409, { id: 1 }]);
    expect(await (await own.get('/notes/array')).json()).toEqual([{ id: 1, title: 'one' }]);
  });

  test('item by item is a JSON array, each of whose items is checked', async () => {
    const get = (path: string) => ask(path, undefined, {}, 'GET');
    expect((await get('/notes/array')).json).toEqual([{ id: 1, title: 'one' }]);
    expect((await get('/notes/stream/good')).json).toEqual([
      { id: 1, title: 'one' },
      { id: 3, title: 'three' },
    ]);
    expect((await get('/notes/stream/bad')).status).toBe(500);
  });

  test.each([[null], [undefined], [5], ['text'], [{ length: 1 }]])(
    'and is %j where items are wanted is a 500',
    async (given) => {
      const [own, app] = await start();
      app.routes.add('/items', () => given, { contract: stream });
      expect((await own.get('/items')).status).toBe(500);
      expect(logger.errors.at(-1)).toContain('its contract has each(), of a list or a generator');
    },
  );
});

test('a test calls the method with plain values', () => {
  const notes = new Notes();
  const req = request('/notes');
  expect(notes.one(req, 1, 'ann', { query: { limit: 5, label: [] } })).toEqual({
    id: 1,
    name: 'ann',
    limit: 5,
  });
  expect(notes.add(req, { body: { title: 'lost' } })).toEqual(
    reply({ why: 'lost' }, { status: 404, headers: { 'X-Why': 'lost' } }),
  );
});

test('controllers of one request are called when nothing holds it any more', async () => {
  const calls: string[] = [];

  @Controller('/held', Request)
  class Held {
    constructor(private readonly req: Request) {}

    @Get('/plain/<id:int>')
    plain(_req: Request, id: number) {
      return [...calls, this.req.path, id];
    }

    @Get('/valid/<id:int>', { query: z.object({ n: z.number() }) })
    valid(_req: Request, id: number, { query }: { query: { n: number } }) {
      return [...calls, this.req.path, id, query.n];
    }
  }

  const held: Middleware = (req, next) => {
    hold(
      req,
      Promise.resolve().then(() => calls.push('ready')),
    );
    return next(req);
  };
  const own = new TestClient(await bootstrap({ controllers: [Held], middleware: [held] }));
  expect(await (await own.get('/held/plain/1')).json()).toEqual(['ready', '/held/plain/1', 1]);
  expect(await (await own.get('/held/valid/2?n=3')).json()).toEqual([
    'ready',
    'ready',
    '/held/valid/2',
    2,
    3,
  ]);
});

describe('the table', () => {
  test('names the parts and statuses of each contract', async () => {
    const [, app] = await start();
    const list = JSON.parse(JSON.stringify(app.routes)) as { name: string; contract?: unknown }[];
    expect(list.find(({ name }) => name === 'Notes.add')?.contract).toEqual({
      takes: ['body'],
      returns: ['201', '204', '404'],
    });
    expect(list.find(({ name }) => name === 'Notes.array')?.contract).toEqual({
      takes: [],
      returns: ['200'],
    });
  });

  test('takes routes with contracts at run time', async () => {
    const [own, app] = await start();
    app.routes.add('/sum', (_req, ...rest: unknown[]) => rest[0], {
      contract: { query: z.object({ n: z.number() }) },
    });
    expect(await (await own.get('/sum?n=4')).json()).toEqual({ query: { n: 4 } });
    expect(() => app.routes.add('/x', () => 1, { contract: { query: 1 } as never })).toThrow(
      /Its query is no schema/,
    );
  });
});

test.each<[unknown, string]>([
  [5, '5 is no contract; write { body: Schema, returns: Schema }.'],
  [Note, expect.stringContaining('is no contract') as never],
  [
    { bdy: Note },
    'A contract has no member "bdy"; the members are headers, cookies, query, body, form, bodyTypes and returns.',
  ],
  [
    { bodyTypes: 'text/plain' },
    'Its bodyTypes are no list of media types in lower case, such as ["application/merge-patch+json"].',
  ],
  [{ body: {} }, 'Its body is no schema, but {}; give one of zod, valibot or arktype.'],
  [{ returns: { ok: Note } }, 'Its returns has "ok" in place of a status, such as 201.'],
  [{ returns: { 200: 1 } }, 'Its returns has neither a schema, each(schema) nor null for 200.'],
  [{ returns: each(5 as never) }, 'Its returns is each() of what is no schema.'],
  [
    { returns: { 204: Note } },
    'Its returns has a schema for 204, whose answers have no content; write 204: null.',
  ],
  ...[{}, [], () => Note].map((returns): [unknown, string] => [
    { returns },
    'Its returns is neither a schema, each(schema), null nor an object with one for each status.',
  ]),
  [[], '[] is no contract; write { body: Schema, returns: Schema }.'],
  [{ body: Note, form: Note }, 'It has a body and a form, and no request fits both; write two routes.'],
  ...[z.object({ photo: file() as never }), v.object({ photo: file() as never })].map(
    (form): [unknown, string] => [
      { form },
      `Its form has file() as "photo" in an object of ${form['~standard'].vendor}, which takes schemas of its own alone; write fields({ ... }) of obol/contract in place of that object.`,
    ],
  ),
  [{ bodyTypes: ['text/x-json'] }, 'It has bodyTypes and no body that is of them; add body: Schema.'],
  [
    { body: Note, bodyTypes: [] },
    'Its bodyTypes are no list of media types in lower case, such as ["application/merge-patch+json"].',
  ],
])('%j is a mistake of bootstrap', async (contract, message) => {
  @Controller('/')
  class Wrong {
    @(Get('/', contract as Contract) as ClassOrMethodDecorator)
    get() {
      return 1;
    }
  }
  await expect(bootstrap({ controllers: [Wrong] })).rejects.toMatchObject({
    problems: [{ code: 'E_CONTRACT', member: 'Wrong.get', message }],
  });
});
