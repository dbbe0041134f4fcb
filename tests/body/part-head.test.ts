import { describe, expect, test } from '@jest/globals';
import { checkPartHead, MAX_PART_HEAD } from '../../src/body/part-head.js';
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
