/** Nonces: what they tell, to whom, and that nobody else can make one. */
import { describe, expect, test } from '@jest/globals';
import { Nonces } from '../../../../src/features/auth/digest/nonce.js';

const KEY = Buffer.alloc(32, 1);
const PURPOSE = { realm: 'zone', algorithm: 'MD5' };
const nonces = new Nonces(KEY, { pinned: true });

test('a nonce is 30 bytes in base64url, and tells when it was made', () => {
  const nonce = nonces.issue(PURPOSE, 1_700_000_000_123);
  expect(nonce).toMatch(/^[\w-]{40}$/);
  expect(nonces.read(nonce, PURPOSE)).toEqual({ issuedAt: 1_700_000_000_123, isOurs: true });
});

test('no two are the same', () => {
  const made = Array.from({ length: 1000 }, () => nonces.issue(PURPOSE, 1));
  expect(new Set(made).size).toBe(1000);
});

test('it tells those of another process with the same key', () => {
  const nonce = new Nonces(KEY, { pinned: true }).issue(PURPOSE, 5);
  expect(nonces.read(nonce, PURPOSE)).toEqual({ issuedAt: 5, isOurs: false });
});

test('without a pin, those of every process are ours', () => {
  const nonce = new Nonces(KEY, { pinned: false }).issue(PURPOSE, 5);
  expect(new Nonces(KEY, { pinned: false }).read(nonce, PURPOSE)).toEqual({ issuedAt: 5, isOurs: true });
});

describe('it does not know', () => {
  const nonce = nonces.issue(PURPOSE);

  test.each([
    ['one of another realm', nonce, { ...PURPOSE, realm: 'zone2' }],
    ['one of another algorithm', nonce, { ...PURPOSE, algorithm: 'MD5-sess' }],
    ['one whose realm and algorithm are cut elsewhere', nonce, { realm: 'zon', algorithm: 'eMD5' }],
    ['one of another key', new Nonces(Buffer.alloc(32, 2), { pinned: true }).issue(PURPOSE), PURPOSE],
    ['a shorter one', nonce.slice(1), PURPOSE],
    ['a longer one', `${nonce}A`, PURPOSE],
    ['one with padding', `${nonce.slice(0, 39)}=`, PURPOSE],
    ['one in the other alphabet', '+'.repeat(40), PURPOSE],
    ['one with a line break', `${nonce}\n`, PURPOSE],
    ['nothing', '', PURPOSE],
    ['one of 64 digits', 'a'.repeat(64), PURPOSE],
  ])('%s', (_name, text, purpose) => {
    expect(nonces.read(text, purpose)).toBeUndefined();
  });

  test('one in which any character was changed', () => {
    for (let i = 0; i < nonce.length; i++) {
      const other = nonce[i] === 'A' ? 'B' : 'A';
      expect(nonces.read(nonce.slice(0, i) + other + nonce.slice(i + 1), PURPOSE)).toBeUndefined();
    }
  });
});
