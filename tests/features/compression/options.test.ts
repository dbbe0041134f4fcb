/** The options of compression: what is refused, and what each one changes. */
import { expect, test } from '@jest/globals';
import { compression, type CompressionOptions } from 'obol/compression';
import { planOf } from '../../../src/features/compression/options.js';
import { HAS_ZSTD } from '../../support/decode.js';
import { developerError } from '../../support/errors.js';

test.each<[unknown, string]>([
  [{ threshold: -1 }, 'threshold: -1 is not a whole number of bytes, 0 or more.'],
  [{ threshold: 1.5 }, 'threshold: 1.5 is not a whole number of bytes, 0 or more.'],
  [{ threshold: '1kb' }, 'threshold: "1kb" is not a whole number of bytes, 0 or more.'],
  [{ encodings: [] }, 'encodings: there is none; give a list of codings.'],
  [
    { encodings: ['gzp'] },
    'encodings[0]: "gzp" is not "br" or "zstd" or "gzip" or "deflate". Did you mean "gzip"?',
  ],
  [{ encodings: ['identity'] }, 'encodings[0]: "identity" is not "br" or "zstd" or "gzip" or "deflate".'],
  [{ encodings: [5] }, 'encodings[0]: 5 is not "br" or "zstd" or "gzip" or "deflate".'],
  [
    { levels: { toString: 1 } },
    'levels.toString: there is no such option. The options are br, zstd, gzip, deflate.',
  ],
  [{ levels: { br: 12 } }, 'levels.br: 12 is not a whole number, 0 to 11.'],
  [{ levels: { gzip: -1 } }, 'levels.gzip: -1 is not a whole number, 0 to 9.'],
  [{ levels: { deflate: 2.5 } }, 'levels.deflate: 2.5 is not a whole number, 0 to 9.'],
  [{ levels: { zstd: 0 } }, 'levels.zstd: 0 is not a whole number, 1 to 22.'],
  [
    { padding: true, encodings: ['gzip', 'br'] },
    'padding: only gzip can be padded, and encodings has "br"; leave one of the two out.',
  ],
])('%j is refused', (options, message) => {
  expect(() => compression(options as CompressionOptions)).toThrow(
    developerError('E_SETTING', `compression.${message}`),
  );
});

test.each<[CompressionOptions, string[]]>([
  [{}, ['br', ...(HAS_ZSTD ? ['zstd'] : []), 'gzip', 'deflate']],
  [{ padding: true }, ['gzip']],
  [{ encodings: ['deflate', 'gzip', 'deflate'] }, ['deflate', 'gzip']],
  [{ encodings: ['zstd'] }, HAS_ZSTD ? ['zstd'] : []],
])('%j offers %j', (options, codings) => {
  expect(planOf(options).encoders.map(({ coding }) => coding)).toEqual(codings);
});

test('a level of 0 or more changes what is made', () => {
  const text = Buffer.from('a page, '.repeat(1000));
  const size = (level: number): number =>
    planOf({ encodings: ['gzip'], levels: { gzip: level } }).encoders[0]?.encodeSync(text).byteLength ?? 0;
  expect(size(0)).toBeGreaterThan(text.byteLength);
  expect(size(9)).toBeLessThan(200);
});
