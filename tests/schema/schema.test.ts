/** Schemas of several libraries, and what is said about values that they refuse. */
import { describe, expect, test } from '@jest/globals';
import { type } from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';
import { checkSchema } from '../../src/schema/check-schema.js';
import { checkTexts } from '../../src/schema/check-texts.js';
import { fields } from '../../src/schema/fields.js';
import { mistakesOf, pointerTo } from '../../src/schema/mistakes.js';
import { isSchema, validate, type Schema, type SchemaIssue } from '../../src/schema/standard-schema.js';

const SCHEMAS: Record<string, Schema> = {
  zod: z.object({ name: z.string(), age: z.number().int().min(18) }),
  valibot: v.object({ name: v.string(), age: v.pipe(v.number(), v.integer(), v.minValue(18)) }),
  arktype: type({ name: 'string', age: 'number.integer>=18' }),
};

async function mistakes(schema: Schema, value: unknown) {
  const { issues = [] } = await validate(schema, value);
  return mistakesOf(issues, value);
}

describe.each(Object.entries(SCHEMAS))('of %s', (_library, schema) => {
  test('is known as a schema, and gives what fits', async () => {
    expect(isSchema(schema)).toBe(true);
    expect(await validate(schema, { name: 'Ann', age: 20 })).toMatchObject({
      value: { name: 'Ann', age: 20 },
    });
  });

  test.each<[unknown, string]>([
    [{ name: 'Ann', age: 'hunter2' }, '/age'],
    [{ name: 'Ann', age: 17.25 }, '/age'],
    [{ name: ['hunter2'], age: 20 }, '/name'],
    [{ name: { secret: 'hunter2' }, age: 20 }, '/name'],
    ['hunter2', ''],
    [{ age: 20 }, '/name'],
  ])('says where %j is wrong, and nothing of the value', async (value, pointer) => {
    const found = await mistakes(schema, value);
    expect(found.map(({ path }) => pointerTo(path))).toContain(pointer);
    for (const { detail } of found) {
      expect(detail).not.toMatch(/hunter2|17/);
      expect(detail).not.toBe('');
    }
  });
});

test.each([null, undefined, 1, 'text', {}, { '~standard': {} }, { '~standard': null }, () => 1])(
  '%p is no schema',
  (value) => {
    expect(isSchema(value)).toBe(false);
  },
);

test('what is no schema judges nothing', () => {
  expect(() => checkSchema({} as Schema, 1)).toThrow(
    new TypeError('This is no schema; give one of zod, valibot or arktype'),
  );
});

test.each([[null], ['text'], [5]])('fields are wanted in place of %p', (value) => {
  const schema = fields({ a: z.string().optional() });
  expect(checkSchema(schema, value)).toEqual({ mistakes: [{ path: [], detail: 'Fields are wanted' }] });
  expect(checkSchema(schema, { b: 1 })).toEqual({ value: {} });
});

test('fields wait for those that are judged later', async () => {
  const later = z.string().refine((text) => Promise.resolve(text !== 'no'), 'Is taken');
  const schema = fields({ a: later, b: z.number() });
  expect(await checkSchema(schema, { a: 'yes', b: 1 })).toEqual({ value: { a: 'yes', b: 1 } });
  expect(await checkSchema(schema, { a: 'no', b: 'x' })).toEqual({
    mistakes: [
      { path: ['a'], detail: 'Is taken' },
      { path: ['b'], detail: 'Invalid input: expected number, received string' },
    ],
  });
});

test('texts are read again by asynchronous schemas, too', async () => {
  const schema = z.object({ n: z.number().refine((n) => Promise.resolve(n < 5), 'Is too much') });
  expect(await checkTexts(schema, { n: '4' })).toMatchObject({ value: { n: 4 } });
  expect(await checkTexts(schema, { n: 'x' })).toMatchObject({ mistakes: [{ path: ['n'] }] });
  expect(await checkTexts(schema, { n: 4 })).toMatchObject({ value: { n: 4 } });
});

describe('what is said', () => {
  const saying = (message: string, path: SchemaIssue['path'], value: unknown): string =>
    mistakesOf([{ message, path }], value)[0]?.detail ?? '';

  test.each<[string, SchemaIssue['path'], unknown, string]>([
    ['Expected string', ['a'], { a: 5 }, 'Expected string'],
    ['Expected string, not 5', ['a'], { a: 5 }, 'It does not fit'],
    ['Must be at least 15', ['a'], { a: 5 }, 'Must be at least 15'],
    ['Expected a number', ['a'], { a: 'number' }, 'It does not fit'],
    ['Expected a number', ['a'], { a: 'numb' }, 'Expected a number'],
    ['was "s/e*c"', ['a'], { a: 's/e*c' }, 'It does not fit'],
    ['xs/e*c', ['a'], { a: '/e*' }, 'It does not fit'],
    ['was {"deep":["secret"]}', ['a'], { a: { deep: ['secret'] } }, 'It does not fit'],
    ['was secret', [], 'secret', 'It does not fit'],
    ['was 5.', ['a'], { a: 5n }, 'It does not fit'],
    ['Expected x', ['a'], { a: '' }, 'Expected x'],
    ['was secret', undefined, { a: { b: 'secret' } }, 'It does not fit'],
    ['Required', [{ key: 'constructor' }, 'name'], {}, 'Required'],
    ['', ['a'], {}, 'It does not fit'],
  ])('%j at %j of %j becomes %j', (message, path, value, detail) => {
    expect(saying(message, path, value)).toBe(detail);
  });

  test('is bounded in number, depth and length', () => {
    const many = mistakesOf(
      Array.from({ length: 1000 }, () => ({ message: 'no' })),
      {},
    );
    expect(many).toHaveLength(100);
    const [deep] = mistakesOf([{ message: 'no', path: Array.from({ length: 1000 }, () => 'x') }], {});
    expect(deep?.path).toHaveLength(64);
    const name = 'n'.repeat(5000);
    const [long] = mistakesOf(
      [{ message: `Unrecognized key ${name} ${'and '.repeat(200)}`, path: [name] }],
      {},
    );
    expect(long?.path[0]).toBe(`${'n'.repeat(100)}…`);
    expect(long?.detail.startsWith(`Unrecognized key ${'n'.repeat(100)}… and and`)).toBe(true);
    expect(long?.detail).toHaveLength(501);
  });

  test('names members as a JSON pointer does', () => {
    expect(pointerTo([])).toBe('');
    expect(pointerTo(['a/b', '~', '0', ''])).toBe('/a~1b/~0/0/');
  });
});
