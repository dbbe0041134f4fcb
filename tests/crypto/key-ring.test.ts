/** The derivation of keys, against that of node:crypto and of RFC 5869. */
import { hkdfSync, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { KeyRing, MasterKey } from '../../src/crypto/key-ring.js';

describe('a derived key', () => {
  test('without purpose and salt is the first block that RFC 5869 A.3 has', () => {
    expect(new MasterKey(Buffer.alloc(22, 0x0b)).derive('').toString('hex')).toBe(
      '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d',
    );
  });

  test.each([
    [32, 24, 'obol-session-v2:__Host-SESSID'],
    [32, 0, ''],
    [64, 32, 'a'.repeat(55)],
    [65, 63, 'a'.repeat(1024)],
    [300, 65, 'Ř'],
  ])(
    'is that of node:crypto: secret of %p bytes, salt of %p, purpose %.40j',
    (secretBytes, saltBytes, purpose) => {
      const secret = randomBytes(secretBytes);
      const salt = randomBytes(saltBytes);
      const expected = Buffer.from(hkdfSync('sha256', secret, salt, purpose, 32));
      expect(new MasterKey(secret).derive(purpose, salt)).toEqual(expected);
    },
  );

  test('is another one for each purpose, salt and secret', () => {
    const [one, two] = [new MasterKey(Buffer.alloc(32, 1)), new MasterKey(Buffer.alloc(32, 2))];
    const keys = [one.derive('a'), one.derive('b'), one.derive('a', Buffer.of(1)), two.derive('a')];
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(4);
  });

  test('does not change with the bytes that were given', () => {
    const secret = randomBytes(32);
    const master = new MasterKey(secret);
    const before = master.derive('a');
    secret.fill(0);
    expect(master.derive('a')).toEqual(before);
  });
});

describe('a ring', () => {
  const [first, second] = [randomBytes(32), randomBytes(32)];

  test('has its keys by their ids, each once', () => {
    const ring = new KeyRing([first, second, first]);
    expect(ring.size).toBe(2);
    expect(ring.find(new MasterKey(second).id)?.derive('a')).toEqual(new MasterKey(second).derive('a'));
    expect(ring.find('00000000')).toBeUndefined();
  });

  test('shows the ids of its keys when it is printed, and nothing else of them', () => {
    const ring = new KeyRing([first]);
    expect(inspect(ring, { depth: Infinity })).toBe(
      `KeyRing { first: MasterKey { id: '${ring.first.id}' } }`,
    );
  });
});
