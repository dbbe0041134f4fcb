/** Clients that are called as their controllers have it: this file compiles. */
import {
  bootstrap,
  Controller,
  Delete,
  EventStreamResponse,
  Get,
  path,
  Post,
  reply,
  Response,
  Route,
  type Contract,
  type Request,
  type Returned,
  type Valid,
} from 'obol';
import { client, clientRoutes, ResponseError, type Wire } from 'obol/client';
import { each, fields, file } from 'obol/contract';
import { TestClient } from 'obol/testing';
import * as v from 'valibot';
import { z } from 'zod';

/** Exactly the same types, whatever the settings. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type DataOf<C> = C extends PromiseLike<infer D> ? D : never;
function same<_Is extends true>(): void {
  // For the compiler alone.
}

const Note = z.object({ id: z.number(), title: z.string(), due: z.iso.date().optional() });
const Problem = z.object({ why: z.string() });
const add = {
  body: z.object({ title: z.string(), tags: z.array(z.string()).default([]) }),
  query: z.object({ dry: z.coerce.boolean<string>().optional() }),
  returns: { 201: Note, 404: Problem },
} satisfies Contract;
const one = { returns: { 200: Note, 404: Problem } } satisfies Contract;
const list = {
  query: z.object({ limit: z.number().default(20), label: z.array(z.string()).default([]) }),
  returns: z.array(Note),
} satisfies Contract;
const coerced = { query: z.object({ page: z.string().transform(Number) }) } satisfies Contract;
const upload = {
  form: fields({ caption: z.string().optional(), file: file(), more: z.array(z.string()) }),
  returns: { 201: z.object({ size: z.number() }) },
} satisfies Contract;
const byHeader = {
  headers: z.object({ 'x-tenant': z.string() }),
  cookies: z.object({ theme: z.string() }),
} satisfies Contract;
const items = { returns: each(Note) } satisfies Contract;
const texts = { returns: each(z.string()) } satisfies Contract;
const gone = { returns: { 204: null, 404: Problem } } satisfies Contract;
const nothing = { returns: null } satisfies Contract;
const byValibot = { body: v.object({ age: v.pipe(v.string(), v.transform(Number)) }) } satisfies Contract;
const note = path('/notes').path('/<id:int>');

@Controller('/notes')
class Notes {
  readonly title: string = 'a field is no handler';

  @Post('/<id:int>/notes', add)
  add(_req: Request, id: number, { body }: Valid<typeof add>) {
    if (id === 0) return reply({ why: 'none' }, { status: 404 });
    return { id, title: body.title };
  }

  @Get('/one/<id:int>', one)
  one(_req: Request, id: number, _valid: Valid<typeof one>): Returned<typeof one> {
    return { id, title: 'a' };
  }

  @Get('/', list)
  list(_req: Request, { query }: Valid<typeof list>) {
    return [{ id: query.limit, title: 'a' }];
  }

  @Get('/coerced', coerced)
  async coerced(_req: Request, { query }: Valid<typeof coerced>) {
    return Promise.resolve({ page: query.page, at: new Date(), none: undefined, big: new Set([1]) });
  }

  @Post('/upload', upload)
  upload(_req: Request, { form }: Valid<typeof upload>) {
    return { size: form.file.length };
  }

  @Get('/headers', byHeader)
  byHeader(_req: Request, { headers, cookies }: Valid<typeof byHeader>) {
    return headers['x-tenant'] + cookies.theme;
  }

  @Get('/items', items)
  async *items(_req: Request, _valid: Valid<typeof items>) {
    yield await Promise.resolve({ id: 1, title: 'a' });
  }

  @Get('/unnamed', items)
  *unnamed() {
    yield { id: 1, title: 'a' };
  }

  @Get('/texts', texts)
  *texts(_req: Request, _valid: Valid<typeof texts>) {
    yield 'a';
  }

  @Delete('/gone', gone)
  gone(_req: Request, _valid: Valid<typeof gone>) {
    return null;
  }

  @Delete('/nothing', nothing)
  nothing(_req: Request, _valid: Valid<typeof nothing>) {
    return null;
  }

  @Route('/valibot', ['PUT'], byValibot)
  valibot(_req: Request, { body }: Valid<typeof byValibot>) {
    return body.age;
  }

  @Get('/events')
  events() {
    return new EventStreamResponse([{ data: 'a' }]);
  }

  @Get('/raw')
  raw() {
    return new Response('raw');
  }

  @Get('/plain/<a:word>/<b:uuid>')
  plain(_req: Request, a: string, b: string) {
    if (a === b) return reply({ why: 'equal' }, { status: 409 });
    return { a, when: new Date(), map: { x: [new Date()] }, call: () => 1 };
  }

  @Get(note)
  note(_req: Request, id: number) {
    return id;
  }

  @Get('/html')
  html() {
    return '<p>';
  }

  /** A class may use its own client. */
  @Get('/own')
  async own() {
    const api = client<typeof Notes>('http://localhost', {
      routes: { list: [{ method: 'GET', path: '/notes' }] },
    });
    return { count: (await api.list()).length };
  }
}

const app = await bootstrap({ controllers: [Notes] });
const routes = { Notes: { add: [{ method: 'POST', path: '/notes/<id:int>/notes', statuses: [201, 404] }] } };
const api = client<typeof Notes>('https://notes.example', { routes: routes.Notes });

// Every kind of base, and both ways to know the routes; the class says itself of whom the client is.
export const others = [
  client(app, { from: Notes }).note(1),
  client(new TestClient(app), { from: Notes, headers: { 'x-own': 1 } }).note(1),
  client((req: Request) => app.handle(req), {
    from: Notes,
    headers: () => ({ authorization: 'Bearer' }),
  }).note(1),
  client<typeof Notes>(new URL('https://notes.example'), {
    routes: routes.Notes,
    fetch: (url, init) => fetch(url, { ...init, credentials: 'include' }),
  }).note(1),
];
export const text: string = clientRoutes(app.routes);

// What calls send.
const added = api.add(1, { body: { title: 'a' } });
export const sent = [
  api.add(1, {
    body: { title: 'a', tags: ['b'] },
    query: { dry: 'yes' },
    signal: new AbortController().signal,
  }),
  api.add(1, { body: { title: 'a' }, headers: { authorization: 'Bearer demo' } }),
  api.list(),
  api.list({}),
  api.list({ query: { label: ['a'] } }),
  api.coerced({ query: { page: '1' } }),
  api.upload({ form: { file: new Blob(['a']), more: ['b'] } }),
  api.byHeader({ headers: { 'x-tenant': 'a', authorization: 'Bearer demo' }, cookies: { theme: 'dark' } }),
  api.byHeader({ headers: { 'x-tenant': 'a' } }),
  api.valibot({ body: { age: '18' } }),
  api.plain('a', 'b', { query: { a: [1, 2] }, body: [], form: { a: 1 } }),
  api.one(1),
  api.one(1, { headers: { 'if-none-match': '"a"' } }),
];

// What they give.
interface NoteOnWire {
  id: number;
  title: string;
  due?: string;
}
const narrowed: NoteOnWire = await added;
export const strings: string[] = (await api.list()).map(({ title }) => title);
same<Same<DataOf<ReturnType<typeof api.upload>>, { size: number }>>();
same<Same<DataOf<ReturnType<typeof api.html>>, string>>();
same<Same<DataOf<ReturnType<typeof api.note>>, number>>();
same<Same<DataOf<ReturnType<typeof api.raw>>, unknown>>();
export const nones: undefined[] = [await api.gone(), await api.nothing()];
same<Same<DataOf<ReturnType<typeof api.valibot>>, number>>();
const coercedNow: { page: number; at: string; big: object } = await api.coerced({ query: { page: '1' } });
const plain = await api.plain('a', 'b');
export const whens: string[] = [plain.when, ...plain.map.x, plain.a];

for await (const { id, title } of await api.items()) title.repeat(id);
for await (const { id, title } of await api.unnamed()) title.repeat(id);
for await (const one of await api.texts()) one.trim();
for await (const { event, data, id } of await api.events()) event.concat(data, id);

// What they give by status.
const answer = await added.result();
if (answer.status === 404) answer.data.why.trim();
else answer.data.title.trim();
if (answer.ok) narrowed.title = answer.data.title;
export const location = answer.headers.get('location');
const found = await api.one(1).result();
if (found.status === 200) found.data.title.trim();
const deleted = await api.gone().result();
if (deleted.status === 404) deleted.data.why.trim();
const html = await api.html().result();
if (html.ok) html.data.trim();
export const raw: Promise<globalThis.Response> = api.raw().response();

// What they throw.
try {
  await added;
} catch (error) {
  if (error instanceof ResponseError)
    [error.status.toFixed(), error.problem?.detail?.trim(), error.problem?.errors?.[0]?.pointer];
}

// After JSON.
same<Same<Wire<Date>, string>>();
same<Same<Wire<{ a: Date | null; b: bigint[]; c?: () => void }>, { a: string | null; b: never[] }>>();
same<Same<Wire<[Date, undefined]>, [string, null]>>();
same<Same<Wire<unknown>, unknown>>();
export const wired: Wire<{ a?: Date; b?: string | undefined; c: { toJSON(): number } }>[] = [
  { c: 1 },
  { a: 'a', b: 'b', c: 2 },
];
export { coercedNow };
