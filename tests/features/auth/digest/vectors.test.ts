/** The examples of RFC 7616 and RFC 2617, one by one, with the erratum to the first. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { hexdigest } from 'obol/auth';
import { ALGORITHMS, userhashOf, type DigestHash } from '../../../../src/features/auth/digest/algorithm.js';
import { Proofs, type ClientParts, type ServerParts } from '../../../../src/features/auth/digest/proofs.js';

type Parts = ClientParts & ServerParts;

function responseOf(ha1: string, algorithm: string, parts: Parts): string {
  const known = ALGORITHMS.get(algorithm.toLowerCase());
  if (!known) throw new Error(algorithm);
  return new Proofs(known).of(ha1, parts, parts).response;
}

const MUFASA = {
  method: 'GET',
  uri: '/dir/index.html',
  nc: '00000001',
  qop: 'auth',
  isAscii: true,
  nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
  cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
} as const;

describe('RFC 7616 3.9.1', () => {
  test.each([
    ['MD5', '3d78807defe7de2157e2b0b6573a855f', '8ca523f5e9506fed4657c9700eebdbec'],
    [
      'SHA-256',
      '7987c64c30e25f1b74be53f966b49b90f2808aa92faf9a00262392d7b4794232',
      '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
    ],
  ] as const)('%s gives the values printed', (hash, ha1, response) => {
    expect(hexdigest('Mufasa', 'http-auth@example.org', 'Circle of Life', hash)).toBe(ha1);
    expect(responseOf(ha1, hash, MUFASA)).toBe(response);
  });

  test.each([
    ['MD5', 'MD5-sess', 'e783283f46242139c486a698fec7211d'],
    ['SHA-256', 'SHA-256-sess', '2fd51b3a77ad75bad6afad6003e818d767133c46d9e2749e7f5232ae1ea3efd7'],
  ] as const)('with a key for the session, %s gives what we have always got', (hash, algorithm, response) => {
    const ha1 = hexdigest('Mufasa', 'http-auth@example.org', 'Circle of Life', hash);
    expect(responseOf(ha1, algorithm, MUFASA)).toBe(response);
  });
});

describe('RFC 7616 3.9.2, SHA-512-256 with userhash and UTF-8', () => {
  const user = 'J\u00e4s\u00f8n Doe';
  const realm = 'api@example.org';
  const password = 'Secret, or not?';
  const doe = {
    ...MUFASA,
    uri: '/doe.json',
    nonce: '5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK',
    cnonce: 'NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v',
  };

  test('gives the values of erratum 4897', () => {
    expect(userhashOf(user, realm, 'SHA-512-256')).toBe(
      '793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b',
    );
    expect(responseOf(hexdigest(user, realm, password, 'SHA-512-256'), 'SHA-512-256', doe)).toBe(
      '3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5',
    );
  });

  test('and not those printed, which are of a SHA-512 cut short', () => {
    const cut = (text: string): string => createHash('sha512').update(text).digest('hex').slice(0, 64);
    expect(cut(`${user}:${realm}`)).toMatch(/^488869.*54ec$/);
    expect(userhashOf(user, realm, 'SHA-512-256')).not.toBe(cut(`${user}:${realm}`));
    const response = responseOf(hexdigest(user, realm, password, 'SHA-512-256'), 'SHA-512-256', doe);
    expect(response).not.toMatch(/^ae66e6.*79dd$/);
  });
});

test('RFC 2617 3.5', () => {
  const ha1 = hexdigest('Mufasa', 'testrealm@host.com', 'Circle Of Life');
  expect(ha1).toBe('939e7578ed9e3c518a452acee763bce9');
  const parts = { ...MUFASA, nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093', cnonce: '0a4f113b' };
  expect(responseOf(ha1, 'MD5', parts)).toBe('6629fae49393a05397450978507c4ef1');
});

test.each(['MD5', 'SHA-256', 'SHA-512-256'] as const)(
  '%s hashes names and passwords in NFC',
  (hash: DigestHash) => {
    const composed = ['Ond\u0159ej', 'z\u00f3na', 'hesl\u00ed\u010dko'] as const;
    const decomposed = composed.map((text) => text.normalize('NFD')) as [string, string, string];
    expect(decomposed).not.toEqual(composed);
    expect(hexdigest(...decomposed, hash)).toBe(hexdigest(...composed, hash));
    expect(userhashOf(decomposed[0], decomposed[1], hash)).toBe(userhashOf(composed[0], composed[1], hash));
  },
);

test('auth-int hashes the body, too', () => {
  const hash = (text: string): string => createHash('md5').update(text).digest('hex');
  const ha1 = hexdigest('a', 'b', 'c');
  const parts = { ...MUFASA, method: 'PUT', qop: 'auth-int', bodyHash: hash('body') } as const;
  const ha2 = hash(`PUT:/dir/index.html:${hash('body')}`);
  expect(responseOf(ha1, 'MD5', parts)).toBe(
    hash(`${ha1}:${MUFASA.nonce}:00000001:${MUFASA.cnonce}:auth-int:${ha2}`),
  );
});

test.each(['uri', 'nonce', 'cnonce'] as const)(
  'characters beyond ASCII in %s are hashed as the bytes that came',
  (name) => {
    const hash = (text: string): string => createHash('sha256').update(text, 'latin1').digest('hex');
    const parts = { ...MUFASA, [name]: '\xc5\x99', isAscii: false };
    const { uri, nonce, cnonce } = parts;
    expect(responseOf('ab', 'SHA-256', parts)).toBe(
      hash(`ab:${nonce}:00000001:${cnonce}:auth:${hash(`GET:${uri}`)}`),
    );
  },
);

test('gives the same for a target of long ago, for another, and for one with a body', () => {
  const md5 = ALGORITHMS.get('md5');
  if (!md5) throw new Error('no MD5');
  const proofs = new Proofs(md5);
  const asked = Array.from({ length: 1100 }, (_, i) => ({ ...MUFASA, uri: `/${i % 1001}` }));
  const protectedToo = { ...MUFASA, uri: '/1', qop: 'auth-int', bodyHash: 'ab' } as const;
  for (const parts of [...asked, protectedToo, ...asked.slice(0, 2), { ...MUFASA, uri: '/1', method: 'PUT' }])
    expect(proofs.of('ab', parts, parts)).toEqual(new Proofs(md5).of('ab', parts, parts));
});
