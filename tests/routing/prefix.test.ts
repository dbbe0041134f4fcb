import { describe, expect, test } from '@jest/globals';
import { FilterRegistry } from '../../src/routing/filters.js';
import { Prefix, type Relation } from '../../src/routing/prefix.js';
import { parseTemplate } from '../../src/routing/template.js';
import { expectWithin } from '../support/timing.js';

const filters = new FilterRegistry();
const prefixOf = (text: string): Prefix => new Prefix(parseTemplate(text, filters));

test.each([
  ['/a', 1],
  ['/a/b', 2],
  ['/a/<b>/c', 3],
])('the depth of %s is %d', (text, depth) => {
  expect(prefixOf(text)).toMatchObject({ text, depth });
});

describe('covers', () => {
  test.each([
    ['/people', '/people'],
    ['/people', '/people/'],
    ['/people', '/people/1/x'],
    ['/a/b', '/a/b/c'],
    ['/100%', '/100%25/x'],
    ['/<id:int>', '/42'],
    ['/<id:int>', '/42/x/y'],
    ['/u/<id:int>/x', '/u/42/x/y'],
    ['/u-<a>-<b>', '/u-1-2/x'],
    ['/100%/<name>', '/100%25/a%25b'],
  ])('%s covers %s', (prefix, path) => {
    expect(prefixOf(prefix).covers(path)).toBe(true);
  });

  test.each([
    ['/people', '/peoples'],
    ['/people', '/people%2Fx'],
    ['/people', '/People'],
    ['/people', '/peopl'],
    ['/people', '/'],
    ['/a/b', '/a'],
    ['/<id:int>', '/x'],
    ['/<id:int>', '/'],
    ['/<id:int>', '/42x/y'],
    ['/<name>', '/'],
    ['/<name>', '//x'],
    ['/<name>', '/a%2Fb/x'],
    ['/u/<id:int>/x', '/u/42'],
    ['/u/<id:int>/x', '/v/42/x'],
    ['/u/<id:int>/x', '/u/42/xy'],
    ['/u-<a>', '/u-/x'],
    ['/<name>', '*'],
    ['/<name>', ''],
  ])('%s does not cover %s', (prefix, path) => {
    expect(prefixOf(prefix).covers(path)).toBe(false);
  });

  test('takes little time for a hostile path', () => {
    const prefix = prefixOf('/<a>-<b>-<c>.x/y');
    expectWithin(100, () => prefix.covers(`/${'-'.repeat(8192)}/y`));
  });
});

test.each<[string, string, Relation]>([
  ['/a', '/a', 'always'],
  ['/a', '/a/', 'always'],
  ['/a', '/a/<x>', 'always'],
  ['/a', '/ab', 'never'],
  ['/a', '/', 'never'],
  ['/a/b', '/a', 'never'],
  ['/a', '/b/c', 'never'],
  ['/a', '/<x>', 'sometimes'],
  ['/a', '/<x>/b', 'sometimes'],
  ['/a/b', '/<x>', 'never'],
  ['/a/b', '/<x>/c', 'never'],
  ['/a', '/<p:path>', 'sometimes'],
  ['/a/b', '/a/<p:path>', 'sometimes'],
  ['/a', '/a/<p:path>', 'always'],
  ['/a/b', '/c/<p:path>', 'never'],
  ['/a', '/a<p:path>', 'sometimes'],
  ['/<x:int>', '/<y:int>/z', 'always'],
  ['/<x:int>', '/<y>/z', 'sometimes'],
  ['/<x:int>', '/42/z', 'sometimes'],
  ['/f-<x>', '/f-<y>/z', 'always'],
])('%s relates to %s: %s', (prefix, template, relation) => {
  expect(prefixOf(prefix).relationTo(parseTemplate(template, filters))).toBe(relation);
});
