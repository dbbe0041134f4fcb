import { describe, expect, test } from '@jest/globals';
import { FilterRegistry } from '../../src/routing/filters.js';
import { findOverlaps } from '../../src/routing/overlaps.js';
import { Router, type Method } from '../../src/routing/router.js';
import { parseTemplate } from '../../src/routing/template.js';

const filters = new FilterRegistry();
filters.add('date', { pattern: /\d{4}-\d\d-\d\d/, convert: (text) => new Date(text) });
filters.add('slug', { pattern: /[\w-]+/ });
filters.add('never', { pattern: /(?!)/ });

function overlapsOf(...routes: readonly string[]): string[] {
  const router = new Router<string>();
  for (const route of routes) {
    const [method, path = ''] = route.split(' ');
    router.add(method as Method, parseTemplate(path, filters), route);
  }
  return findOverlaps(router.entries).map(
    ({ first, second, witness }) => `${first.value} | ${second.value} | ${witness}`,
  );
}

describe('findOverlaps', () => {
  test.each([
    [['GET /<a:re:[a-z]+>', 'GET /<a:re:\\w+>'], '/a'],
    [['GET /<a:re:\\w+>', 'GET /<a:re:[a-z]+>'], '/a'],
    [['GET /<a:date>', 'GET /<a:slug>'], '/2026-01-31'],
    [['GET /<a:slug>', 'GET /<a:date>'], '/2026-01-31'],
    [['GET /x/a-<a>', 'GET /x/<b>-a'], '/x/a-a'],
    [['GET /x/a<a>', 'GET /x/<b>1'], '/x/a1'],
    [['GET /100%/<a:re:\\d+>', 'GET /100%/<a:re:\\w+>'], '/100%25/1'],
    [['GET /<a:re:%|x>', 'GET /<a:re:%|y>'], '/%25'],
    [['GET /<a:re:.+/b>', 'GET /<a:re:a/.+>'], '/a/b'],
  ])('sees that the order of %j decides about %s', (routes, witness) => {
    expect(overlapsOf(...routes)).toEqual([[...routes, witness].join(' | ')]);
  });

  test.each([
    [['GET /a', 'GET /b']],
    [['GET /me', 'GET /<id:int>']],
    [['GET /<a:int>', 'GET /<a>']],
    [['GET /<a:re:[a-z]>', 'GET /<a:re:\\d>']],
    [['GET /<a:re:x+>', 'POST /<a:re:\\w+>']],
    [['HEAD /<a:re:x+>', 'HEAD /<a:re:\\w+>']],
    [['GET /a/<a:re:x+>', 'GET /b/<a:re:\\w+>']],
    [['GET /<a:never>', 'GET /<a:slug>']],
    [['GET /<a>/x', 'GET /<a>/y']],
    [['GET /a<a>', 'GET /<a>11']],
  ])('sees nothing that the order decides in %j', (routes) => {
    expect(overlapsOf(...routes)).toEqual([]);
  });

  test('compares every two of several', () => {
    expect(overlapsOf('GET /<a:re:a>', 'GET /<a:re:a+>', 'GET /<a:re:a*>')).toHaveLength(3);
  });

  test('gives up after 20,000 pairs', () => {
    const routes = Array.from({ length: 203 }, (_, i) => `GET /<a:re:${String(i)}x>`);
    expect(overlapsOf(...routes, 'GET /<a:re:a>', 'GET /<a:re:a+>')).toEqual([]);
  });
});
