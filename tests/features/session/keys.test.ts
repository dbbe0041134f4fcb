/** The keys of sessions: which are taken, and which are too weak. */
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { sessions, type SessionKey } from 'obol/session';
import { sessionKeys } from '../../../src/features/session/keys.js';
import { developerError } from '../../support/errors.js';
import { KEY, OTHER_KEY, randomKey } from './site.js';

const HOW = `Make one with: node -p "crypto.randomBytes(32).toString('hex')"`;
const MISSING = `${HOW}, keep it outside of the code, and give it as OBOL_SECRET_KEY, or as keys: [process.env.SESSION_KEY].`;

test.each<[string, (SessionKey | undefined)[], string]>([
  ['no keys', [], `Session key 1 is missing. ${MISSING}`],
  ['a variable that is not set', [undefined], `Session key 1 is missing. ${MISSING}`],
  ['an empty key', [''], `Session key 1 is empty. ${MISSING}`],
  ['an old key alone', [undefined, KEY], `Session key 1 is missing. ${MISSING}`],
  ['31 bytes', [KEY.subarray(1)], `Session key 1 has 31 bytes; 32 are the least. ${HOW}`],
  [
    '31 bytes in hexadecimal',
    [KEY.toString('hex').slice(2)],
    `Session key 1 has 31 bytes; 32 are the least. ${HOW}`,
  ],
  [
    '31 characters',
    ['an otherwise fine passphrase, b'],
    `Session key 1 has 31 bytes; 32 are the least. ${HOW}`,
  ],
  ['a bad second key', [KEY, 'short'], `Session key 2 has 5 bytes; 32 are the least. ${HOW}`],
  ['one byte over and over', [Buffer.alloc(32, 7)], `Session key 1 can be guessed. ${HOW}`],
  ['one character over and over', ['xy'.repeat(32)], `Session key 1 can be guessed. ${HOW}`],
  ['one digit over and over', ['0'.repeat(64)], `Session key 1 can be guessed. ${HOW}`],
  ['an example', ['your-secret-key-at-least-32-characters'], `Session key 1 can be guessed. ${HOW}`],
  ['another', ['Please change this session secret in production!'], `Session key 1 can be guessed. ${HOW}`],
  [
    'digits in order',
    ['1234567890-1234567890-1234567890-1234567890'],
    `Session key 1 can be guessed. ${HOW}`,
  ],
  [
    'the same twice',
    [KEY, KEY],
    'Session key 2 is one of those before it. Leave it out, or give the old key in its place.',
  ],
  ['something else', [32 as unknown as string], 'Session key 1 is neither text nor bytes.'],
])('refuses %s', (_name, keys, message) => {
  expect(() => sessions({ keys })).toThrow(developerError('E_SESSION_KEY', message));
});

test.each<[string, SessionKey]>([
  ['32 bytes', KEY],
  ['64 bytes', Buffer.concat([KEY, OTHER_KEY])],
  ['hexadecimal', KEY.toString('hex')],
  ['base64', KEY.toString('base64')],
  ['a passphrase', 'correct horse battery staple, and a goat'],
])('takes %s', (_name, key) => {
  expect(sessionKeys([key]).first.id).toMatch(/^[\da-f]{8}$/);
});

describe('a ring', () => {
  test('uses the first and finds them all by their public names', () => {
    const ring = sessionKeys([KEY, undefined, '', OTHER_KEY]);
    const other = sessionKeys([OTHER_KEY]).first;
    expect(ring.first.id).toBe(sessionKeys([KEY]).first.id);
    expect(ring.find(other.id)?.derive('a')).toEqual(other.derive('a'));
    expect(ring.find(sessionKeys([randomKey()]).first.id)).toBeUndefined();
  });

  test('gives text in hexadecimal and its bytes the same key', () => {
    expect(sessionKeys([KEY.toString('hex')]).first.id).toBe(sessionKeys([KEY]).first.id);
  });

  test('tells nothing of the keys in their names, or when it is shown', () => {
    const ring = sessionKeys([KEY]);
    expect(KEY.toString('hex')).not.toContain(ring.first.id);
    expect(inspect(ring, { depth: Infinity, showHidden: true })).not.toMatch(/8c0f4a5b|8c 0f 4a/);
  });
});
