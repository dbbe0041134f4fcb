/** Secret keys: which are taken, and that no message shows one that is not. */
import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { keyBytes, SECRET_KEY_RULE } from '../../src/crypto/secret-key.js';

const RANDOM = createHash('sha256').update('random').digest();

test.each<[string, string | Uint8Array]>([
  ['32 bytes', RANDOM],
  ['32 bytes in base64', RANDOM.toString('base64')],
  ['32 bytes in hexadecimal', RANDOM.toString('hex')],
  ['a passphrase of 32 characters', 'correct horse, battery & staples'],
  ['a passphrase with one of the known words', 'my secret garden has three big elms'],
])('%s are taken as they are', (_name, key) => {
  expect(SECRET_KEY_RULE(key, 'key')).toBeUndefined();
  expect(keyBytes(key)).toEqual(Buffer.from(key as string));
});

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['null', null],
  ['a number', 42],
  ['a list of keys', [RANDOM]],
  ['empty text', ''],
  ['31 bytes', RANDOM.subarray(1)],
  ['31 characters', 'correct horse, battery & staple'],
  ['16 bytes in hexadecimal, which are 32 characters', RANDOM.toString('hex').slice(0, 32)],
  ['the same in capitals', RANDOM.toString('hex').slice(0, 32).toUpperCase()],
  ['one byte over and over', Buffer.alloc(64, 7)],
  ['no bytes at all', new Uint8Array(32)],
  ['one character over and over', 'k'.repeat(64)],
  ['few characters', 'abcdefg'.repeat(10)],
  ['digits in order', '1234567890-1234567890-1234567890-1234567890'],
  ['an example', 'your-secret-key-at-least-32-characters'],
  ['another', 'Please change this session secret in production!'],
  ['a third', 'THIS_MUST_BE_A_SECRET_KEY_OF_32_BYTES'.replace('OF_', '')],
])('%s is not, and not shown', (_name, key) => {
  expect(SECRET_KEY_RULE(key, 'theKey')).toBe(
    'theKey: it must hold at least 32 random bytes, the same in every process. ' +
      "Make one with: node -p \"require('node:crypto').randomBytes(32).toString('base64')\"",
  );
});
