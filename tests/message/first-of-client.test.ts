/** Which of the requests of one client is the first of an application. */
import { expect, test } from '@jest/globals';
import { firstOf, isOfClient } from '../../src/message/first-of-client.js';
import { Headers } from '../../src/message/headers.js';

interface One {
  readonly name: string;
  readonly application: One;
  readonly settings: { readonly application: object };
  readonly base: string;
  readonly subrequestOf: One | undefined;
}

const INNER = {};
const OUTER = {};

function one(
  name: string,
  { application = OUTER, base = '', within }: { application?: object; base?: string; within?: One } = {},
): One {
  const made = { name, settings: { application }, base, subrequestOf: within } as unknown as {
    application: One;
  } & One;
  return Object.assign(made, { application: made });
}

test('is the last that is no part, else the first part, else itself', () => {
  const dropped = one('dropped');
  const first = one('first');
  const part = one('part', { within: first });
  const below = one('below', { base: '/a' });
  const inner = one('inner', { application: INNER });
  const view = { ...one('view'), application: first };
  expect(firstOf([dropped, first, part, below, inner, view], part)).toBe(first);
  expect(firstOf([part], one('later', { within: first }))).toBe(part);
  expect(firstOf([first, below], inner)).toBe(inner);
  expect(firstOf([first], below)).toBe(below);
  expect(firstOf([], first)).toBe(first);
});

test.each<[Record<string, string> | undefined, boolean]>([
  [undefined, true],
  [{ Cookie: 'a=1', Authorization: 'x' }, true],
  [{ Cookie: 'a=1', Authorization: 'x', Accept: '*/*' }, true],
  [{ Cookie: 'a=2', Authorization: 'x' }, false],
  [{ Cookie: 'a=1' }, false],
])('with %j it is of the same client: %j', (asked, isSame) => {
  const sent = new Headers({ Cookie: 'a=1', Authorization: 'x' });
  expect(isOfClient(asked && new Headers(asked), sent)).toBe(isSame);
});
