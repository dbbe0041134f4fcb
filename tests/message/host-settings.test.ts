/** How a handler wants to be served. */
import { expect, test } from '@jest/globals';
import { consoleLogger } from '../../src/ground/logger.js';
import type { Handler } from '../../src/message/handler.js';
import { handlerOf, hostSettingsOf } from '../../src/message/host-settings.js';
import { TextResponse } from '../../src/message/responses.js';

const handle: Handler = () => new TextResponse('x');

test('a handler is a function, or an object that has one', () => {
  expect([handlerOf(handle), handlerOf({ handle })]).toEqual([handle, handle]);
});

test('a handler without settings is served with safe defaults', () => {
  const { finalizer, logger } = hostSettingsOf(handle);
  expect(finalizer.fields(new TextResponse('x'))).toContain('nosniff');
  expect(logger).toBe(consoleLogger);
  expect(hostSettingsOf({ handle }).request.jsonTypes).toContain('application/json');
});

test('a handler with settings is served with them', () => {
  const hostSettings = hostSettingsOf(handle);
  expect(hostSettingsOf({ handle, hostSettings })).toBe(hostSettings);
});
