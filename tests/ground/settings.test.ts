/** Settings: what each rule takes, and the words in which everything else is refused. */
import { describe, expect, test } from '@jest/globals';
import {
  assertSetting,
  checkOptions,
  mistakesIn,
  rule,
  withDefaults,
  type Rule,
  type Rules,
} from '../../src/ground/settings.js';
import { developerError } from '../support/errors.js';

interface Options {
  readonly host: string;
  readonly port?: number | undefined;
  readonly cookie?: { readonly secure?: boolean; readonly path?: string };
  readonly list?: readonly string[];
}

const RULES: Rules<Options> = {
  host: rule.needed(rule.text('a name')),
  port: rule.whole('', { least: 0, most: 65_535 }),
  cookie: rule.options<NonNullable<Options['cookie']>>({
    secure: rule.flag,
    path: rule.text('a path', /^\//),
  }),
  list: rule.list('a list of names', rule.text('a name')),
};

describe('options', () => {
  test.each<[unknown, string[]]>([
    [{ host: 'a' }, []],
    [{ host: 'a', port: 0, cookie: { secure: true }, list: [] }, []],
    [{ host: 'a', port: undefined, cookie: { path: undefined }, other: undefined }, []],
    [{}, ['x.host: undefined is not a name.']],
    [{ host: undefined }, ['x.host: undefined is not a name.']],
    [{ host: 'a', prot: 1 }, ['x.prot: there is no such option. Did you mean "port"?']],
    [{ host: 'a', zzz: 1 }, ['x.zzz: there is no such option. The options are host, port, cookie, list.']],
    [
      { host: 'a', toString: 1 },
      ['x.toString: there is no such option. The options are host, port, cookie, list.'],
    ],
    [
      { host: 'a', cookie: 'c' },
      ['x.cookie: a string holds no options; give an object, such as { secure: ... }.'],
    ],
    [
      { host: 'a', cookie: null },
      ['x.cookie: null holds no options; give an object, such as { secure: ... }.'],
    ],
    [{ host: 'a', cookie: { Path: '/' } }, ['x.cookie.Path: there is no such option. Did you mean "path"?']],
    [undefined, ['x: undefined holds no options; give an object, such as { host: ... }.']],
    ['redis://:p4ssw0rd@host', ['x: a string holds no options; give an object, such as { host: ... }.']],
    [
      { host: '', port: -1, cookie: { secure: 1, path: 'a' }, list: ['a', '', 5] },
      [
        'x.host: "" is not a name.',
        'x.port: -1 is not a whole number, 0 to 65535.',
        'x.cookie.secure: 1 is not true or false.',
        'x.cookie.path: "a" is not a path.',
        'x.list[1]: "" is not a name.',
        'x.list[2]: 5 is not a name.',
      ],
    ],
  ])('%j have the mistakes %j, all told at once', (options, mistakes) => {
    const check = (): void => {
      checkOptions('x', options as Options, RULES);
    };
    if (mistakes.length === 0) expect(check).not.toThrow();
    else expect(check).toThrow(developerError('E_SETTING', mistakes.join('\n')));
  });

  test('may be read from what a class has', () => {
    class Given {
      readonly host = 'a';
      get port(): number {
        return -1;
      }
    }
    expect([...mistakesIn(new Given(), RULES as Readonly<Record<string, Rule>>)]).toEqual([
      ['port', 'port: -1 is not a whole number, 0 to 65535.'],
    ]);
  });

  test('take the place of defaults, unless they are undefined', () => {
    const defaults = { port: 1, list: ['a'] };
    expect(
      withDefaults<Options, 'port' | 'list'>(defaults, { host: 'b', port: undefined, list: [] }),
    ).toEqual({
      host: 'b',
      port: 1,
      list: [],
    });
  });
});

describe('a rule', () => {
  const store = rule.methods(['get', 'set'], 'a Store');
  const secret = rule.secret('a long one', (value) => String(value).length > 9);
  const cases: [string, Rule, unknown, string | undefined][] = [
    ['any', rule.any, Symbol('x'), undefined],
    ['flag', rule.flag, false, undefined],
    ['flag', rule.flag, 'false', '"false" is not true or false.'],
    ['text', rule.text('a name'), '\n', undefined],
    ['text', rule.text('a name'), ['a'], '[Array] is not a name.'],
    ['text', rule.text('a name'), 'a', undefined],
    ['text with a test', rule.text('short', (text) => text.length < 2), '', undefined],
    ['text with a test', rule.text('short', (text) => text.length < 2), 'ab', '"ab" is not short.'],
    ['each', rule.options(rule.each(['a', 'b'], rule.flag)), { a: true, b: false }, undefined],
    ['text that is long', rule.text('a name', /^b/), 'a'.repeat(300), `"${'a'.repeat(200)}…" is not a name.`],
    ['oneOf', rule.oneOf('hide', 'show'), 'show', undefined],
    ['oneOf', rule.oneOf('hide', 'show'), 'shwo', '"shwo" is not "hide" or "show". Did you mean "show"?'],
    ['oneOf', rule.oneOf('hide', 'show'), ['hide'], '[Array] is not "hide" or "show".'],
    ['callable', rule.callable('(a) => b'), () => 1, undefined],
    ['callable', rule.callable('(a) => b'), /a/, 'a RegExp is not a function (a) => b.'],
    ['callable', rule.callable('(a) => b'), 'p4ssw0rd', 'a string is not a function (a) => b.'],
    ['methods', store, { get: () => 1, set: () => 1 }, undefined],
    ['methods', store, new Map(), undefined],
    ['methods', store, { get: () => 1, secret: 'p4ssw0rd' }, 'it has no method set(); give a Store.'],
    ['methods', store, 'redis://:p4ssw0rd@host', 'a string has no method get(); give a Store.'],
    ['methods', store, undefined, 'undefined has no method get(); give a Store.'],
    ['secret', secret, 'p4ssw0rd-and-more', undefined],
    ['secret', secret, 'p4ssw0rd', 'it is not a long one.'],
    ['list', rule.list('a list', rule.flag, 1), [true], undefined],
    ['list', rule.list('a list', rule.flag, 1), [], 'there is none; give a list.'],
    ['list', rule.list('a list', rule.flag), { secret: 'p4ssw0rd' }, '[Object] is not a list.'],
    ['oneOrMore', rule.oneOrMore('one', rule.flag), true, undefined],
    ['oneOrMore', rule.oneOrMore('one', rule.flag), [true, false], undefined],
    ['oneOrMore', rule.oneOrMore('one', rule.flag), 1, '1 is not true or false.'],
    ['oneOrMore', rule.oneOrMore('one', rule.flag), [], 'there is none; give one.'],
    ['orFalse', rule.orFalse(store), false, undefined],
    ['orFalse', rule.orFalse(store), true, 'a boolean has no method get(); give a Store.'],
    ['that', rule.that('a class', (value) => value === Map), Set, '[Function: Set] is not a class.'],
  ];
  test.each(cases)('%s', (_name, isRight, value, mistake) => {
    const check = (): void => {
      assertSetting('x', value, isRight);
    };
    if (mistake === undefined) expect(check).not.toThrow();
    else expect(check).toThrow(developerError('E_SETTING', `x: ${mistake}`));
  });

  test.each([1, 60, Number.MAX_SAFE_INTEGER])('for a count takes %p', (value) => {
    expect(rule.whole('seconds')(value, 'x')).toBeUndefined();
  });

  test.each([0, -1, 1.5, NaN, Infinity, 2 ** 53, null])('for a count refuses %p', (value) => {
    expect(rule.whole('seconds')(value, 'x')).toBe(
      `x: ${String(value)} is not a whole number of seconds, 1 or more.`,
    );
  });

  test('for a time takes what a timer can wait', () => {
    const times = [0, 2 ** 31 - 1, 2 ** 31].map((time) => rule.milliseconds(0)(time, 'x'));
    expect(times).toEqual([
      undefined,
      undefined,
      'x: 2147483648 is not a whole number of milliseconds, 0 to 2147483647.',
    ]);
  });
});
