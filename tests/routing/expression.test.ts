/** Regular expressions as whole paths. */
import { describe, expect, test } from '@jest/globals';
import { Expression } from '../../src/routing/expression.js';
import { FilterRegistry } from '../../src/routing/filters.js';
import { Prefix } from '../../src/routing/prefix.js';
import { RouteTree } from '../../src/routing/route-tree.js';
import { parseTemplate } from '../../src/routing/template.js';
import { developerError } from '../support/errors.js';

const filters = new FilterRegistry();
const prefix = (text: string): Prefix => new Prefix(parseTemplate(text, filters));

describe('an expression', () => {
  test.each<[RegExp, string, unknown[] | undefined]>([
    [/\/a/, '/a', []],
    [/\/a/, '/ab', undefined],
    [/\/a/, '/b/a', undefined],
    [/^\/a$/, '/a', []],
    [/\/a|\/b/, '/a/b', undefined],
    [/\/a|\/b/, '/b', []],
    [/\/(\d+)(?:-(\d+))?/, '/1-2', ['1', '2']],
    [/\/(\d+)(?:-(\d+))?/, '/1', ['1', undefined]],
    [/\/((a)|b)/, '/b', ['b', undefined]],
    [/\/(?<year>\d{4})/, '/2026', ['2026']],
    [/\/A/i, '/a', []],
    [/\/(.*)/, '/a%2Fb', ['a%2Fb']],
    [/\/(\p{L}+)/u, '/größe', ['größe']],
    [new RegExp('\\/[\\p{L}--[a-c]]+', 'v'), '/x', []],
    [/\/(.*)/s, '/\u2028', ['\u2028']],
    [/.*/, '*', undefined],
    [/.*/, '', undefined],
    [/\/(?=x).*/, '/x', []],
  ])('%s reads %j as %j', (pattern, path, values) => {
    expect(new Expression(pattern).read(path)).toEqual(values);
  });

  test('matches no path that is longer than any honest one', () => {
    const all = new Expression(/\/a*/);
    expect(all.read(`/${'a'.repeat(2039)}`)).toEqual([]);
    expect(all.read(`/${'a'.repeat(2040)}`)).toBeUndefined();
  });

  test.each([
    ['/people', '/people/1', ['1']],
    ['/people', '/peoples/1', undefined],
    ['/teams/<team:int>', '/teams/7/1', [7, '1']],
    ['/teams/<team:int>', '/teams/x/1', undefined],
    ['/teams/<team>', '/teams/x/1', ['x', '1']],
  ])('below %s reads %s as %j', (text, path, values) => {
    expect(new Expression(/.*\/(\d)/, prefix(text)).read(path)).toEqual(values);
  });

  test.each<[RegExp, string, string | undefined]>([
    [/\/a/, '', undefined],
    [/a/, '', '/'],
    [/(\d+)\/(?<id>x)/, '', '/'],
    [/(?:)/, '', '/'],
    [/[^/]+/, '', '/'],
    [/.*/, '/teams', undefined],
    [/(?:\/\w+)*/, '/teams', undefined],
    [/\/TEAMS\/(\d+)/i, '/teams', undefined],
    [/\/(\d+)/, '/teams', '/teams'],
    [/\/team\/(\d+)/, '/teams', '/teams'],
    [/\/(\d+)/, '/teams/<team:int>', '/teams/'],
    [/\/teams\/7\/x/, '/teams/<team:int>', undefined],
    [/\/x/, '/<team>', undefined],
    [/\/(?<=x)(\w)\1\/?/, '/größe', undefined],
    [/(?!\/).*/, '', undefined],
  ])('%s below "%s" misses paths that begin with %j', (pattern, below, misses) => {
    expect(new Expression(pattern, below === '' ? undefined : prefix(below)).misses).toBe(misses);
  });

  test('names the parameters of its prefix and its groups', () => {
    const { parameters } = new Expression(
      /\/(?<year>\d+)\((?:a)(b)[(](?<=c)(?<!d)(?<word>e)/,
      prefix('/<team:int>'),
    );
    expect(parameters.map(({ name }) => name)).toEqual(['team', 'year', '', 'word']);
  });

  test.each([
    [/\/a/g, 'g'],
    [/\/a/iy, 'y'],
    [/\/a/m, 'm'],
  ])('refuses the flag of %s', (pattern, flag) => {
    const message =
      `The path ${String(pattern)} has the flag "${flag}": a path is matched once, as a whole and as one line. ` +
      'Leave it out.';
    expect(() => new Expression(pattern)).toThrow(developerError('E_PATH_TEMPLATE', message));
  });
});

describe('a tree', () => {
  const tree = new RouteTree<string>();
  tree.add(new Expression(/\/(.*)/), 'all');
  tree.add(new Expression(/\/(\d+)/), 'digits');
  tree.add(parseTemplate('/static', filters), 'static');
  tree.add(parseTemplate('/<id:int>', filters), 'int');
  tree.add(parseTemplate('/deep/<rest:path>', filters), 'path');

  test.each([
    ['/static', 'static', []],
    ['/1', 'int', [1]],
    ['/deep/a/b', 'path', ['a/b']],
    ['/other', 'all', ['other']],
    ['/99999999999999999999', 'all', ['99999999999999999999']],
  ])(
    'tries expressions after all templates, in the order of declaration: %s is of %s',
    (path, value, values) => {
      expect(tree.match(path)).toEqual({ value, values });
    },
  );

  test('refuses an expression that is there below the same prefix', () => {
    const other = new RouteTree<string>();
    expect(other.add(new Expression(/\/a/), 'first')).toBeUndefined();
    expect(other.add(new Expression(/\/a/), 'second')).toBe('first');
    expect(other.add(new Expression(/\/a/i), 'third')).toBeUndefined();
    expect(other.add(new Expression(/\/a/, prefix('/a')), 'fourth')).toBeUndefined();
    expect(other.add(new Expression(/\/a/, prefix('/a')), 'fifth')).toBe('fourth');
  });
});
