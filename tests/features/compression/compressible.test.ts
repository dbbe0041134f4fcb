/** Which media types are compressed. */
import { describe, expect, test } from '@jest/globals';
import { compression } from 'obol/compression';
import {
  isCompressible,
  typeTest,
  type CompressibleTypes,
} from '../../../src/features/compression/compressible.js';
import { developerError } from '../../support/errors.js';
import { expectWithin } from '../../support/timing.js';

describe('by default', () => {
  test.each([
    'text/html; charset=utf-8',
    'TEXT/CSS',
    'text/event-stream',
    'application/json',
    'application/problem+json',
    'application/geo+json-seq',
    'application/xml',
    'application/atom+xml; charset="utf-8"',
    'image/svg+xml',
    'application/javascript',
    'application/wasm',
    'font/ttf',
    'image/bmp',
  ])('%s is compressed', (type) => {
    expect(typeTest()(type)).toBe(true);
  });

  test.each([
    '',
    'text',
    'application/octet-stream',
    'application/zip',
    'application/gzip',
    'application/pdf',
    'image/png',
    'image/jpeg',
    'video/mp4',
    'font/woff2',
    'multipart/byteranges; boundary=x',
    'application/jsonp2',
    'context/html',
    'application/x-text/html',
  ])('%j is not', (type) => {
    expect(typeTest()(type)).toBe(false);
  });
});

describe('a list', () => {
  test.each<[CompressibleTypes, string, boolean]>([
    [['text/html'], 'text/html; charset=utf-8', true],
    [['Text/HTML'], 'text/html', true],
    [['text/html'], 'text/css', false],
    [['model/*'], 'model/obj', true],
    [['model/*'], 'models/obj', false],
    [['+json'], 'application/ld+json', true],
    [['+json'], 'application/json', false],
    [[], 'text/html', false],
    [(type) => isCompressible(type) || type === 'application/x-own', 'application/x-own;v=1', true],
    [(type) => type === 'text/plain', 'Text/Plain', true],
  ])('%p says of %s: %p', (types, contentType, expected) => {
    const isWorthIt = typeTest(types);
    expect([isWorthIt(contentType), isWorthIt(contentType)]).toEqual([expected, expected]);
  });

  test.each([['html'], ['*/*'], ['text/'], ['+'], ['text/html; q=1'], [7], [null]])(
    'that holds %j is refused',
    (type) => {
      expect(() => compression({ types: [type as string] })).toThrow(
        developerError(
          'E_SETTING',
          `compression.types[0]: ${JSON.stringify(type)} is not a media type, such as "text/html", "text/*" or "+json".`,
        ),
      );
    },
  );
});

test('asks a function once about each type, and forgets what is too long or too much', () => {
  const asked: string[] = [];
  const isWorthIt = typeTest((type) => asked.push(type) > 0);
  for (let i = 0; i < 3; i++) isWorthIt('text/plain');
  expect(asked).toEqual(['text/plain']);
  const long = `text/${'x'.repeat(100)}`;
  for (let i = 0; i < 2; i++) isWorthIt(long);
  expect(asked).toEqual(['text/plain', long, long]);
  for (let i = 0; i < 200; i++) isWorthIt(`text/x${i}`);
  asked.length = 0;
  isWorthIt('text/x0');
  isWorthIt('text/x199');
  expect(asked).toEqual(['text/x199']);
});

test('takes linear time for hostile types', () => {
  const isWorthIt = typeTest();
  expectWithin(200, () => isWorthIt(`text/html;${'a="'.repeat(30_000)}`));
});
