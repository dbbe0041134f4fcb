/** Ways to leave a handler. */
import { describe, expect, test } from '@jest/globals';
import { abort, redirect, type ResponseError } from '../../src/message/abort.js';
import { HttpError } from '../../src/http/http-error.js';
import { TextResponse } from '../../src/message/responses.js';

function thrownBy(leave: () => never): unknown {
  try {
    return leave();
  } catch (error) {
    return error;
  }
}

describe('abort', () => {
  test('throws an HTTP error of the status, with its detail', () => {
    expect(thrownBy(() => abort(404))).toMatchObject({ status: 404, message: 'Not Found' });
    expect(thrownBy(() => abort(409, 'late'))).toMatchObject({ status: 409, message: 'late' });
  });

  test('throws a response as an HTTP error of its status', () => {
    const response = new TextResponse('x', { status: 418 });
    const error = thrownBy(() => abort(response));
    expect(error).toBeInstanceOf(HttpError);
    expect(error).toMatchObject({ response, status: 418, name: 'ResponseError' });
  });

  test.each([
    ['404', '"404"'],
    [undefined, 'undefined'],
    [null, 'null'],
    [{ status: 404 }, '{ status: 404 }'],
    [1n, '1n'],
  ])('refuses %p', (answer, quoted) => {
    expect(() => abort(answer as unknown as number)).toThrow(
      expect.objectContaining({
        code: 'E_ABORT',
        message: `abort() takes a status such as 404 or a response, not ${quoted}.`,
      }),
    );
  });
});

test('redirect throws a redirection', () => {
  const error = thrownBy(() => redirect('/x')) as ResponseError;
  expect([error.status, error.response.headers.get('location')]).toEqual([302, '/x']);
});
