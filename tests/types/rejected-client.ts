/** Clients that are not called as their controllers have it: every marked line must be a compile error, or this file does not compile. */
import {
  Controller,
  EventStreamResponse,
  Get,
  Post,
  reply,
  type Contract,
  type Request,
  type Valid,
} from 'obol';
import { client } from 'obol/client';
import { each, fields, file } from 'obol/contract';
import { z } from 'zod';

const Note = z.object({ id: z.number(), title: z.string() });
const add = {
  body: z.object({ title: z.string() }),
  returns: { 201: Note, 404: z.object({ why: z.string() }) },
} satisfies Contract;
const list = { query: z.object({ limit: z.number().optional() }), returns: z.array(Note) } satisfies Contract;
const coerced = { query: z.object({ page: z.string().transform(Number) }) } satisfies Contract;
const upload = { form: fields({ caption: z.string().optional(), file: file() }) } satisfies Contract;
const byHeader = { headers: z.object({ 'x-tenant': z.string() }) } satisfies Contract;
const items = { returns: each(Note) } satisfies Contract;

@Controller('/notes')
class Notes {
  readonly title: string = 'a field is no handler';

  @Post('/<id:int>/notes', add)
  add(_req: Request, id: number, { body }: Valid<typeof add>) {
    return { id, title: body.title };
  }

  @Get('/', list)
  list(_req: Request, _valid: Valid<typeof list>) {
    return [];
  }

  @Get('/coerced', coerced)
  coerced(_req: Request, { query }: Valid<typeof coerced>) {
    return { page: query.page, at: new Date() };
  }

  @Post('/upload', upload)
  upload(_req: Request, _valid: Valid<typeof upload>) {
    return null;
  }

  @Get('/headers', byHeader)
  byHeader(_req: Request, _valid: Valid<typeof byHeader>) {
    return null;
  }

  @Get('/items', items)
  *items(_req: Request, _valid: Valid<typeof items>) {
    yield { id: 1, title: 'a' };
  }

  @Get('/events')
  events() {
    return new EventStreamResponse([]);
  }

  @Get('/plain/<a:word>')
  plain(_req: Request, a: string) {
    return a === '' ? reply({ why: 'a' }, { status: 404 }) : { a };
  }

  @Get('/raw')
  raw(): unknown {
    return null;
  }

  helper(text: string) {
    return text;
  }
}

@Controller('/others')
class Others {
  @Get('/')
  other() {
    return null;
  }
}

const api = client<typeof Notes>('/', { from: Notes });

// The client itself.
// @ts-expect-error -- does not satisfy the constraint
client<Notes>('/', { from: Notes });
// @ts-expect-error -- Type '{}' is not assignable to type 'RoutesOf<typeof Notes>'
client<typeof Notes>('/', { routes: {} });
// @ts-expect-error -- is not assignable to parameter of type 'ClientOptions<typeof Notes>'
client<typeof Notes>('/', {});
// @ts-expect-error -- is not assignable to type
client<typeof Notes>('/', { from: Others });
// @ts-expect-error -- has no properties in common
client<typeof Notes>('/', { routes: { other: [{ method: 'GET', path: '/others' }] } });
// @ts-expect-error -- is not assignable to parameter of type 'ClientBase'
client(1, { from: Notes });

// What is called.
// @ts-expect-error -- Property 'none' does not exist
void api.none();
// @ts-expect-error -- has no call signatures
void api.title();
// @ts-expect-error -- has no call signatures
void api.helper('a');

// The path.
// @ts-expect-error -- 'string' is not assignable to parameter of type 'number'
void api.add('1', { body: { title: 'a' } });
// @ts-expect-error -- Expected 2 arguments, but got 1
void api.add(1);
// @ts-expect-error -- Expected 1-2 arguments, but got 0
void api.plain();
// @ts-expect-error -- Expected 1-2 arguments, but got 3
void api.plain('a', {}, 'b');

// What is sent.
// @ts-expect-error -- Property 'title' is missing
void api.add(1, { body: {} });
// @ts-expect-error -- Type 'number' is not assignable to type 'string'
void api.add(1, { body: { title: 1 } });
// @ts-expect-error -- 'more' does not exist
void api.add(1, { body: { title: 'a', more: 1 } });
// @ts-expect-error -- 'query' does not exist
void api.add(1, { body: { title: 'a' }, query: { a: 1 } });
// @ts-expect-error -- 'boddy' does not exist
void api.add(1, { boddy: { title: 'a' } });
// @ts-expect-error -- Type 'string' is not assignable to type 'number'
void api.list({ query: { limit: '1' } });
// @ts-expect-error -- Type 'number' is not assignable to type 'string'
void api.coerced({ query: { page: 1 } });
// @ts-expect-error -- Type 'string' is not assignable to type 'Blob'
void api.upload({ form: { file: 'a' } });
// @ts-expect-error -- Property 'file' is missing
void api.upload({ form: { caption: 'a' } });
// @ts-expect-error -- 'more' does not exist
void api.upload({ form: { file: new Blob(), more: 1 } });
// @ts-expect-error -- Expected 1 arguments, but got 0
void api.upload();
// @ts-expect-error -- Property ''x-tenant'' is missing
void api.byHeader({ headers: { authorization: 'a' } });
// @ts-expect-error -- Expected 1 arguments, but got 0
void api.byHeader();
// @ts-expect-error -- Type 'number' is not assignable to type 'AbortSignal'
void api.list({ signal: 1 });

// What is given.
// @ts-expect-error -- Type 'number' is not assignable to type 'string'
export const title: string = (await api.add(1, { body: { title: 'a' } })).id;
// @ts-expect-error -- Property 'why' does not exist
export const why = (await api.add(1, { body: { title: 'a' } })).why;
// @ts-expect-error -- Property 'why' does not exist
export const plainWhy = (await api.plain('a')).why;
// @ts-expect-error -- Type 'string' is not assignable to type 'Date'
export const at: Date = (await api.coerced({ query: { page: '1' } })).at;
// @ts-expect-error -- Property 'length' does not exist
export const length = (await api.items()).length;
// @ts-expect-error -- must have a '[Symbol.iterator]()' method
for (const item of await api.items()) void item;
// @ts-expect-error -- Property 'data' does not exist
export const data = (await api.events()).data;
// @ts-expect-error -- Property 'result' does not exist
export const twice = (await api.add(1, { body: { title: 'a' } })).result();

// By status.
const answer = await api.add(1, { body: { title: 'a' } }).result();
// @ts-expect-error -- Property 'title' does not exist
export const either = answer.data.title;
// @ts-expect-error -- no overlap
if (answer.status === 409) void answer;
if (answer.status === 404) {
  // @ts-expect-error -- Property 'title' does not exist
  void answer.data.title;
}
