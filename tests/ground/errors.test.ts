import { describe, expect, test } from '@jest/globals';
import { ConfigurationError, didYouMean, ERROR_CODES, ObolError } from '../../src/ground/errors.js';

test('every code of the catalogue has a text', () => {
  for (const [code, text] of Object.entries(ERROR_CODES)) {
    expect(code).toMatch(/^E_[A-Z_]+$/);
    expect(text).toMatch(/^\S.+[^.]$/);
  }
});

test('an ObolError carries its code, its cause and the name of its class', () => {
  const cause = new Error('inner');
  expect(new ObolError('E_FILTER', 'wrong', { cause })).toMatchObject({
    name: 'ObolError',
    code: 'E_FILTER',
    message: 'wrong',
    cause,
  });
});

describe('ConfigurationError', () => {
  test('lists one mistake', () => {
    const error = new ConfigurationError([{ code: 'E_METHOD', message: 'Wrong.' }]);
    expect(error).toMatchObject({ name: 'ConfigurationError', code: 'E_BOOTSTRAP' });
    expect(error.message).toBe('The application has 1 mistake:\n  1. E_METHOD\n     Wrong.');
  });

  test('lists all mistakes with where they stand', () => {
    const problems = [
      { code: 'E_METHOD', message: 'One.\nTwo.', member: 'A.b', place: 'a.ts:1:2' },
      { code: 'E_FILTER', message: 'Three.', place: 'c.ts:3:4' },
      { code: 'E_ROUTE_DUPLICATE', message: 'Four.', member: 'D' },
    ] as const;
    const error = new ConfigurationError(problems);
    expect(error.problems).toBe(problems);
    expect(error.message.split('\n')).toEqual([
      'The application has 3 mistakes:',
      '  1. E_METHOD A.b (a.ts:1:2)',
      '     One.',
      '     Two.',
      '  2. E_FILTER (c.ts:3:4)',
      '     Three.',
      '  3. E_ROUTE_DUPLICATE D',
      '     Four.',
    ]);
  });
});

describe('didYouMean', () => {
  test.each([
    ['itn', 'int'],
    ['in', 'int'],
    ['INT', 'int'],
    ['wrod', 'word'],
    ['flaot', 'float'],
    ['hexx', 'hex'],
    ['uid', 'uuid'],
  ])('suggests for %s the filter %s', (name, suggestion) => {
    const known = ['float', 'hex', 'int', 'path', 'uuid', 'word'];
    expect(didYouMean(name, known)).toBe(` Did you mean "${suggestion}"?`);
  });

  test.each(['date', 'xyz', '', 'integer-number'])('suggests nothing for %j', (name) => {
    expect(didYouMean(name, ['int', 'float'])).toBe('');
  });

  test('suggests the nearest, of equals the first', () => {
    expect(didYouMean('abcdef', ['abcdxx', 'abcdex'])).toBe(' Did you mean "abcdex"?');
    expect(didYouMean('cat', ['bat', 'hat'])).toBe(' Did you mean "bat"?');
  });

  test('suggests nothing when nothing is known', () => {
    expect(didYouMean('int', [])).toBe('');
  });
});
