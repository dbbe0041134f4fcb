/** Flaws that readers and writers of cookies were known for, and the right answer to each: rows C1 to C10. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Response } from 'obol';
import { cookieLogin, ticketLogin } from 'obol/auth';
import { sessions } from 'obol/session';
import { parseCookies } from '../../src/http/cookie.js';
import { serializeCookie, type CookieOptions } from '../../src/http/set-cookie.js';
import { CookieJar } from '../../src/hosts/testing/cookie-jar.js';
import { expectWithin } from '../support/timing.js';
import { echo, type Echo } from './echo-server.js';

let server: Echo;

beforeAll(async () => {
  server = await echo();
});

afterAll(() => server.close());

/** The cookies that the server found, or the status that refuses them. */
async function seen(header: string): Promise<unknown> {
  const { status, text } = await server.send(`GET /cookies HTTP/1.1\r\nHost: a\r\nCookie: ${header}\r\n\r\n`);
  return status === 200 ? JSON.parse(text) : status;
}

const refused = expect.objectContaining({ code: 'E_COOKIE' }) as unknown as Error;
const CONTROLS = Array.from({ length: 33 }, (_, code) => String.fromCharCode(code === 32 ? 127 : code));

test.each([
  'userName=<script>alert(1)</script>; Max-Age=2592000; a',
  'a=b',
  'a;b',
  'a b',
  'a,b',
  'a"b',
  'a\\b',
  'a/b',
  'a(b)',
  'a@b',
  'é',
  '',
])('C1 refuses the name %j', (name) => {
  expect(() => serializeCookie(name, 'v')).toThrow(refused);
});

describe('C1, C2 refuses attributes that hold others', () => {
  const values = [
    '/; HttpOnly',
    '/;',
    '/\r\nSet-Cookie: a=b',
    '/\n',
    '/\r',
    '/\0',
    '/\x7f',
    '/é',
    '/'.repeat(1025),
  ];
  const cases = values.flatMap((value): CookieOptions[] => [
    { path: value },
    { domain: value.slice(1) || ';' },
  ]);
  test.each(cases)('%j', (options) => {
    if (options.domain?.length === 1024) return;
    expect(() => serializeCookie('a', 'v', options)).toThrow(refused);
  });

  test.each([
    { sameSite: 'Lax; Domain=x' },
    { maxAge: '1; Domain=x' },
    { maxAge: NaN },
    { maxAge: Infinity },
    { expires: new Date(NaN) },
  ] as unknown as CookieOptions[])('%j', (options) => {
    expect(() => serializeCookie('a', 'v', options)).toThrow(refused);
  });
});

describe('C1, C2, C3 refused by whoever sets a cookie, as soon as it is told of it:', () => {
  const key = 'p0 V7*rQ2!mZ8^xK4&wB6#nJ1@cF5%tH9';
  const makers: [string, (name: string, options: CookieOptions) => unknown][] = [
    ['a response', (name, options) => new Response('').setCookie(name, 'v', options)],
    ['sessions', (name, options) => sessions({ keys: [key], cookie: { name, ...options } })],
    ['cookieLogin', (name, options) => cookieLogin({ keys: [key], cookie: { name, ...options } as object })],
    [
      'ticketLogin',
      (name, options) => ticketLogin({ secrets: [key], cookie: { name, ...options } as object }),
    ],
  ];
  const wrong: [string, CookieOptions][] = [
    ['a; Max-Age=1', {}],
    ['a=b', {}],
    ['a b', {}],
    ['a\r\nSet-Cookie: b', {}],
    ['a\0', {}],
    ['é', {}],
    ['', {}],
    ['a', { path: '/; HttpOnly' }],
    ['a', { path: '/\r\nSet-Cookie: a=b' }],
    ['a', { path: `/${'x'.repeat(1024)}` }],
    ['a', { domain: 'example.org; Secure' }],
    ['a', { domain: 'example.org\nSet-Cookie: a=b' }],
    ['a', { domain: 'example.org\0' }],
    ['a', { sameSite: 'Lax; Domain=x' as never }],
  ];
  /** Names that promise what these cookies do not keep. */
  const broken: [string, CookieOptions][] = [
    ['__Host-a', { path: '/x', secure: true }],
    ['__Host-a', { domain: 'example.org', secure: true }],
    ['__host-A', { secure: false }],
    ['__Secure-a', { secure: false }],
    ['__SECURE-a', {}],
  ];

  test.each(
    makers.flatMap(([maker, make]) => wrong.map(([name, options]) => [maker, name, options, make] as const)),
  )('%s, %j with %j', (_maker, name, options, make) => {
    expect(() => make(name, options)).toThrow(refused);
  });

  test.each(
    makers
      .slice(0, 2)
      .flatMap(([maker, make]) => broken.map(([name, options]) => [maker, name, options, make] as const)),
  )('%s, %s with %j', (_maker, name, options, make) => {
    expect(() => make(name, options)).toThrow(refused);
  });

  test.each(makers)('%s takes a good one', (_maker, make) => {
    expect(() => make('a', { path: '/', sameSite: 'Strict' })).not.toThrow();
  });
});

test.each(CONTROLS)('C3 refuses a name with the control character %j', (control) => {
  for (const name of [control, `a${control}`, `${control}a`, `a${control}b`])
    expect(() => serializeCookie(name, 'v')).toThrow(refused);
});

test.each([...CONTROLS, ';', ',', '"', '\\', ' ', '%', '\u0085', '\u2028', '😀', '\ud800'])(
  'C4 a value with %j is encoded',
  (text) => {
    const [pair = '', ...attributes] = serializeCookie('a', `x${text}y`).split('; ');
    expect(pair).toMatch(/^a=x(?:%[0-9A-F]{2})+y$/);
    expect(attributes).toEqual(['Path=/', 'HttpOnly', 'SameSite=Lax']);
    expect(decodeURIComponent(pair.slice(2))).toBe(`x${text.toWellFormed()}y`);
  },
);

test.each(['__proto__', 'constructor', 'toString'])(
  'C5 the jar of a client keeps %s as plain data',
  (name) => {
    const jar = new CookieJar();
    jar.store([`${name}=1; Path=/`, 'b=2']);
    expect(jar.get(name)).toBe('1');
    expect(Object.entries(jar.toObject())).toEqual([[name, '1'], ['b', '2']]); // prettier-ignore
    expect(({} as Record<string, unknown>)['1']).toBeUndefined();
  },
);

test.each(['"', '\\', '\\"', '"\\', '\\\\"', '=', ' ', '\t', 'a="', '; ', ' ;', 'a=b', '"\\012'])(
  'C6 reads 8 KiB of %j in linear time',
  (text) => {
    const header = `a="${text.repeat(8192)}`.slice(0, 8192);
    expectWithin(5, () => {
      try {
        parseCookies(header);
      } catch {
        // Too many pairs is an answer as well.
      }
    });
  },
);

describe('C7 counts pairs', () => {
  test.each([
    ['100', 'a=1;'.repeat(100), [['a', '1']]],
    ['101', 'a=1;'.repeat(101), 431],
    ['101 without a value', 'a=;'.repeat(101), 431],
    ['101 without a name', '=a;'.repeat(101), 431],
    ['101 empty ones', ';'.repeat(101), 431],
    ['8 KiB', `a=${'x'.repeat(8190)}`, [['a', 'x'.repeat(8190)]]],
    ['8 KiB and one byte', `a=${'x'.repeat(8191)}`, 431],
    ['10,000', 'a=;'.repeat(10_000), 431],
  ])('%s', async (_name, header, expected) => {
    expect(await seen(header)).toEqual(expected);
  });

  test('pairs of several headers together', async () => {
    const half = 'a=1; '.repeat(60);
    expect(await seen(`${half}\r\nCookie: ${half}`)).toBe(431);
  });
});

test.each([
  '=__Host-x=bad',
  ' =__Host-x=bad',
  '=__Secure-x=bad',
  '==__Host-x=bad',
  '=',
  ' = ',
  '__Host-x',
  '__Host-x; ',
])('C8 the nameless pair %j is dropped', async (pair) => {
  expect(await seen(`${pair}; a=1`)).toEqual([['a', '1']]);
  expect(await seen(`a=1; ${pair}`)).toEqual([['a', '1']]);
});

test.each(['__proto__', 'constructor', 'hasOwnProperty', '__defineSetter__'])(
  'C9 a cookie named %s overrides no other',
  async (name) => {
    expect(await seen(`session=1; ${name}={"session":"2"}; b=3`)).toEqual([
      ['session', '1'],
      [name, '{"session":"2"}'],
      ['b', '3'],
    ]);
  },
);

test.each([
  ['a=%zz', [['a', '%zz']]],
  ['a=%', [['a', '%']]],
  ['a=%41%e0%a4%a', [['a', '%41%e0%a4%a']]],
  ['%61=1', [['%61', '1']]],
  ['a=1; a=2; a=3', [['a', '1']]],
  ['a=; a=2', [['a', '']]],
  ['a="1"', [['a', '1']]],
  ['a="1', [['a', '"1']]],
  ['a=1"', [['a', '1"']]],
  ['a="', [['a', '"']]],
  ['a=""', [['a', '']]],
  ['a=" 1 "', [['a', ' 1 ']]],
  ['a=""1""', [['a', '"1"']]],
  ["a='1'", [['a', "'1'"]]],
  ['a="1\\"2"', [['a', '1\\"2']]],
])('C10 %j is read as %j', async (header, expected) => {
  expect(await seen(header)).toEqual(expected);
});
