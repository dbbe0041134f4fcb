import { describe, expect, test } from '@jest/globals';
import { charsetOf, charsetOfForm } from '../../src/http/charset.js';
import { httpError } from '../support/errors.js';

const decode = (label: string, bytes: string): string | undefined =>
  charsetOf(label)?.decode(Buffer.from(bytes, 'latin1'));

describe('a charset', () => {
  test.each([
    ['utf-8', 'utf-8'],
    ['UTF8', 'utf-8'],
    [' unicode-1-1-utf-8 ', 'utf-8'],
    ['latin1', 'windows-1252'],
    ['ISO-8859-1', 'windows-1252'],
    ['us-ascii', 'windows-1252'],
    ['cp1250', 'windows-1250'],
    ['l2', 'iso-8859-2'],
    ['x-sjis', 'shift_jis'],
    ['utf-16', 'utf-16le'],
  ])('%j is %s', (label, name) => {
    expect(charsetOf(label)?.name).toBe(name);
  });

  test.each(['', 'x', 'utf-7', 'utf-8;', 'replacement', '__proto__', '\0'])('%j is not known', (label) => {
    expect(charsetOf(label)).toBeUndefined();
  });

  test.each([
    ['utf-8', 'a\xc5\xbe', 'až'],
    ['utf-8', '\xef\xbb\xbfa', '\ufeffa'],
    ['windows-1252', '\x80 \x93a\x94 \x81\xe9', '€ “a” \x81é'],
    ['windows-1250', '\x8e\x9e', 'Žž'],
    ['iso-8859-2', '\xb9\xe8', 'šč'],
    ['koi8-r', '\xcd\xc9\xd2', 'мир'],
    ['shift_jis', '\x83\x6e', 'ハ'],
    ['gbk', '\xc4\xe3', '你'],
    ['utf-16le', 'a\0', 'a'],
  ])('%s reads %j', (label, bytes, text) => {
    expect(decode(label, bytes)).toBe(text);
    // Again, for a decoder may remember.
    expect(decode(label, bytes)).toBe(text);
  });

  test.each([
    ['utf-8', '\xe9'],
    ['utf-8', 'a\xc3'],
    ['utf-8', '\xc0\xaf'],
    ['utf-8', '\xed\xa0\x80'],
    ['shift_jis', '\x82'],
    ['euc-kr', 'a\xff'],
    ['gbk', '\x81'],
    ['utf-16le', 'a'],
  ])('%s cannot read %j', (label, bytes) => {
    expect(decode(label, bytes)).toBeUndefined();
  });
});

describe('a form', () => {
  test.each(['utf8', 'windows-1251', 'euc-jp'])('may be in %s', (label) => {
    expect(charsetOfForm(label)).toBeDefined();
  });

  test.each(['utf-16', 'UTF-16BE', 'unicode', 'x', 'utf-7', ''])('is not in %j', (label) => {
    const message = `No form is read in the charset ${JSON.stringify(label)}`;
    expect(() => charsetOfForm(label)).toThrow(httpError(415, message));
  });
});
