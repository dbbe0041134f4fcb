import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  compileTrust,
  findClient,
  parseForwarded,
  plainAddress,
  type TrustProxy,
} from '../../src/http/forwarded.js';
import { developerError } from '../support/errors.js';
import { expectWithin } from '../support/timing.js';

describe('compileTrust', () => {
  test('trusts nobody when it is false', () => {
    expect(compileTrust(false)('127.0.0.1', 0)).toBe(false);
  });

  test('counts hops from this server', () => {
    const trust = compileTrust(2);
    expect([0, 1, 2].map((hop) => trust('1.2.3.4', hop))).toEqual([true, true, false]);
  });

  test.each<[string, string, boolean]>([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.0.0.1', '10.0.0.1', true],
    ['10.0.0.1', '10.0.0.2', false],
    ['10.0.0.1/32', '10.0.0.1', true],
    ['0.0.0.0/0', '9.9.9.9', true],
    ['fd00::/8', 'fd12::1', true],
    ['fd00::/8', 'fe80::1', false],
    ['::1', '::1', true],
    ['::1', '0:0::0:1', true],
    ['10.1.2.3', '::ffff:a01:203', true],
    ['::ffff:10.1.2.0/120', '10.1.2.255', true],
    ['::ffff:10.1.2.0/120', '10.1.3.0', false],
    ['10.0.0.1-10.0.0.9', '10.0.0.9', true],
    ['10.0.0.1-10.0.0.9', '10.0.0.10', false],
    ['10.128.0.0/9', '10.127.255.255', false],
    ['10.128.0.0/9', '10.128.0.0', true],
    ['2001:db8::/33', '2001:db8:7fff:ffff:ffff:ffff:ffff:ffff', true],
    ['2001:db8::/33', '2001:db8:8000::', false],
    ['::/0', '10.0.0.1', false],
    ['fe80::/10', 'fe80::1%eth0', true],
    ['10.0.0.0/8', 'unknown', false],
    ['10.0.0.0/8', '', false],
  ])('%s and %s: %s', (range, address, expected) => {
    expect(compileTrust([range])(address, 0)).toBe(expected);
  });

  test('trusts no one by an empty list', () => {
    expect(compileTrust([])('127.0.0.1', 0)).toBe(false);
  });

  const SETTING = 'a number of hops or a list of addresses and CIDR ranges, such as 1 or ["10.0.0.0/8"]';
  test.each<[unknown, string]>([
    [-1, ': -1 is not a whole number of hops, 0 or more.'],
    [1.5, ': 1.5 is not a whole number of hops, 0 or more.'],
    [NaN, ': NaN is not a whole number of hops, 0 or more.'],
    [true, `: true is not ${SETTING}.`],
    ['loopback', `: "loopback" is not ${SETTING}.`],
    [null, `: null is not ${SETTING}.`],
    [{}, `: {} is not ${SETTING}.`],
    ...[
      '',
      'x',
      '10.0.0.0/',
      '10.0.0.0/33',
      '10.0.0.0/-1',
      '10.0.0.0/8/9',
      '10.0.0.0/0x8',
      '10.0.0.0/ 8',
      '::/129',
      '::ffff:10.0.0.0/95',
      'fe80::1%eth0',
      '/8',
      7,
    ].map((entry): [unknown, string] => [
      ['::1', entry],
      `[1]: ${JSON.stringify(entry)} is not an address or a CIDR range, such as "10.0.0.0/8".`,
    ]),
  ])('refuses the setting %j', (setting, message) => {
    expect(() => compileTrust(setting as TrustProxy)).toThrow(
      developerError('E_SETTING', `trustProxy${message}`),
    );
  });
});

test.each([
  ['1.2.3.4', '1.2.3.4'],
  [' 1.2.3.4\t', '1.2.3.4'],
  ['1.2.3.4:80', '1.2.3.4'],
  ['::1', '::1'],
  ['[::1]', '::1'],
  ['[::1]:80', '::1'],
  ['[::1', ''],
  ['fe80::1%eth0', 'fe80::1'],
  ['[fe80::1%eth0]:80', 'fe80::1'],
  ['::ffff:1.2.3.4', '1.2.3.4'],
  ['::FFFF:1.2.3.4', '1.2.3.4'],
  ['[::ffff:1.2.3.4]:80', '1.2.3.4'],
  ['::ffff:102:304', '1.2.3.4'],
  ['0:0:0:0:0:ffff:1.2.3.4', '1.2.3.4'],
  ['[::FFFF:a01:203%eth0]:80', '10.1.2.3'],
  ['2001:0DB8:0:0::1', '2001:db8::1'],
  ['::1.2.3.4', '::1.2.3.4'],
  ['unknown', 'unknown'],
  ['', ''],
])('plainAddress reads %j as %j', (text, expected) => {
  expect(plainAddress(text)).toBe(expected);
});

describe('findClient', () => {
  const PROXY = ['10.0.0.0/8'];

  test.each<[TrustProxy, string, string | undefined, string]>([
    [false, '1.1.1.1', '6.6.6.6', '1.1.1.1'],
    [PROXY, '1.1.1.1', '6.6.6.6', '1.1.1.1'],
    [PROXY, '10.0.0.1', undefined, '10.0.0.1'],
    [PROXY, '10.0.0.1', '', '10.0.0.1'],
    [PROXY, '10.0.0.1', '2.2.2.2', '2.2.2.2'],
    [PROXY, '::ffff:10.0.0.1', '2.2.2.2', '2.2.2.2'],
    [PROXY, '10.0.0.1', '6.6.6.6, 2.2.2.2', '2.2.2.2'],
    [PROXY, '10.0.0.1', '6.6.6.6, 2.2.2.2, 10.0.0.2', '2.2.2.2'],
    [PROXY, '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    [PROXY, '10.0.0.1', '6.6.6.6, unknown', '10.0.0.1'],
    [PROXY, '10.0.0.1', '6.6.6.6, unknown, 10.0.0.2', '10.0.0.2'],
    [PROXY, '10.0.0.1', '[2001:db8::1]:443', '2001:db8::1'],
    [1, '9.9.9.9', '6.6.6.6, 2.2.2.2', '2.2.2.2'],
    [2, '9.9.9.9', '6.6.6.6, 2.2.2.2', '6.6.6.6'],
    [9, '9.9.9.9', '6.6.6.6, 2.2.2.2', '6.6.6.6'],
    [0, '9.9.9.9', '2.2.2.2', '9.9.9.9'],
  ])('trusting %j, the peer %s with %j is %s', (setting, peer, header, expected) => {
    expect(findClient(peer, header?.split(',') ?? [], compileTrust(setting)).address).toBe(expected);
  });

  test('never believes what an untrusted peer says', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        expect(findClient('1.1.1.1', header.split(','), compileTrust(PROXY))).toEqual({
          address: '1.1.1.1',
          hops: 0,
        });
      }),
    );
  });
});

describe('parseForwarded', () => {
  test.each<[string, Record<string, string>[]]>([
    ['', []],
    ['for=192.0.2.43', [{ for: '192.0.2.43' }]],
    ['For="[2001:db8:cafe::17]:4711"', [{ for: '[2001:db8:cafe::17]:4711' }]],
    ['for=192.0.2.60;proto=http;by=203.0.113.43', [{ for: '192.0.2.60', proto: 'http', by: '203.0.113.43' }]],
    ['for=192.0.2.43, for=198.51.100.17', [{ for: '192.0.2.43' }, { for: '198.51.100.17' }]],
    ['for=_gazonk;host="a,b;c"', [{ for: '_gazonk', host: 'a,b;c' }]],
    ['for=unknown ; proto=https', [{ for: 'unknown', proto: 'https' }]],
  ])('reads %j', (header, expected) => {
    expect(parseForwarded(header).map((element) => Object.fromEntries(element))).toEqual(expected);
  });

  test.each([
    'for',
    'for=',
    '=x',
    'for=a b',
    'for="x',
    'for=[::1]',
    'for=1.1.1.1;for=2.2.2.2',
    'a=b, for',
    'fo r=1',
  ])('takes nothing of the malformed %j', (header) => {
    expect(parseForwarded(header)).toEqual([]);
  });

  test('reads 16 KiB of hostile text at once', () => {
    expectWithin(200, () => {
      for (const text of ['for="', ',', ';', '=', 'for=1,', '"\\'])
        parseForwarded(text.repeat(Math.ceil(16_384 / text.length)));
    });
  });
});
