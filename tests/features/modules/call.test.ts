/** The body of a call, read: the table of behaviours, and what is no call. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HttpError } from 'obol';
import { parseCall } from '../../../src/features/modules/call.js';

/** What the entries of a body give: arguments, then inputs. */
function read(entries: string): [readonly string[], readonly string[]] {
  const { arguments: given, inputs } = parseCall(`{"arguments":{${entries}}}`);
  return [given, inputs];
}

/** One entry as a text. */
function entry(name: string, value: string, input = false): string {
  return `${JSON.stringify(name)}:{"value":${value},"input":${String(input)}}`;
}

describe.each<[value: string, named: readonly string[], plain: readonly string[]]>([
  ['"text"', ['--name', 'text'], ['text']],
  ['"-x"', ['--name', '-x'], ['-x']],
  ['""', [], []],
  ['null', [], []],
  ['false', [], []],
  ['true', ['--name'], ['name']],
  ['8.5', ['--name', '8.5'], ['8.5']],
  ['8', ['--name', '8'], ['8']],
  ['0', ['--name', '0'], ['0']],
  ['-1.0', ['--name', '-1.0'], ['-1.0']],
  ['1e3', ['--name', '1e3'], ['1e3']],
  ['12345678901234567890', ['--name', '12345678901234567890'], ['12345678901234567890']],
  ['["a","b"]', ['--name', 'a', 'b'], ['a', 'b']],
  ['["a","",null,1,2.5]', ['--name', 'a', '1', '2.5'], ['a', '1', '2.5']],
  ['[true,false]', ['--name', 'true', 'false'], ['true', 'false']],
  ['[]', [], []],
  ['["",null]', [], []],
  ['"a\\"b\\\\"', ['--name', 'a"b\\'], ['a"b\\']],
  ['"12"', ['--name', '12'], ['12']],
  ['"{\\"1\\": 2}"', ['--name', '{"1": 2}'], ['{"1": 2}']],
])('the value %s', (value, named, plain) => {
  test('of a name with a dash', () => {
    expect(read(entry('--name', value))).toEqual([named, []]);
  });

  test('of a plain name', () => {
    expect(read(entry('name', value))).toEqual([plain, []]);
  });

  test('of a plain name that is typed in', () => {
    expect(read(entry('name', value, true))).toEqual([[], plain]);
  });

  test('of a name with a dash that is typed in, which a text cannot be', () => {
    const isText = value.startsWith('"') && value !== '""';
    expect(read(entry('--name', value, true))).toEqual(isText ? [named, []] : [[], named]);
  });
});

describe('the order is that of the text', () => {
  test.each([
    [['2', '1', '10', '0']],
    [['b', '2', 'a', '1']],
    [['__proto__', 'constructor', '1e1', '1']],
    [['4294967294', '1', 'toString']],
    [['', ' ', '\u0000', 'ä']],
  ])('of the names %j', (names) => {
    expect(read(names.map((name) => entry(name, JSON.stringify(`v${name}`))).join())).toEqual([
      names.map((name) => `v${name}`),
      [],
    ]);
  });

  test('of names that come twice the last value counts, where the first stood', () => {
    expect(read(`${entry('1', '"a"')},${entry('2', '"b"')},${entry('1', '"c"')}`)).toEqual([['c', 'b'], []]);
  });

  test('of names that are written in another way', () => {
    expect(read(`"\\u0032":{"value":"a","input":false} , ${entry('1', '"b"')}`)).toEqual([['a', 'b'], []]);
  });
});

test.each([
  ['{}', undefined],
  ['{"arguments":{}}', undefined],
  ['{"csrf_token":null}', undefined],
  ['{"csrf_token":"abc","arguments":{}}', 'abc'],
  [' {"other": [1, {"a": true}], "csrf_token" : ""} ', ''],
])('%j has no arguments, and the token %j', (text, csrfToken) => {
  expect(parseCall(text)).toEqual({ arguments: [], inputs: [], csrfToken });
});

test.each([
  ['nothing', ''],
  ['half an object', '{"arguments":'],
  ['a number for a name', '{1:2}'],
  ['a number with a zero in front', '{"arguments":{},"a":01}'],
  ['a text with a line in it', '"a\nb"'],
  ['null', 'null'],
  ['a number', '0'],
  ['a text', '""'],
  ['a list', '[]'],
  ['a batch', '[{"arguments":{}}]'],
  ['arguments that are a list', '{"arguments":[]}'],
  ['arguments that are null', '{"arguments":null}'],
  ['arguments that are a text', '{"arguments":"a"}'],
  ['a token that is a number', '{"csrf_token":1}'],
  ['a token that is an object', '{"csrf_token":{}}'],
  ['an entry that is a text', '{"arguments":{"a":"b"}}'],
  ['an entry that is null', '{"arguments":{"a":null}}'],
  ['an entry that is a list', '{"arguments":{"a":["b"]}}'],
  ['an entry without a value', '{"arguments":{"a":{"input":false}}}'],
  ['an entry that does not say whether it is typed in', '{"arguments":{"a":{"value":"b"}}}'],
  ['an entry that says so by a number', '{"arguments":{"a":{"value":"b","input":1}}}'],
  ['a value that is an object', `{"arguments":{${entry('a', '{}')}}}`],
  ['a list with a list', `{"arguments":{${entry('a', '[["b"]]')}}}`],
  ['a list with an object', `{"arguments":{${entry('a', '[{"b":1}]')}}}`],
  ['more values than any call has', `{"arguments":{${entry('a', `[${'1,'.repeat(40_000)}1]`)}}}`],
  ['more values elsewhere', `{"other":[${'"",'.repeat(40_000)}{}]}`],
  ['lists in lists without an end', `{"arguments":{${entry('a', '['.repeat(5000) + ']'.repeat(5000))}}}`],
])('%s is 400', (_, text) => {
  let status: unknown;
  try {
    parseCall(text);
  } catch (error) {
    status = error instanceof HttpError ? error.status : error;
  }
  expect(status).toBe(400);
});

test('ten thousand arguments are read in their order', () => {
  const names = Array.from({ length: 10_000 }, (_, index) => String(10_000 - index));
  expect(read(names.map((name) => entry(name, name)).join())).toEqual([names, []]);
});

test('a body of a megabyte is read', () => {
  const text = `{"arguments":{${entry('a', JSON.stringify('"\\'.repeat(250_000)))}}}`;
  expect(read(text.slice(14, -2))[0]).toEqual(['"\\'.repeat(250_000)]);
});

/** A value as JSON, and the words that the table makes of it. */
const scalar = fc.oneof(
  fc.string().map((text) => ({ json: JSON.stringify(text), words: text === '' ? [] : [text] })),
  fc.constant({ json: 'null', words: [] }),
  fc.integer().map((number) => ({ json: String(number), words: [String(number)] })),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .map((number) => ({ json: JSON.stringify(number), words: [JSON.stringify(number)] })),
);

const list = fc.array(scalar, { maxLength: 4 }).map((members) => ({
  json: `[${members.map(({ json }) => json).join()}]`,
  words: members.flatMap(({ words }) => words),
}));

const flag = fc.boolean().map((isSet) => ({ json: String(isSet), words: [] }));

const given = fc.record({
  name: fc.oneof(
    fc.string(),
    fc.nat().map(String),
    fc.string().map((name) => `-${name}`),
  ),
  value: fc.oneof(scalar, list, flag),
  isInput: fc.boolean(),
});

test('any body gives what the table says, in its order', () => {
  const bodies = fc.uniqueArray(given, { selector: ({ name }) => name, maxLength: 6 });
  fc.assert(
    fc.property(bodies, (entries) => {
      const expected: [string[], string[]] = [[], []];
      for (const { name, value, isInput } of entries) {
        const isOption = name.startsWith('-');
        const isText = value.json.startsWith('"');
        const isNamed = value.json === 'true' || (isOption && value.words.length > 0);
        const words = isNamed ? [name, ...value.words] : value.words;
        expected[isInput && !(isOption && isText) ? 1 : 0].push(...words);
      }
      const text = entries.map(({ name, value, isInput }) => entry(name, value.json, isInput)).join();
      expect(read(text)).toEqual(expected);
    }),
  );
});
