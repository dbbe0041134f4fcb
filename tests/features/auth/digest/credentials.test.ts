/** Digest credentials out of a header: what is read, what counts as none, and what is malformed. */
import { describe, expect, test } from '@jest/globals';
import { Headers } from 'obol';
import { checkedHeaders } from '../../../../src/message/headers.js';
import { readCredentials } from '../../../../src/features/auth/digest/credentials.js';

const GOOD: Readonly<Record<string, string>> = {
  username: '"Mufasa"',
  realm: '"zone"',
  nonce: '"n"',
  uri: '"/"',
  cnonce: '"c"',
  nc: '0000000a',
  qop: 'auth',
  algorithm: 'MD5',
  response: '"00fF"',
};

function header(changes: Readonly<Record<string, string | undefined>> = {}): string {
  const parts = Object.entries({ ...GOOD, ...changes }).filter(([, value]) => value !== undefined);
  return `Digest ${parts.map(([name, value]) => `${name}=${String(value)}`).join(',')}`;
}

const read = (value: string): ReturnType<typeof readCredentials> =>
  readCredentials(new Headers({ Authorization: value }));
const utf8 = (text: string): string => Buffer.from(text).toString('latin1');
const malformed = expect.objectContaining({ status: 400 }) as unknown as Error;

test('reads every part', () => {
  expect(read(header())).toEqual({
    username: 'Mufasa',
    userhash: 'false',
    realm: 'zone',
    nonce: 'n',
    uri: '/',
    cnonce: 'c',
    nc: '0000000a',
    qop: 'auth',
    algorithm: 'MD5',
    response: '00fF',
    isAscii: true,
  });
});

describe('reads as well', () => {
  test.each([
    ['digest in lower case', header().replace('Digest', 'digest'), {}],
    ['no algorithm, which means MD5', header({ algorithm: undefined }), { algorithm: 'MD5' }],
    ['a quoted algorithm', header({ algorithm: '"SHA-256"' }), { algorithm: 'SHA-256' }],
    [
      'a quoted qop and count',
      header({ qop: '"auth-int"', nc: '"00000001"' }),
      { qop: 'auth-int', nc: '00000001' },
    ],
    ['escapes', header({ username: '"a\\"b\\\\c"' }), { username: 'a"b\\c' }],
    ['a comma and an equals sign in quotes', header({ username: '"a,b=c"' }), { username: 'a,b=c' }],
    ['bytes of UTF-8', header({ username: utf8('"Ondřej"') }), { username: 'Ondřej', isAscii: false }],
    ['NFD as NFC', header({ username: utf8('"Ondr\u030cej"') }), { username: 'Ondřej' }],
    ['username*', header({ username: undefined, 'username*': "UTF-8''Ond%C5%99ej" }), { username: 'Ondřej' }],
    [
      'username* with a language',
      header({ username: undefined, 'username*': "utf-8'cs'a-b" }),
      { username: 'a-b' },
    ],
    ['userhash', header({ userhash: 'true', username: '"AB"' }), { userhash: 'true', username: 'AB' }],
    ['userhash=false', header({ userhash: 'false' }), { userhash: 'false' }],
    ['a realm in UTF-8', header({ realm: utf8('"zóna"') }), { realm: 'zóna' }],
    ['parameters it does not know', header({ opaque: '"x"', 'auth-param': 'y' }), {}],
  ])('%s', (_name, value, expected) => {
    expect(read(value)).toEqual(expect.objectContaining({ username: 'Mufasa', ...expected }));
  });
});

describe('finds none in', () => {
  test.each([
    ['another scheme', 'Basic dXNlcjpsb29zZXI='],
    ['a scheme that begins so', 'Digestive username="a"'],
    ['the scheme alone', 'Digest'],
    ['a tab after the scheme', header().replace(' ', '\t')],
    ...['username', 'realm', 'nonce', 'uri', 'cnonce', 'nc', 'qop', 'response'].flatMap((name) => [
      [`one without ${name}`, header({ [name]: undefined })] as const,
      [`one with an empty ${name}`, header({ [name]: '""' })] as const,
    ]),
    ['both kinds of user name', header({ 'username*': "UTF-8''a" })],
    [
      'a hashed user name in username*',
      header({ username: undefined, 'username*': "UTF-8''ab", userhash: 'true' }),
    ],
    ['username* in another charset', header({ username: undefined, 'username*': "ISO-8859-1''a" })],
    ['username* with bad bytes', header({ username: undefined, 'username*': "UTF-8''%ff" })],
    ['username* with a bad escape', header({ username: undefined, 'username*': "UTF-8''%f" })],
    ['a user name that is no UTF-8', header({ username: '"\xff"' })],
    ['a realm that is no UTF-8', header({ realm: '"\xff"' })],
    ['userhash=maybe', header({ userhash: 'maybe' })],
    ['a count of 7 digits', header({ nc: '0000001' })],
    ['a count of 9 digits', header({ nc: '000000001' })],
    ['a count that is not hexadecimal', header({ nc: '0000000g' })],
    ['a response that is not hexadecimal', header({ response: '"0g"' })],
    ['a response with half a byte', header({ response: '"000"' })],
    ['an unknown qop', header({ qop: 'auth-conf' })],
    ['a qop in another case', header({ qop: 'AUTH' })],
  ])('%s', (_name, value) => {
    expect(read(value)).toBeUndefined();
  });

  test('no header', () => {
    expect(readCredentials(new Headers())).toBeUndefined();
  });
});

describe('takes as malformed', () => {
  const many = Array.from({ length: 12 }, (_, i): [string, string] => [`p${String(i)}`, '1']);
  test.each([
    ['an unterminated quote', 'Digest username="'],
    ['a token', 'Digest abc=='],
    ['a parameter twice', `${header()},nonce="n"`],
    ['a parameter twice in another case', `${header()},NONCE="n"`],
    ['21 parameters', header(Object.fromEntries<string>(many))],
    ['700 parameters', `Digest ${Array.from({ length: 700 }, (_, i) => `p${String(i)}=1`).join()}`],
    ['more than 4 KiB', header({ username: `"${'a'.repeat(4096)}"` })],
    ['a parameter without a value', `${header()},a=`],
    ['a parameter without a name', `${header()},=a`],
    ['text between', header({ qop: 'auth int' })],
  ])('%s', (_name, value) => {
    expect(() => read(value)).toThrow(malformed);
  });

  test('two headers', () => {
    const headers = checkedHeaders(['Authorization', header(), 'Authorization', header()]);
    expect(() => readCredentials(headers)).toThrow(malformed);
  });

  test('but not 20 parameters', () => {
    expect(read(header(Object.fromEntries<string>(many.slice(1))))).toBeDefined();
  });
});
