import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { PassThrough, Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Form } from '../../src/body/form.js';
import type { FormOptions } from '../../src/body/form-options.js';
import type { UploadProgress } from '../../src/body/progress.js';
import { readMultipart } from '../../src/body/multipart.js';
import { spoolFolder } from '../../src/body/spool.js';
import type { FileSink } from '../../src/body/file-targets.js';
import type { FileInfo } from '../../src/body/uploaded-file.js';
import { httpError } from '../support/errors.js';
import { bodyOf, BOUNDARY, field, file, open, openDescriptors } from '../support/multipart.js';
import { part, pieces, read, readChunks, textFields } from '../support/multipart.js';
import { expectWithinLater } from '../support/timing.js';

const MALFORMED = 'The multipart body is malformed';
const BROKEN_BOUNDARY = 'The multipart body has a malformed boundary';
const NO_NAME = 'A part of the form has no name';
const ONE_DISPOSITION = 'Each part of a form has one Content-Disposition';
const NOT_UTF_8 = 'A part of the form is not valid utf-8';
const NOT_BASE64 = 'A part of the form is not the base64 that it says it is';
const CUT = httpError(400, 'The body ended before it was complete');
const DISPOSITION = 'Content-Disposition: form-data; name="a"';

/** Milliseconds after which what has not ended never will. */
const WATCHDOG = 30_000;

/** Whatever a test does, no file stays. */
afterEach(() => {
  expect(readdirSync(spoolFolder())).toEqual([]);
});

/** The same text, a byte for each character. */
const latin1 = (body: Buffer): Buffer => Buffer.from(body.toString(), 'latin1');

type Fields = Record<string, string[]>;
type Files = [name: string, filename: string, type: string, content: string][];

/** What a body means: its fields and files, or the error that answers it. */
async function outcome(reading: Promise<Form>): Promise<unknown> {
  try {
    const form = await reading;
    const files: Files = [];
    for (const each of form.files) files.push([each.name, each.filename, each.type, await each.text()]);
    await form.dispose();
    return { fields: textFields(form), files };
  } catch (error) {
    const { status, message } = error as { status: number; message: string };
    return { status, message };
  }
}

const GOOD: [name: string, body: Buffer, fields: Fields, files: Files][] = [
  ['an empty form', bodyOf(), {}, []],
  ['a field', bodyOf(field('a', '1')), { a: ['1'] }, []],
  ['a field without a value', bodyOf(field('a', '')), { a: [''] }, []],
  ['several of a name', bodyOf(field('a', '1'), field('b', '2'), field('a', '3')), { a: ['1', '3'], b: ['2'] }, []],
  ['text that is not ASCII', bodyOf(field('žluť', 'kůň 😀')), { žluť: ['kůň 😀'] }, []],
  ['line breaks in a value', bodyOf(field('a', '\r\n1\n\r2\r\n')), { a: ['\r\n1\n\r2\r\n'] }, []],
  ['almost a boundary in a value', bodyOf(field('a', '-b\r\n--\r\n- -b-- --b\r\n')), { a: ['-b\r\n--\r\n- -b-- --b\r\n'] }, []],
  ['names of objects', bodyOf(field('constructor', '1'), field('toString', '2')), { constructor: ['1'], toString: ['2'] }, []],
  ['escaped quotes in a name', bodyOf(field('a%22b', '1'), field('a\\"b', '2')), { 'a%22b': ['1'], 'a"b': ['2'] }, []],
  ['a name without quotes', bodyOf(part('Content-Disposition: form-data; name=a', '1')), { a: ['1'] }, []],
  ['header names in any case', bodyOf(part('CONTENT-disposition:form-data;NAME="a"', '1')), { a: ['1'] }, []],
  ['a charset of a field', bodyOf(part(`${DISPOSITION}\r\nContent-Type: text/plain; charset=utf-8`, 'ž')), { a: ['ž'] }, []],
  ['a preamble', Buffer.concat([Buffer.from('hello\r\n'), bodyOf(field('a', '1'))]), { a: ['1'] }, []],
  ['an epilogue', Buffer.concat([bodyOf(field('a', '1')), Buffer.from('bye\r\nbye --b')]), { a: ['1'] }, []],
  ['no line break at the end', bodyOf(field('a', '1')).subarray(0, -2), { a: ['1'] }, []],
  ['a charset that is data', bodyOf(field('_charset_', 'utf-7'), field('a', '1')), { _charset_: ['utf-7'], a: ['1'] }, []],
  ['a multipart within', bodyOf(part(`${DISPOSITION}\r\nContent-Type: multipart/mixed; boundary=c`, '--c\r\n\r\nx\r\n--c--')), { a: ['--c\r\n\r\nx\r\n--c--'] }, []],
  ['a file', bodyOf(file('f', 'a.txt', 'text')), {}, [['f', 'a.txt', 'text/plain', 'text']]],
  ['an empty file', bodyOf(file('f', 'a.txt', '')), {}, [['f', 'a.txt', 'text/plain', '']]],
  ['a file input left empty', bodyOf(file('f', '', '', 'application/octet-stream'), field('a', '1')), { a: ['1'] }, []],
  ['a file without a name', bodyOf(part(`${DISPOSITION}\r\nContent-Type: application/octet-stream`, 'x')), {}, [['a', 'unnamed', 'application/octet-stream', 'x']]],
  ['a file with a hostile name', bodyOf(file('f', '../..\\x/\u202e..\\y.txt', 'x')), {}, [['f', 'y.txt', 'text/plain', 'x']]],
  ['a type in capitals', bodyOf(file('f', 'a.png', 'x', 'Image/PNG')), {}, [['f', 'a.png', 'image/png', 'x']]],
  ['filename*', bodyOf(field('a', '1', "; filename*=UTF-8''%C5%BE")), {}, [['a', 'ž', 'text/plain', '1']]],
  ['filename* beside filename, without quotes', bodyOf(part("Content-Disposition: form-data; name=f; filename=x; filename*=utf-8''x", '1')), {}, [['f', 'x', 'text/plain', '1']]],
  ['filename* that cannot be read beside filename', bodyOf(field('a', '1', '; filename="x"; filename*=y')), {}, [['a', 'x', 'text/plain', '1']]],
  ['a charset that a field names', latin1(bodyOf(field('_charset_', 'windows-1252'), field('a', '\x80\xe9'))), { _charset_: ['windows-1252'], a: ['€é'] }, []],
  ['one that a part names against it', latin1(bodyOf(field('_charset_', 'latin1'), part(`${DISPOSITION}\r\nContent-Type: text/plain; charset=utf-8`, '\xc3\xa9'))), { _charset_: ['latin1'], a: ['é'] }, []],
  ['a field that names UTF-16, in which no form is', bodyOf(field('_charset_', 'utf-16le'), field('a', 'ž')), { _charset_: ['utf-16le'], a: ['ž'] }, []],
  ['names after the field that names their charset', latin1(bodyOf(field('_charset_', 'iso-8859-2'), field('\xbe', '\xbe'))), { _charset_: ['iso-8859-2'], ž: ['ž'] }, []],
  ['a value in windows-1252', latin1(bodyOf(part(`${DISPOSITION}\r\nContent-Type: text/plain; charset=windows-1252`, '\x80\xe9'))), { a: ['€é'] }, []],
  ['a value in UTF-16', latin1(bodyOf(part(`${DISPOSITION}\r\nContent-Type: text/plain; charset=utf-16le`, 'a\0\x7e\x01'))), { a: ['ažž'.slice(0, 2)] }, []],
  ['a value in base64', bodyOf(part(`${DISPOSITION}\r\nContent-Transfer-Encoding: Base64`, 'xb\r\n4=\r\n')), { a: ['ž'] }, []],
  ['a value in quoted-printable', bodyOf(part(`${DISPOSITION}\r\nContent-Transfer-Encoding: quoted-printable`, 'a=\r\n=C5=BE\r\n')), { a: ['až\r\n'] }, []],
  ['a value that says it is as it is', bodyOf(part(`${DISPOSITION}\r\nContent-Transfer-Encoding: 8bit`, 'ž=')), { a: ['ž='] }, []],
  ['a file in base64', bodyOf(part(`${DISPOSITION}; filename="x"\r\nContent-Transfer-Encoding: base64`, 'YWJjZA==')), {}, [['a', 'x', 'text/plain', 'abcd']]],
  ['a JSON part without a file name', bodyOf(part(`${DISPOSITION}\r\nContent-Type: application/json`, '{"b":1}')), { a: ['{"b":1}'] }, []],
  ['files and fields', bodyOf(file('f', 'a', '1\r\n'), field('a', '1'), file('f', 'b', '\r\n--2')), { a: ['1'] }, [['f', 'a', 'text/plain', '1\r\n'], ['f', 'b', 'text/plain', '\r\n--2']]],
]; // prettier-ignore

const BAD: [name: string, body: Buffer | string, message: string][] = [
  ['nothing', '', MALFORMED],
  ['only a line break', '\r\n', MALFORMED],
  ['only text', 'hello', MALFORMED],
  ['another boundary', '--c\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--c--', MALFORMED],
  ['no final boundary', field('a', '1'), MALFORMED],
  ['half a final boundary', `${field('a', '1')}--b-`, MALFORMED],
  ['a file without a final boundary', file('f', 'a', 'x'), MALFORMED],
  ['an end within a head', '--b\r\nContent-Dispo', MALFORMED],
  ['an end after a head', `--b\r\n${DISPOSITION}\r\n\r\n`, MALFORMED],
  ['an end within a file', file('f', 'a', 'xyz').slice(0, -4), MALFORMED],
  ['lines that end with LF', bodyOf(field('a', '1')).toString().replaceAll('\r', ''), BROKEN_BOUNDARY],
  ['one line that ends with LF', bodyOf(part(`${DISPOSITION}\nX: 1`, '1')), MALFORMED],
  ['no name', bodyOf(part('Content-Disposition: form-data', '1')), NO_NAME],
  ['an empty name', bodyOf(field('', '1')), NO_NAME],
  ['a file without a field name', bodyOf(part('Content-Disposition: form-data; filename="x"', '1')), NO_NAME],
  ['a file with an empty field name', bodyOf(file('', 'a', '1')), NO_NAME],
  ['no Content-Disposition', bodyOf(part('Content-Type: text/plain', '1')), ONE_DISPOSITION],
  ['no Content-Disposition beside a good part', bodyOf(field('a', '1'), part('X: 1', '1')), ONE_DISPOSITION],
  ['two of Content-Disposition', bodyOf(part(`${DISPOSITION}\r\n${DISPOSITION}`, '1')), ONE_DISPOSITION],
  ['another disposition', bodyOf(part('Content-Disposition: attachment; name="a"', '1')), MALFORMED],
  ['a disposition that cannot be read', bodyOf(part('Content-Disposition: form-data; name="a', '1')), MALFORMED],
  ['filename* with a bad escape and nothing beside it', bodyOf(field('a', '1', "; filename*=UTF-8''%zz")), MALFORMED],
  ['a name in pieces', bodyOf(field('a', '1', '; filename*0="x"; filename*1="y"')), MALFORMED],
  ['two names', bodyOf(field('a', '1', '; filename="x"; filename="y"')), MALFORMED],
  ['a value that is no UTF-8', latin1(bodyOf(field('a', '\xe9'))), NOT_UTF_8],
  ['a value that ends within a character', latin1(bodyOf(field('a', '\xc5'))), NOT_UTF_8],
  ['a name that is no UTF-8', latin1(bodyOf(field('\xe9', '1'))), NOT_UTF_8],
  ['a file name that is no UTF-8', latin1(bodyOf(file('f', '\xe9', '1'))), NOT_UTF_8],
  ['a value that is not of its charset', latin1(bodyOf(part(`${DISPOSITION}\r\nContent-Type: text/plain; charset=euc-kr`, '1\xff'))), 'A part of the form is not valid euc-kr'],
  ['a transfer encoding that is not known', bodyOf(part(`${DISPOSITION}\r\nContent-Transfer-Encoding: gzip`, '1')), 'A part of the form has an unknown Content-Transfer-Encoding'],
  ['a cut base64', bodyOf(part(`${DISPOSITION}\r\nContent-Transfer-Encoding: base64`, 'YWJ')), NOT_BASE64],
  ['a file that is no base64', bodyOf(part(`${DISPOSITION}; filename="x"\r\nContent-Transfer-Encoding: base64`, 'a-b_')), NOT_BASE64],
  ['a head without lines', bodyOf('--b\r\n\r\n1\r\n'), MALFORMED],
  ['a header without a name', bodyOf(part(`: x\r\n${DISPOSITION}`, '1')), MALFORMED],
  ['a header without a colon', bodyOf(part(`X\r\n${DISPOSITION}`, '1')), MALFORMED],
  ['a head that begins with a space', bodyOf(part(` X: 1\r\n${DISPOSITION}`, '1')), MALFORMED],
  ['a folded header', bodyOf(part(`${DISPOSITION};\r\n x=y`, '1')), MALFORMED],
  ['a control character in a header', bodyOf(part(`X: \0\r\n${DISPOSITION}`, '1')), MALFORMED],
  ['a malformed head before a good file', bodyOf(part('Content Type: x', '1'), file('f', 'a', 'x')), MALFORMED],
  ['a bad value in a head before a good file', bodyOf(part(`X: \0\r\n${DISPOSITION}`, '1'), file('f', 'a', 'x')), MALFORMED],
  ['text after a boundary', bodyOf(field('a', '1'), '--bx\r\n'), BROKEN_BOUNDARY],
  ['a data line that begins with the boundary', bodyOf(field('a', '1\r\n--boundary')), BROKEN_BOUNDARY],
  ['a space after a boundary', bodyOf(field('a', '1')).toString().replace('--b', '--b '), BROKEN_BOUNDARY],
  ['a part without an empty line', `--b\r\n${DISPOSITION}\r\n--b--\r\n`, MALFORMED],
  ['a part without even its own line break', `--b\r\n${DISPOSITION}\r\n\r\n--b--\r\n`, MALFORMED],
  ['a boundary at the start of a value', bodyOf(field('a', '--b\r\nX')), MALFORMED],
  ['a part after the end', Buffer.concat([bodyOf(field('a', '1')), bodyOf(field('a', '2'))]), MALFORMED],
  ['a file after the end', Buffer.concat([bodyOf(field('a', '1')), bodyOf(file('f', 'a', '2'))]), MALFORMED],
  ['a charset that none knows', bodyOf(part(`${DISPOSITION}\r\nContent-Type: text/plain; charset=x`, '1')), 'A part of the form has an unknown charset'],
]; // prettier-ignore

const EVERY: [name: string, body: Buffer, expected: unknown][] = [
  ...GOOD.map(([name, body, fields, files]): [string, Buffer, unknown] => [
    name,
    body,
    { fields: Object.entries(fields), files },
  ]),
  ...BAD.map(([name, body, message]): [string, Buffer, unknown] => [
    name,
    Buffer.from(body),
    { status: 400, message },
  ]),
];

describe.each(EVERY)('%s', (_, body, expected) => {
  test('has one meaning sent whole', async () => {
    expect(await outcome(read(body))).toEqual(expected);
  });

  test('has the same meaning one byte at a time', async () => {
    expect(await outcome(readChunks(pieces(body, 1)))).toEqual(expected);
  });

  test('has the same meaning cut anywhere', async () => {
    for (let at = 1; at < body.length; at++) {
      const answer = await outcome(readChunks([body.subarray(0, at), body.subarray(at)]));
      expect([at, answer]).toEqual([at, expected]);
    }
  });

  test('has the same meaning with every file on disk', async () => {
    expect(await outcome(read(body, { memoryFileSize: 0 }))).toEqual(expected);
  });
});

test.each(['__proto__', 'constructor', 'hasOwnProperty'])('a field named %s is data', async (name) => {
  const form = await read(bodyOf(field(name, '1'), file(name, name, 'x')));
  expect(form.getList(name)).toEqual(['1']);
  expect([...form]).toEqual([[name, '1'], [name, form.getFile(name)]]); // prettier-ignore
  expect(form.getFile(name)?.filename).toBe(name);
  expect(({} as Record<string, unknown>)['1']).toBeUndefined();
});

describe('the boundary', () => {
  test.each([
    'a'.repeat(200),
    "09AZ'()+_,-./:=?",
    'a b',
    '----WebKitFormBoundary7MA4YWxkTrZu0gW',
    'b!@#$%^&*;"\\',
    '"',
  ])('may be %s', async (boundary) => {
    const body = Buffer.from(`--${boundary}\r\n${DISPOSITION}\r\n\r\n1\r\n--${boundary}--`);
    const form = await readMultipart(Readable.from([body]), { boundary, length: body.length }, {});
    expect(form.getFirst('a')).toBe('1');
  });

  test.each([undefined, '', 'a'.repeat(201), 'a ', ' ', 'a\tb', 'a\nb', 'ž'])(
    'may not be %j',
    async (boundary) => {
      await expect(readMultipart(Readable.from([]), { boundary, length: 0 }, {})).rejects.toThrow(
        httpError(400, 'The multipart body has no valid boundary'),
      );
    },
  );
});

const PREAMBLE = (size: number): Buffer =>
  Buffer.concat([Buffer.from(`${'x'.repeat(size)}\r\n`), bodyOf(field('a', '1'))]);
const PAIRS = (count: number): Buffer =>
  bodyOf(part([DISPOSITION, ...Array.from({ length: count - 1 }, () => 'X: 1')].join('\r\n'), '1'));
const TOTAL = bodyOf(field('a', '1')).length;
const fields = (count: number): string[] => Array.from({ length: count }, () => field('a', '1'));
const files = (count: number): string[] => Array.from({ length: count }, () => file('f', 'a', '1'));
const tooLarge = (size: number): string => `The body is larger than ${String(size)} bytes`;

describe.each([Infinity, 1])('limits, in pieces of %d', (size) => {
  type Limit = [what: string, options: FormOptions, make: (n: number) => Buffer, refusal: [limit: number, status: number, message: string]];
  test.each<Limit>([
    ['size of a file', { fileSize: 5 }, (n) => bodyOf(file('f', 'a', 'x'.repeat(n))), [5, 413, tooLarge(5)]],
    ['size of a file on disk', { fileSize: 5, memoryFileSize: 1 }, (n) => bodyOf(file('f', 'a', 'x'.repeat(n))), [5, 413, tooLarge(5)]],
    ['size of a field', { fieldSize: 5 }, (n) => bodyOf(field('a', 'x'.repeat(n))), [5, 413, tooLarge(5)]],
    ['size of a field in bytes', { fieldSize: 5 }, (n) => bodyOf(field('a', 'žž' + 'x'.repeat(n - 4))), [5, 413, tooLarge(5)]],
    ['size of all fields', { fieldsSize: 5 }, (n) => bodyOf(field('a', '12'), field('b', '3'.repeat(n - 2))), [5, 413, tooLarge(5)]],
    ['size of the body', { totalSize: TOTAL + 2 }, (n) => bodyOf(field('a', 'x'.repeat(n))), [3, 413, tooLarge(TOTAL + 2)]],
    ['number of fields', { fields: 2 }, (n) => bodyOf(...fields(n)), [2, 413, 'The form has more than 2 fields']],
    ['number of fields after files', { fields: 2 }, (n) => bodyOf(...files(3), ...fields(n)), [2, 413, 'The form has more than 2 fields']],
    ['number of files', { files: 2 }, (n) => bodyOf(...files(n)), [2, 413, 'The form has more than 2 files']],
    ['number of files after fields', { files: 2 }, (n) => bodyOf(...fields(3), ...files(n)), [2, 413, 'The form has more than 2 files']],
    ['number of parts', { parts: 3 }, (n) => bodyOf(...files(1), ...fields(n - 1)), [3, 413, 'The form has more than 3 parts']],
    ['bytes of a name', { nameSize: 4 }, (n) => bodyOf(field('ž' + 'x'.repeat(n - 2), '1')), [4, 400, 'A part of the form has too long a name']],
    ['bytes of the name of a file field', { nameSize: 4 }, (n) => bodyOf(file('x'.repeat(n), 'a', '1')), [4, 400, 'A part of the form has too long a name']],
    ['headers of a part', {}, PAIRS, [20, 400, 'A part of the form has too many headers']],
    ['text before the first part', {}, PREAMBLE, [8192, 400, 'The multipart body does not begin with its boundary']],
  ])('%s: exactly the limit is taken, one more is refused', async (_, options, make, [n, status, message]) => {
    const form = await readChunks(pieces(make(n), Math.min(size, 1e6)), options);
    expect(form.size + form.files.length).toBeGreaterThan(0);
    await form.dispose();
    const over = readChunks(pieces(make(n + 1), Math.min(size, 1e6)), options);
    await expect(over).rejects.toThrow(httpError(status, message));
  });
}); // prettier-ignore

test('a limit that is undefined is the usual one', async () => {
  const form = await read(bodyOf(field('a', '1')), {
    fields: undefined,
    fileCallback: undefined,
  } as object);
  expect(form.getFirst('a')).toBe('1');
});

test('a declared length over the limit is refused before anything is read', async () => {
  const { stream, form } = open({ totalSize: 10 }, 11);
  await expect(form).rejects.toThrow(httpError(413, tooLarge(10)));
  expect(stream.listenerCount('data')).toBe(0);
});

test('tens of thousands of parts are refused at the limit, with the rest unread', async () => {
  const { stream, form } = open();
  const parts = Buffer.from(field('a', '1').repeat(1002));
  stream.write(parts);
  await expect(form).rejects.toThrow(httpError(413, 'The form has more than 1000 parts'));
  expect(stream.isPaused()).toBe(true);
  expect(stream.listenerCount('data')).toBe(0);
});

describe('a limit acts at the byte that exceeds it', () => {
  const begun = (head: string): string => `--b\r\n${head}\r\n\r\n`;
  test.each<[what: string, options: FormOptions, within: string, message: string]>([
    ['the size of a field', { fieldSize: 5 }, `${begun(DISPOSITION)}12345`, tooLarge(5)],
    ['the size of all fields', { fieldsSize: 5 }, `${field('a', '12')}${begun(DISPOSITION)}345`, tooLarge(5)],
    ['the size of all fields, in pieces', { fieldsSize: 5 }, `${field('a', '')}${begun(DISPOSITION)}12345`, tooLarge(5)],
    ['the size of a file', { fileSize: 5 }, `${begun(`${DISPOSITION}; filename="x"`)}12345`, tooLarge(5)],
    ['the size of the body', { totalSize: 9 }, '--b\r\nCont', tooLarge(9)],
    ['white space in base64', { fieldSize: 3 }, `${begun(`${DISPOSITION}\r\nContent-Transfer-Encoding: base64`)}YWJj${' '.repeat(72)}`, tooLarge(3)],
    ['soft line breaks', { fieldSize: 3 }, `${begun(`${DISPOSITION}\r\nContent-Transfer-Encoding: quoted-printable`)}abc${'=\r\n'.repeat(24)}=`, tooLarge(3)],
    ['white space in the base64 of a file', { fileSize: 3 }, `${begun(`${DISPOSITION}; filename="f"\r\nContent-Transfer-Encoding: base64`)}${' '.repeat(76)}`, tooLarge(3)],
    ['the size of a decoded field', { fieldSize: 3 }, `${begun(`${DISPOSITION}\r\nContent-Transfer-Encoding: base64`)}YWJjYQ=`, tooLarge(3)],
    ['the size of a decoded file', { fileSize: 3 }, `${begun(`${DISPOSITION}; filename="x"\r\nContent-Transfer-Encoding: quoted-printable`)}=61=62=63=6`, tooLarge(3)],
    ['the number of fields', { fields: 1 }, `${field('a', '1')}--b\r\n${DISPOSITION}\r\n\r`, 'The form has more than 1 fields'],
    ['the number of files', { files: 1 }, `${file('a', 'a', '1')}--b\r\n${DISPOSITION}; filename="x"\r\n\r`, 'The form has more than 1 files'],
    ['the number of parts', { parts: 1 }, `${field('a', '1')}--b\r\n${DISPOSITION}\r\n\r`, 'The form has more than 1 parts'],
  ])('%s', async (_, options, within, message) => {
    const { stream, form } = open(options);
    let state = 'waits';
    form.catch((error: unknown) => {
      state = (error as Error).message;
    });
    stream.write(within);
    await nextTurn();
    expect(state).toBe('waits');
    // The line break that ends a head, the last byte of a group or of an escape, and one byte too many.
    stream.write(within.endsWith('\r') ? '\n' : within.endsWith('=') ? '=' : '6');
    await nextTurn();
    expect(state).toBe(message);
  }); // prettier-ignore

  test('the length of a name', async () => {
    const { stream, form } = open({ nameSize: 3 });
    stream.write(`--b\r\nContent-Disposition: form-data; name="abcd"\r\n\r\n`);
    await expect(form).rejects.toThrow(httpError(400, 'A part of the form has too long a name'));
  });
});

test('a value in pieces of one byte takes no more room than in one', async () => {
  const stream = new PassThrough();
  const form = readMultipart(stream, { boundary: BOUNDARY, length: undefined }, { fieldSize: 1e6 });
  stream.write(`--b\r\n${DISPOSITION}\r\n\r\n`);
  const byte = Buffer.from('x');
  for (let i = 0; i < 60_000; i++) if (!stream.write(byte)) await once(stream, 'drain');
  stream.end('\r\n--b--');
  expect((await form).getFirst('a')).toBe('x'.repeat(60_000));
});

test.each(['\r', '\r\n', '\r\n-', '-', 'x'])('4 MiB of %j in a file take linear time', async (piece) => {
  const body = bodyOf(file('f', 'a', piece.repeat((4 * 1024 * 1024) / piece.length)));
  await expectWithinLater(2000, async () => {
    const form = await readChunks(pieces(body, 65536));
    await form.dispose();
  });
});

describe('a client that leaves', () => {
  const whole = bodyOf(field('a', '1'), file('f', 'a', 'x'.repeat(300)), file('f', 'b', 'y'.repeat(300)));

  test.each([0, 10, 50, 90, 100])('after %d %% leaves nothing behind', async (percent) => {
    // The last line break belongs to nothing: without the end of the stream the body is not complete.
    const sent = whole.subarray(0, Math.floor((whole.length * percent) / 100));
    await readChunks([whole], { memoryFileSize: 0 }).then((form) => form.dispose());
    const before = openDescriptors();
    for (let i = 0; i < 200; i++) {
      const { stream, form } = open({ memoryFileSize: 0 });
      if (sent.length > 0) stream.write(sent);
      if (i % 2 === 0) await nextTurn();
      stream.destroy(i % 3 === 0 ? new Error('reset') : undefined);
      await expect(form).rejects.toThrow(CUT);
    }
    expect(openDescriptors()).toBeLessThanOrEqual(before);
  });

  test('has its whole body taken when it leaves after the end', async () => {
    const { stream, form } = open();
    stream.end(whole);
    await finished(stream);
    expect((await form).files).toHaveLength(2);
  });

  test('before the reading began is noticed', async () => {
    const stream = new PassThrough().destroy();
    await expect(readMultipart(stream, { boundary: BOUNDARY, length: undefined }, {})).rejects.toThrow(CUT);
  });

  test('cannot be waited for when somebody else has read the body', async () => {
    const stream = Readable.from([whole]).resume();
    await finished(stream);
    await expect(readMultipart(stream, { boundary: BOUNDARY, length: undefined }, {})).rejects.toThrow(CUT);
  });
});

describe('after a failure', () => {
  test('the rest of the body is nobody’s concern', async () => {
    const { stream, form } = open();
    stream.write('--bxx');
    await expect(form).rejects.toThrow(httpError(400, BROKEN_BOUNDARY));
    stream.end('--b--');
    stream.resume();
    await finished(stream);
  });

  test('a break of the stream is nobody’s concern', async () => {
    const { stream, form } = open();
    stream.write('--bxx');
    await expect(form).rejects.toThrow(httpError(400, BROKEN_BOUNDARY));
    stream.destroy(new Error('reset'));
    await expect(finished(stream)).rejects.toThrow('reset');
  });

  test('complete files are removed with the others', async () => {
    const body = bodyOf(file('f', 'a', 'x'.repeat(100)), file('f', 'b', 'y'.repeat(100)), part('X: 1', ''));
    await expect(read(body, { memoryFileSize: 0 })).rejects.toThrow(httpError(400, ONE_DISPOSITION));
  });
});

describe('fileCallback', () => {
  const body = bodyOf(
    file('f', 'C:\\x\\..\\\u202ea.txt', 'text', 'Text/HTML'),
    file('f', '', ''),
    field('a', '1'),
  );

  test('gets the sanitised name and what is known of the file, and no file input left empty', async () => {
    const calls: [string, FileInfo][] = [];
    const form = await read(body, {
      fileCallback: (filename, info) => {
        calls.push([filename, info]);
        return undefined;
      },
    });
    expect(calls).toMatchObject([['a.txt', { name: 'f', filename: 'a.txt', type: 'text/html' }]]);
    expect(await form.getFile('f')?.text()).toBe('text');
  });

  test('gives a sink that takes the file', async () => {
    const taken: string[] = [];
    const sink: FileSink = { write: (chunk) => taken.push(chunk.toString()) };
    const form = await read(body, { fileCallback: () => sink });
    expect(form.getFile('f')).toMatchObject({ sink, length: 4 });
    expect(taken.join('')).toBe('text');
  });

  test('may refuse a file with an error of its own', async () => {
    const fileCallback = (): never => {
      throw new RangeError('no such files here');
    };
    await expect(read(body, { fileCallback })).rejects.toThrow(new RangeError('no such files here'));
  });

  test('gives a stream whose slowness holds the client back', async () => {
    let proceed: (() => void) | undefined;
    const sink = new Writable({
      highWaterMark: 1024,
      write(_chunk, _encoding, done) {
        if (proceed) done();
        else {
          proceed = done;
          this.emit('stuck');
        }
      },
    });
    const stuck = once(sink, 'stuck');
    const { stream, form } = open({ fileCallback: () => sink });
    const large = bodyOf(file('f', 'a', 'x'.repeat(1024 * 1024)));
    let sent = 0;
    const send = (): void => {
      while (sent < large.length && stream.write(large.subarray(sent, (sent += 4096))));
      if (sent >= large.length) stream.end();
    };
    stream.on('drain', send);
    send();
    await stuck;
    for (let i = 0; i < 50; i++) await nextTurn();
    expect(sent).toBeLessThan(512 * 1024);
    proceed?.();
    expect((await form).getFile('f')?.length).toBe(1024 * 1024);
  });

  test.each([
    ['the client leaves', ''],
    ['a later part is malformed', '\r\n--bxx'],
  ])('gives a sink that is destroyed when %s, even if it is stuck', async (_, rest) => {
    const destroyed: (Error | undefined)[] = [];
    let called: (() => void) | undefined;
    const call = new Promise<void>((resolve) => {
      called = resolve;
    });
    const sink: FileSink = {
      write: () => {
        called?.();
        return new Promise(() => undefined);
      },
      destroy: (error) => destroyed.push(error),
    };
    const { stream, form } = open({ fileCallback: () => sink });
    stream.write(file('f', 'a', 'text').slice(0, -2) + rest);
    await call;
    if (rest === '') stream.destroy();
    await expect(form).rejects.toMatchObject({ status: 400 });
    expect(destroyed).toEqual([expect.objectContaining({ status: 400 })]);
  });
});

test('a sink whose file was complete is told when a later part breaks the form', async () => {
  const events: string[] = [];
  const sink = (name: string): FileSink => ({
    write: () => undefined,
    end: () => events.push(`${name} end`),
    destroy: (error) => events.push(`${name} ${error?.message ?? ''}`),
  });
  const body = bodyOf(file('f', 'one', '1'), file('f', 'two', '2'), field('', 'x'));
  await expect(read(body, { fileCallback: sink })).rejects.toThrow(NO_NAME);
  const [name] = ['A part of the form has no name'];
  expect(events.sort()).toEqual(['one end', `one ${name}`, 'two end', `two ${name}`].sort());
});

describe('onProgress', () => {
  test('tells how much of how much has arrived, and which file', async () => {
    const seen: UploadProgress[] = [];
    const chunks = [field('a', '1'), file('f', 'x/a.txt', 'text'), '--b--'].map((text) => Buffer.from(text));
    const total = Buffer.concat(chunks).length;
    const stream = Readable.from(chunks);
    await readMultipart(stream, { boundary: BOUNDARY, length: total }, { onProgress: (p) => seen.push(p) });
    const first = chunks[0]?.length ?? 0;
    const rate: unknown = expect.any(Number);
    expect(seen).toEqual([
      { received: first, total, rate, filename: undefined },
      { received: total - 5, total, rate, filename: 'a.txt' },
      { received: total, total, rate, filename: 'a.txt' },
    ]);
  });

  test('rejects the form when it throws', async () => {
    const onProgress = (): never => {
      throw new RangeError('no');
    };
    await expect(read(bodyOf(file('f', 'a', 'x')), { onProgress, memoryFileSize: 0 })).rejects.toThrow(
      new RangeError('no'),
    );
  });

  test('is not called for what failed', async () => {
    const seen: UploadProgress[] = [];
    await expect(read(bodyOf(field('', '1')), { onProgress: (p) => seen.push(p) })).rejects.toThrow(NO_NAME);
    expect(seen).toEqual([]);
  });
});

test('any mutation of a body is read or answered with 400 or 413, within 400 ms', async () => {
  const seeds = EVERY.map(([, body]) => body).filter((body) => body.length > 0);
  const inserts = ['\r\n', '--b', '--b--', '\r\n--b\r\n', ':', ';', '"', '\0', ' ', DISPOSITION, '\r\n\r\n'];
  const mutation = fc.record({
    at: fc.nat(1000),
    drop: fc.nat(12),
    insert: fc.oneof(fc.constantFrom(...inserts), fc.string({ unit: 'binary-ascii', maxLength: 4 })),
  });
  const options: FormOptions = { memoryFileSize: 1, fileSize: 20, fields: 2, files: 1, fieldSize: 30 };
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...seeds),
      fc.constantFrom(...seeds),
      fc.array(mutation, { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 400 }),
      async (one, other, mutations, size) => {
        let text = one.toString('latin1').slice(0, -7) + other.toString('latin1');
        for (const { at, drop, insert } of mutations) {
          const place = at % (text.length + 1);
          text = text.slice(0, place) + insert + text.slice(place + drop);
        }
        const watchdog = new Promise<string>((resolve) => setTimeout(resolve, WATCHDOG, 'hangs').unref());
        const reading = outcome(readChunks(pieces(Buffer.from(text, 'latin1'), size), options));
        const answer = await Promise.race([reading, watchdog]);
        if ((answer as object) instanceof Object && 'message' in (answer as object)) {
          expect([400, 413]).toContain((answer as { status: number }).status);
        } else expect(answer).toHaveProperty('fields');
      },
    ),
    { seed: 20461, numRuns: 600 },
  );
});
