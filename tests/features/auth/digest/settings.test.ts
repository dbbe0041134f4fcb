/** Settings of digest authentication that cannot be, each told at once and without the secret. */
import { describe, expect, test } from '@jest/globals';
import { digest, PasswordMap, type DigestOptions } from 'obol/auth';
import { PasswordHashMap } from '../../../../src/features/auth/passwords/password-hash-map.js';
import { developerError } from '../../../support/errors.js';

const SECRET = 'a secret key of thirty-two bytes, and more';
const authMap = new PasswordMap();
const KEY_MESSAGE =
  'digest.secretKey: it must hold at least 32 random bytes, the same in every process. ' +
  "Make one with: node -p \"require('node:crypto').randomBytes(32).toString('base64')\"";

const KNOWN = '"MD5" or "MD5-sess" or "SHA-256" or "SHA-256-sess" or "SHA-512-256" or "SHA-512-256-sess"';

describe('refuses', () => {
  test.each([
    ['a short secret', { secretKey: 'x'.repeat(31) }, KEY_MESSAGE],
    ['a secret of 31 bytes', { secretKey: Buffer.from(SECRET).subarray(0, 31) }, KEY_MESSAGE],
    ['a secret that is always the same byte', { secretKey: Buffer.alloc(64, 7) }, KEY_MESSAGE],
    ['a secret of few different characters', { secretKey: 'abcdefg'.repeat(10) }, KEY_MESSAGE],
    ['no secret', { secretKey: undefined }, KEY_MESSAGE],
    ['a number as secret', { secretKey: 42 }, KEY_MESSAGE],
    ['another type', { authType: 'Basic' }, 'digest.authType: "Basic" is not "Digest".'],
    [
      'an unknown algorithm',
      { authAlgorithm: 'SHA-265' },
      `digest.authAlgorithm: "SHA-265" is not ${KNOWN}. Did you mean "SHA-256"?`,
    ],
    [
      'no algorithm',
      { authAlgorithm: [] },
      'digest.authAlgorithm: there is none; give an algorithm, such as "SHA-256".',
    ],
    [
      'two functions whose hashes look alike',
      { authAlgorithm: ['SHA-256', 'SHA-512-256-sess'] },
      'digest.authAlgorithm: in a password file, hashes of SHA-256 and of SHA-512-256 look alike; offer one of the two.',
    ],
    ['no qop', { authQop: '' }, 'digest.authQop: "" is not "auth" or "auth-int".'],
    ['an empty list of qop', { authQop: [] }, 'digest.authQop: there is none; give "auth" or "auth-int".'],
    [
      'an unknown qop',
      { authQop: ['auth', 'auth-conf'] },
      'digest.authQop[1]: "auth-conf" is not "auth" or "auth-int". Did you mean "auth-int"?',
    ],
    ['no time', { authTimeout: 0 }, 'digest.authTimeout: 0 is not a whole number of seconds, 1 or more.'],
    [
      'half a second',
      { authTimeout: 0.5 },
      'digest.authTimeout: 0.5 is not a whole number of seconds, 1 or more.',
    ],
    [
      'for ever',
      { authTimeout: Infinity },
      'digest.authTimeout: Infinity is not a whole number of seconds, 1 or more.',
    ],
    [
      'no map',
      { authMap: undefined },
      'digest.authMap: undefined has no method find(); give a PasswordMap, or what can find(realm, user, hash).',
    ],
    [
      'passwords for Basic',
      { authMap: new PasswordHashMap() },
      'digest.authMap: a PasswordHashMap is for Basic authentication and forms; digest needs the hashes of a PasswordMap.',
    ],
    [
      'userhash with a map that cannot look one up',
      { authMap: { find: () => undefined }, authUserhash: true },
      'digest.authUserhash: authMap has no method findHashed(realm, userhash, hash), as a PasswordMap has.',
    ],
  ])('%s', (_name, wrong, message) => {
    const options = { secretKey: SECRET, authMap, ...wrong } as DigestOptions;
    expect(() => digest(options)).toThrow(developerError('E_SETTING', message));
  });
});

describe('takes', () => {
  test.each([
    ['the least', {}],
    ['bytes as secret', { secretKey: Buffer.from(SECRET) }],
    ['Digest as type', { authType: 'Digest' }],
    ['algorithms in another case', { authAlgorithm: ['sha-256', 'md5-SESS'] }],
    ['one function with and without sessions', { authAlgorithm: ['SHA-256', 'SHA-256-sess', 'MD5'] }],
    ['a map of anybody', { authMap: { find: () => undefined } }],
  ])('%s', (_name, options) => {
    const feature = digest({ secretKey: SECRET, authMap, ...options } as DigestOptions);
    expect(feature.middleware).toHaveLength(1);
  });
});
