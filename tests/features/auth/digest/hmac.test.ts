/** HMAC-SHA-256 in buffers that are used again, against that of node:crypto. */
import { createHmac, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { Hmac } from '../../../../src/features/auth/digest/hmac.js';

function ofNode(key: Uint8Array, message: Uint8Array): string {
  return createHmac('sha256', key).update(message).digest('hex');
}

test('gives what RFC 4231 4.3 has', () => {
  const message = 'what do ya want for nothing?';
  const hmac = new Hmac(message.length).useKey(Buffer.from('Jefe'));
  hmac.message.write(message);
  expect(hmac.digest('hex')).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
});

describe('gives what node:crypto does', () => {
  test.each([0, 1, 32, 63, 64])('with a key of %i bytes, for messages of any length in turn', (keyBytes) => {
    const key = randomBytes(keyBytes);
    const hmac = new Hmac().useKey(key);
    for (const length of [0, 14, 300, 55, 56, 64, 64, 4096, 1]) {
      const message = randomBytes(length);
      hmac.resize(length).set(message);
      expect(hmac.digest('hex')).toBe(ofNode(key, message));
    }
  });

  test('after a longer key, too', () => {
    const hmac = new Hmac(3).useKey(randomBytes(64));
    hmac.message.write('abc');
    expect(hmac.useKey(Buffer.of(1)).digest('hex')).toBe(ofNode(Buffer.of(1), Buffer.from('abc')));
  });
});

test('gives bytes as characters unless it is told otherwise', () => {
  const hmac = new Hmac(0).useKey(Buffer.of(7));
  expect(Buffer.from(hmac.digest(), 'binary').toString('hex')).toBe(hmac.digest('hex'));
});

test('shows nothing when it is printed', () => {
  const hmac = new Hmac(6).useKey(Buffer.from('secret'));
  expect(inspect(hmac, { depth: Infinity, showHidden: true })).toBe('Hmac { [message]: [Getter] }');
});
