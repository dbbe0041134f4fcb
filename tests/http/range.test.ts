/** The Range header: what it asks for, and what of it a representation of 10 bytes has. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  contentRange,
  MAX_RANGES,
  parseRange,
  satisfyRanges,
  selectRanges,
  unsatisfiedRange,
  type RangeSpec,
} from '../../src/http/range.js';
import { expectWithin } from '../support/timing.js';

describe('parseRange', () => {
  test.each([
    ['bytes=0-99', { unit: 'bytes', ranges: [[0, 99]] }],
    ['bytes=5-, -3', { unit: 'bytes', ranges: [[5, null], [null, 3]] }], // prettier-ignore
    ['Pages=1-2', { unit: 'pages', ranges: [[1, 2]] }],
    ['bytes=,0-1 ,\t, 4-5,', { unit: 'bytes', ranges: [[0, 1], [4, 5]] }], // prettier-ignore
    ['bytes=\t, 0-1', { unit: 'bytes', ranges: [[0, 1]] }],
  ])('reads %j', (value, expected) => {
    expect(parseRange(value)).toEqual(expected);
  });

  test.each([
    '',
    'bytes',
    'bytes=',
    'bytes=,',
    'bytes=-',
    'bytes=abc',
    'bytes=0-1x',
    'bytes=0x0-1',
    'bytes=+0-1',
    'bytes=1.0-2',
    'bytes=1e1-2',
    'bytes =0-1',
    'bytes= 0-1',
    'bytes=0 - 1',
    'bytes=0--1',
    'bytes=0-1-2',
    'bytes=0-1 2-3',
    'bytes=0-1;4-5',
    'bytes=٠-١',
    '0-1',
    '=0-1',
    'by tes=0-1',
    'bytes=5-2',
    'bytes=0-1,5-2',
    'bytes=0-1,x',
    `bytes=${'0-0,'.repeat(MAX_RANGES)}0-0`,
  ])('finds %j malformed', (value) => {
    expect(parseRange(value)).toBeNull();
  });

  test('reads as many ranges as there may be', () => {
    expect(parseRange(`bytes=${'0-0,'.repeat(MAX_RANGES)}`)?.ranges).toHaveLength(MAX_RANGES);
  });

  test.each([
    ['digits', `bytes=${'9'.repeat(16_384)}`],
    ['digits of an end', `bytes=0-${'9'.repeat(16_384)}x`],
    ['commas', `bytes=0-0${','.repeat(16_384)}x`],
    ['leading commas', `bytes=${' ,'.repeat(8192)}`],
    ['white space', `bytes=0-0${' '.repeat(16_384)}x`],
    ['ranges', `bytes=${'0-0,'.repeat(4096)}`],
    ['a unit', 'b'.repeat(16_384)],
  ])('takes less than a millisecond for 16 KiB of %s', (_, value) => {
    expectWithin(1, () => parseRange(value));
  });
});

describe('selectRanges of 10 bytes', () => {
  test.each([
    ['bytes=0-0', [[0, 0]]],
    ['bytes=0-', [[0, 9]]],
    ['bytes=-10', [[0, 9]]],
    ['bytes=-100', [[0, 9]]],
    ['bytes=0-9', [[0, 9]]],
    ['bytes=5-', [[5, 9]]],
    ['bytes=-3', [[7, 9]]],
    ['bytes=9-9', [[9, 9]]],
    ['bytes=5-100', [[5, 9]]],
    ['bytes=5-18446744073709551615', [[5, 9]]],
    ['bytes=-18446744073709551615', [[0, 9]]],
    ['BYTES=0-1', [[0, 1]]],
    ['bytes=0-0,9-9', [[0, 0], [9, 9]]], // prettier-ignore
    ['bytes=0-1, ,4-5', [[0, 1], [4, 5]]], // prettier-ignore
    ['bytes=0-5,3-8', [[0, 8]]],
    ['bytes=3-8,0-5', [[0, 8]]],
    ['bytes=0-9,0-9,0-9', [[0, 9]]],
    ['bytes=0-4,5-9', [[0, 9]]],
    ['bytes=5-9,0-4', [[0, 9]]],
    ['bytes=8-9,0-1', [[8, 9], [0, 1]]], // prettier-ignore
    ['bytes=0-1,4-5,2-3', [[0, 5]]],
    ['bytes=8-8,0-1,5-6,2-4', [[8, 8], [0, 6]]], // prettier-ignore
    ['bytes=0-1,50-60', [[0, 1]]],
    ['bytes=-0,3-3', [[3, 3]]],
    [`bytes=${'0-,'.repeat(10)}`, [[0, 9]]],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=10-20', 'unsatisfiable'],
    ['bytes=18446744073709551616-', 'unsatisfiable'],
    [`bytes=${'9'.repeat(400)}-`, 'unsatisfiable'],
    ['bytes=10-11,50-60,-0', 'unsatisfiable'],
    ['bytes=5-2', 'whole'],
    ['items=0-1', 'whole'],
    ['bytes=', 'whole'],
  ])('gives for %s %j', (value, expected) => {
    expect(selectRanges(value, 10)).toEqual(expected);
  });

  test.each(['bytes=0-', 'bytes=-1', 'bytes=0-0'])('finds %s in nothing unsatisfiable', (value) => {
    expect(selectRanges(value, 0)).toBe('unsatisfiable');
  });
});

test.each([11, 100, 1000])('gives the whole for %d ranges', (count) => {
  expect(selectRanges(`bytes=${'0-,'.repeat(count)}`, 10)).toBe('whole');
  expect(selectRanges(`bytes=${'0-0,'.repeat(count)}`, 10)).toBe('whole');
});

test('ranges never overlap, never touch, and cover exactly what was asked for', () => {
  const spec: fc.Arbitrary<RangeSpec> = fc.oneof(
    fc.tuple(fc.nat(30), fc.nat(30)).map(([a, b]): RangeSpec => [Math.min(a, b), Math.max(a, b)]),
    fc.nat(30).map((start): RangeSpec => [start, null]),
    fc.nat(30).map((suffix): RangeSpec => [null, suffix]),
  );
  fc.assert(
    fc.property(fc.array(spec, { maxLength: MAX_RANGES }), fc.nat(25), (specs, length) => {
      const asked = new Set<number>();
      for (const [start, end] of specs) {
        const from = start ?? Math.max(0, length - end);
        const to = start === null ? length - 1 : (end ?? length - 1);
        for (let i = from; i <= Math.min(to, length - 1); i++) asked.add(i);
      }
      const selected = satisfyRanges(specs, length);
      const given = typeof selected === 'string' ? [] : selected;
      const positions = given.flatMap(([start, end]) =>
        Array.from({ length: end - start + 1 }, (_, i) => start + i),
      );
      expect([...positions].sort((a, b) => a - b)).toEqual([...asked].sort((a, b) => a - b));
      const sorted = [...given].sort(([a], [b]) => a - b);
      sorted.slice(1).forEach(([start], i) => {
        expect(start).toBeGreaterThan((sorted[i]?.[1] ?? 0) + 1);
      });
    }),
  );
});

test('more explicit ranges than there may be mean the whole', () => {
  const specs = Array.from({ length: MAX_RANGES + 1 }, (_, i): RangeSpec => [i * 2, i * 2]);
  expect(satisfyRanges(specs, 100)).toBe('whole');
});

test('Content-Range says which part it is, or that there is none', () => {
  expect(contentRange([0, 4], 10)).toBe('bytes 0-4/10');
  expect(contentRange([1, 2], '*', 'pages')).toBe('pages 1-2/*');
  expect(unsatisfiedRange(10)).toBe('bytes */10');
  expect(unsatisfiedRange(3, 'pages')).toBe('pages */3');
});
