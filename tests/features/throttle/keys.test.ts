/** Who failures are counted for. */
import { describe, expect, test } from '@jest/globals';
import { hashOf, networkOf } from '../../../src/features/throttle/keys.js';
import { expectWithin } from '../../support/timing.js';

describe('networkOf', () => {
  test.each<[address: string, network: string | undefined]>([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:c000:207', '192.0.2.7'],
    ['0:0:0:0:0:ffff:c000:0207', '192.0.2.7'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:DB8:0:0:ffff:ffff:ffff:ffff', '2001:db8:0:0::/64'],
    ['2001:0db8:0000:0000::2', '2001:db8:0:0::/64'],
    ['2001:db8:0:1::1', '2001:db8:0:1::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:3:4:192.0.2.7', '2001:db8:1:2::/64'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['1::', '1:0:0:0::/64'],
    ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
    ['::2:3:4:5:6:7:8', '0:2:3:4::/64'],
    ['::ffff:0:192.0.2.7', '0:0:0:0::/64'],
    ['', undefined],
    ['unknown', undefined],
    ['192.0.2.7:80', undefined],
    ['300.0.2.7', undefined],
    ['[::1]', undefined],
    ['1::2::3', undefined],
  ])('%j is %j', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe('hashOf', () => {
  /** As `printf smith | sha256sum` has it, in base64url. */
  const SMITH = 'ZieDX5iOLF5QUz1JEWMHLT9PQfXIsEYwFQ3rs3Isot0';

  test.each([' smith', 'SMITH', 'Smith\t', 'ｓｍｉｔｈ', '\u{1d42c}\u{1d426}\u{1d422}\u{1d42d}\u{1d421}'])(
    '%j is counted as smith',
    (account) => {
      expect(hashOf(account)).toBe(hashOf('smith'));
    },
  );

  test.each(['smith2', 'smyth', 'smi th', '', 'smith\0'])('%j is not', (account) => {
    expect(hashOf(account)).not.toBe(hashOf('smith'));
  });

  test.each(['smith', '', '\ud800', 'x'.repeat(100_000), '../../x\r\n'])(
    'is of one length and alphabet, and does not tell the name (%#)',
    (account) => {
      expect(hashOf(account)).toMatch(/^[\w-]{43}$/);
    },
  );

  test('is the same in every process', () => {
    expect(hashOf('smith')).toBe(SMITH);
  });

  test.each(['a' + '\u0301\u0323'.repeat(500_000), ' '.repeat(1_000_000), '\ufdfa'.repeat(1_000_000)])(
    'is made in no time, however the name is made (%#)',
    (account) => {
      expectWithin(50, () => hashOf(account));
    },
  );
});
