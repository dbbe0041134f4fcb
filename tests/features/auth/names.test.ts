/** One word for each way to log in: `x()` makes the feature, `xGuard()` a check by itself, `CheckX` is the guard. */
import { expect, test } from '@jest/globals';
import * as auth from 'obol/auth';
import * as sso from 'obol/sso';

const names = Object.keys({ ...auth, ...sso });
const guards = names.filter((name) => name.startsWith('Check'));

test('there are guards of six ways to log in', () => {
  expect(guards.sort()).toEqual([
    'CheckBasic',
    'CheckBearer',
    'CheckCasLogin',
    'CheckDigest',
    'CheckFormLogin',
    'CheckOidcLogin',
  ]);
});

test.each(guards)('%s has the word of its feature, or of a check by itself', (guard) => {
  const word = guard.charAt('Check'.length).toLowerCase() + guard.slice('Check'.length + 1);
  expect(names.filter((name) => name === word || name === `${word}Guard`)).toHaveLength(1);
});

test('what a request is logged in with is told by functions, and no key of it is exported', () => {
  expect(names.filter((name) => /^[A-Z_]+$/.test(name))).toEqual([]);
});
