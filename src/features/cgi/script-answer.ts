/** What a script writes, as the answer to its request (RFC 3875 6.2). */
import { Readable } from 'node:stream';
import { type Request, Response } from '../../kit.js';
import type { RunningProgram } from '../processes/running-program.js';
import { BadOutput, endOfHead, parseHead, type ScriptHead } from './script-head.js';
import { localRedirect } from './local-redirect.js';

/** Bytes of a header block. */
const MAX_HEAD = 16 * 1024;
/** Bytes up to which a document that has said its length is read before its head is sent, so that a false length is 502. */
const SMALL_DOCUMENT = 64 * 1024;
/** Statuses that never have content. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);
const REDIRECT = 302;

/**
 * The answer that a script gives.
 * @throws BadOutput for none, and for one that is wrong; ProgramError when it took too long or was stopped
 */
export async function answerOf(program: RunningProgram, request: Request, isNph: boolean): Promise<Response> {
  const { block, size, rest } = await readHead(program);
  const head = parseHead(block.toString('latin1'), isNph);
  if (head.length !== undefined) program.expect(size + head.length);
  if (head.contentType === undefined) {
    await readNothing(program, rest);
    return localRedirect(request, head) ?? new Response(null, { ...initOf(head), contentType: '' });
  }
  const isBodiless = request.method === 'HEAD' || BODILESS.has(statusOf(head));
  const response = await (isBodiless ? withoutBody(program, head) : documentOf(program, head, rest));
  return isDivisible(response, head) ? response.makePartial() : response;
}

/**
 * Of a document whose length the script has said, parts may be asked for. A client that takes up a download where it broke off
 * may put the whole behind its half, as git does without a program on the other side.
 */
function isDivisible({ status, length, headers }: Response, head: ScriptHead): boolean {
  return status === 200 && head.length !== undefined && length !== undefined && !headers.has('accept-ranges');
}

function statusOf({ status, location }: ScriptHead): number {
  return status ?? (location === undefined ? 200 : REDIRECT);
}

function initOf(head: ScriptHead): { status: number; headers: ScriptHead['headers'] } {
  return { status: statusOf(head), headers: head.headers };
}

/** A header block, and what came with it of the document. */
interface BegunOutput {
  readonly block: Buffer;
  /** Bytes of the block and of the empty line that ends it. */
  readonly size: number;
  readonly rest: Buffer;
}

async function readHead(program: RunningProgram): Promise<BegunOutput> {
  let bytes: Buffer = Buffer.alloc(0);
  for (let from = 0; bytes.length <= MAX_HEAD; from = bytes.length) {
    const chunk = await program.read();
    if (!chunk) throw await noHead(program, bytes.length);
    bytes = from === 0 ? chunk : Buffer.concat([bytes, chunk]);
    const end = endOfHead(bytes.subarray(0, MAX_HEAD), from);
    if (end) return { block: bytes.subarray(0, end.head), size: end.body, rest: bytes.subarray(end.body) };
  }
  throw new BadOutput(`a header longer than ${String(MAX_HEAD)} bytes`);
}

async function noHead(program: RunningProgram, length: number): Promise<BadOutput> {
  const { code, signal } = await program.end();
  const what = length === 0 ? 'no output' : 'a header without its end';
  return new BadOutput(`${what}, and ended with ${signal ?? `code ${String(code)}`}`);
}

/** @throws BadOutput for a document without a type, which browsers would guess; for a script that failed */
async function readNothing(program: RunningProgram, rest: Buffer): Promise<void> {
  for (let chunk: Buffer | undefined = rest; chunk; chunk = await program.read())
    if (chunk.length > 0) throw new BadOutput('a document without Content-Type');
  await assertSuccess(program);
}

/** The script runs to its end all the same; the length is what it says that of the document would be. */
async function withoutBody(program: RunningProgram, head: ScriptHead): Promise<Response> {
  while (await program.read());
  await assertSuccess(program);
  // A stream of that length, which is never read.
  return new Response(Readable.from([]), { ...initOf(head), length: head.length });
}

async function documentOf(program: RunningProgram, head: ScriptHead, rest: Buffer): Promise<Response> {
  const { length } = head;
  const isSmall = length !== undefined && length <= SMALL_DOCUMENT;
  const { bytes, isAll } = await readOver(program, rest, isSmall ? length : 0);
  if (isAll) {
    await assertComplete(program, bytes.length, length);
    return new Response(bytes, initOf(head));
  }
  // More than was promised: the promise is dropped, since the host frames what there is.
  const promised = length !== undefined && bytes.length > length ? undefined : length;
  return new Response(restOf(program, bytes, promised), { ...initOf(head), length: promised });
}

/** More bytes than those wanted, or all that there are. */
async function readOver(
  program: RunningProgram,
  begun: Buffer,
  wanted: number,
): Promise<{ bytes: Buffer; isAll: boolean }> {
  let bytes = begun;
  while (bytes.length <= wanted) {
    const chunk = await program.read();
    if (!chunk) return { bytes, isAll: true };
    bytes = Buffer.concat([bytes, chunk]);
  }
  return { bytes, isAll: false };
}

/** What goes beyond the promised length is read and left out: the head, with that length, has gone out. */
async function* restOf(
  program: RunningProgram,
  begun: Buffer,
  promised: number | undefined,
): AsyncGenerator<Buffer> {
  let given = 0;
  try {
    for (let chunk: Buffer | undefined = begun; chunk; chunk = await program.read()) {
      const wanted = chunk.subarray(0, (promised ?? Infinity) - given);
      given += wanted.length;
      if (wanted.length > 0) yield wanted;
    }
    await assertComplete(program, given, promised);
  } finally {
    program.stop();
  }
}

/** Whether a document without a length is complete only its program can say: by its end. */
async function assertComplete(
  program: RunningProgram,
  given: number,
  promised: number | undefined,
): Promise<void> {
  if (promised === undefined) await assertSuccess(program);
  else if (given < promised)
    throw new BadOutput(`${String(given)} of the ${String(promised)} bytes that it promised`);
}

async function assertSuccess(program: RunningProgram): Promise<void> {
  const { code, signal } = await program.end();
  if (code !== 0) throw new BadOutput(`a document, and ended with ${signal ?? `code ${String(code)}`}`);
}
