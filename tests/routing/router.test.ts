import { describe, expect, test } from '@jest/globals';
import { Expression } from '../../src/routing/expression.js';
import { FilterRegistry } from '../../src/routing/filters.js';
import {
  isWrittenAs,
  METHOD_ALL,
  METHOD_GET_POST,
  METHODS,
  normalizeMethods,
  Router,
  type Method,
} from '../../src/routing/router.js';
import { parseTemplate } from '../../src/routing/template.js';
import { developerError } from '../support/errors.js';

const filters = new FilterRegistry();

function routerOf(...routes: readonly string[]): Router<string> {
  const router = new Router<string>();
  for (const route of routes) {
    const [method, path = ''] = route.split(' ');
    router.add(method as Method, parseTemplate(path, filters), route);
  }
  return router;
}

describe('normalizeMethods', () => {
  test('refuses an empty list', () => {
    const message = 'The list of methods is empty; leave it out for GET.';
    expect(() => normalizeMethods([])).toThrow(developerError('E_METHOD', message));
  });

  test.each<[Method | readonly Method[], readonly Method[]]>([
    ['GET', ['GET', 'HEAD']],
    ['POST', ['POST']],
    [['POST', 'GET', 'POST'], ['GET', 'HEAD', 'POST']], // prettier-ignore
    [METHOD_GET_POST, ['GET', 'HEAD', 'POST']],
    [METHOD_ALL, METHODS],
  ])('of %j are %j', (methods, expected) => {
    expect(normalizeMethods(methods)).toEqual(expected);
  });

  const KNOWN = 'Known methods: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE, QUERY.';
  test.each([
    ['get', `"get" is no method. ${KNOWN} Did you mean "GET"?`],
    ['PSOT', `"PSOT" is no method. ${KNOWN} Did you mean "POST"?`],
    ['CONNECT', `"CONNECT" is no method. ${KNOWN}`],
  ])('refuse %s', (method, message) => {
    expect(() => normalizeMethods(method as Method)).toThrow(developerError('E_METHOD', message));
    expect(() => normalizeMethods(['GET', method as Method])).toThrow(message);
  });
});

describe('Router', () => {
  test('keeps methods apart', () => {
    const router = routerOf('GET /a', 'POST /a', 'POST /<x>');
    expect(router.match('GET', '/a')?.value).toBe('GET /a');
    expect(router.match('POST', '/a')?.value).toBe('POST /a');
    expect(router.match('GET', '/b')).toBeUndefined();
    expect(router.match('PUT', '/a')).toBeUndefined();
  });

  test('gives HEAD the route of GET unless it has its own', () => {
    const router = routerOf('GET /a', 'GET /b', 'HEAD /b', 'POST /c');
    expect(router.match('HEAD', '/a')?.value).toBe('GET /a');
    expect(router.match('HEAD', '/b')?.value).toBe('HEAD /b');
    expect(router.match('HEAD', '/c')).toBeUndefined();
  });

  test('says which methods a path allows, in one order', () => {
    const router = routerOf('DELETE /<id:int>', 'POST /<name>', 'GET /<id:int>');
    expect(router.allowed('/1')).toEqual(['GET', 'HEAD', 'POST', 'DELETE']);
    expect(router.allowed('/a')).toEqual(['POST']);
    expect(router.allowed('/a/b')).toEqual([]);
  });

  test('refuses a second route of the same method and shape', () => {
    const router = routerOf('GET /a/<x:int>');
    const again = parseTemplate('/a/<y:int>', filters);
    expect(router.add('GET', again, 'second')).toBe('GET /a/<x:int>');
    expect(router.entries).toHaveLength(1);
    expect(router.add('POST', again, 'third')).toBeUndefined();
    expect(router.entries.map(({ method, template }) => `${method} ${template.text}`)).toEqual([
      'GET /a/<x:int>',
      'POST /a/<y:int>',
    ]);
  });

  test('removes what matches, and keeps the rest in order', () => {
    const router = routerOf('GET /a/<x:int>', 'POST /a/<x:int>', 'GET /b');
    router.remove(({ value }) => value === 'GET /a/<x:int>');
    expect(router.match('GET', '/a/1')).toBeUndefined();
    expect(router.match('POST', '/a/1')?.values).toEqual([1]);
    expect(router.entries.map(({ value }) => value)).toEqual(['POST /a/<x:int>', 'GET /b']);
  });

  test('takes a removed route again', () => {
    const router = routerOf('GET /a');
    router.remove(() => true);
    expect(router.add('GET', parseTemplate('/a', filters), 'new')).toBeUndefined();
    expect(router.match('GET', '/a')?.value).toBe('new');
  });

  test.each<[string, string | RegExp, boolean]>([
    ['/a/', '/a/', true],
    ['/a/', /a/, false],
    ['/a/<x:int>', '/a/<y:int>', false],
  ])('knows whether the template %s is written as %s', (template, given, expected) => {
    expect(isWrittenAs(parseTemplate(template, filters), given)).toBe(expected);
  });

  test('knows whether an expression is written as another', () => {
    expect(isWrittenAs(new Expression(/a/i), /a/i)).toBe(true);
    expect(isWrittenAs(new Expression(/a/i), /a/)).toBe(false);
    expect(isWrittenAs(new Expression(/a/), '/a/')).toBe(false);
  });

  test.each(['constructor', '__proto__', ''])('knows no method %j', (method) => {
    expect(routerOf('GET /a').match(method, '/a')).toBeUndefined();
  });
});
