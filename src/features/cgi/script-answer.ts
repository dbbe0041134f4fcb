/** What a script writes, as the answer to its request (RFC 3875 6.2). */
import { Readable } from 'node:stream';
import { type Request, Response } from '../../kit.js';
import { BadOutput, endOfHead, parseHead, type ScriptHead } from './script-head.js';
import { localRedirect } from './local-redirect.js';
import type { ScriptOutput } from './script-output.js';

/** Bytes of a header block. */
const MAX_HEAD = 16 * 1024;
/** Bytes up to which a document that has said its length is read before its head is sent, so that a false length is 502. */
const SMALL_DOCUMENT = 64 * 1024;
/** Statuses that never have content. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);
const REDIRECT = 302;
/** From that status on a script says itself that something went wrong. */
const FAILURE = 400;

/**
 * The answer that a script gives.
 * @throws BadOutput for none, and for one that is wrong; ProgramError when it took too long or was stopped
 */
export async function answerOf(output: ScriptOutput, request: Request, isNph: boolean): Promise<Response> {
  const { block, size, rest } = await readHead(output);
  const head = parseHead(block.toString('latin1'), isNph);
  if (head.length !== undefined) output.expect(size + head.length);
  if (head.contentType === undefined) {
    await readNothing(output, rest, promiseOf(head));
    return localRedirect(request, head) ?? new Response(null, { ...initOf(head), contentType: '' });
  }
  const isBodiless = request.method === 'HEAD' || BODILESS.has(statusOf(head));
  const response = await (isBodiless ? withoutBody(output, head) : documentOf(output, head, rest));
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

/** What the head of a script says of what is to come. */
interface Promised {
  /** Bytes of the document; undefined where it does not say. */
  readonly length: number | undefined;
  /** Whether it may end with any code, having said itself that it failed: programs such as PHP's do both. */
  readonly mayFail: boolean;
}

function promiseOf(head: ScriptHead): Promised {
  return { length: head.length, mayFail: statusOf(head) >= FAILURE };
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

async function readHead(output: ScriptOutput): Promise<BegunOutput> {
  let bytes: Buffer = Buffer.alloc(0);
  for (let from = 0; bytes.length <= MAX_HEAD; from = bytes.length) {
    const chunk = await output.read();
    if (!chunk) throw await noHead(output, bytes.length);
    bytes = from === 0 ? chunk : Buffer.concat([bytes, chunk]);
    const end = endOfHead(bytes.subarray(0, MAX_HEAD), from);
    if (end) return { block: bytes.subarray(0, end.head), size: end.body, rest: bytes.subarray(end.body) };
  }
  throw new BadOutput(`a header longer than ${String(MAX_HEAD)} bytes`);
}

async function noHead(output: ScriptOutput, length: number): Promise<BadOutput> {
  const { code, signal } = await output.end();
  const what = length === 0 ? 'no output' : 'a header without its end';
  return new BadOutput(`${what}, and ended with ${signal ?? `code ${String(code)}`}`);
}

/** @throws BadOutput for a document without a type, which browsers would guess; for a script that failed */
async function readNothing(output: ScriptOutput, rest: Buffer, promised: Promised): Promise<void> {
  for (let chunk: Buffer | undefined = rest; chunk; chunk = await output.read())
    if (chunk.length > 0) throw new BadOutput('a document without Content-Type');
  await assertSuccess(output, promised);
}

/** The script runs to its end all the same; the length is what it says that of the document would be. */
async function withoutBody(output: ScriptOutput, head: ScriptHead): Promise<Response> {
  while (await output.read());
  await assertSuccess(output, promiseOf(head));
  // A stream of that length, which is never read.
  return new Response(Readable.from([]), { ...initOf(head), length: head.length });
}

async function documentOf(output: ScriptOutput, head: ScriptHead, rest: Buffer): Promise<Response> {
  const { length } = head;
  const promised = promiseOf(head);
  const isSmall = length !== undefined && length <= SMALL_DOCUMENT;
  const { bytes, isAll } = await readOver(output, rest, isSmall ? length : 0);
  if (isAll) {
    await assertComplete(output, bytes.length, promised);
    return new Response(bytes, initOf(head));
  }
  // More than was promised: the promise is dropped, since the host frames what there is.
  const kept = length !== undefined && bytes.length > length ? undefined : length;
  const document = restOf(output, bytes, { ...promised, length: kept });
  return new Response(document, { ...initOf(head), length: kept });
}

/** More bytes than those wanted, or all that there are. */
async function readOver(
  output: ScriptOutput,
  begun: Buffer,
  wanted: number,
): Promise<{ bytes: Buffer; isAll: boolean }> {
  let bytes = begun;
  while (bytes.length <= wanted) {
    const chunk = await output.read();
    if (!chunk) return { bytes, isAll: true };
    bytes = Buffer.concat([bytes, chunk]);
  }
  return { bytes, isAll: false };
}

/** What goes beyond the promised length is read and left out: the head, with that length, has gone out. */
async function* restOf(output: ScriptOutput, begun: Buffer, promised: Promised): AsyncGenerator<Buffer> {
  let given = 0;
  try {
    for (let chunk: Buffer | undefined = begun; chunk; chunk = await output.read()) {
      const wanted = chunk.subarray(0, (promised.length ?? Infinity) - given);
      given += wanted.length;
      if (wanted.length > 0) yield wanted;
    }
    await assertComplete(output, given, promised);
  } finally {
    output.stop();
  }
}

/** Whether a document without a length is complete only its program can say: by its end. */
async function assertComplete(output: ScriptOutput, given: number, promised: Promised): Promise<void> {
  const { length } = promised;
  if (length === undefined) await assertSuccess(output, promised);
  else if (given < length)
    throw new BadOutput(`${String(given)} of the ${String(length)} bytes that it promised`);
}

async function assertSuccess(output: ScriptOutput, { mayFail }: Promised): Promise<void> {
  const { code, signal } = await output.end();
  if (code === null || (code !== 0 && !mayFail))
    throw new BadOutput(`a document, and ended with ${signal ?? `code ${String(code)}`}`);
}
