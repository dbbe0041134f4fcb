/** Routes as a table, for people who start an application. */
import { expect, test } from '@jest/globals';
import { formatRoutes, type RouteInfo } from '../../src/dispatch/table-info.js';

function route(some: Partial<RouteInfo>): RouteInfo {
  return {
    methods: ['GET', 'HEAD'],
    path: '/',
    parameters: [],
    controller: 'People',
    handler: 'list',
    name: 'People.list',
    guards: [],
    before: [],
    after: [],
    middleware: [],
    prefix: '',
    isExpression: false,
    scope: 'application',
    place: '',
    ...some,
  };
}

test('has aligned columns for methods, path and handler, which its guards follow', () => {
  const guarded = route({
    methods: ['POST'],
    path: '/people',
    name: 'People.add',
    guards: ['CheckDigest', 'Level'],
  });
  expect(formatRoutes([route({}), guarded])).toBe(
    ['GET   /        People.list', 'POST  /people  People.add @CheckDigest @Level'].join('\n'),
  );
});

test('names HEAD only where it is not part of GET', () => {
  expect(formatRoutes([route({ methods: ['HEAD', 'POST'] })])).toBe('HEAD,POST  /  People.list');
});

test('is empty without routes', () => {
  expect(formatRoutes([])).toBe('');
});
