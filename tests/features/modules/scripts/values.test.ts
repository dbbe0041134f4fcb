/** What clients give a script, and what becomes of it: values, command lines, plain output. Pure parts, no program is run. */
import { describe, expect, test } from '@jest/globals';
import { ParsedForm, UploadedFile } from 'obol/testing';
import type { ScriptArgument } from 'obol/modules';
import { httpError } from '../../../support/errors.js';
import { parseEntries } from '../../../../src/features/modules/call.js';
import { commandLine } from '../../../../src/features/modules/scripts/command-line.js';
import { parseIni } from '../../../../src/features/modules/scripts/ini.js';
import { parseIniDeclarations } from '../../../../src/features/modules/scripts/ini-declarations.js';
import { PlainOutput } from '../../../../src/features/modules/scripts/plain-output.js';
import { ProgressLine } from '../../../../src/features/modules/scripts/progress-line.js';
import {
  checkValues,
  formValues,
  jsonValues,
  mistakeIn,
} from '../../../../src/features/modules/scripts/values.js';

const NAME: ScriptArgument = { name: 'name' };
const COUNT: ScriptArgument = { name: '--count', kind: 'number' };
const ALL: ScriptArgument = { name: '--all', kind: 'flag' };
const COLOUR: ScriptArgument = {
  name: '--colour',
  kind: 'choice',
  choices: ['red', '-green'],
  several: true,
};

describe('values of a form', () => {
  test.each<[fields: Record<string, string | string[]>, known: ScriptArgument, values: string[]]>([
    [{ name: 'smith' }, NAME, ['smith']],
    [{ name: '-rf', _csrf: 'token' }, NAME, ['-rf']],
    [{ name: '' }, NAME, []],
    [{}, NAME, []],
    [{}, { ...NAME, default: 'jones' }, ['jones']],
    [{ name: '' }, { ...NAME, default: 'jones' }, []],
    [{ name: ['a', 'b'] }, NAME, ['a', 'b']],
    [{ name: 'a\r\nb\rc' }, { ...NAME, kind: 'multiline' }, ['a\nb\nc']],
    [{ name: 'a\r\n\r\nb\n' }, { ...NAME, several: true }, ['a', 'b']],
    [{ '--all': 'true' }, ALL, ['true']],
    [{ '--all': 'on' }, ALL, ['true']],
    [{}, { ...ALL, default: true }, []],
    [{ '--colour': ['red', '-green'] }, COLOUR, ['red', '-green']],
    [{}, { ...COLOUR, default: ['red'] }, []],
  ])('%j for %j are %j', (fields, known, values) => {
    expect(formValues(ParsedForm.of(fields), [known]).get(known.name)).toEqual(values);
  });

  test.each(['--name', 'constructor', '__proto__', 'name ', ''])('an unknown field %j is refused', (name) => {
    const form = ParsedForm.of({ [name]: 'x', ...(name === '__proto__' && { ['__proto__']: 'x' }) });
    expect(() => formValues(form, [NAME])).toThrow(
      httpError(400, `The script has no argument ${JSON.stringify(name)}`),
    );
  });

  test('a file is refused', () => {
    const form = ParsedForm.of({}, [UploadedFile.of('name', Buffer.from('x'), { filename: 'x' })]);
    expect(() => formValues(form, [NAME])).toThrow(httpError(400, 'The script takes no files'));
  });
});

describe('values of JSON', () => {
  const valuesOf = (body: object, known: ScriptArgument[]) =>
    jsonValues(parseEntries(JSON.stringify(body)), known);

  test.each<[value: unknown, values: string[]]>([
    ['smith', ['smith']],
    ['', []],
    [null, []],
    [false, []],
    [8.5, ['8.5']],
    [0, ['0']],
    [
      ['a', 1, 2.5, '', null],
      ['a', '1', '2.5'],
    ],
    [[], []],
  ])('%j is %j', (value, values) => {
    const body = { csrf_token: 'x', arguments: { name: { value, input: false } } };
    expect(valuesOf(body, [NAME]).get('name')).toEqual(values);
  });

  test.each([
    [true, ['true']],
    [false, []],
    [null, []],
  ])('of a flag %j is %j', (value, values) => {
    const body = { arguments: { '--all': { value, input: true } } };
    expect(valuesOf(body, [ALL]).get('--all')).toEqual(values);
  });

  test('what is left out has its default', () => {
    const values = valuesOf({}, [{ ...NAME, default: 'jones' }, ALL]);
    expect([...values]).toEqual([
      ['name', ['jones']],
      ['--all', []],
    ]);
  });

  test.each<[body: object, message: string]>([
    [{ other: { value: 'x', input: false } }, 'The script has no argument "other"'],
    [{ toString: { value: 'x', input: false } }, 'The script has no argument "toString"'],
    [{ name: { value: true, input: false } }, '"name" is no flag, and has a value'],
    [{ name: {} }, 'The argument "name" is not { "value": ..., "input": true or false }'],
  ])('%j is refused', (given, message) => {
    expect(() => valuesOf({ arguments: given }, [NAME])).toThrow(httpError(400, message));
  });
});

test.each<[known: ScriptArgument, values: string[], mistake: string | undefined]>([
  [NAME, [], undefined],
  [{ ...NAME, required: true }, [], 'it is needed'],
  [NAME, ['a', 'b'], 'it has one value only'],
  [{ ...NAME, several: true }, Array<string>(101).fill('x'), 'it has at most 100 values'],
  [NAME, ['x'.repeat(1000)], undefined],
  [NAME, ['x'.repeat(1001)], 'it has at most 1000 characters'],
  [{ ...NAME, maxLength: 3 }, ['1234'], 'it has at most 3 characters'],
  [NAME, ['a\0b'], 'it is no text'],
  [{ ...NAME, kind: 'multiline' }, ['a\0b'], 'it is no text'],
  [NAME, ['\ud800'], 'it is no text'],
  [NAME, ['a\nb'], 'it is one line'],
  [NAME, ['a\rb'], 'it is one line'],
  [{ ...NAME, kind: 'password' }, ['a\nb'], 'it is one line'],
  [{ ...NAME, kind: 'multiline' }, ['a\nb'], undefined],
  [COUNT, ['-8.5'], undefined],
  [COUNT, ['1e+21'], undefined],
  [COUNT, ['0x10'], 'it is no number'],
  [COUNT, ['1e999'], 'it is no number'],
  [COUNT, ['5 --all'], 'it is no number'],
  [COUNT, ['\u0665'], 'it is no number'],
  [COUNT, ['Infinity'], 'it is no number'],
  [{ ...COUNT, min: 1 }, ['0'], 'it is 1 or more'],
  [{ ...COUNT, max: 9 }, ['10'], 'it is 9 or less'],
  [COLOUR, ['red', '-green'], undefined],
  [COLOUR, ['RED'], 'it is none of the choices'],
  [COLOUR, ['red\n'], 'it is none of the choices'],
  [ALL, ['true'], undefined],
  [ALL, ['yes'], 'it is there or not, and has no value'],
])('of %j the values %j: %s', (known, values, mistake) => {
  expect(mistakeIn(known, values)).toBe(mistake);
});

test('all mistakes are said at once, by the labels of the fields', () => {
  const known = [{ ...NAME, label: 'Name', required: true }, COUNT];
  expect(() => {
    checkValues(new Map([['--count', ['x']]]), known);
  }).toThrow(httpError(400, 'Name: it is needed. --count: it is no number.'));
});

describe('a command line', () => {
  const short: ScriptArgument = { name: '-n' };
  const file: ScriptArgument = { name: 'file' };
  const files: ScriptArgument = { name: 'files', several: true };
  const secret: ScriptArgument = { name: '--secret', kind: 'password' };

  test.each<[known: ScriptArgument[], values: [string, string[]][], words: string[], input: string]>([
    [[NAME], [['name', ['smith']]], ['--', 'smith'], ''],
    [[NAME], [['name', ['--help']]], ['--', '--help'], ''],
    [[NAME], [['name', ['--']]], ['--', '--'], ''],
    [[NAME], [['name', ['$(id); `id` "\'*']]], ['--', '$(id); `id` "\'*'], ''],
    [[NAME], [], [], ''],
    [
      [NAME, COUNT],
      [
        ['name', ['a']],
        ['--count', ['-3']],
      ],
      ['--count=-3', '--', 'a'],
      '',
    ],
    [[{ name: '--to' }], [['--to', ['--help']]], ['--to=--help'], ''],
    [[short], [['-n', ['5']]], ['-n', '5'], ''],
    [[ALL], [['--all', ['true']]], ['--all'], ''],
    [[ALL], [['--all', []]], [], ''],
    [[COLOUR], [['--colour', ['red', '-green']]], ['--colour=red', '--colour=-green'], ''],
    [
      [file, files],
      [
        ['file', ['a']],
        ['files', ['b', '-c']],
      ],
      ['--', 'a', 'b', '-c'],
      '',
    ],
    [
      [secret, NAME],
      [
        ['--secret', ['-x']],
        ['name', ['a']],
      ],
      ['--', 'a'],
      '-x\n',
    ],
    [
      [
        { ...NAME, input: true },
        { ...files, input: true },
      ],
      [
        ['name', ['a\nb\n']],
        ['files', ['c', 'd']],
      ],
      [],
      'a\nb\nc\nd\n',
    ],
  ])('of %j with %j is %j', (known, values, words, input) => {
    expect(commandLine(known, new Map(values))).toEqual({ words, input });
  });

  test('has no separator for a program that does not know it', () => {
    expect(commandLine([NAME], new Map([['name', ['a']]]), false).words).toEqual(['a']);
  });

  test.each<[known: ScriptArgument[], values: [string, string[]][], separator: boolean, message: string]>([
    [[NAME], [['name', ['-x']]], false, 'name: it may not begin with "-".'],
    [[short], [['-n', ['--help']]], true, '-n: it may not begin with "-".'],
    [[file, NAME], [['name', ['a']]], true, 'name: it needs file before it.'],
  ])('of %j with %j, `--` %j, is none: %s', (known, values, separator, message) => {
    expect(() => commandLine(known, new Map(values), separator)).toThrow(httpError(400, message));
  });

  test('is none that is too long', () => {
    const values = new Map([['files', Array<string>(100).fill('x'.repeat(1400))]]);
    expect(() => commandLine([files], values)).toThrow(
      httpError(413, 'The values are longer than a command line'),
    );
  });
});

describe('plain output', () => {
  test.each([
    ['plain\ttext\n', 'plain\ttext\n'],
    ['\x1b[31mred\x1b[0m', 'red'],
    ['\x1b[38;5;1;4mx\x1b[K', 'x'],
    ['\x1b]0;title\x07x', 'x'],
    ['\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\', 'link'],
    ['\x1b(Bx\x1b7\x1b8\x1bM', 'x'],
    ['10 %\r20 %\r\n', '10 %\n20 %\n'],
    ['a\bb\x07\x00\x7f\u009b1mc', 'abc'],
    ['<b>&amp;</b>', '<b>&amp;</b>'],
    ['\x1b', ''],
    ['grüße \u{1f600}', 'grüße \u{1f600}'],
  ])('of %j is %j, wherever it is split', (text, plain) => {
    const bytes = Buffer.from(text);
    for (let at = 0; at <= bytes.length; at++) {
      const output = new PlainOutput();
      expect(output.write(bytes.subarray(0, at)) + output.write(bytes.subarray(at)) + output.end()).toBe(
        plain,
      );
    }
  });

  test('of bytes that are no UTF-8 has a sign for them', () => {
    expect(new PlainOutput().write(Buffer.from([0x61, 0xff, 0x62]))).toBe('a\ufffdb');
  });

  test('keeps no order that never ends, and takes no longer for it', () => {
    const output = new PlainOutput();
    const piece = Buffer.from('\x1b]'.repeat(2_000) + 'x'.repeat(4_000));
    const written = Array.from({ length: 50 }, () => output.write(piece).length);
    expect(written.reduce((sum, length) => sum + length, 0)).toBeGreaterThan(100_000);
  });
});

test.each<[pieces: string[], percentages: (number | undefined)[]]>([
  [['40%'], [40]],
  [['Copying 40 %\n'], [40]],
  [['10 %\n20 %\n30 %'], [30]],
  [
    ['4', '0%'],
    [undefined, 40],
  ],
  [['99.5%\n'], [99]],
  [['100 %'], [100]],
  [['101 %'], [undefined]],
  [['1234%'], [undefined]],
  [['40% of it\n'], [undefined]],
  [['40%\nmore'], [40]],
  [
    ['none', '\n', '7\u00a0%'],
    [undefined, undefined, 7],
  ],
])('the progress of %j is %j', (pieces, percentages) => {
  const line = new ProgressLine();
  expect(pieces.map((piece) => line.read(piece))).toEqual(percentages);
});

describe('INI', () => {
  test('has sections, keys with one value or several, comments and quotes', () => {
    const text = '; one\n# two\n[greet]\r\na = b = c \n\na=" d "\n[ x.--y ]\nkey-1 =\n';
    expect(parseIni(text)).toEqual(
      new Map([
        ['greet', new Map([['a', ['b = c', ' d ']]])],
        ['x.--y', new Map([['key-1', ['']]])],
      ]),
    );
  });

  test.each([
    ['[a]\nnonsense', 'line 2: it is no [section], no key = value and no comment'],
    ['a = b', 'line 1: "a" stands in no section'],
    ['[a]\n\n[a]', 'line 3: the section [a] is there twice'],
    ['[a', 'line 1: it is no [section], no key = value and no comment'],
    ['[]', 'line 1: it is no [section], no key = value and no comment'],
    ['[a]\na b = c', 'line 2: it is no [section], no key = value and no comment'],
  ])('%j is none: %s', (text, message) => {
    expect(() => parseIni(text)).toThrow(message);
  });

  test('declares scripts as JSON does', () => {
    const text = `
[greet]
script = greet.sh
launcher = sh
launcher = -e
timeout = 500
separator = false
[greet.--colour]
kind = choice
choices = red
choices = green
several = true
default = red
[greet.--all]
kind = flag
default = true
[greet.name]
required = true
maxLength = many`;
    expect(parseIniDeclarations(text)).toEqual({
      greet: {
        script: 'greet.sh',
        launcher: ['sh', '-e'],
        timeout: 500,
        separator: false,
        arguments: [
          { name: '--colour', kind: 'choice', choices: ['red', 'green'], several: true, default: ['red'] },
          { name: '--all', kind: 'flag', default: true },
          { name: 'name', required: true, maxLength: 'many' },
        ],
      },
    });
  });

  test.each([
    ['[a.b]\nkind = text', '[a.b] stands before the section [a] of its script'],
    ['[a]\ntitle = x\ntitle = y', '[a] has "title" twice'],
  ])('%j declares nothing: %s', (text, message) => {
    expect(() => parseIniDeclarations(text)).toThrow(message);
  });
});
