/** samples/response-closed as its readers start it. */
import { expect, test } from '@jest/globals';
import { sample } from '../../support/sample.js';

const server = sample('response-closed');

test.each(['/test', '/test-after-response'])('%s answers its data', async (path) => {
  const response = await server.ask(`GET ${path}`);
  expect([response.status, response.header('content-length'), response.text]).toEqual([
    200,
    '9',
    'Test data',
  ]);
});
