import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TEXT } from '../../src/routing/built-in-filters.js';
import { FilterRegistry, type PathFilterOptions } from '../../src/routing/filters.js';
import { anyText } from '../support/characters.js';
import { developerError } from '../support/errors.js';
import { expectWithin } from '../support/timing.js';

const filters = new FilterRegistry();
const UUID = '00112233-4455-6677-8899-aabbccddeeff';

describe('reading', () => {
  test.each<[string, string, unknown]>([
    ['', 'a b', 'a b'],
    ['', 'žluť 😀', 'žluť 😀'],
    ['', 'a'.repeat(255), 'a'.repeat(255)],
    ['int', '0', 0],
    ['int', '-42', -42],
    ['int', '007', 7],
    ['int', '9007199254740991', Number.MAX_SAFE_INTEGER],
    ['int', '-9007199254740991', Number.MIN_SAFE_INTEGER],
    ['int', '00000000000000000001', 1],
    ['float', '1', 1],
    ['float', '-1.50', -1.5],
    ['hex', 'DEADbeef01', 'DEADbeef01'],
    ['word', 'snake_Case9', 'snake_Case9'],
    ['word', 'Žluťoučký', 'Žluťoučký'],
    ['word', '日本語', '日本語'],
    ['word', '𝒜𐐷', '𝒜𐐷'],
    ['word', '٤٢', '٤٢'],
    ['uuid', UUID, UUID],
    ['uuid', UUID.toUpperCase(), UUID],
    ['path', 'a/b', 'a/b'],
    ['path', '/', '/'],
    ['path', 'x'.repeat(5000), 'x'.repeat(5000)],
    ['re:[a-z]+', 'abc', 'abc'],
    ['re:a|b', 'b', 'b'],
    ['re:^a$|^b$', 'b', 'b'],
    ['re:[A-F\\d]+', 'AF09', 'AF09'],
    ['re:(a)(b)', 'ab', 'ab'],
    ['re:a/b', 'a/b', 'a/b'],
  ])('<%s> reads %j', (name, text, value) => {
    expect(filters.get(name).read(text)).toBe(value);
  });

  test.each([
    ['', ''],
    ['', 'a/b'],
    ['', 'a'.repeat(256)],
    ['int', ''],
    ['int', '-'],
    ['int', '+1'],
    ['int', '1.0'],
    ['int', '1e3'],
    ['int', '0x10'],
    ['int', ' 1'],
    ['int', '1\n'],
    ['int', '٤٢'],
    ['int', '9007199254740992'],
    ['int', '-9007199254740992'],
    ['int', '12345678901234567890'],
    ['int', '000000000000000000001'],
    ['float', ''],
    ['float', '.5'],
    ['float', '5.'],
    ['float', '1e3'],
    ['float', 'NaN'],
    ['float', 'Infinity'],
    ['float', '1.5\n'],
    ['float', '9'.repeat(400)],
    ['hex', ''],
    ['hex', 'xyz'],
    ['hex', 'a\n'],
    ['hex', 'a'.repeat(256)],
    ['word', ''],
    ['word', 'a-b'],
    ['word', 'a b'],
    ['word', 'a/b'],
    ['word', '😀'],
    ['word', 'a\n'],
    ['word', 'a'.repeat(256)],
    ['uuid', UUID.slice(1)],
    ['uuid', `${UUID}0`],
    ['uuid', `${UUID}\n`],
    ['uuid', UUID.replaceAll('-', '')],
    ['uuid', UUID.replace('0', 'g')],
    ['path', ''],
    ['re:[a-z]+', 'ABC'],
    ['re:[a-z]+', 'a\n'],
    ['re:[A-F\\d]+', 'af'],
    ['re:a|b', 'ab'],
    ['re:a|b', 'xb'],
    ['re:a+', 'a'.repeat(2041)],
  ])('<%s> refuses %j', (name, text) => {
    expect(filters.get(name).read(text)).toBeUndefined();
  });

  test.each(['', 'int', 'float', 'hex', 'word', 'uuid', 'path', 're:[a-z]+'])(
    '<%s> takes linear time for hostile texts',
    (name) => {
      const filter = filters.get(name);
      for (const piece of ['1', '-', '1.', 'a', 'ž', '/', 'é😀', '\n']) {
        expectWithin(100, () => filter.read(`${piece.repeat(64 * 1024)}!`));
      }
    },
  );
});

describe('writing', () => {
  test.each<[string, unknown, string]>([
    ['', 'a b', 'a b'],
    ['int', 42, '42'],
    ['float', -1.5, '-1.5'],
    ['float', 2, '2'],
    ['hex', 'ff', 'ff'],
    ['word', 'kůň', 'kůň'],
    ['uuid', UUID.toUpperCase(), UUID],
    ['path', 'a/b', 'a/b'],
    ['re:[a-z]+', 'abc', 'abc'],
  ])('<%s> writes %j', (name, value, text) => {
    expect(filters.get(name).format(value)).toBe(text);
  });

  test.each<[string, unknown]>([
    ['', ''],
    ['', 1],
    ['', 'a/b'],
    ['', 'a'.repeat(256)],
    ['int', 1.5],
    ['int', '1'],
    ['int', 2 ** 53],
    ['float', NaN],
    ['float', Infinity],
    ['float', '1'],
    ['float', 1e21],
    ['float', 1e-7],
    ['hex', 255],
    ['hex', 'xyz'],
    ['word', 'a-b'],
    ['word', null],
    ['uuid', 'x'],
    ['uuid', 1],
    ['path', ''],
    ['path', 1],
    ['re:[a-z]+', 'ABC'],
    ['re:[a-z]+', 1],
    ['re:a+', 'a'.repeat(2041)],
  ])('<%s> does not write %j', (name, value) => {
    expect(filters.get(name).format(value)).toBeUndefined();
  });

  test.each<[string, fc.Arbitrary<unknown>]>([
    ['', anyText()],
    ['int', fc.maxSafeInteger()],
    ['float', fc.double({ noNaN: true }).map((value) => value + 0)],
    ['hex', fc.stringMatching(/^[\da-fA-F]+$/)],
    ['word', fc.string({ unit: 'grapheme' })],
    ['uuid', fc.uuid()],
    ['path', fc.string()],
    ['re:[a-c]+', fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd') })],
  ])('<%s> reads what it wrote', (name, values) => {
    const filter = filters.get(name);
    fc.assert(
      fc.property(values, (value) => {
        const text = filter.format(value);
        if (text !== undefined) expect(filter.read(text)).toBe(value);
      }),
    );
  });
});

describe('FilterRegistry', () => {
  test('orders the filters from the most specific to the least', () => {
    const registry = new FilterRegistry();
    registry.add('own', { pattern: 'x' });
    const names = ['uuid', 'int', 'float', 'hex', 'word', 'own', '', 're:x', 'path'];
    expect(names.map((name) => registry.get(name).weight)).toEqual([10, 20, 30, 40, 50, 60, 90, 100, 110]);
  });

  test('gives text to a parameter without a filter', () => {
    expect(filters.get('')).toBe(TEXT);
  });

  test('names its filters', () => {
    expect(filters.names).toEqual(['float', 'hex', 'int', 'path', 're', 'uuid', 'word']);
  });

  test.each([
    ['itn', ' Did you mean "int"?'],
    ['date', ''],
    ['re', ' Did you mean "re"?'],
    ['constructor', ''],
  ])('refuses the unknown filter %s', (name, hint) => {
    expect(() => filters.get(name)).toThrow(
      developerError(
        'E_ROUTE_FILTER',
        `unknown filter "${name}". Known filters: float, hex, int, path, re, uuid, word.${hint}`,
      ),
    );
  });

  test.each(['', 're', 'a-b', 'a b', 'é'])('refuses the name %j', (name) => {
    expect(() => {
      new FilterRegistry().add(name, { pattern: 'x' });
    }).toThrow(
      developerError(
        'E_FILTER',
        `"${name}" cannot name a path filter. Use letters, digits and "_", not "re".`,
      ),
    );
  });

  test.each([
    ['a)(b', "Invalid regular expression: /a)(b/: Unmatched ')'"],
    ['[', 'Invalid regular expression: /[/: Unterminated character class'],
    ['(a)\\1', 'back references such as \\1 are not supported'],
  ])('refuses the pattern %j', (pattern, why) => {
    expect(() => {
      new FilterRegistry().add('own', { pattern });
    }).toThrow(
      developerError(
        'E_FILTER',
        `the pattern of the path filter "own" is no regular expression: SyntaxError: ${why}`,
      ),
    );
  });

  test('lets an application replace a built-in filter', () => {
    const registry = new FilterRegistry();
    registry.add('int', { pattern: /[1-9]/, weight: 5 });
    expect(registry.get('int').read('0')).toBeUndefined();
    expect(registry.get('int').read('7')).toBe('7');
    expect(filters.get('int').read('0')).toBe(0);
  });
});

describe('a filter of the user', () => {
  function own<T = string>(options: PathFilterOptions<T>): ReturnType<FilterRegistry['get']> {
    const registry = new FilterRegistry();
    registry.add('own', options);
    return registry.get('own');
  }

  test('is text in, text out unless told otherwise', () => {
    const filter = own({ pattern: /\d+/ });
    expect(filter.read('42')).toBe('42');
    expect(filter.format('42')).toBe('42');
    expect(filter.format('x')).toBeUndefined();
    expect(filter.format(42)).toBeUndefined();
    expect(filter.spans).toBe(false);
  });

  test('converts and formats', () => {
    const filter = own({
      pattern: /\d{4}-\d\d-\d\d/,
      convert: (text) => {
        const date = new Date(text);
        return Number.isNaN(date.getTime()) ? undefined : date;
      },
      format: (date: Date) => date.toISOString().slice(0, 10),
      weight: 15,
    });
    expect(filter.weight).toBe(15);
    expect(filter.read('2026-01-31')).toEqual(new Date('2026-01-31'));
    expect(filter.read('2026-13-31')).toBeUndefined();
    expect(filter.format(new Date('2026-01-31'))).toBe('2026-01-31');
  });

  test.each<[string, (text: string) => unknown]>([
    ['NaN', Number],
    ['an infinite number', (text) => Number(`${text.length}e999`)],
    ['an invalid date', (text) => new Date(text)],
    ['a date of a library that is none', () => ({ valueOf: () => NaN })],
    ['undefined', () => undefined],
    ['what throws', (text) => new URL(text)],
    ['what throws something else', () => decodeURIComponent('%')],
    ['what throws no error', () => Promise.reject.call(undefined, 1)],
  ])('does not fit where it converts to %s', (_what, convert) => {
    const filter = own({ pattern: /[^]*/, convert });
    expect(filter.read('2026-99-99')).toBeUndefined();
    expect(filter.format('2026-99-99')).toBeUndefined();
  });

  test.each<[unknown]>([
    [0],
    [-0],
    [''],
    [false],
    [null],
    [10n],
    [new Date(0)],
    [Object.create(null)],
    [[NaN]],
  ])('fits where it converts to %p', (value) => {
    expect(own<unknown>({ pattern: 'x', convert: () => value }).read('x')).toBe(value);
  });

  test('writes what is no text as String() does', () => {
    const filter = own({ pattern: /\d+/, convert: Number });
    expect(filter.format(42)).toBe('42');
    expect(filter.format(4.2)).toBeUndefined();
  });

  test('writes no text that it would not read', () => {
    const filter = own({ pattern: /\d+/, convert: (text) => (text === '13' ? undefined : text) });
    expect(filter.format('13')).toBeUndefined();
    expect(own({ pattern: 'x', format: () => undefined }).format('x')).toBeUndefined();
  });

  test('keeps no state between texts', () => {
    const filter = own({ pattern: /a+/gy });
    expect([filter.read('aa'), filter.read('aa')]).toEqual(['aa', 'aa']);
  });

  test('ignores case when its pattern does', () => {
    expect(own({ pattern: /[a-f]+/i }).read('AbC')).toBe('AbC');
  });

  test('matches the whole text even in multiline mode', () => {
    expect(own({ pattern: /^a$/m }).read('a\nb')).toBeUndefined();
  });

  test('may span segments', () => {
    expect(own({ pattern: /.+/, spans: true })).toMatchObject({ spans: true });
  });
});
