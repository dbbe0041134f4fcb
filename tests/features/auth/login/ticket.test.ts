/** Tickets of mod_auth_tkt: the format, against vectors made elsewhere, and their life in a cookie. */
import { describe, expect, jest, test } from '@jest/globals';
import { Controller, Get, Post, reply, type Request } from 'obol';
import { logIn, loginOf, logins, logOut } from '../../../../src/features/auth/login/keeper.js';
import {
  ticketLogin,
  Tickets,
  type Ticket,
  type TicketDigest,
} from '../../../../src/features/auth/login/ticket.js';
import { start } from '../../../support/client.js';
import { developerError } from '../../../support/errors.js';

const SECRET = 'w b@5b15#664038f.f9d8U19b7e25 664eY9ad2%4393e,a2ef';
const OTHER = 'another secret of 32 bytes, or of even more';
const AT = 1_700_000_000;
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Worked out with Python's hashlib from the description of the format; Apache's module takes them. */
const VECTORS: [TicketDigest, string, string][] = [
  ['MD5', '1643c7aa64c23ea8407c7847f91f6c3e', '2874e038c0d36a7ee6be8a3ee1dd879b'],
  [
    'SHA256',
    '8ae7245566d203af1d5cb0a0718fc6b841e706fb077fc56af93aec9b92f3fd94',
    '8076857c89109ee67ab254fc3796fb7a1b66d7272cb7d6ae8e580bbe564a1176',
  ],
  [
    'SHA512',
    '0828bac1b77d66e904bedec0d9dfbd6d1f57163bbfc845b888c19f819e86a299e12328ce190a06010fd8208593d55d961d928f2e9b51d50a1bd67a8b22109d35',
    'bae995f6a7e760c01a9b1639817bb1a3d1afb87984f7a3793af0db8d7759c8d3ebb3d59fca98501a92274bc3d2734965cebe51f34bc998b33a4a2d37aaad0032',
  ],
];

describe.each(VECTORS)('%s', (digest, full, bare) => {
  const tickets = new Tickets([SECRET], digest);
  const cases: [string, Ticket][] = [
    [
      `${full}6553f100smith!admin,editor!some data`,
      { user: 'smith', at: AT, tokens: ['admin', 'editor'], data: 'some data' },
    ],
    [`${bare}6553f100smith!`, { user: 'smith', at: AT, tokens: [], data: '' }],
  ];

  test.each(cases)('%s is written and read', (text, ticket) => {
    expect(tickets.write(ticket)).toBe(text);
    expect(tickets.read(text)).toEqual({ ...ticket, isOldSecret: false });
  });

  test('no character can be changed', () => {
    const text = `${full}6553f100smith!admin,editor!some data`;
    for (let at = 0; at < text.length; at++) {
      const changed = text.slice(0, at) + (text[at] === '1' ? '2' : '1') + text.slice(at + 1);
      expect(tickets.read(changed)).toBeUndefined();
    }
  });

  test.each([
    '',
    '!',
    'x!',
    full,
    `${full}6553f100`,
    `${full}6553f100!`,
    `${full}6553f100smith`,
    `${full}6553f100a!b!c!d`,
  ])('%j is none', (text) => {
    expect(tickets.read(text)).toBeUndefined();
  });

  test('a ticket of 5,000 characters is none', () => {
    expect(
      tickets.read(tickets.write({ user: 'x'.repeat(5000), at: AT, tokens: [], data: '' })),
    ).toBeUndefined();
  });
});

test('a ticket that Apache 2.4.71 with mod_auth_tkt 2.3.99 has renewed is read', () => {
  const cookie =
    'NTY3YjcwZDZmMzdiODRhMTk4YmExNWJjMTAxODE5ZWFlZDhiN2U2M2ViZWQ4NTU5YzhkNDRhZjE5MjE2MWU5YjZiMDEzZGEyc20lQzMlQUR0aC7Fvm9m' +
    'aWUhYWRtaW4sZWRpdG9yIWRhdGE=';
  const text = Buffer.from(cookie, 'base64').toString();
  expect(new Tickets([SECRET], 'SHA256').read(text)).toEqual({
    user: 'sm%C3%ADth.žofie',
    at: 0x6b013da2,
    tokens: ['admin', 'editor'],
    data: 'data',
    isOldSecret: false,
  });
});

test('another digest or secret does not read it; an old secret does', () => {
  const ticket = { user: 'smith', at: AT, tokens: [], data: '' };
  const text = new Tickets([SECRET], 'SHA256').write(ticket);
  expect(new Tickets([SECRET], 'MD5').read(text)).toBeUndefined();
  expect(new Tickets([OTHER], 'SHA256').read(text)).toBeUndefined();
  expect(new Tickets([OTHER, SECRET], 'SHA256').read(text)).toEqual({ ...ticket, isOldSecret: true });
});

test.each([
  { user: '' },
  { user: 'a!b' },
  { user: 'a\nb' },
  { data: 'a!b' },
  { tokens: ['a!b'] },
  { tokens: ['a,b'] },
  { tokens: [''] },
])('a ticket cannot hold %j', (part) => {
  const ticket = { user: 'smith', at: AT, tokens: [], data: '', ...part };
  expect(() => new Tickets([SECRET], 'SHA256').write(ticket)).toThrow(
    developerError(
      'E_PASSWORD',
      'A ticket holds a user, tokens without commas, and data; none may have "!" or control characters in it.',
    ),
  );
});

test.each<[string, () => unknown, string]>([
  [
    'digest',
    () => new Tickets([SECRET], 'toString' as never),
    'Tickets.digest: "toString" is not "MD5" or "SHA256" or "SHA512".',
  ],
  [
    'secrets',
    () => new Tickets([], 'MD5'),
    'Tickets.secrets: it must be a list of at least one, such as [process.env.LOGIN_KEY].',
  ],
  [
    'secrets that are no list',
    () => new Tickets(SECRET as never, 'MD5'),
    'Tickets.secrets: it must be a list of at least one, such as [process.env.LOGIN_KEY].',
  ],
  [
    'timeout',
    () => ticketLogin({ secrets: [SECRET], timeout: 0 }),
    'ticketLogin.timeout: 0 is not a whole number of seconds, 1 or more.',
  ],
])('refuses the option %s', (_name, make, message) => {
  expect(make).toThrow(developerError('E_SETTING', message));
});

test('refuses a short secret without showing it', () => {
  expect(() => new Tickets(['hunter2'], 'MD5')).toThrow(
    /^Tickets\.secrets\[0\]: it must hold at least 32 random bytes/,
  );
});

describe('as a login', () => {
  @Controller()
  class Pages {
    @Get('/')
    index(req: Request) {
      return { user: req.user, groups: loginOf(req)?.groups };
    }
    @Post('/in')
    enter(req: Request) {
      logIn(req, { user: 'smith', groups: ['admin'] });
      return reply('', { status: 200 });
    }
    @Post('/out')
    leave(req: Request) {
      logOut(req);
      return '';
    }
  }
  const tickets = new Tickets([SECRET], 'SHA256');
  const now = () => Math.floor(Date.now() / 1000);
  const open = () => start(Pages, { features: [logins(ticketLogin({ secrets: [SECRET, OTHER] }))] });

  async function withTicket(text: string) {
    const { client } = await open();
    const response = await client.get('/', { headers: { Cookie: `auth_tkt=${text}` } });
    return { user: (await response.json<{ user: unknown }>()).user, set: response.headers.get('set-cookie') };
  }

  test('goes into a cookie, stays, and goes', async () => {
    const { client } = await open();
    const entered = await client.post('/in');
    expect(entered.headers.get('set-cookie')).toMatch(
      /^auth_tkt=[\w+/]+=*; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    const seen = await client.get('/');
    expect(await seen.json()).toEqual({ user: 'smith', groups: ['admin'] });
    expect([
      seen.headers.get('vary'),
      seen.headers.get('cache-control'),
      seen.headers.get('set-cookie'),
    ]).toEqual(['Cookie', 'private', undefined]);
    await client.post('/out');
    expect(await (await client.get('/')).json()).toEqual({ user: null });
  });

  test('is read in base64 and as it is', async () => {
    const text = tickets.write({ user: 'jones', at: now(), tokens: [], data: 'x' });
    expect((await withTicket(base64(text))).user).toBe('jones');
    expect((await withTicket(text)).user).toBe('jones');
  });

  test.each([
    ['is too old', 7200],
    ['comes from the future', -3600],
  ])('a ticket that %s is taken away', async (_why, age) => {
    const text = base64(tickets.write({ user: 'jones', at: now() - age, tokens: [], data: '' }));
    const { user, set } = await withTicket(text);
    expect(user).toBeNull();
    expect(set).toMatch(/^auth_tkt=; Max-Age=0; /);
  });

  test.each([
    ['is past the middle of its time', SECRET, 3700, true],
    ['is not', SECRET, 3500, false],
    ['was made with an old secret', OTHER, 0, true],
  ])('a ticket that %s is renewed: %s', async (_why, secret, age, expected) => {
    const made = new Tickets([secret], 'SHA256');
    const { user, set } = await withTicket(
      base64(made.write({ user: 'jones', at: now() - age, tokens: ['x'], data: '' })),
    );
    expect([user, set !== undefined]).toEqual(['jones', expected]);
    if (set === undefined) return;
    const renewed = tickets.read(Buffer.from(/=([^;]+)/.exec(set)?.[1] ?? '', 'base64').toString());
    expect(renewed).toMatchObject({ user: 'jones', tokens: ['x'] });
    expect(now() - (renewed?.at ?? 0)).toBeLessThanOrEqual(1);
  });

  test('is secure over HTTPS, under the same name', async () => {
    const { client } = await start(Pages, {
      features: [
        logins(ticketLogin({ secrets: [SECRET], cookie: { persistent: true, domain: 'example.org' } })),
      ],
      trustProxy: ['127.0.0.1'],
    });
    const response = await client.post('/in', { headers: { 'X-Forwarded-Proto': 'https' } });
    expect(response.headers.get('set-cookie')).toMatch(
      /^auth_tkt=[^;]+; Max-Age=7200; Domain=example\.org; Path=\/; Secure; HttpOnly; SameSite=Lax$/,
    );
  });

  test('the clock is asked each time', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'], now: 1e12 });
    try {
      const { client } = await open();
      await client.post('/in');
      jest.setSystemTime(1e12 + 7_199_000);
      expect(await (await client.get('/')).json()).toMatchObject({ user: 'smith' });
      jest.setSystemTime(1e12 + 2 * 7_199_000);
      expect(await (await client.get('/')).json()).toMatchObject({ user: 'smith' });
      jest.setSystemTime(1e12 + 4 * 7_199_000);
      expect(await (await client.get('/')).json()).toEqual({ user: null });
    } finally {
      jest.useRealTimers();
    }
  });
});
