/** Contracts that do not fit their handlers: every marked line must be a compile error, or this file does not compile. */
import { Controller, Get, Post, reply, type Contract, type Request, type Valid } from 'obol';
import { each } from 'obol/contract';
import { z } from 'zod';

const Note = z.object({ id: z.number(), title: z.string() });
const add = {
  body: z.object({ title: z.string(), due: z.number() }),
  returns: { 201: Note, 404: z.string() },
} satisfies Contract;
const list = { query: z.object({ limit: z.number() }), returns: each(Note) } satisfies Contract;
const get = { returns: Note } satisfies Contract;
const lost: Contract = { body: Note };

@Controller('/rejected')
export class RejectedContracts {
  // @ts-expect-error -- ["the contract has no", "query"]
  @Post('/part', { body: Note })
  part(_req: Request, { query }: { query: { limit: number } }) {
    return query.limit;
  }

  // @ts-expect-error -- ["the contract gives 'body.title' as", string, "the handler takes", number]
  @Post('/member', add)
  member(_req: Request, { body }: { body: { title: number } }) {
    return { id: body.title, title: 'a' };
  }

  // @ts-expect-error -- ["parameter 1 of '/path/<id:int>' is", number, "the handler takes", string]
  @Post('/path/<id:int>', add)
  path(_req: Request, id: string, { body }: Valid<typeof add>) {
    return { id: body.due, title: id };
  }

  // @ts-expect-error -- ["nothing comes after the validated object; the handler also takes", number]
  @Post('/more', add)
  more(_req: Request, { body }: Valid<typeof add>, more: number) {
    return { id: more, title: body.title };
  }

  // @ts-expect-error -- ["the contract has no", "query"]
  @Get('/none', get)
  none(_req: Request, _valid: { query: number }) {
    return { id: 1, title: 'a' };
  }

  // @ts-expect-error -- ["the handler returns 'id' as", string, "the contract's 'returns' takes", number]
  @Get('/type', get)
  type() {
    return { id: 'a', title: 'a' };
  }

  // @ts-expect-error -- ["the handler returns 'title' as", undefined, "the contract's 'returns' takes", string]
  @Get('/missing', get)
  missing() {
    return { id: 1 };
  }

  // @ts-expect-error -- ["the contract's 'returns' has no", 409]
  @Get('/status', get)
  status() {
    return reply({ id: 1, title: 'a' }, { status: 409 });
  }

  // @ts-expect-error -- ["the handler returns", { readonly why: "a"; }, "the contract's 'returns' takes", string]
  @Post('/value', add)
  value() {
    return reply({ why: 'a' }, { status: 404 });
  }

  // @ts-expect-error -- ["'returns: each(...)' takes a generator or a list, not", { id: number; title: string; }]
  @Get('/each', list)
  each() {
    return { id: 1, title: 'a' };
  }

  // @ts-expect-error -- ["the handler returns 'title' as", undefined, "the contract's 'returns' takes", string]
  @Get('/items', list)
  *items() {
    yield { id: 1 };
  }

  // @ts-expect-error -- ["a generator needs 'returns: each(...)'"]
  @Get('/generator', get)
  *generator() {
    yield { id: 1, title: 'a' };
  }

  // @ts-expect-error -- ["the contract has lost its types; write 'satisfies Contract' in place of ': Contract'"]
  @Post('/lost', lost)
  lost(_req: Request) {
    return null;
  }

  // @ts-expect-error -- ["the handler returns 'title' as", undefined, "the contract's 'returns' takes", string]
  @Get('/later', get)
  async later() {
    return Promise.resolve({ id: 1 });
  }

  // @ts-expect-error -- an inline contract with an unknown member
  @Post('/unknown', { bdy: Note })
  unknown(_req: Request) {
    return null;
  }
}
