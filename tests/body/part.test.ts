import { describe, expect, test } from '@jest/globals';
import { checkPartHead, MAX_PART_HEAD, readPart, type Part } from '../../src/body/part.js';
import { httpError } from '../support/errors.js';
import { expectWithin } from '../support/timing.js';

const DISPOSITION = 'Content-Disposition: form-data; name="a"';
const MALFORMED = 'The multipart body is malformed';
const ONE = 'Each part of a form has one Content-Disposition';
const PLAIN = 'A form has plain names: filename* is not allowed';
const headers = (count: number): string =>
  [DISPOSITION, ...Array.from({ length: count - 1 }, (_, i) => `X-${String(i)}: 1`)].join('\r\n');

test('a head has at most 8 KiB', () => {
  expect(MAX_PART_HEAD).toBe(8192);
});

describe('checkPartHead', () => {
  test.each([
    DISPOSITION,
    'content-disposition:form-data;name=a',
    `Content-Type: text/plain\r\n${DISPOSITION}\r\nContent-Length: 1`,
    `${DISPOSITION}; filename="filename*=UTF-8''x; filename*=y"`,
    `${DISPOSITION}; filename="a\\"; filename*=x"`,
    `${DISPOSITION}\r\nX-Note: filename*=x`,
    headers(20),
  ])('takes %j', (head) => {
    expect(() => {
      checkPartHead(head);
    }).not.toThrow();
  });

  test.each([
    ['', MALFORMED],
    ['text', MALFORMED],
    [': x', MALFORMED],
    [`${DISPOSITION}\r\n`, MALFORMED],
    [` ${DISPOSITION}`, MALFORMED],
    [`${DISPOSITION};\r\n filename="x"`, MALFORMED],
    [`${DISPOSITION}\r\n\tfolded: 1`, MALFORMED],
    ['Content-Disposition : form-data; name="a"', MALFORMED],
    [`${DISPOSITION}\nX: 1\r\nžX: 1`, MALFORMED],
    ['Content-Type: text/plain', ONE],
    [`${DISPOSITION}\r\ncontent-disposition: form-data; name="b"`, ONE],
    [`${DISPOSITION}; filename*=UTF-8''x`, PLAIN],
    [`${DISPOSITION}; filename*=UTF-8''%zz`, PLAIN],
    [`${DISPOSITION}; FileName*=x`, PLAIN],
    [`${DISPOSITION}; filename*0="a"; filename*1="b"`, PLAIN],
    [`${DISPOSITION}; name*=UTF-8''b`, PLAIN],
    [`${DISPOSITION}; filename="x"; filename*=UTF-8''y`, PLAIN],
    [headers(21), 'A part of the form has too many headers'],
  ])('answers 400 to %j', (head, message) => {
    expect(() => {
      checkPartHead(head);
    }).toThrow(httpError(400, message));
  });

  test.each([';', '"', '\\', 'a:', ':', ' '])('takes linear time for many %j', (piece) => {
    expectWithin(100, () => {
      try {
        checkPartHead(DISPOSITION + piece.repeat(64 * 1024));
      } catch {
        // Only the time counts.
      }
    });
  });
});

describe('readPart', () => {
  const of = (head: string, value = ''): Part => readPart(Buffer.from(head), [Buffer.from(value)]);
  const file = (filename: string, type = 'text/plain'): Part => ({
    name: 'a',
    value: '',
    file: { filename, type },
  });

  test.each<[string, string, Part]>([
    [DISPOSITION, 'x', { name: 'a', value: 'x' }],
    [DISPOSITION, '', { name: 'a', value: '' }],
    [DISPOSITION, '\r\n--\r\n\r\n', { name: 'a', value: '\r\n--\r\n\r\n' }],
    ['content-disposition:form-data;name=b', 'x', { name: 'b', value: 'x' }],
    ['Content-Disposition: form-data; name="a\\"b"', 'x', { name: 'a"b', value: 'x' }],
    ['Content-Disposition: form-data; name="ž"', 'ž', { name: 'ž', value: 'ž' }],
    ['Content-Disposition: form-data', 'x', { name: undefined, value: 'x' }],
    ['Content-Disposition: form-data; name="filename"', 'x', { name: 'filename', value: 'x' }],
    [`${DISPOSITION}\r\nContent-Type: text/plain; charset=iso-8859-1`, 'ž', { name: 'a', value: 'Å¾' }],
    [`${DISPOSITION}\r\nContent-Type: text/plain; charset=x`, 'x', { name: 'a', value: undefined }],
    [`${DISPOSITION}; filename="x.txt"`, '', file('x.txt')],
    [`${DISPOSITION}; filename="..\\x/y.txt"\r\nContent-Type: Image/PNG`, '', file('y.txt', 'image/png')],
    [`${DISPOSITION}; filename=""`, 'x', { name: 'a', value: 'x' }],
    [
      `${DISPOSITION}\r\nContent-Type: application/octet-stream`,
      '',
      file('unnamed', 'application/octet-stream'),
    ],
  ])('reads %j with %j', (head, value, part) => {
    expect(of(head, value)).toEqual(part);
  });

  test.each([
    'X: 1',
    'Content-Disposition: attachment; name="a"',
    'Content-Disposition: form-data; name="a',
    `${DISPOSITION}\r\nX: \0`,
    `${DISPOSITION}\r\nX`,
    '',
  ])('answers 400 to %j, and reads the next part as ever', (head) => {
    expect(() => of(head, 'x')).toThrow(httpError(400, MALFORMED));
    expect(of(DISPOSITION, 'x')).toEqual({ name: 'a', value: 'x' });
  });

  test('never takes the content of a file, which nothing would take from it', () => {
    const content = 'x'.repeat(100_000);
    expect(() => of(`${DISPOSITION}; filename="x"`, content)).toThrow(httpError(400, MALFORMED));
    expect(of(DISPOSITION, content)).toEqual({ name: 'a', value: content });
  });

  test('has a value in any pieces', () => {
    const pieces = [...Buffer.from('žluť')].map((byte) => Buffer.from([byte]));
    expect(readPart(Buffer.from(DISPOSITION), pieces).value).toBe('žluť');
  });
});
