/** reply(): several values at once. */
import { expect, test } from '@jest/globals';
import { reply } from '../../src/message/reply.js';

test.each([
  ['options', reply('x', { contentType: 'text/plain', headers: { A: '1' }, status: 201 })],
  ['positions', reply('x', 'text/plain', { A: '1' }, 201)],
])('reply takes %s and is a plain value that tests can compare', (_, value) => {
  expect(value).toMatchObject({ data: 'x', contentType: 'text/plain', headers: { A: '1' }, status: 201 });
  expect(value).toEqual(reply('x', 'text/plain', { A: '1' }, 201));
  expect(Object.isFrozen(value)).toBe(true);
});

test('reply takes headers and status without a type', () => {
  expect(reply('x', undefined, { A: '1' }, 201)).toMatchObject({
    data: 'x',
    contentType: undefined,
    headers: { A: '1' },
    status: 201,
  });
});
