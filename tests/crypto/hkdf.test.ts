/** The derivation of keys, against that of node:crypto and of RFC 5869. */
import { hkdfSync, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { Hkdf } from '../../src/crypto/hkdf.js';

function ofNode(secret: Uint8Array, salt: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, purpose, 64));
}

test('gives what RFC 5869 A.3 has', () => {
  const derived = new Hkdf(Buffer.alloc(22, 0x0b), '').derive(Buffer.alloc(0));
  expect(derived.toString('hex', 0, 42)).toBe(
    '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
  );
});

test.each([
  [32, 24, 'obol-session-v1:__Host-SESSID'],
  [32, 0, ''],
  [64, 32, 'a'.repeat(55)],
  [65, 63, 'a'.repeat(64)],
  [300, 64, 'Ř'],
])(
  'gives what node:crypto does: secret of %p bytes, salt of %p, purpose %j',
  (secretBytes, saltBytes, purpose) => {
    const secret = randomBytes(secretBytes);
    const hkdf = new Hkdf(secret, purpose);
    for (let i = 0; i < 20; i++) {
      const salt = randomBytes(saltBytes);
      expect(hkdf.derive(salt)).toEqual(ofNode(secret, salt, purpose));
    }
  },
);

test('what was derived stays as it is', () => {
  const hkdf = new Hkdf(randomBytes(32), 'purpose');
  const salt = randomBytes(24);
  const derived = hkdf.derive(salt);
  const before = Buffer.from(derived);
  hkdf.derive(randomBytes(64));
  expect(derived).toEqual(before);
  expect(hkdf.derive(salt)).toEqual(before);
});

test('a longer salt leaves nothing behind for a shorter one', () => {
  const secret = randomBytes(32);
  const hkdf = new Hkdf(secret, 'purpose');
  hkdf.derive(randomBytes(64));
  expect(hkdf.derive(Buffer.of(1))).toEqual(ofNode(secret, Buffer.of(1), 'purpose'));
});

test('shows nothing when it is printed', () => {
  const shown = inspect(new Hkdf(Buffer.alloc(32, 'secret'), 'purpose'), {
    depth: Infinity,
    showHidden: true,
  });
  expect(shown).toBe('Hkdf {}');
});
