/** Contracts that do not fit their handlers: every marked line must be a compile error, or this file does not compile. */
import { Controller, Get, Post, reply, type Contract, type Request, type Valid } from 'obol';
import { each, fields, file } from 'obol/contract';
import { z } from 'zod';

const Note = z.object({ id: z.number(), title: z.string() });
const add = {
  body: z.object({ title: z.string(), due: z.number() }),
  returns: { 201: Note, 404: z.string() },
} satisfies Contract;
const list = { query: z.object({ limit: z.number() }), returns: each(Note) } satisfies Contract;
const get = { returns: Note } satisfies Contract;
const failing = { returns: { 404: Note } } satisfies Contract;
const upload = {
  form: fields({ caption: z.string().optional(), rank: z.number().default(1), file: file() }),
  headers: z.object({ 'x-tenant': z.string() }),
} satisfies Contract;
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

  // @ts-expect-error -- ["the contract gives another type than the handler takes of",
  @Post('/parts', upload)
  parts(_req: Request, { form, headers }: { form: { rank: string }; headers: { 'x-tenant': number } }) {
    return [form.rank, headers['x-tenant']];
  }

  // @ts-expect-error -- ["the contract gives 'form.file' as", UploadedFile, "the handler takes", string]
  @Post('/file', upload)
  file(_req: Request, { form }: { form: { file: string } }) {
    return form.file;
  }

  // @ts-expect-error -- ["the handler returns 'id' as", string, "the contract's 'returns' takes", number]
  @Post('/arm', add)
  arm(_req: Request, { body }: Valid<typeof add>) {
    return body.title === '' ? { id: 1, title: 'a' } : { id: 'a', title: 'a' };
  }

  // @ts-expect-error -- ["the contract's 'returns' has no 2xx for", string]
  @Get('/failures', failing)
  failures() {
    return 'a';
  }

  // @ts-expect-error -- an inline contract with an unknown member
  @Post('/unknown', { bdy: Note })
  unknown(_req: Request) {
    return null;
  }
}

// A test that calls the method; what a schema of fields wants is needed without strictNullChecks, too.
const own = new RejectedContracts();
declare const req: Request;
declare const valid: Valid<typeof upload>;
// @ts-expect-error -- Property 'body' is missing
own.path(req, 'a', {});
// @ts-expect-error -- Property 'due' is missing
own.path(req, 'a', { body: { title: 'a' } });
// @ts-expect-error -- is not assignable to
own.path(req, 'a', valid);
// @ts-expect-error -- Property 'file' is missing
export const form: Valid<typeof upload>['form'] = { rank: 1 };
// @ts-expect-error -- Property 'rank' is missing
export const ranked: Valid<typeof upload>['form'] = { caption: 'a', file: valid.form.file };

// Contracts.
// @ts-expect-error -- 'bodies' does not exist in type 'Contract'
export const misspelt = { bodies: Note } satisfies Contract;
// @ts-expect-error -- is not assignable to type 'Schema'
export const plain = { body: { title: 'string' } } satisfies Contract;
// @ts-expect-error -- is not assignable to type
export const byName = { returns: { ok: Note } } satisfies Contract;
// @ts-expect-error -- is not assignable to type 'Schema'
export const listed = { returns: each({ id: 'number' }) } satisfies Contract;
