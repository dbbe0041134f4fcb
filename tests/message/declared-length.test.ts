/** Streams and the length that was declared for them. */
import { expect, test } from '@jest/globals';
import { DeclaredLength } from '../../src/message/declared-length.js';

/** @throws what the count throws */
function count(declared: number | undefined, given: readonly number[]): void {
  const length = new DeclaredLength(declared);
  for (const bytes of given) length.add(Buffer.alloc(bytes));
  length.end();
}

test.each([
  [undefined, []],
  [undefined, [1, 2]],
  [0, []],
  [0, [0]],
  [3, [1, 0, 2]],
])('a stream that declares %j gives %j', (declared, given) => {
  expect(() => {
    count(declared, given);
  }).not.toThrow();
});

test.each([
  [0, [1], 'The stream gave more than its 0 bytes'],
  [3, [2, 2], 'The stream gave more than its 3 bytes'],
  [3, [], 'The stream ended after 0 of its 3 bytes'],
  [3, [1, 1], 'The stream ended after 2 of its 3 bytes'],
])('one that declares %j cannot give %j', (declared, given, message) => {
  expect(() => {
    count(declared, given);
  }).toThrow(message);
});
