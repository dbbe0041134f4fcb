import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sanitizeFileName, UNNAMED } from '../../src/body/part.js';
import { anyText } from '../support/characters.js';
import { expectWithin } from '../support/timing.js';

describe('sanitizeFileName', () => {
  test.each([
    ['photo.jpg', 'photo.jpg'],
    ['žluťoučký kůň.txt', 'žluťoučký kůň.txt'],
    ['😀.png', '😀.png'],
    ['.htaccess', '.htaccess'],
    ['a"b.txt', 'a"b.txt'],
    ['...', '...'],
    ['../../etc/x', 'x'],
    ['/etc/passwd', 'passwd'],
    ['C:\\x\\y.txt', 'y.txt'],
    ['..\\..\\x', 'x'],
    ['a/b\\c', 'c'],
    ['a\\b/c', 'c'],
    ['  a.txt\t', 'a.txt'],
    ['a\0.txt', 'a.txt'],
    ['a\r\nb.txt', 'ab.txt'],
    ['a\x7fb\x80c', 'abc'],
    ['invoice\u202egpj.exe', 'invoicegpj.exe'],
    ['\u2066a\u2069\u200e\u200f.txt', 'a.txt'],
    ['\ufeffa\u200b', 'a'],
    ['a\u2028b\u2029c', 'abc'],
    ['a\ud800b', 'a\ufffdb'],
  ])('makes %j into %j', (name, expected) => {
    expect(sanitizeFileName(name)).toBe(expected);
  });

  test.each(['', ' ', '.', '..', '/', 'a/', 'a\\', '../..', 'a/..', ' .. ', '.\u202e.', '\0', '\u200b'])(
    'calls %j unnamed',
    (name) => {
      expect(sanitizeFileName(name)).toBe(UNNAMED);
    },
  );

  test.each([
    ['a'.repeat(255), 'a'.repeat(255)],
    ['a'.repeat(256), 'a'.repeat(255)],
    [`${'a'.repeat(300)}.tar.gz`, `${'a'.repeat(252)}.gz`],
    [`${'ž'.repeat(150)}.txt`, `${'ž'.repeat(125)}.txt`],
    [`${'中'.repeat(100)}.jpeg`, `${'中'.repeat(83)}.jpeg`],
    [`${'😀'.repeat(75)}.png`, `${'😀'.repeat(62)}.png`],
    [`a.${'b'.repeat(300)}`, `a.${'b'.repeat(253)}`],
    [`.${'b'.repeat(300)}`, `.${'b'.repeat(254)}`],
    [`${'a'.repeat(300)}.${'ž'.repeat(15)}`, `${'a'.repeat(224)}.${'ž'.repeat(15)}`],
  ])('cuts %.20s… to 255 bytes and keeps a short extension', (name, expected) => {
    expect(sanitizeFileName(name)).toBe(expected);
  });

  test('gives a base name of 1 to 255 bytes for any text', () => {
    fc.assert(
      fc.property(anyText({ maxLength: 600 }), (name) => {
        const clean = sanitizeFileName(name);
        const bytes = Buffer.byteLength(clean);
        expect(bytes > 0 && bytes <= 255).toBe(true);
        expect(clean).not.toMatch(/[/\\\p{Cc}\p{Cf}]|^\.{1,2}$/u);
      }),
    );
  });

  test.each(['a', '😀', '.', ' ', '\u202e', '/'])('takes linear time for many %j', (piece) => {
    expectWithin(300, () => sanitizeFileName(piece.repeat(256 * 1024)));
  });
});
