/** JSON written piece by piece. */
import { EventEmitter, once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { jsonChunks } from '../../src/message/json-stream.js';

async function textOf(data: unknown): Promise<string> {
  let text = '';
  for await (const chunk of jsonChunks(data)) text += chunk;
  return text;
}

async function* later<T>(...items: T[]) {
  for (const item of items) yield await Promise.resolve(item);
}

function* now<T>(...items: T[]) {
  yield* items;
}

describe('jsonChunks', () => {
  test.each([
    [null],
    [1],
    ['a"b'],
    [true],
    [[]],
    [{}],
    [[1, [2, { a: [null, undefined, () => 1] }]]],
    [{ a: undefined, b: () => 1, c: Symbol('c'), 'd"': 1 }],
    [new Date(0)],
    [{ when: new Date(0), bytes: Buffer.from('a') }],
    [{ toJSON: () => ({ x: 1 }) }],
  ])('writes %p as JSON.stringify does', async (data) => {
    expect(await textOf(data)).toBe(JSON.stringify(data));
  });

  test('writes iterables and async iterables as arrays, however deep', async () => {
    expect(await textOf({ rows: later<unknown>(now(1, 2), { set: new Set(['a']) }), n: now() })).toBe(
      '{"rows":[[1,2],{"set":["a"]}],"n":[]}',
    );
  });

  test('writes null for what JSON has no text for', async () => {
    expect(await textOf(undefined)).toBe('null');
    expect(await textOf(now(undefined, Symbol('x')))).toBe('[null,null]');
  });

  test('gives pieces of some kilobytes', async () => {
    const pieces: string[] = [];
    for await (const piece of jsonChunks(now(...Array.from({ length: 2000 }, () => 'abcd'))))
      pieces.push(piece);
    expect(pieces.slice(0, -1).every(({ length }) => length >= 4096 && length < 4200)).toBe(true);
    expect(JSON.parse(pieces.join(''))).toHaveLength(2000);
  });

  test('gives what is there while more is waited for, the first value in any case', async () => {
    const gate = new EventEmitter();
    async function* slow(): AsyncGenerator {
      for (let count = 0; count < 3; count++) yield* (await once(gate, 'open')) as unknown[];
    }
    const chunks = jsonChunks({ rows: slow() });
    const first = chunks.next();
    const isEarly = await Promise.race([first.then(() => true), setTimeout(5, false)]);
    gate.emit('open', 1);
    expect([isEarly, (await first).value]).toEqual([false, '{"rows":[1']);
    const second = chunks.next();
    gate.emit('open', 2);
    expect((await second).value).toBe(',2');
    gate.emit('open', 3);
    expect((await chunks.next()).value).toBe(',3]}');
  });

  test('fails before the first value with nothing given', async () => {
    async function* failing(): AsyncGenerator<number> {
      await setTimeout(5);
      yield* [];
      throw new Error('no rows');
    }
    await expect(jsonChunks({ rows: failing() }).next()).rejects.toThrow('no rows');
  });

  test('ends the iterables when the reader stops early', async () => {
    const ended: string[] = [];
    async function* endless(name: string): AsyncGenerator {
      try {
        for (;;) yield name === 'outer' ? endless('inner') : 'x'.repeat(5000);
      } finally {
        ended.push(name);
      }
    }
    for await (const piece of jsonChunks(endless('outer'))) {
      expect(piece.length).toBeGreaterThan(4096);
      break;
    }
    expect(ended).toEqual(['inner', 'outer']);
  });

  test('fails where JSON.stringify would, or its source does', async () => {
    async function* failing() {
      yield await Promise.resolve(1);
      throw new Error('source failed');
    }
    await expect(textOf({ n: 1n })).rejects.toThrow('Do not know how to serialize a BigInt');
    await expect(textOf({ rows: failing() })).rejects.toThrow('source failed');
  });

  test('fails for an object that contains itself instead of writing for ever', async () => {
    const circle: Record<string, unknown> = { twice: [{}, {}] };
    circle['self'] = [circle];
    await expect(textOf(circle)).rejects.toThrow('JSON has no text for an object that contains itself');
    const shared = { a: 1 };
    expect(await textOf([shared, shared])).toBe('[{"a":1},{"a":1}]');
  });
});

test('ends where its last piece was just sent', async () => {
  const chunks: string[] = [];
  for await (const chunk of jsonChunks('x'.repeat(5000))) chunks.push(chunk);
  expect(chunks).toEqual([`"${'x'.repeat(5000)}"`]);
});
