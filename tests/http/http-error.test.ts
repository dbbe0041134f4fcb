import { describe, expect, test } from '@jest/globals';
import { ContentTooLarge, HttpError, MethodNotAllowed } from '../../src/http/http-error.js';
import { developerError } from '../support/errors.js';

describe('HttpError', () => {
  test('has the reason phrase as its message unless told otherwise', () => {
    expect(new HttpError(404).message).toBe('Not Found');
    expect(new HttpError(404, 'No such person').message).toBe('No such person');
  });

  test('says Unknown for a status without a name', () => {
    expect(new HttpError(499).message).toBe('Unknown');
  });

  test.each([
    [204, true],
    [404, true],
    [499, true],
    [500, false],
    [503, false],
  ])('shows the message of %d to the client: %s', (status, expose) => {
    expect(new HttpError(status).expose).toBe(expose);
  });

  test('lets the thrower decide whether the client reads the message', () => {
    expect(new HttpError(503, 'Closed on Mondays', { expose: true }).expose).toBe(true);
    expect(new HttpError(400, 'secret', { expose: false }).expose).toBe(false);
  });

  test('carries headers and the cause', () => {
    const cause = new Error('inner');
    const error = new HttpError(503, undefined, { headers: { 'Retry-After': '5' }, cause });
    expect(error).toMatchObject({ status: 503, headers: { 'Retry-After': '5' }, cause });
    expect(new HttpError(404).headers).toEqual({});
  });

  test('is named after its class', () => {
    class Gone extends HttpError {}
    expect(new HttpError(400).name).toBe('HttpError');
    expect(new Gone(410).name).toBe('Gone');
  });

  test.each([100, 199, 600, 0, -1, 200.5, NaN, Infinity])('refuses the status %d', (status) => {
    const message = `${String(status)} is not a status that a response can have; use 200 to 599.`;
    expect(() => new HttpError(status)).toThrow(developerError('E_STATUS', message));
  });
});

test('MethodNotAllowed names the method and lists what is allowed', () => {
  const error = new MethodNotAllowed('PUT', ['GET', 'HEAD']);
  expect(error).toMatchObject({
    name: 'MethodNotAllowed',
    status: 405,
    message: 'PUT is not allowed here',
    headers: { Allow: 'GET, HEAD' },
  });
});

test('ContentTooLarge names the limit', () => {
  expect(new ContentTooLarge(1024)).toMatchObject({
    name: 'ContentTooLarge',
    status: 413,
    message: 'The body is larger than 1024 bytes',
  });
});
