/** Schemas of several libraries, and what is said about values that they refuse. */
import { describe, expect, test } from '@jest/globals';
import { type } from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';
import { checkSchema } from '../../src/schema/check-schema.js';
import { checkTexts } from '../../src/schema/check-texts.js';
import { fields } from '../../src/schema/fields.js';
import { mistakesOf, pointerTo } from '../../src/schema/mistakes.js';
import { isSchema, type Schema, type SchemaIssue } from '../../src/schema/standard-schema.js';

const SCHEMAS: Record<string, Schema> = {
  zod: z.object({ name: z.string(), age: z.number().int().min(18) }),
  valibot: v.object({ name: v.string(), age: v.pipe(v.number(), v.integer(), v.minValue(18)) }),
  arktype: type({ name: 'string', age: 'number.integer>=18' }),
};

async function mistakes(schema: Schema, value: unknown) {
  return (await checkSchema(schema, value)).mistakes ?? [];
}

describe.each(Object.entries(SCHEMAS))('of %s', (_library, schema) => {
  test('is known as a schema, and gives what fits', async () => {
    expect(isSchema(schema)).toBe(true);
    expect(await checkSchema(schema, { name: 'Ann', age: 20 })).toMatchObject({
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

test('a rule over several texts is one of what they are read as', () => {
  const schema = z
    .object({ from: z.number(), to: z.number() })
    .refine(({ from, to }) => from < to, 'Goes backwards');
  expect(checkTexts(schema, { from: '3', to: '5' })).toEqual({ value: { from: 3, to: 5 } });
  expect(checkTexts(schema, { from: '5', to: '3' })).toEqual({
    mistakes: [{ path: [], detail: 'Goes backwards' }],
  });
});

test.each<[string, Schema, string, string]>([
  ['a number that is too large', z.number().max(3), '5', 'Too big: expected number to be <=3'],
  ['a text that is too long', z.string().max(3), '12345', 'Too big: expected string to have <=3 characters'],
  ['no number', z.number(), 'x', 'Invalid input: expected number, received string'],
  ['no whole number', z.int(), '1.5', 'Invalid input: expected int, received number'],
  ['too few', z.array(z.string()).min(3), 'x', 'Too small: expected array to have >=3 items'],
  [
    'by valibot',
    v.pipe(
      v.number(),
      v.check(() => false, 'Is odd'),
    ),
    '5',
    'Is odd',
  ],
  ['a number, where the library shows it', type('number>7'), '5', 'It does not fit'],
  ['of two members', z.number().refine(() => false, 'Is after the other'), '5', 'Is after the other'],
])('what is said of %s is about what it is meant as', (_what, schema, n, detail) => {
  expect(checkTexts(fields({ n: schema }), { n })).toEqual({ mistakes: [{ path: ['n'], detail }] });
});

describe('what is wrong with a text is what is wrong with what it is meant as', () => {
  test.each<[string, Schema, string, string, string]>([
    ['a number that is too small', z.number().min(1), '0', 'n', 'Too small: expected number to be >=1'],
    ['a number that is too large', z.number().max(100), '1000', 'n', 'Too big: expected number to be <=100'],
    ['a number that is not whole', z.int(), '1.5', 'n', 'Invalid input: expected int, received number'],
    ['a rule', z.number().refine((n) => n % 2 === 0, 'Is odd'), '3', 'n', 'Is odd'],
    ['a rule, later', z.number().refine(() => Promise.resolve(false), 'Is taken'), '3', 'n', 'Is taken'],
    ['a flag', z.literal(true).or(z.number().max(2)), '3', 'n', 'Too big: expected number to be <=2'],
    ['no number', z.number().min(1), 'x', 'n', 'Invalid input: expected number, received string'],
    ['digits that are a text', z.email(), '5', 'n', 'Invalid email address'],
    ['digits that are none of', z.enum(['a', 'b']), '5', 'n', 'Invalid option: expected one of "a"|"b"'],
    ['no date', z.date(), '5', 'n', 'Invalid input: expected date, received number'],
    [
      'in a list of one',
      z.array(z.string().max(2)),
      'long',
      'n/0',
      'Too big: expected string to have <=2 characters',
    ],
    [
      'a number in a list of one',
      z.array(z.number().max(2)),
      '3',
      'n/0',
      'Too big: expected number to be <=2',
    ],
    [
      'no number in a list of one',
      z.array(z.number()),
      'x',
      'n',
      'Invalid input: expected array, received string',
    ],
    ['without the value', v.pipe(v.number(), v.maxValue(5)), '9', 'n', 'It does not fit'],
    ['in words of its own', v.pipe(v.number(), v.maxValue(5, 'Five at most')), '9', 'n', 'Five at most'],
    ['of arktype', type('number <= 5').configure({ message: 'Five at most' }), '9', 'n', 'Five at most'],
    [
      'of a number, without it',
      z.number().refine(() => false, { error: ({ input }) => `Not ${String(input)}` }),
      '1e3',
      'n',
      'It does not fit',
    ],
  ])('%s', async (_what, schema, n, ...[path, detail]) => {
    const refused = { mistakes: [{ path: path.split('/'), detail }] };
    expect(await checkTexts(fields({ n: schema }), { n })).toEqual(refused);
    if (schema instanceof z.ZodType)
      expect(await checkTexts(z.object({ n: schema }), { n })).toEqual(refused);
  });

  test('that fails with others alone', () => {
    const schema = z
      .object({ from: z.number(), to: z.number() })
      .refine(({ from, to }) => from < to, { path: ['to'], error: 'Goes backwards' });
    expect(checkTexts(schema, { from: '5', to: '3' })).toEqual({
      mistakes: [{ path: ['to'], detail: 'Goes backwards' }],
    });
  });

  test('that stands beside what is missing', () => {
    const schema = z.object({ missing: z.string(), n: z.number().max(5) });
    expect(checkTexts(schema, { n: '9' })).toEqual({
      mistakes: [
        { path: ['n'], detail: 'Too big: expected number to be <=5' },
        { path: ['missing'], detail: 'Invalid input: expected string, received undefined' },
      ],
    });
  });
});

test('more texts are read as numbers than there are mistakes in an answer', () => {
  const names = Array.from({ length: 300 }, (_, index) => `n${String(index)}`);
  const schema = z.object(Object.fromEntries(names.map((name) => [name, z.number()])));
  const texts = (text: string) => Object.fromEntries(names.map((name) => [name, text]));
  expect(checkTexts(schema, texts('1'))).toMatchObject({ value: { n0: 1, n299: 1 } });
  expect(checkTexts(schema, texts('x')).valueOf()).toMatchObject({ mistakes: { length: 100 } });
});

describe('a scalar that is given twice', () => {
  const coerced = {
    text: z.coerce.string(),
    trimmed: z.coerce.string().trim().toLowerCase(),
    date: z.coerce.date(),
    flag: z.coerce.boolean(),
    big: z.coerce.bigint(),
    valibot: v.pipe(v.unknown(), v.transform(String)),
    later: z.coerce.string().refine(() => Promise.resolve(true)),
  };

  test.each(Object.entries(coerced))('is refused, however the schema coerces: %s', async (name, schema) => {
    expect(await checkTexts(fields({ [name]: schema }), { [name]: ['1', '2'] })).toMatchObject({
      mistakes: [{ path: [name] }],
    });
    expect(await checkTexts(fields({ [name]: schema }), { [name]: '1' })).toHaveProperty('value');
  });

  test('is refused beside a list that is wanted', () => {
    const schema = fields({ a: z.coerce.string(), list: z.array(z.string()).transform(String) });
    expect(checkTexts(schema, { a: ['1', '2'], list: ['x', 'y'] })).toEqual({
      mistakes: [{ path: ['a'], detail: 'It is given more than once' }],
    });
    expect(checkTexts(schema, { a: '1', list: ['x', 'y'] })).toEqual({ value: { a: '1', list: 'x,y' } });
  });

  test.each<[string, Schema, unknown]>([
    ['joined', z.array(z.string()).transform((list) => list.join(',')), '1,2'],
    ['counted', z.array(z.string()).transform((list) => list.length), 2],
    [
      'of either kind',
      z.union([z.string(), z.array(z.string())]).transform((given) => [given].flat().length),
      2,
    ],
    ['of numbers', z.array(z.number()), [1, 2]],
    ['a set', z.array(z.string()).transform((list) => new Set(list)), new Set(['1', '2'])],
  ])('is none where a list is wanted: %s', (_what, schema, value) => {
    expect(checkTexts(fields({ list: schema }), { list: ['1', '2'] })).toEqual({ value: { list: value } });
  });
});

describe('a flag', () => {
  test.each<[string, Schema, unknown]>([
    ['a number', z.coerce.number(), 'true'],
    ['zero', z.coerce.number(), 'false'],
    ['a large number', z.coerce.bigint(), 'true'],
    ['a date', z.coerce.date(), 'true'],
    ['numbers', z.array(z.coerce.number()), ['true', '2']],
    ['a number, by valibot', v.pipe(v.unknown(), v.transform(Number), v.number()), 'true'],
    ['a number, later', z.coerce.number().refine(() => Promise.resolve(true)), 'true'],
  ])('is not coerced to %s', async (_what, schema, n) => {
    expect(await checkTexts(fields({ n: schema }), { n })).toEqual({
      mistakes: [{ path: ['n'], detail: 'It does not fit' }],
    });
  });

  test.each<[string, Schema, unknown, unknown]>([
    ['a flag', z.boolean(), 'true', true],
    ['a flag or a number', z.union([z.number(), z.boolean()]), 'false', false],
    ['flags', z.array(z.boolean()), ['true', 'false'], [true, false]],
    ['made a number', z.boolean().transform(Number), 'true', 1],
    ['made of either', z.literal([true, 1]).transform((given) => [true, 1].includes(given)), 'true', true],
  ])('is one where one is wanted: %s', (_what, schema, n, value) => {
    expect(checkTexts(fields({ n: schema }), { n })).toEqual({ value: { n: value } });
  });
});

test.each<[unknown, string]>([
  [undefined, 'fields(): its argument is no object of schemas by name.'],
  [z.object({}), 'fields(): its argument is no object of schemas by name.'],
  [[z.string()], 'fields(): its argument is no object of schemas by name.'],
  [{ a: z.string(), b: 5 }, 'fields(): b is no schema, but 5; give one of zod, valibot or arktype.'],
])('fields(%#) is a mistake', (shape, message) => {
  expect(() => fields(shape as never)).toThrow(expect.objectContaining({ code: 'E_CONTRACT', message }));
});

test('what a schema says without words, or about a symbol, is a mistake all the same', () => {
  const issues = [{}, { message: 5, path: [Symbol('s'), { key: 1 }] }] as unknown as SchemaIssue[];
  expect(mistakesOf(issues, {})).toEqual([
    { path: [], detail: 'It does not fit' },
    { path: ['Symbol(s)', '1'], detail: 'It does not fit' },
  ]);
});

test.each([[{}], [{ n: '1' }]])('%j is refused by a schema that does not say why', (texts) => {
  const schema: Schema = {
    '~standard': { version: 1, vendor: 'silent', validate: () => ({ issues: [] }) },
  };
  const refused = { mistakes: [{ path: [], detail: 'It does not fit' }] };
  expect(checkSchema(schema, texts)).toEqual(refused);
  expect(checkTexts(schema, texts)).toEqual(refused);
});

const SECRET = 'hun"ter\\2\n';

test.each<[string, Schema, unknown]>([
  ['trimmed', v.pipe(v.string(), v.trim(), v.email()), '  hunter2 '],
  ['in lower case', v.pipe(v.string(), v.toLowerCase(), v.email()), 'HUNTER2'],
  [
    'turned round',
    v.pipe(
      v.string(),
      v.transform((s) => Array.from(s).reverse().join('')),
      v.email(),
    ),
    '2retnuh',
  ],
  ['parsed', v.pipe(v.string(), v.parseJson(), v.object({ a: v.number() })), '{"a":"hunter2"}'],
  ['with marks', v.picklist(['a', 'b']), SECRET],
  ['as JSON writes it', type('string.email'), SECRET],
  ['with other characters, as JSON', type('string.email'), 'hunter2\u0001'],
  ['in each branch', type({ a: "'x'" }).or({ b: "'y'" }), { a: SECRET, b: SECRET }],
  ['piped', type('string.trim |> string.email'), ' hunter2 '],
  ['long', type('string.email'), 'hunter2-'.repeat(500)],
  ['long, as JSON', type('string.email'), 'hunter2\u0001'.repeat(500)],
  [
    'behind many others',
    v.pipe(
      v.any(),
      v.check(() => false, 'was hunter2'),
    ),
    [...Array(400).keys(), 'hunter2'],
  ],
  [
    'by a sentence of its own',
    z
      .string()
      .trim()
      .refine(() => false, { error: ({ input }) => `Not ${String(input)}` }),
    ' hunter2',
  ],
])('a value (%s) is not passed on', async (_what, schema, value) => {
  for (const { detail } of await mistakes(schema, value)) expect(detail).toBe('It does not fit');
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
    const words = 'some name '.repeat(20);
    const [spaced] = mistakesOf([{ message: `Unrecognized key ${words}` }], { [words]: 1 });
    expect(spaced?.detail).toBe(`Unrecognized key ${words.slice(0, 100)}…`);
    const both = { [words]: 1, [`${words}and more`]: 1 };
    const [longest] = mistakesOf([{ message: `Keys "${words}and more", "${words}"` }], both);
    expect(longest?.detail).toBe(`Keys "${words.slice(0, 100)}…", "${words.slice(0, 100)}…"`);
  });

  test('is made of the beginning alone of what a library says about many long names', () => {
    const names = Array.from({ length: 600 }, (_, index) => `a ${String(index)} `.repeat(300));
    const message = `Keys ${names.join(', ')}`;
    const [first] = mistakesOf([{ message }], Object.fromEntries(names.map((name) => [name, 1])));
    expect(first?.detail).toMatch(/^Keys (?:a 0 )+…, (?:a 1 )+…, (?:a 2 )+/);
  });

  test('names members as a JSON pointer does', () => {
    expect(pointerTo([])).toBe('');
    expect(pointerTo(['a/b', '~', '0', ''])).toBe('/a~1b/~0/0/');
  });
});

test('what judges texts may give anything', () => {
  const constant = z.unknown().transform(() => 5);
  expect(checkTexts(constant, { n: ['1', '2'] })).toEqual({ value: 5 });
  const flags = z.object({ n: z.array(z.coerce.number()) });
  expect(checkTexts(flags, { n: ['true', '2'] })).toMatchObject({ mistakes: [{ path: ['n'] }] });
});

test('what is refused for nothing and no one is refused', () => {
  const refusing: Schema = {
    '~standard': { version: 1, vendor: 'test', validate: () => ({ issues: [{ message: 5 }] }) },
  };
  expect(checkTexts(refusing, { n: '1' })).toMatchObject({
    mistakes: [{ path: [], detail: 'It does not fit' }],
  });
  expect(checkTexts(fields({ n: refusing }), { n: '1' })).toMatchObject({ mistakes: [{ path: ['n'] }] });
  expect(checkTexts(fields({ n: refusing }), {})).toMatchObject({ mistakes: [{ path: ['n'] }] });
});
