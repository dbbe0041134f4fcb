import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  negotiateEncoding,
  negotiateLanguage,
  negotiateMediaType,
  parseAccept,
} from '../../src/http/accept.js';
import { expectWithin } from '../support/timing.js';

describe('parseAccept', () => {
  test.each<[string, [string, number][]]>([
    ['', []],
    [' , ,', []],
    ['text/html', [['text/html', 1]]],
    ['Text/HTML;Q=0.5', [['text/html', 0.5]]],
    ['a/b; q=0.123 , c/d ;q = 1.000', [['a/b', 0.123], ['c/d', 1]]], // prettier-ignore
    ['a/b;q=0', [['a/b', 0]]],
    ['a/b;q=0.', [['a/b', 0]]],
    ['a/b;q=1.', [['a/b', 1]]],
    ['a/b; q=.2, c/d;q=0.8333', [['a/b', 0.2], ['c/d', 0.8333]]], // prettier-ignore
    ['a/b;q=1.0000, *;q=.00001', [['a/b', 1], ['*', 0.00001]]], // prettier-ignore
    ['a/b;q=0.33333333333333333', [['a/b', 0.3333333333333333]]],
    ['a/b;level=1;q=0.4;ext=x', [['a/b', 0.4]]],
    ['a/b;x="q=0.1,c/d;q=0"', [['a/b', 1]]],
    ['gzip, br;q=0.9', [['gzip', 1], ['br', 0.9]]], // prettier-ignore
  ])('reads %j', (header, expected) => {
    expect(parseAccept(header).map(({ value, weight }) => [value, weight])).toEqual(expected);
  });

  test.each(['1.1', '2', '-1', '.', '1.001', '00.5', '0 .5', 'x', '', '"0.5"', 'NaN', 'Infinity', '1e0'])(
    'counts the malformed weight %j as 0',
    (weight) => {
      expect(parseAccept(`a/b;q=${weight}`)).toEqual([{ value: 'a/b', weight: 0 }]);
    },
  );

  test('gives weights from 0 to 1 for any text', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        for (const { weight } of parseAccept(header)) expect(weight >= 0 && weight <= 1).toBe(true);
      }),
    );
  });

  test('reads back what was written', () => {
    const token = fc.stringMatching(/^[a-z0-9*+.-]{1,10}$/);
    const item = fc.record({ value: token, weight: fc.integer({ min: 0, max: 1000 }).map((n) => n / 1000) });
    fc.assert(
      fc.property(fc.array(item), (items) => {
        const header = items.map(({ value, weight }) => `${value};q=${String(weight)}`).join(', ');
        expect(parseAccept(header)).toEqual(items);
      }),
    );
  });

  test.each([',', ';', '"', '\\', 'a/b,', ';q=', ' ', '"\\"'])('takes linear time for many %j', (piece) => {
    expectWithin(300, () => parseAccept(piece.repeat(64 * 1024)));
  });
});

describe('negotiateMediaType', () => {
  const OFFERS = ['text/html', 'application/json', 'text/plain'] as const;

  test.each<[string | undefined, string | undefined]>([
    [undefined, 'text/html'],
    ['*/*', 'text/html'],
    ['application/json', 'application/json'],
    ['APPLICATION/JSON', 'application/json'],
    ['text/*;q=0.5, application/json;q=0.4', 'text/html'],
    ['text/html;q=0.3, text/plain;q=0.8', 'text/plain'],
    ['image/png', undefined],
    ['text/css, image/gif, *; q=.2, */*; q=.2', 'text/html'],
    ['*', 'text/html'],
    ['*;q=0', undefined],
    ['text/plain;q=0.8333, text/html;q=0.8332', 'text/plain'],
    ['text/plain;q=.9,*;q=.1', 'text/plain'],
    ['*/*;q=0, *', undefined],
    ['text/*;q=0, *;q=.2', 'application/json'],
    ['text/html;q=0, */*', 'application/json'],
    ['*/*;q=0', undefined],
    ['text/*;q=0, */*;q=0.1', 'application/json'],
    ['text/html;q=bad', undefined],
    ['', undefined],
  ])('answers %j with %j', (header, expected) => {
    expect(negotiateMediaType(header, OFFERS)).toBe(expected);
  });

  test('prefers the first offer among equals', () => {
    expect(negotiateMediaType('text/plain, text/html', OFFERS)).toBe('text/html');
  });

  test('lets the most specific range decide, wherever it stands', () => {
    expect(negotiateMediaType('*/*, text/*;q=0.2, text/html;q=0.1', ['text/html', 'text/css'])).toBe(
      'text/css',
    );
  });

  test('has nothing to give without offers', () => {
    const offers: readonly string[] = [];
    expect(negotiateMediaType(undefined, offers)).toBeUndefined();
  });
});

describe('negotiateLanguage', () => {
  const OFFERS = ['cs', 'en', 'de-AT'] as const;

  test.each<[string | undefined, string | undefined]>([
    [undefined, 'cs'],
    ['en', 'en'],
    ['EN', 'en'],
    ['de-at', 'de-AT'],
    ['de', 'de-AT'],
    ['d', undefined],
    ['en-GB', 'en'],
    ['en-GB-oxendict', 'en'],
    ['eng', undefined],
    ['fr', undefined],
    ['fr, *', 'cs'],
    ['*', 'cs'],
    ['*;q=0', undefined],
    ['cs;q=0, *', 'en'],
    ['cs;q=0.5, en;q=0.8', 'en'],
    ['en;q=0, en-GB', undefined],
    ['en-GB;q=0, *;q=0.5, cs;q=0.1', 'en'],
    ['en-GB;q=0', undefined],
    ['en-GB;q=0.2, en-US;q=0.7, cs;q=0.5', 'en'],
    ['de;q=0.2, de-AT;q=0.9, cs;q=0.5', 'de-AT'],
    ['de;q=0.9, de-AT;q=0, cs;q=0.5', 'cs'],
    ['de-DE', undefined],
    ['en;q=bad', undefined],
    ['cs;q=.3333,en;q=.6667', 'en'],
    ['', undefined],
  ])('answers %j with %j', (header, expected) => {
    expect(negotiateLanguage(header, OFFERS)).toBe(expected);
  });

  test('prefers the first offer among equals', () => {
    expect(negotiateLanguage('en, cs', OFFERS)).toBe('cs');
  });

  test('gives what was offered, as it was offered', () => {
    expect(negotiateLanguage('zh-hant-tw', ['zh-Hant'])).toBe('zh-Hant');
  });
});

describe('negotiateEncoding', () => {
  const OFFERS = ['br', 'gzip', 'identity'] as const;

  test.each<[string | undefined, string | undefined]>([
    [undefined, 'identity'],
    ['', 'identity'],
    ['gzip', 'gzip'],
    ['GZIP', 'gzip'],
    ['x-gzip', 'gzip'],
    ['gzip, br', 'br'],
    ['gzip;q=1.0, br;q=0.5', 'gzip'],
    ['gzip;q=0.001', 'gzip'],
    ['gzip;q=.5, br;q=.25', 'gzip'],
    ['br;q=0.3333, gzip;q=0.3334', 'gzip'],
    ['gzip;q=0', 'identity'],
    ['deflate', 'identity'],
    ['*', 'br'],
    ['*;q=0', undefined],
    ['identity;q=0', undefined],
    ['identity;q=0, gzip;q=0.1', 'gzip'],
    ['identity, *;q=0', 'identity'],
    ['identity, gzip;q=0.5', 'identity'],
    ['gzip;q=0, *', 'br'],
    ['br;q=0, *;q=0.2', 'gzip'],
    ['gzip;q=bad', 'identity'],
  ])('answers %j with %j', (header, expected) => {
    expect(negotiateEncoding(header, OFFERS)).toBe(expected);
  });

  test('gives the first offer to a client that says nothing when identity is not offered', () => {
    expect(negotiateEncoding(undefined, ['gzip', 'br'])).toBe('gzip');
  });

  test('has nothing for a client that takes none of the offers', () => {
    expect(negotiateEncoding('br', ['gzip'])).toBeUndefined();
    expect(negotiateEncoding('', ['gzip'])).toBeUndefined();
  });
});
