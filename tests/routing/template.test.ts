import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseTarget } from '../../src/http/target.js';
import { FilterRegistry } from '../../src/routing/filters.js';
import { RouteTree } from '../../src/routing/route-tree.js';
import { fillTemplate, joinPaths, parseTemplate } from '../../src/routing/template.js';
import { anyText } from '../support/characters.js';
import { developerError } from '../support/errors.js';

const filters = new FilterRegistry();
filters.add('any', { pattern: /.+/s });
filters.add('all', { pattern: /.+/s, spans: true });

describe('parseTemplate', () => {
  test.each<[string, unknown[]]>([
    ['/', ['/']],
    ['/a/b', ['/a/b']],
    ['/100%', ['/100%25']],
    ['/a%2Fb', ['/a%252Fb']],
    ['/<a>', ['/', 'a|']],
    ['/<a>/<b:int>/c', ['/', 'a|', '/', 'b|int', '/c']],
    ['/file-<n:int>.txt', ['/file-', 'n|int', '.txt']],
    ['/<n:re:[A-F\\d]+>', ['/', 'n|re:[A-F\\d]+']],
    ['/<n:re:(?<x>a)>/b', ['/', 'n|re:(?<x>a)', '/b']],
    ['/<n:re:(?<x>a)(?<y>b)>', ['/', 'n|re:(?<x>a)(?<y>b)']],
    ['/<n:re:a\\>b>', ['/', 'n|re:a\\>b']],
    ['/<n:re:a?#b>', ['/', 'n|re:a?#b']],
    ['/<n:re:\\d{2}:\\d{2}>', ['/', 'n|re:\\d{2}:\\d{2}']],
  ])('takes %s apart', (text, parts) => {
    const template = parseTemplate(text, filters);
    const shown = template.parts.map((part) =>
      typeof part === 'string' ? part : `${part.name}|${part.definition}`,
    );
    expect(shown).toEqual(parts);
    expect(template.parameters).toEqual(template.parts.filter((part) => typeof part !== 'string'));
  });

  test.each([
    ['/items:batch', ['/items:batch']],
    ['/<kind>:batch', ['/', 'kind|', ':batch']],
    ['/:', ['/:']],
    ['/:1/:_a', ['/:1/:_a']],
    ['/a/<b:re:[/:x]+>', ['/a/', 'b|re:[/:x]+']],
  ])('takes the colons of %s for text', (text, parts) => {
    const shown = parseTemplate(text, filters).parts.map((part) =>
      typeof part === 'string' ? part : `${part.name}|${part.definition}`,
    );
    expect(shown.map(decodeURIComponent)).toEqual(parts);
  });

  test.each([
    ['/:id', 'id'],
    [':id', 'id'],
    ['/people/:surname/<age:int>', 'surname'],
    ['/people/<surname>/:age', 'age'],
    ['/a/:1/:userId2', 'userId2'],
    ['/:id?', 'id'],
    ['/:id(\\d+)', 'id'],
    ['/:from-:to', 'from'],
    ['/:größe.json', 'größe'],
  ])('says of %j how a parameter is written', (text, name) => {
    expect(() => parseTemplate(text, filters)).toThrow(
      developerError(
        'E_PATH_TEMPLATE',
        `The path "${text}" is not a template: a parameter is written "<${name}>", not ":${name}".`,
      ),
    );
  });

  test.each([
    ['', 'it must start with "/"'],
    ['a', 'it must start with "/"'],
    ['<a>', 'it must start with "/"'],
    ['/a?b', 'a path has no "?" and no "#"; read the query from req.args'],
    ['/a#b', 'a path has no "?" and no "#"; read the query from req.args'],
    ['/<a>?x/<b>', 'a path has no "?" and no "#"; read the query from req.args'],
    ['/<a', 'the "<" at position 1 is never closed'],
    ['/x<a:re:(?<b>', 'the "<" at position 2 is never closed'],
    ['/<a\\>', 'the "<" at position 1 is never closed'],
    ['/<>', '"" cannot name a parameter; use letters, digits and "_"'],
    ['/<1a>', '"1a" cannot name a parameter; use letters, digits and "_"'],
    ['/<a-b>', '"a-b" cannot name a parameter; use letters, digits and "_"'],
    ['/<a:>', '<a:> names no filter after the colon'],
    ['/<a:re>', '<a:re> names no filter after the colon'],
    ['/<a:re:>', '<a:re:> names no filter after the colon'],
    ['/<a>/<a:int>', 'the parameter "a" stands there twice'],
    ['/<a><b>', 'two parameters stand side by side; put text between them'],
  ])('refuses %j', (text, why) => {
    expect(() => parseTemplate(text, filters)).toThrow(
      developerError('E_PATH_TEMPLATE', `The path "${text}" is not a template: ${why}.`),
    );
  });

  test('names the path of an unknown filter', () => {
    expect(() => parseTemplate('/can the/<a:itn>', filters)).toThrow(
      developerError(
        'E_ROUTE_FILTER',
        'The path "/can the/<a:itn>" uses an unknown filter "itn". ' +
          'Known filters: all, any, float, hex, int, path, re, uuid, word. Did you mean "int"?',
      ),
    );
  });

  test('names the path of a broken inline pattern', () => {
    expect(() => parseTemplate('/<a:re:[>', filters)).toThrow(
      developerError(
        'E_FILTER',
        'The path "/<a:re:[>" cannot be read: the pattern of the path filter "re" is no regular expression: ' +
          'SyntaxError: Invalid regular expression: /[/: Unterminated character class',
      ),
    );
  });

  test('lets other failures through', () => {
    class Broken extends FilterRegistry {
      override get(): never {
        throw new RangeError('broken');
      }
    }
    expect(() => parseTemplate('/<a>', new Broken())).toThrow(RangeError);
  });
});

test.each([
  ['', '', '/'],
  ['', '/a', '/a'],
  ['/', '/a', '/a'],
  ['/', '/', '/'],
  ['/p', '', '/p'],
  ['/p', '/', '/p'],
  ['/p/', '/', '/p'],
  ['/p', '/a', '/p/a'],
  ['/p/', '/a', '/p/a'],
  ['/p', 'a', '/p/a'],
  ['/p', '/a/', '/p/a/'],
])('joinPaths(%j, %j) is %j', (prefix, path, joined) => {
  expect(joinPaths(prefix, path)).toBe(joined);
});

describe('fillTemplate', () => {
  const fill = (text: string, ...values: unknown[]): string =>
    fillTemplate(parseTemplate(text, filters), values);

  test.each<[string, unknown[], string]>([
    ['/', [], '/'],
    ['/a b/100%/ž', [], '/a%20b/100%25/%C5%BE'],
    ['/<a>/<n:int>', ['x', 42], '/x/42'],
    ['/<a>', ['a b&c?#%'], '/a%20b%26c%3F%23%25'],
    ['/<a>', ['\\evil'], '/%5Cevil'],
    ['/file-<n:int>.txt', [7], '/file-7.txt'],
    ['/x<a>', ['..'], '/x..'],
    ['/<p:path>', ['a/b c'], '/a/b%20c'],
    ['/f/<p:path>', ['/a'], '/f//a'],
    ['/<a:any>', ['a/b'], '/a%2Fb'],
    ['/<a:all>', ['a/b'], '/a/b'],
    ['/<a>', ['x', 'more'], '/x'],
  ])('fills %s with %j', (text, values, url) => {
    expect(fill(text, ...values)).toBe(url);
  });

  const none = (text: string, why: string): Error =>
    developerError('E_URL_PARAMETER', `No URL can be built for "${text}": ${why}.`);

  test.each<[string, unknown[], string]>([
    ['/<a>', [], 'the parameter <a> is missing'],
    ['/<a>/<n:int>', ['x'], 'the parameter <n:int> is missing'],
    ['/<n:int>', [1.5], '1.5 does not fit <n:int>'],
    ['/<n:int>', ['1'], '"1" does not fit <n:int>'],
    ['/<n:int>', [null], 'null does not fit <n:int>'],
    ['/<n:int>', [{ a: { b: 1 } }], '{ a: [Object] } does not fit <n:int>'],
    ['/<n:int>', [Object.create(null)], '[Object: null prototype] {} does not fit <n:int>'],
    ['/<a>', [''], '"" does not fit <a>'],
    ['/<a>', ['a/b'], '"a/b" does not fit <a>'],
    ['/<a>', ['\ud800'], '"\\ud800" does not fit <a>'],
    ['/<a:re:[a-z]+>', ['A'], '"A" does not fit <a:re:[a-z]+>'],
  ])('refuses to fill %s with %j', (text, values, why) => {
    expect(() => fill(text, ...values)).toThrow(none(text, why));
  });

  test.each<[string, string, string]>([
    ['/<a>', '..', '/..'],
    ['/<a>/b', '.', '/./b'],
    ['/<a>', 'a\0', '/a%00'],
    ['/<p:path>', 'a/../b', '/a/../b'],
    ['/<p:path>', '/evil.com', '//evil.com'],
  ])('refuses to fill %s with %j, as no request would find it', (text, value, url) => {
    const why = `"${url}" has "//" at its start, a segment "." or "..", or a NUL`;
    expect(() => fill(text, value)).toThrow(none(text, why));
  });

  const TEXTS = anyText();
  test.each<[string, fc.Arbitrary<unknown>]>([
    ['/<a>', TEXTS],
    ['/x/<a>.txt', TEXTS],
    ['/<a:int>', fc.maxSafeInteger()],
    ['/n<a:int>-', fc.maxSafeInteger()],
    ['/<a:float>', fc.double({ noNaN: true }).map((value) => value + 0)],
    ['/<a:hex>', fc.stringMatching(/^[\da-fA-F]+$/)],
    ['/<a:word>/100%', fc.string({ unit: 'grapheme' })],
    ['/<a:uuid>', fc.uuid()],
    ['/<a:path>', TEXTS],
    ['/<a:path>/raw', TEXTS],
    ['/<a:re:[^x]+>', TEXTS],
    ['/<a:any>', TEXTS],
    ['/<a:all>/', TEXTS],
  ])('makes of %s a URL that gives the value back', (text, values) => {
    const template = parseTemplate(text, filters);
    const tree = new RouteTree<true>();
    tree.add(template, true);
    fc.assert(
      fc.property(values, (value) => {
        let url: string;
        try {
          url = fillTemplate(template, [value]);
        } catch (error) {
          expect(error).toMatchObject({ code: 'E_URL_PARAMETER' });
          return;
        }
        const path = parseTarget(url, 'GET')?.path ?? '';
        expect(tree.match(path)?.values).toEqual([value]);
      }),
      { numRuns: 300 },
    );
  });
});
