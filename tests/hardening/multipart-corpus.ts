/** Multipart bodies, good and bad, with what each means. */
import { BOUNDARY, bodyOf, field, file, part } from '../support/multipart.js';

/** What a body means: 400, or its fields and files. */
export type Meaning =
  | 400
  | {
      readonly fields: readonly (readonly [name: string, values: readonly string[]])[];
      readonly files: readonly (readonly [name: string, filename: string, type: string, content: string])[];
    };

/** A body with the Content-Type it comes with. */
export type Case = readonly [name: string, contentType: string, body: Buffer, meaning: Meaning];

/** A multipart type with this boundary, as it is written. */
export const multipart = (boundary = BOUNDARY): string => `multipart/form-data; boundary=${boundary}`;

const DISPOSITION = 'Content-Disposition: form-data; name="a"';
const LONG = '0123456789'.repeat(7);
const ONE = bodyOf(field('a', '1'));
const A1: Meaning = { fields: [['a', ['1']]], files: [] };
const fields = (...pairs: [string, string[]][]): Meaning => ({ fields: pairs, files: [] });
const aFile = (filename: string, content: string, type = 'text/plain'): Meaning => ({
  fields: [],
  files: [['f', filename, type, content]],
});
const renamed = (boundary: string, body: Buffer = ONE): Buffer =>
  Buffer.from(body.toString().replaceAll(`--${BOUNDARY}`, `--${boundary}`));
const bytes = (...parts: (string | Buffer)[]): Buffer =>
  Buffer.concat(parts.map((each) => (typeof each === 'string' ? Buffer.from(each) : each)));

export const GOOD: readonly Case[] = [
  ['one field', multipart(), ONE, A1],
  ['no part at all', multipart(), bodyOf(), fields()],
  ['an empty value', multipart(), bodyOf(field('a', '')), fields(['a', ['']])],
  ['a preamble', multipart(), bytes('This is a form.\r\n\r\n', ONE), A1],
  ['a preamble that looks like a boundary', multipart(), bytes('--\r\n-b\r\n --b\r\n', ONE), A1],
  ['an epilogue', multipart(), bytes(ONE, 'That was a form.\r\n- -b'), A1],
  ['no line break at its end', multipart(), ONE.subarray(0, -2), A1],
  ['a quoted boundary', multipart('"b"'), ONE, A1],
  ['a quoted boundary with separators', multipart('"x:y=z/(q)?"'), renamed('x:y=z/(q)?'), A1],
  ['a quoted boundary with a space', multipart('"x y"'), renamed('x y'), A1],
  ['a boundary with a slash and no quotes', multipart('b/QeEb.T74'), renamed('b/QeEb.T74'), A1],
  ['a boundary with characters none may have', `${multipart('b!{@}=é,')} ; charset=utf-8`, Buffer.from(renamed('b!{@}=é,').toString(), 'latin1'), A1],
  ['a boundary with a space and no quotes', multipart('x y'), renamed('x y'), A1],
  ['a boundary that is longer than the grammar allows', multipart('x'.repeat(200)), renamed('x'.repeat(200)), A1],
  ['a boundary of 70 characters', multipart(LONG), renamed(LONG), A1],
  ['a boundary of one hyphen', multipart('-'), renamed('-'), A1],
  ['a boundary that data lines begin with, but for the hyphens', multipart(), bodyOf(field('a', 'b\r\nbb\r\n-b\r\n-bb')), fields(['a', ['b\r\nbb\r\n-b\r\n-bb']])],
  ['data lines that begin as a long boundary does', multipart(LONG), renamed(LONG, bodyOf(field('a', `x\r\n--${LONG.slice(0, 69)}\r\ny`))), fields(['a', [`x\r\n--${LONG.slice(0, 69)}\r\ny`]])],
  ['line breaks before the next boundary', multipart(), bodyOf(field('a', '\r\n\r\n\n\r\r')), fields(['a', ['\r\n\r\n\n\r\r']])],
  ['quotes that are percent-encoded', multipart(), bodyOf(file('f', 'a%22b%0D%0A.txt', 'x')), aFile('a%22b%0D%0A.txt', 'x')],
  ['quotes that are escaped', multipart(), bodyOf(field('a\\"b', '1')), fields(['a"b', ['1']])],
  ['a field name in UTF-8', multipart(), bodyOf(field('žluť', 'kůň')), fields(['žluť', ['kůň']])],
  ['a multipart within', multipart(), bodyOf(part(`${DISPOSITION}\r\nContent-Type: multipart/mixed; boundary=c`, '--c\r\nX: 1\r\n\r\nx\r\n--c--')), fields(['a', ['--c\r\nX: 1\r\n\r\nx\r\n--c--']])],
  ['_charset_, which is data', multipart(), bodyOf(field('_charset_', 'utf-16'), field('a', '1')), fields(['_charset_', ['utf-16']], ['a', ['1']])],
  ['a file', multipart(), bodyOf(file('f', 'a.txt', '\0\x01\r\n--')), aFile('a.txt', '\0\x01\r\n--')],
  ['filename* beside filename', multipart(), bodyOf(part("Content-Disposition: form-data; name=f; filename=a; filename*=utf-8''%C5%BE", 'x')), aFile('ž', 'x')],
  ['a file in base64', multipart(), bodyOf(part('Content-Disposition: form-data; name="f"; filename="a"\r\nContent-Transfer-Encoding: base64', 'eA==')), aFile('a', 'x')],
  ['an empty file', multipart(), bodyOf(file('f', 'a.txt', '')), aFile('a.txt', '')],
  ['a file input left empty', multipart(), bodyOf(file('f', '', '', 'application/octet-stream'), field('a', '1')), A1],
  ['names of the prototype', multipart(), bodyOf(field('__proto__', '1'), field('constructor', '2')), fields(['__proto__', ['1']], ['constructor', ['2']])],
  ['several of a name', multipart(), bodyOf(field('a', '1'), field('b', '2'), field('a', '3')), fields(['a', ['1', '3']], ['b', ['2']])],
  ['a type in capitals', 'Multipart/Form-Data; BOUNDARY=b', ONE, A1],
]; // prettier-ignore

export const BAD: readonly Case[] = [
  ['nothing', multipart(), bytes(), 400],
  ['only white space', multipart(), bytes(' \r\n \r\n'), 400],
  ['another boundary', multipart('c'), ONE, 400],
  ['a boundary in another case', multipart('B'), ONE, 400],
  ['no boundary in the type', 'multipart/form-data', ONE, 400],
  ['an empty boundary', multipart('""'), ONE, 400],
  ['a boundary of 201 characters', multipart('x'.repeat(201)), renamed('x'.repeat(201)), 400],
  ['a boundary that ends with a space', multipart('"b "'), renamed('b '), 400],
  ['lines that end with LF', multipart(), bytes(ONE.toString().replaceAll('\r', '')), 400],
  ['lines that end with CR', multipart(), bytes(ONE.toString().replaceAll('\n', '')), 400],
  ['no final boundary', multipart(), bytes(field('a', '1')), 400],
  ['a final boundary with one hyphen', multipart(), bytes(field('a', '1'), '--b-\r\n'), 400],
  ['an end within a head', multipart(), ONE.subarray(0, 20), 400],
  ['an end within a value', multipart(), ONE.subarray(0, -12), 400],
  ['an end within a file', multipart(), bytes(file('f', 'a', 'xyz')).subarray(0, -4), 400],
  ['a boundary that is the beginning of a data line', multipart(), bodyOf(field('a', '1\r\n--bx')), 400],
  ['no name', multipart(), bodyOf(part('Content-Disposition: form-data', '1')), 400],
  ['an empty name', multipart(), bodyOf(field('', '1')), 400],
  ['no Content-Disposition', multipart(), bodyOf(part('Content-Type: text/plain', '1')), 400],
  ['a Content-Disposition of another kind', multipart(), bodyOf(part('Content-Disposition: file; name="a"', '1')), 400],
  ['filename* with a bad escape and no filename', multipart(), bodyOf(field('a', '1', "; filename*=UTF-8''%zz")), 400],
  ['a line of a head that begins with a space', multipart(), bodyOf(part(` X: 1\r\n${DISPOSITION}`, '1')), 400],
  ['a malformed head before a good file', multipart(), bodyOf(part('X Y: 1', ''), file('f', 'a', 'xyz')), 400],
  ['a second form after the first', multipart(), bytes(ONE, ONE), 400],
]; // prettier-ignore

const CUT_FILE = `--b\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\nx`;

/** Parts behind the end, the last of them cut: parsers were seen to wait for its end for ever. */
export const AFTER_THE_END: readonly Case[] = [
  ['a cut file behind its end', multipart(), bytes(ONE, CUT_FILE), 400],
  ['a field and a cut file behind its end', multipart(), bytes(ONE, field('a', '1'), CUT_FILE), 400],
  ['a whole and a cut file behind its end', multipart(), bytes(ONE, file('f', 'a', 'x'), CUT_FILE), 400],
  ['a field and a cut file behind an end without a beginning', multipart(), bytes('x\r\n--b--\r\n', field('a', '1'), CUT_FILE), 400],
]; // prettier-ignore

export const EVERY: readonly Case[] = [...GOOD, ...BAD, ...AFTER_THE_END];
