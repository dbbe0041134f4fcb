/** Writes a JSON document piece by piece; iterables and async iterables in it become arrays. */

import { setImmediate } from 'node:timers/promises';

type Item = Iterator<unknown> | AsyncIterator<unknown>;

const FLUSH_LENGTH = 4096;
/** The end of a piece that is no value. */
const OPENING = /[[\]{},:]$/;

/** The text of the document in pieces of some kilobytes, or of what is there while more is waited for. @throws TypeError for what JSON cannot hold */
export async function* jsonChunks(data: unknown): AsyncGenerator<string> {
  const source = pieces(data);
  let text = '';
  let turn: Promise<undefined> | undefined;
  let hasValue = false;
  try {
    for (let next = source.next(); ;) {
      // What opens the document goes with its first value: an error before that has a status of its own.
      const mayWait: boolean = !hasValue || text === '';
      const step: IteratorResult<string, unknown> | undefined = await (mayWait
        ? next
        : Promise.race([next, (turn ??= setImmediate(undefined))]));
      if (step?.done) break;
      if (step) {
        text += step.value;
        hasValue ||= !OPENING.test(step.value);
        next = source.next();
      } else turn = undefined;
      if (step && text.length < FLUSH_LENGTH) continue;
      yield text;
      text = '';
    }
  } finally {
    await source.return(undefined);
  }
  if (text !== '') yield text;
}

/** @param around the objects that the value stands in; one of them again would never end */
async function* pieces(data: unknown, around: readonly object[] = []): AsyncGenerator<string> {
  const value = plain(data);
  if (typeof value !== 'object' || value === null) {
    const text: unknown = JSON.stringify(value);
    yield typeof text === 'string' ? text : 'null';
    return;
  }
  if (around.includes(value)) throw new TypeError('JSON has no text for an object that contains itself');
  const within = [...around, value];
  const items = iteratorOf(value);
  yield* items ? arrayPieces(items, within) : objectPieces(value, within);
}

async function* arrayPieces(items: Item, within: readonly object[]): AsyncGenerator<string> {
  let done = false;
  try {
    yield '[';
    for (let first = true; ; first = false) {
      const step = await items.next();
      if (step.done) break;
      if (!first) yield ',';
      yield* pieces(step.value, within);
    }
    done = true;
    yield ']';
  } finally {
    if (!done) await items.return?.();
  }
}

async function* objectPieces(value: object, within: readonly object[]): AsyncGenerator<string> {
  yield '{';
  let separator = '';
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined || typeof member === 'function' || typeof member === 'symbol') continue;
    yield `${separator}${JSON.stringify(key)}:`;
    yield* pieces(member, within);
    separator = ',';
  }
  yield '}';
}

/** What `toJSON` makes of a value, as JSON.stringify would ask for it. */
function plain(value: unknown): unknown {
  const known = value as { toJSON?: unknown } | null | undefined;
  return typeof known?.toJSON === 'function' ? (known.toJSON as () => unknown).call(known) : value;
}

function iteratorOf(value: object): Item | undefined {
  if (Symbol.asyncIterator in value) return (value as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  return Symbol.iterator in value ? (value as Iterable<unknown>)[Symbol.iterator]() : undefined;
}
