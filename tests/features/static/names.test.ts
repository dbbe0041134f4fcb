/** Which names may be asked for. */
import { describe, expect, test } from '@jest/globals';
import { hasEnding, isHidden, isPlain, isServable } from '../../../src/features/static/names.js';

const RULES = { showHidden: false, platform: 'linux' };

test.each([
  'a',
  'a.txt',
  'a/b/c.txt',
  'a/',
  'a:b',
  'a\\b',
  'CON',
  '.well-known',
  '.well-known/a',
  'a\nb',
  'a\x7f',
  '\udce7',
])('%j may be asked for', (path) => {
  expect(isServable(path, RULES)).toBe(true);
});

test.each([
  '/',
  '/a',
  'a//b',
  'a//',
  '.',
  '..',
  'a/..',
  '../a',
  'a/./b',
  'a\0',
  '\0/a',
  '.env',
  '...',
  'a/.git/config',
  '.well-known/.a',
  'a/.well-known/b',
  'a~',
  'a~/b',
])('%j may not', (path) => {
  expect(isServable(path, RULES)).toBe(false);
});

test.each(['.env', 'a/.git/config', 'a~', '...'])('%j may when hidden names are shown', (path) => {
  expect(isServable(path, { ...RULES, showHidden: true })).toBe(true);
});

test.each(['.', '..', 'a/../b', 'a\0'])('%j may not even then', (path) => {
  expect(isServable(path, { ...RULES, showHidden: true })).toBe(false);
});

describe('on Windows', () => {
  test.each([
    'CON',
    'con',
    'aux.txt',
    'NUL',
    'nul.tar.gz',
    'PRN ',
    'con .txt',
    'COM1',
    'com9.log',
    'LPT0',
    'COM²',
    'CONIN$',
    'conout$',
    'a:b',
    'a.txt::$DATA',
    'C:',
    '..\\a',
    'a\\b',
    'a.',
    'a ',
    'a?',
    'a*',
    'a<b',
    'a"b',
    'a|b',
    'GIT~1',
    'progra~2.txt',
    'a\nb',
    '\udce7',
  ])('%j is refused', (name) => {
    expect(isPlain(name, 'win32')).toBe(false);
  });

  test.each(['console', 'a.con', 'nully.txt', 'com', 'COM10', 'a.b.c', 'a b', 'ü', 'a~b'])(
    '%j is a name like any other',
    (name) => {
      expect(isPlain(name, 'win32')).toBe(true);
    },
  );
});

test.each([
  ['.a', true],
  ['a~', true],
  ['..', true],
  ['a', false],
  ['a.~b', false],
])('%j is hidden: %s', (name, hidden) => {
  expect(isHidden(name)).toBe(hidden);
});

test.each([
  ['a.js', true],
  ['a/b.css/', true],
  ['a.b/c', false],
  ['a', false],
  ['', false],
])('%j has an ending: %s', (path, has) => {
  expect(hasEnding(path)).toBe(has);
});
