/** Preconditions that a handler has judged before it acts. */
import { expect, test } from '@jest/globals';
import { ResponseError } from '../../src/message/abort.js';
import { checkPreconditions, type ResourceState } from '../../src/answering/preconditions.js';
import { request } from '../../src/hosts/testing/request.js';
import { httpError } from '../support/errors.js';

const DATE = 'Sun, 06 Nov 1994 08:49:37 GMT';
const MODIFIED = new Date('1994-11-06T08:49:37.500Z');

type Case = [method: string, headers: Record<string, string>, state: ResourceState];

const check = (...[method, headers, state]: Case) => {
  checkPreconditions(request('/', { method, headers }), state);
};

test.each<Case>([
  ['PUT', {}, { etag: '"1"' }],
  ['PUT', { 'If-Match': '"1"' }, { etag: '"1"' }],
  ['PUT', { 'If-Match': '*' }, { exists: true }],
  ['PUT', { 'If-None-Match': '*' }, { exists: false }],
  ['PUT', { 'If-None-Match': '*' }, {}],
  ['PUT', { 'If-Unmodified-Since': DATE }, { lastModified: MODIFIED }],
  ['DELETE', { 'If-Modified-Since': DATE }, { lastModified: MODIFIED.getTime() }],
  ['GET', { 'If-None-Match': '"2"' }, { etag: '"1"' }],
])('lets %s with %j of %j go on', (...given) => {
  expect(() => {
    check(...given);
  }).not.toThrow();
});

test.each<Case>([
  ['PUT', { 'If-Match': '"2"' }, { etag: '"1"' }],
  ['PUT', { 'If-Match': '*' }, {}],
  ['PUT', { 'If-None-Match': '*' }, { exists: true }],
  ['DELETE', { 'If-None-Match': '"1"' }, { etag: '"1"' }],
  ['PATCH', { 'If-Unmodified-Since': DATE }, { lastModified: new Date('1994-11-06T08:49:38Z') }],
  ['GET', { 'If-Match': '"2"' }, { etag: '"1"' }],
])('ends %s with %j of %j with 412', (...given) => {
  expect(() => {
    check(...given);
  }).toThrow(httpError(412, 'A precondition does not hold'));
});

test.each<[...Case, [string, string][]]>([
  ['GET', { 'If-None-Match': '"1"' }, { etag: '"1"', lastModified: MODIFIED }, [['ETag', '"1"']]],
  ['HEAD', { 'If-Modified-Since': DATE }, { lastModified: MODIFIED }, [['Last-Modified', DATE]]],
  ['GET', { 'If-None-Match': '*' }, { exists: true }, []],
])('ends %s with %j of %j with 304', (method, headers, state, fields) => {
  let thrown: unknown;
  try {
    check(method, headers, state);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(ResponseError);
  const { response } = thrown as ResponseError;
  expect([response.status, ...response.headers]).toEqual([304, ...fields]);
});
