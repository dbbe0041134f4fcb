/** Contracts that fit their handlers: this file compiles. */
import {
  Controller,
  Delete,
  Get,
  Patch,
  path,
  Post,
  Put,
  reply,
  Response,
  Route,
  type Contract,
  type Request,
  type Returned,
  type Valid,
} from 'obol';
import { each, fields, file } from 'obol/contract';
import { UploadedFile } from 'obol/testing';
import * as v from 'valibot';
import { z } from 'zod';

const Note = z.object({ id: z.number(), title: z.string(), kind: z.enum(['note', 'todo']).optional() });
const Problem = z.object({ why: z.string() });

const add = {
  body: z.object({ title: z.string() }),
  returns: { 201: Note, 404: Problem, 204: null },
} satisfies Contract;
const list = {
  query: z.object({ limit: z.coerce.number<string>().default(20) }),
  returns: z.array(Note),
} satisfies Contract;
const stream = { returns: each(Note) } satisfies Contract;
const nothing = { returns: null } satisfies Contract;
const byValibot = {
  body: v.object({ age: v.number() }),
  cookies: v.object({ theme: v.string() }),
} satisfies Contract;

const upload = {
  form: fields({
    caption: z.string().optional(),
    rank: z.number().default(1),
    by: v.optional(v.string()),
    other: v.nullish(v.number()),
    file: file({ types: ['image/png'] }),
  }),
  headers: z.object({ 'x-tenant': z.string() }),
} satisfies Contract;
const statuses = { returns: { 200: z.string(), 202: Note, 205: null, 500: Problem } } satisfies Contract;

const notes = path('/notes');
const note = notes.path('/<id:int>');

@Controller('/accepted')
export class AcceptedContracts {
  @Post('/', add)
  add(_req: Request, { body }: Valid<typeof add>) {
    return { id: 1, title: body.title };
  }

  @Post('/several', add)
  several(_req: Request, { body }: Valid<typeof add>) {
    if (body.title === '') return null;
    if (body.title === 'a') return reply({ why: 'lost' }, { status: 404 });
    if (body.title === 'b') return new Response('own');
    if (body.title === 'c') return reply({ id: 1, title: 'c' }, { headers: { 'X-Own': '1' } });
    return reply({ id: 1, title: 'c' }, { status: 201 });
  }

  @Put('/written', add)
  async written(_req: Request, _valid: Valid<typeof add>): Promise<Returned<typeof add>> {
    return Promise.resolve({ id: 1, title: 'a', kind: 'note' });
  }

  @Get('/list/<id:int>', list)
  list(_req: Request, _id: number, { query }: Valid<typeof list>) {
    const limit: number = query.limit;
    return [{ id: limit, title: 'a' }];
  }

  @Get('/fewer/<id:int>', list)
  fewer(_req: Request, _id: number) {
    return [];
  }

  @Get('/none', list)
  none() {
    return [{ id: 1, title: 'a' }];
  }

  @Get(note, stream)
  *stream(_req: Request, id: number) {
    yield { id, title: 'a' };
  }

  @Get('/later', stream)
  async *later() {
    yield await Promise.resolve({ id: 1, title: 'a' });
  }

  @Put('/created', { returns: Note })
  created() {
    return reply({ id: 1, title: 'a' }, { status: 201 });
  }

  @Delete('/nothing', nothing)
  nothing() {
    // Nothing is what it returns.
  }

  @Route('/valibot', ['POST', 'PUT'], byValibot)
  valibot(_req: Request, { body, cookies }: Valid<typeof byValibot>) {
    return { age: body.age, theme: cookies.theme };
  }

  @Patch('/inline', { body: z.object({ title: z.string() }) })
  inline(_req: Request, { body }: { body: { title: string } }) {
    return body.title;
  }
}

@Controller('/more')
export class MoreContracts {
  @Post('/upload/<id:int>', upload)
  upload(_req: Request, id: number, { form, headers }: Valid<typeof upload>) {
    const caption: string | undefined = form.caption;
    const rank: number = form.rank + (form.other ?? 0);
    return { id, caption, rank, by: form.by, size: form.file.length, tenant: headers['x-tenant'] };
  }

  @Post('/part', upload)
  part(_req: Request, { form }: Pick<Valid<typeof upload>, 'form'>) {
    return form.file.filename;
  }

  @Get('/statuses', statuses)
  statuses(req: Request) {
    if (req.path === '/a') return reply({ id: 1, title: 'a' }, { status: 202 });
    if (req.path === '/b') return reply(null, { status: 205 });
    if (req.path === '/c')
      return reply({ why: 'c' }, { status: 500, contentType: 'application/problem+json' });
    return 'text';
  }

  @Get('/promised', statuses)
  async promised(req: Request) {
    await Promise.resolve();
    return req.path === '/a' ? reply({ id: 1, title: 'a' }, { status: 202 }) : 'text';
  }

  @Get('/list', stream)
  list() {
    return new Set([{ id: 1, title: 'a' }]);
  }

  @Get('/surplus', stream)
  surplus() {
    return [{ id: 1, title: 'a', more: true }];
  }

  @Get('/empty', {})
  empty(_req: Request) {
    return 1;
  }
}

const own = new AcceptedContracts();
const png = UploadedFile.of('file', 'a', { type: 'image/png' });
export const uploaded = new MoreContracts().upload({} as Request, 1, {
  form: { rank: 1, file: png },
  headers: { 'x-tenant': 'a' },
}).size;
export const called = own.add({} as Request, { body: { title: 'a' } }).id.toFixed();
