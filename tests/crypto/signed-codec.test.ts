/** Signed values: which of them are taken for ours. */
import { createHmac, randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { KeyRing } from '../../src/crypto/key-ring.js';
import { SignedCodec } from '../../src/crypto/signed-codec.js';

const KEY = randomBytes(32);
const OLD_KEY = randomBytes(32);
const PURPOSE = { version: 't1', purpose: 'test' };
const CHANGED = { problem: 'it was changed, or belongs to another cookie' };

const ring = new KeyRing([KEY, OLD_KEY]);
const codec = new SignedCodec(ring, PURPOSE);
const value = codec.encode('smith', 'user');

test('a value is version, key id, content and the HMAC-SHA-256 of name and all that', () => {
  const head = `t1.${ring.first.id}.${Buffer.from('smith').toString('base64url')}`;
  const mac = createHmac('sha256', ring.first.derive('test')).update(`4:user${head}`).digest('base64url');
  expect(value).toBe(`${head}.${mac}`);
});

test.each(['', 'smith', 'Ř', 'a.b.c'])('%j is read again', (text) => {
  expect(codec.decode(codec.encode(text, 'user'), 'user')).toEqual({ text, isOld: false });
});

test('what an old key has signed is read, and said to be old', () => {
  const old = new SignedCodec(new KeyRing([OLD_KEY]), PURPOSE).encode('smith', 'user');
  expect(codec.decode(old, 'user')).toEqual({ text: 'smith', isOld: true });
});

test.each<[string, string, string, object]>([
  ['under another name', value, 'use', CHANGED],
  ['under a name and a value that are cut elsewhere', value, 'usert1', CHANGED],
  ['with other content', value.replace('.c21', '.c20'), 'user', CHANGED],
  ['without its last character', value.slice(0, -1), 'user', CHANGED],
  ['of another version', value.replace('t1', 't2'), 'user', { problem: 'its version is unknown' }],
  ['with one part more', `${value}.`, 'user', { problem: 'its version is unknown' }],
  ['longer than any cookie', 'A'.repeat(4096), 'user', { problem: 'it is too long' }],
  [
    'of a key that is not ours',
    new SignedCodec(new KeyRing([randomBytes(32)]), PURPOSE).encode('smith', 'user'),
    'user',
    { problem: 'it was signed with a key that is not ours' },
  ],
  [
    'for another purpose',
    new SignedCodec(ring, { ...PURPOSE, purpose: 'other' }).encode('smith', 'user'),
    'user',
    CHANGED,
  ],
])('a value %s is refused', (_name, bad, name, problem) => {
  expect(codec.decode(bad, name)).toEqual(problem);
});
