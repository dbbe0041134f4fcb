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
import { each } from 'obol/contract';
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

const own = new AcceptedContracts();
export const called = own.add({} as Request, { body: { title: 'a' } }).id.toFixed();
