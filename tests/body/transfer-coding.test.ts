import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { transferDecoder } from '../../src/body/transfer-coding.js';
import { httpError } from '../support/errors.js';
import { expectWithin } from '../support/timing.js';
import { pieces } from '../support/multipart.js';

/** What is decoded of an encoded text, in pieces of a size. */
function decode(coding: string, encoded: string, size = Infinity): string {
  const decoder = transferDecoder(coding);
  if (!decoder) throw new Error('changes nothing');
  const bytes = Buffer.from(encoded, 'latin1');
  const decoded = pieces(bytes, Math.min(size, Math.max(bytes.length, 1))).map((each) => decoder.write(each));
  decoder.end();
  return Buffer.concat(decoded).toString('latin1');
}

test.each(['7bit', '8bit', 'binary', '8BIT', 'Binary'])('%s changes nothing', (coding) => {
  expect(transferDecoder(coding)).toBeUndefined();
});

test.each(['', 'x', 'gzip', 'x-uuencode', 'base64url', 'base64, 7bit', '__proto__'])('%j is refused', (coding) => {
  const message = 'A part of the form has an unknown Content-Transfer-Encoding';
  expect(() => transferDecoder(coding)).toThrow(httpError(400, message));
}); // prettier-ignore

describe.each([1, 2, 3, 5, Infinity])('in pieces of %d', (size) => {
  test.each([
    ['base64', '', ''],
    ['Base64', 'YQ==', 'a'],
    ['base64', 'YWI=', 'ab'],
    ['base64', 'YWJj', 'abc'],
    ['base64', 'Y W\tJ\r\nj\nZ\r\n A = = \r\n', 'abcd'],
    ['base64', '+/+/', '\xfb\xff\xbf'],
    ['quoted-printable', '', ''],
    ['QUOTED-printable', 'a=3Db', 'a=b'],
    ['quoted-printable', '=c5=BE', '\xc5\xbe'],
    ['quoted-printable', 'a=\r\nb=\nc', 'abc'],
    ['quoted-printable', 'a\r\nb \r\n', 'a\r\nb \r\n'],
    ['quoted-printable', 'a=', 'a'],
    ['quoted-printable', 'a\xe9', 'a\xe9'],
  ])('%s reads %j', (coding, encoded, expected) => {
    expect(decode(coding, encoded, size)).toBe(expected);
  });

  test.each([
    ['base64', 'YQ'],
    ['base64', 'YQ='],
    ['base64', 'Y==='],
    ['base64', '=='],
    ['base64', 'YQ==YQ=='],
    ['base64', 'YQ==='],
    ['base64', 'Y-_j'],
    ['base64', 'a\xe9bc'],
    ['quoted-printable', '=zz'],
    ['quoted-printable', '=3'],
    ['quoted-printable', '=\r'],
    ['quoted-printable', '=\rx'],
    ['quoted-printable', '=='],
    ['quoted-printable', '= \r\n'],
  ])('%s refuses %j', (coding, encoded) => {
    const message = `A part of the form is not the ${coding} that it says it is`;
    expect(() => decode(coding, encoded, size)).toThrow(httpError(400, message));
  });
});

test('base64 comes back from any bytes, cut anywhere', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.integer({ min: 1, max: 9 }), (bytes, size) => {
      const encoded = Buffer.from(bytes).toString('base64').replace(/.{8}/g, '$&\r\n');
      expect(decode('base64', encoded, size)).toBe(Buffer.from(bytes).toString('latin1'));
    }),
  );
});

test.each([
  ['base64', '='],
  ['base64', ' '],
  ['quoted-printable', '='],
  ['quoted-printable', '=\r'],
])('%s takes linear time for many %j', (coding, piece) => {
  expectWithin(300, () => {
    try {
      decode(coding, piece.repeat(64 * 1024));
    } catch {
      // Only the time counts.
    }
  });
});
