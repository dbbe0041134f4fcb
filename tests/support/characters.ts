/**
 * Texts of any characters for properties: what fast-check's unit `binary` gives, but computed. That unit is a table of
 * a million entries, which every file that uses it would build anew.
 */
import fc from 'fast-check';

/** Code points that are half a character only. */
const [FIRST_SURROGATE, SURROGATES] = [0xd800, 0x800];
const LAST = 0x10ffff - SURROGATES;

/** Any character of Unicode; without its inverse, fast-check would leave out `__proto__` and other dangerous words. */
const CHARACTER = fc.nat(LAST).map(
  (index) => String.fromCodePoint(index < FIRST_SURROGATE ? index : index + SURROGATES),
  (value) => {
    if (typeof value !== 'string' || !/^\P{Cs}$/u.test(value)) throw new Error('This is not one character');
    const codePoint = value.codePointAt(0) ?? 0;
    return codePoint < FIRST_SURROGATE ? codePoint : codePoint - SURROGATES;
  },
);

/** Texts of any characters, dangerous words among them. */
export function anyText(constraints: fc.StringSharedConstraints = {}): fc.Arbitrary<string> {
  return fc.string({ ...constraints, unit: CHARACTER });
}
