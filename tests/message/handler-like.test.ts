/** What hosts serve. */
import { expect, test } from '@jest/globals';
import type { Handler } from '../../src/message/handler.js';
import { handlerOf } from '../../src/message/handler-like.js';
import { TextResponse } from '../../src/message/responses.js';

test('a handler is a function, or an object that has one', () => {
  const handle: Handler = () => new TextResponse('x');
  expect([handlerOf(handle), handlerOf({ handle })]).toEqual([handle, handle]);
});
