/** Slow hashes of passwords: the text they are kept as, what they cost, and what is no password or no hash. */
import * as crypto from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { hashPassword, isOutdated, verifyPassword } from 'obol/auth';
import { isCheckable, standInHash } from '../../../../src/features/auth/passwords/password-hash.js';
import { parsePhc, phcText } from '../../../../src/features/auth/passwords/phc-string.js';
import { developerError } from '../../../support/errors.js';
import { expectWithin } from '../../../support/timing.js';

const HAS_ARGON2 = 'argon2' in crypto;
const SCRYPT = { algorithm: 'scrypt' } as const;
const FAST = phc('correct horse', 4, 1, 1);

function phc(password: string, ln: number, r: number, p: number): string {
  const salt = Buffer.alloc(16, 5);
  const tag = crypto.scryptSync(password, salt, 32, { N: 2 ** ln, r, p });
  return phcText({ algorithm: 'scrypt', parameters: { ln, r, p }, salt, tag });
}

test('scrypt costs what it should today, and two hashes of one password differ', async () => {
  const [one, two] = await Promise.all([hashPassword('secret', SCRYPT), hashPassword('secret', SCRYPT)]);
  expect(one).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z\d+/]{22}\$[A-Za-z\d+/]{43}$/);
  expect(one).not.toBe(two);
  expect(await verifyPassword('secret', one)).toBe(true);
  expect(await verifyPassword('Secret', one)).toBe(false);
  expect(isOutdated(one, SCRYPT)).toBe(false);
});

test('the vector of RFC 7914 with N = 2^14, r = 8, p = 1', async () => {
  const salt = Buffer.from('SodiumChloride').toString('base64').replace(/=+$/, '');
  const tag = Buffer.from(
    '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2' +
      'd5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887',
    'hex',
  );
  const text = `$scrypt$ln=14,r=8,p=1$${salt}$${tag.toString('base64').replace(/=+$/, '')}`;
  expect(await verifyPassword('pleaseletmein', text)).toBe(true);
  expect(isOutdated(text, SCRYPT)).toBe(true);
});

(HAS_ARGON2 ? test : test.skip)(
  'argon2id costs what it should today, and is what comes without asking',
  async () => {
    const text = await hashPassword('secret');
    expect(text).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z\d+/]{22}\$[A-Za-z\d+/]{43}$/);
    expect(await verifyPassword('secret', text)).toBe(true);
    expect(await verifyPassword('other', text)).toBe(false);
    expect([isOutdated(text), isOutdated(FAST)]).toEqual([false, true]);
  },
);

(HAS_ARGON2 ? test.skip : test)(
  'without argon2id scrypt comes without asking, and argon2id is refused',
  async () => {
    expect(await hashPassword('secret')).toMatch(/^\$scrypt\$/);
    await expect(hashPassword('secret', { algorithm: 'argon2id' })).rejects.toThrow(
      developerError('E_SETTING', 'algorithm: this Node has no argon2id; use scrypt, or Node 24.7 or later.'),
    );
    const foreign = `$argon2id$v=19$m=19456,t=2,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`;
    expect([isCheckable(foreign), await verifyPassword('x', foreign)]).toEqual([false, false]);
  },
);

test('passwords are compared in NFC', async () => {
  const text = phc('heslíčko', 4, 1, 1);
  expect(await verifyPassword('heslíčko'.normalize('NFD'), text)).toBe(true);
});

test.each(['', 'x'.repeat(1025), 'é'.repeat(513)])('a password may not be %j', async (password) => {
  await expect(hashPassword(password)).rejects.toThrow(
    developerError('E_PASSWORD', 'A password has 1 to 1024 bytes.'),
  );
});

test('a password of more than 1,024 bytes is never right', async () => {
  const long = 'x'.repeat(1025);
  expect(await verifyPassword(long, phc(long, 4, 1, 1))).toBe(false);
  expect(await verifyPassword(long.slice(1), phc(long.slice(1), 4, 1, 1))).toBe(true);
});

test('a stand-in is a hash that looks like any other and that no password gives', async () => {
  const standIn = standInHash(SCRYPT);
  expect(standIn).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z\d+/]{22}\$[A-Za-z\d+/]{43}$/);
  expect(isOutdated(standIn, SCRYPT)).toBe(false);
});

describe('a PHC string', () => {
  const salt = 'A'.repeat(22);
  const tag = 'A'.repeat(43);

  test.each([
    `$scrypt$ln=1,r=1,p=1$${salt}$${tag}`,
    `$scrypt$ln=17,r=8,p=1$${salt}$${tag}`,
    `$scrypt$ln=20,r=8,p=1$${salt}$${tag}`,
    `$argon2id$v=19$m=8,t=1,p=1$${salt}$${tag}`,
    `$argon2id$v=19$m=1048576,t=99,p=4$${salt}$${tag}`,
  ])('%s is read and written the same', (text) => {
    const hash = parsePhc(text);
    expect(hash && phcText(hash)).toBe(text);
  });

  test.each([
    '',
    'secret',
    `$scrypt$ln=0,r=1,p=1$${salt}$${tag}`,
    `$scrypt$ln=15,r=0,p=1$${salt}$${tag}`,
    `$scrypt$ln=15,r=8,p=0$${salt}$${tag}`,
    `$scrypt$ln=20,r=8,p=2$${salt}$${tag}`,
    `$scrypt$ln=99,r=8,p=1$${salt}$${tag}`,
    `$scrypt$ln=100,r=8,p=1$${salt}$${tag}`,
    `$scrypt$r=8,ln=15,p=1$${salt}$${tag}`,
    `$scrypt$ln=15,r=8,p=1$${salt}$`,
    `$scrypt$ln=15,r=8,p=1$${salt}$${tag}=`,
    `$scrypt$ln=15,r=8,p=1$${salt}$${tag}$`,
    `$scrypt$ln=15,r=8,p=1$$${tag}`,
    `$scrypt$ln=15,r=8,p=1$${salt}$${'-'.repeat(43)}`,
    `$scrypt$ln=15,r=8,p=1$${salt}$${tag}\n`,
    `$argon2id$v=16$m=19456,t=2,p=1$${salt}$${tag}`,
    `$argon2id$v=19$m=7,t=2,p=1$${salt}$${tag}`,
    `$argon2id$v=19$m=19456,t=0,p=1$${salt}$${tag}`,
    `$argon2id$v=19$m=19456,t=2,p=0$${salt}$${tag}`,
    `$argon2id$v=19$m=1048577,t=2,p=1$${salt}$${tag}`,
    `$argon2i$v=19$m=19456,t=2,p=1$${salt}$${tag}`,
    `$2b$10$${'a'.repeat(53)}`,
  ])('%j is none', async (text) => {
    expect(parsePhc(text)).toBeUndefined();
    expect(await verifyPassword('x', text)).toBe(false);
    expect(isOutdated(text)).toBe(true);
  });

  test('a long one is read in linear time', () => {
    expectWithin(50, () => parsePhc(`$scrypt$ln=15,r=8,p=1$${'A'.repeat(1_000_000)}`));
  });
});
