/** The name a file is saved under. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { contentDisposition } from '../../src/http/content-disposition.js';
import { isFieldValue } from '../../src/http/grammar.js';
import { anyText } from '../support/characters.js';

test.each([
  [undefined, 'attachment'],
  ['', 'attachment'],
  ['report.pdf', 'attachment; filename=report.pdf'],
  ['my report.pdf', 'attachment; filename="my report.pdf"'],
  ['a;b=c.txt', 'attachment; filename="a;b=c.txt"'],
  ['/srv/files/a.txt', 'attachment; filename=a.txt'],
  ['..\\..\\a.txt', 'attachment; filename=a.txt'],
  ['folder/', 'attachment'],
  ['a\r\nX-Evil: 1', 'attachment; filename="aX-Evil: 1"'],
  ['a\0b.txt', 'attachment; filename=ab.txt'],
  ['"a".txt', `attachment; filename="_a_.txt"; filename*=UTF-8''%22a%22.txt`],
  ['100%.txt', `attachment; filename="100_.txt"; filename*=UTF-8''100%25.txt`],
  ['€ rates.txt', `attachment; filename="_ rates.txt"; filename*=UTF-8''%E2%82%AC%20rates.txt`],
  ['naïve (1)*.txt', `attachment; filename="na_ve (1)*.txt"; filename*=UTF-8''na%C3%AFve%20%281%29%2A.txt`],
  ["é'.txt", `attachment; filename="_'.txt"; filename*=UTF-8''%C3%A9%27.txt`],
  ['😀.txt', `attachment; filename="_.txt"; filename*=UTF-8''%F0%9F%98%80.txt`],
  ['\ud800.txt', `attachment; filename="_.txt"; filename*=UTF-8''%EF%BF%BD.txt`],
  ['gpj.\u202eexe', 'attachment; filename=gpj.exe'],
])('of %j is %s', (name, expected) => {
  expect(contentDisposition(name)).toBe(expected);
});

test('may say that the file is shown', () => {
  expect(contentDisposition('a.pdf', 'inline')).toBe('inline; filename=a.pdf');
});

test('is a header value whatever the name, with no quote left open', () => {
  fc.assert(
    fc.property(anyText(), (name) => {
      const value = contentDisposition(name);
      expect(isFieldValue(value)).toBe(true);
      expect(value.split('"').length % 2).toBe(1);
    }),
  );
});
