/** Nonces that proved genuine: for what they are remembered, and how many of them. */
import { expect, test } from '@jest/globals';
import { ProvenNonces } from '../../../../src/features/auth/digest/proven-nonces.js';

const PURPOSE = { realm: 'zone', algorithm: 'MD5' };
const PROVEN = { ...PURPOSE, nonce: { issuedAt: 1, isOurs: true }, user: 'smith' };

test('a nonce is known for the realm and the algorithm that it was proved for, and for nothing else', () => {
  const proven = new ProvenNonces();
  proven.add('n', PROVEN);
  expect(proven.find('n', PURPOSE)).toEqual(PROVEN);
  expect(proven.find('n', { ...PURPOSE, realm: 'other' })).toBeUndefined();
  expect(proven.find('n', { ...PURPOSE, algorithm: 'SHA-256' })).toBeUndefined();
  expect(proven.find('m', PURPOSE)).toBeUndefined();
});

test('the last user who was let in with it counts', () => {
  const proven = new ProvenNonces();
  proven.add('n', PROVEN);
  proven.add('n', { ...PROVEN, user: 'jones' });
  expect(proven.find('n', PURPOSE)?.user).toBe('jones');
});

test('no more than 10,000 are known', () => {
  const proven = new ProvenNonces();
  for (let i = 0; i < 10_001; i++) proven.add(String(i), PROVEN);
  const known = Array.from({ length: 10_001 }, (_, i) => proven.find(String(i), PURPOSE)).filter(Boolean);
  expect(known.length).toBeLessThanOrEqual(10_000);
  expect(proven.find('10000', PURPOSE)).toEqual(PROVEN);
});
