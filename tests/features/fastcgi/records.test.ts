/** Records and name-value pairs of FastCGI 1.0: what is written is read again, however it is cut. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nameValues } from '../../../src/features/fastcgi/name-values.js';
import { endOfStream, record, RecordReader, streamed } from '../../../src/features/fastcgi/records.js';
import { rawRecord, readNameValues } from '../../support/fastcgi-responder.js';

const anyRecord = fc.record({
  type: fc.integer({ min: 0, max: 255 }),
  id: fc.integer({ min: 0, max: 65_535 }),
  content: fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom(255, 256, 65_535).map((size) => new Uint8Array(size).fill(7)),
  ),
  padding: fc.constantFrom(0, 1, 7, 255),
});

describe('a reader of records', () => {
  test('takes each out of its bytes, in whatever pieces they come', () => {
    const property = fc.property(
      fc.array(anyRecord, { maxLength: 4 }),
      fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 5 }),
      (records, sizes) => {
        const bytes = Buffer.concat(
          records.map(({ type, id, content, padding }) => rawRecord(type, content, { id, padding })),
        );
        const reader = new RecordReader();
        const read = [];
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          // Pieces of a byte each for what is short, of any size for the rest.
          const piece = bytes.subarray(at, (at += bytes.length < 400 ? 1 : size + 100));
          read.push(...reader.push(piece));
        }
        expect(reader.isWithin).toBe(false);
        expect(read.map(({ type, id, content }) => [type, id, content.toString('hex')])).toEqual(
          records.map(({ type, id, content }) => [type, id, Buffer.from(content).toString('hex')]),
        );
      },
    );
    fc.assert(property, { numRuns: 40 });
  });

  test('has one that begins, and is not whole', () => {
    const reader = new RecordReader();
    expect(reader.push(rawRecord(6, 'hello').subarray(0, 10))).toEqual([]);
    expect(reader.isWithin).toBe(true);
  });

  test.each([
    'HTTP/1.1 400 Bad Request\r\n',
    '\0\x06\0\x01\0\0\0\0',
    '\x02\x06\0\x01\0\0\0\0',
    'Content-Type: a/b',
  ])('refuses %j, which is of no such protocol', (text) => {
    expect(() => new RecordReader().push(Buffer.from(text))).toThrow('no FastCGI 1: it begins with "');
  });
});

test('a record is what another implementation reads', () => {
  expect(record(1, 258, Buffer.from('abc'))).toEqual(rawRecord(1, 'abc', { id: 258 }));
  expect(endOfStream(5, 1)).toEqual(rawRecord(5));
});

test.each([
  [0, []],
  [1, [1]],
  [65_535, [65_535]],
  [65_536, [65_535, 1]],
  [200_000, [65_535, 65_535, 65_535, 3395]],
])('a stream of %d bytes is in records of %j', (size, sizes) => {
  const bytes = Buffer.alloc(size, 'ab');
  const records = new RecordReader().push(Buffer.concat([...streamed(5, 1, bytes)]));
  expect(records.map(({ content }) => content.length)).toEqual(sizes);
  expect(Buffer.concat(records.map(({ content }) => content)).equals(bytes)).toBe(true);
});

describe('name-value pairs', () => {
  test('have lengths of one byte up to 127, and of four beyond', () => {
    const sizes = (name: number, value: number): string =>
      nameValues({ ['n'.repeat(name)]: 'v'.repeat(value) })
        .toString('hex')
        .replace(/(6e|76)+$/, '');
    expect(sizes(1, 0)).toBe('0100');
    expect(sizes(127, 127)).toBe('7f7f');
    expect(sizes(128, 127)).toBe('800000807f');
    expect(sizes(1, 128)).toBe('0180000080');
    expect(sizes(300, 70_000)).toBe('8000012c80011170');
  });

  test('are read again as they were', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 10 }),
      fc.constant('Grüße, 😀'),
      fc.constantFrom(126, 127, 128, 129, 70_000).map((size) => 'x'.repeat(size)),
    );
    const property = fc.property(
      fc.uniqueArray(fc.tuple(text, text), { selector: ([name]) => name, maxLength: 5 }),
      (pairs) => {
        const given = Object.fromEntries(pairs.filter(([name]) => name !== '__proto__'));
        expect(readNameValues(nameValues(given))).toEqual(Object.entries(given));
      },
    );
    fc.assert(property, { numRuns: 40 });
  });

  test('are octets of UTF-8', () => {
    expect(nameValues({ a: 'ä' }).toString('hex')).toBe('010261c3a4');
  });
});
