/** The catalogue of error codes: nothing in it that nobody throws, nothing that no test asserts. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { ERROR_CODES } from '../../src/ground/errors.js';

const ROOT = resolve(import.meta.dirname, '../..');
const CODES = Object.keys(ERROR_CODES);

/** The text of every TypeScript file below a folder, but for those named. */
function textBelow(folder: string, ...except: string[]): string {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/(?:^|[\\/])(?:bench|matrix|node_modules)[\\/]/.test(file))
    .filter((file) => !except.some((name) => file.endsWith(name)))
    .map((file) => readFileSync(join(ROOT, folder, file), 'utf8'))
    .join('\n');
}

const source = textBelow('src').replace(/ERROR_CODES = \{[^}]*\}/, '');
const tests = textBelow('tests', 'error-codes.test.ts');

test('codes stand in alphabetical order', () => {
  expect(CODES).toEqual([...CODES].sort());
});

test.each(CODES)('%s is thrown in src', (code) => {
  expect(source.includes(`'${code}'`)).toBe(true);
});

test.each(CODES)('%s is asserted in a test', (code) => {
  expect(tests.includes(`'${code}'`)).toBe(true);
});

test('messages name what they are about with its article, and end in one full stop', () => {
  const texts = source.match(/`(?:[^`\\]|\\.)*`|'(?:[^'\\\n]|\\.)*'/g) ?? [];
  expect(texts.length).toBeGreaterThan(1000);
  // What stands in the text is an Error as often as a Map: withArticle() and kindOf() know which it is.
  const careless =
    /\ban? \$\{(?:typeof|typeName|kind|what)|\binstead of an? \$\{|\]\.\.(?!\.)|[a-z)]\.\.(?!\.|\/)|\$\{cure\}\.`$/;
  expect(texts.filter((text) => careless.test(text))).toEqual([]);
});
