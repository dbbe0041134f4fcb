/** Single sign-on by CAS: the XML it is told in, and what becomes of tickets and log-outs. */
import { describe, expect, jest, test } from '@jest/globals';
import { Controller, Get, Response } from 'obol';
import { CasTestServer } from 'obol/testing';
import type { CasOptions } from '../../../src/features/sso/cas-login.js';
import { readLogoutRequest, readServiceResponse } from '../../../src/features/sso/cas-response.js';
import { validateTicket } from '../../../src/features/sso/cas-server.js';
import { CasTickets } from '../../../src/features/sso/cas-tickets.js';
import { casLogin, CheckCasLogin } from '../../../src/features/sso/check-cas-login.js';
import { parseXml } from '../../../src/features/sso/xml.js';
import { html, open, options, Pages, ticketPath } from '../../support/cas-world.js';
import { start } from '../../support/client.js';
import { developerError } from '../../support/errors.js';
import { problemsOf } from '../../support/problems.js';
import { expectWithin } from '../../support/timing.js';
import { bytesKeptBy, cutOut } from '../../support/memory.js';

const success = (inner: string): string =>
  `<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas"><cas:authenticationSuccess>${inner}</cas:authenticationSuccess></cas:serviceResponse>`;

describe('the answer of a CAS server', () => {
  test('says who it is, and what is known of him', () => {
    const xml = `<?xml version="1.0" encoding="UTF-8"?>
      <cas:serviceResponse xmlns:cas='http://www.yale.edu/tp/cas'>
        <!-- a comment -->
        <cas:authenticationSuccess>
          <cas:user> smith </cas:user>
          <cas:attributes><cas:group>a &amp; b</cas:group><cas:group><![CDATA[<c>]]></cas:group><cas:mail/></cas:attributes>
        </cas:authenticationSuccess>
      </cas:serviceResponse>`;
    expect(readServiceResponse(xml)).toEqual({
      user: 'smith',
      attributes: new Map([
        ['group', ['a & b', '<c>']],
        ['mail', ['']],
      ]),
    });
  });

  test.each([
    ['&lt;&gt;&amp;&quot;&apos;', `<>&"'`],
    ['&#233;&#xe9;&#x1F600;', 'éé😀'],
    ['ž<!-- x -->ofie', 'žofie'],
    ['__proto__', '__proto__'],
  ])('%s is the user %s', (text, user) => {
    expect(readServiceResponse(success(`<cas:user>${text}</cas:user>`))).toEqual({
      user,
      attributes: new Map(),
    });
  });

  test('may be a failure', () => {
    const xml =
      '<serviceResponse><authenticationFailure code="INVALID_TICKET">no</authenticationFailure></serviceResponse>';
    expect(readServiceResponse(xml)).toEqual({ failure: 'INVALID_TICKET' });
  });

  const user = '<cas:user>a</cas:user>';
  test.each([
    ['nothing', ''],
    ['text', 'yes\nsmith\n'],
    ['HTML', '<!doctype html><html></html>'],
    ['a document type', `<!DOCTYPE x [<!ENTITY a "b">]>${success(user)}`],
    ['an entity of its own', success('<cas:user>&a;</cas:user>')],
    ['an entity without an end', success('<cas:user>a & b</cas:user>')],
    ['a number that is no character', success('<cas:user>&#0;</cas:user>')],
    ['half a surrogate pair', success('<cas:user>&#xd800;</cas:user>')],
    ['a processing instruction', success(`<?php x ?>${user}`)],
    ['another root', `<a>${user}</a>`],
    ['two roots', success(user) + success(user)],
    ['text around it', `x${success(user)}`],
    ['two answers', success(user).replace('</cas:serviceResponse>', '<cas:x/></cas:serviceResponse>')],
    ['two users', success(user + user)],
    ['an empty user', success('<cas:user/>')],
    ['elements in the user beside text', success('<cas:user>a<cas:b/></cas:user>')],
    ['no end', success(user).slice(0, -1)],
    ['tags that cross', '<a><b></a></b>'],
    ['an end too many', `${success(user)}</a>`],
    ['an attribute twice', success(user).replace('<cas:user>', '<cas:user a="1" a="2">')],
    ['an attribute at an end', success(user).replace('</cas:user>', '</cas:user a="1">')],
    ['an unquoted attribute', success(user).replace('<cas:user>', '<cas:user a=1>')],
    ['an entity of its own in an attribute', success(user).replace('<cas:user>', '<cas:user a="&b;">')],
    ['a success of another kind', success(user).replaceAll('authenticationSuccess', 'proxySuccess')],
    ['too deep', `${'<a>'.repeat(17)}${'</a>'.repeat(17)}`],
    ['too many elements', `<a>${'<b/>'.repeat(2001)}</a>`],
    ['more than 64 KiB', success(`<cas:user>${'a'.repeat(65_536)}</cas:user>`)],
  ])('with %s is none', (_what, xml) => {
    expect(readServiceResponse(xml)).toBeUndefined();
  });

  test.each([
    '<a',
    `<a${' '.repeat(60_000)}`,
    `<a ${'b'.repeat(60_000)}`,
    `<a${' b="c"'.repeat(10_000)}`,
    `<!--${'-'.repeat(60_000)}`,
    `<![CDATA[${']'.repeat(60_000)}`,
    '&'.repeat(60_000),
    `<?xml ${'?'.repeat(60_000)}`,
  ])('is read in linear time: %.12j', (xml) => {
    expectWithin(200, () => parseXml(xml));
  });
});

describe('a request to log out', () => {
  test('names the ticket', () => {
    expect(readLogoutRequest(new CasTestServer().logoutRequest('ST-1'))).toBe('ST-1');
  });

  test.each(['', '<x/>', '<LogoutRequest/>', '<LogoutRequest><SessionIndex/></LogoutRequest>'])(
    '%j is none',
    (xml) => {
      expect(readLogoutRequest(xml)).toBeUndefined();
    },
  );
});

describe('asking', () => {
  const url = new URL('https://cas.example/cas/p3/serviceValidate');
  const body = async function* (...chunks: string[]) {
    for (const chunk of chunks) yield Buffer.from(chunk);
  };

  test.each<[string, () => Promise<never>]>([
    ['nobody answers', () => Promise.reject(new TypeError('fetch failed'))],
    ['it fails', () => Promise.resolve({ ok: false, status: 500, body: null } as never)],
    [
      'there is no end',
      () => Promise.resolve({ ok: true, status: 200, body: body('x'.repeat(65_537)) } as never),
    ],
  ])('answers 502 when %s', async (_what, ask) => {
    await expect(validateTicket(url, ask)).rejects.toMatchObject({
      status: 502,
      message: 'The server that logs in cannot be asked',
    });
  });

  test('answers 502 to an answer that cannot be read', async () => {
    const ask = () => Promise.resolve({ ok: true, status: 200, body: null });
    await expect(validateTicket(url, ask)).rejects.toMatchObject({ status: 502 });
  });

  test('follows no redirects and waits no longer than its time', async () => {
    const ask = jest.fn((_url: URL, _init: object) =>
      Promise.resolve({ ok: true, status: 200, body: body(success('<user>a'), '') }),
    );
    await validateTicket(url, ask).catch(() => undefined);
    expect(ask).toHaveBeenCalledWith(
      url,
      expect.objectContaining({ redirect: 'error', signal: expect.any(Object) }),
    );
  });
});

describe('tickets', () => {
  test('that were seen and ended are remembered as long as a login lives', () => {
    jest.useFakeTimers({ now: 1e12 });
    try {
      const tickets = new CasTickets(1000);
      tickets.see('ST-1');
      tickets.end('ST-1');
      tickets.end('ST-1');
      expect([tickets.isEnded('ST-1'), tickets.size]).toEqual([true, 1]);
      jest.setSystemTime(1e12 + 1000);
      tickets.see('ST-2');
      expect([tickets.isEnded('ST-1'), tickets.size]).toEqual([false, 1]);
    } finally {
      jest.useRealTimers();
    }
  });

  test('are remembered without what they came in', () => {
    const tickets = new CasTickets(1e6);
    const ticketOf = (i: number): string => cutOut(`ST-of-some-length-${String(i)}`);
    const bytes = bytesKeptBy(() => {
      for (let i = 0; i < 500; i++) tickets.see(ticketOf(i));
      for (let i = 250; i < 750; i++) tickets.end(ticketOf(i));
    });
    expect(bytes).toBeLessThan(1_000_000);
    expect(tickets.size).toBe(750);
  });

  test('that strangers make up cannot push out those that were seen', () => {
    const tickets = new CasTickets(1e6);
    tickets.see('ST-mine');
    tickets.end('ST-mine');
    for (let i = 0; i < 10_001; i++) tickets.end(`ST-${i}`);
    expect([
      tickets.isEnded('ST-mine'),
      tickets.isEnded('ST-0'),
      tickets.isEnded('ST-10000'),
      tickets.size,
    ]).toEqual([true, false, true, 10_001]);
  });
});

describe('the whole way', () => {
  test('leads to CAS, back without the ticket, and lets in', async () => {
    await using world = await open();
    const path = await ticketPath(world);
    const entered = await world.client.get(path);
    expect([entered.status, entered.headers.get('location'), entered.headers.get('cache-control')]).toEqual([
      303,
      '/members?a=b',
      'no-store',
    ]);
    expect(await (await world.client.get('/members')).json()).toEqual({ user: 'smith', groups: ['staff'] });
  });

  test('takes a ticket once, and for the service that it was given for', async () => {
    await using world = await open();
    const path = await ticketPath(world);
    expect((await world.client.get(path)).status).toBe(303);
    expect((await world.client.get(path)).status).toBe(403);
    world.client.cookies.delete('login');
    const other = (await ticketPath(world, '/members')).replace('next=%2Fmembers', 'next=%2Fother');
    expect((await world.client.get(other)).status).toBe(403);
  });

  test('lets nobody be logged in by a link of somebody else', async () => {
    await using world = await open();
    const path = await ticketPath(world);
    world.client.cookies.clear();
    for (const cookies of [{}, { '__Host-cas-state': 'x' }, { '__Host-cas-state': 'x'.repeat(22) }]) {
      const response = await world.client.get(path, { cookies, headers: { Accept: 'text/plain' } });
      expect([response.status, await response.text()]).toEqual([
        403,
        '403 This login was not begun here; open the page again\n',
      ]);
    }
  });

  test('goes to CAS from several pages at once', async () => {
    await using world = await open();
    const [one, two] = [
      await ticketPath(world, '/members?page=1'),
      await ticketPath(world, '/members?page=2'),
    ];
    for (const path of [two, one]) expect((await world.client.get(path)).status).toBe(303);
  });

  test('names a host over HTTP for tests on this machine, with a cookie that needs no HTTPS', async () => {
    await using world = await open({ service: 'http://127.0.0.1:8080' });
    const response = await world.client.get('/members', html);
    expect(response.headers.get('set-cookie')).toMatch(
      /^cas-state=[\w-]{22}; Max-Age=3600; Path=\/; HttpOnly; SameSite=Lax$/,
    );
  });

  test('ends a login when CAS says so', async () => {
    await using world = await open();
    await world.client.get(await ticketPath(world));
    const [given] = world.cas.tickets;
    const body = new URLSearchParams({
      logoutRequest: world.cas.logoutRequest(given?.ticket ?? ''),
    }).toString();
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    expect((await world.client.post('/cas', { headers, body })).status).toBe(200);
    const response = await world.client.get('/members', html);
    expect(response.status).toBe(303);
    expect(response.headers.getAll('set-cookie')).toContainEqual(
      expect.stringMatching(/^login=; Max-Age=0; /),
    );
  });

  test('logs out here and there', async () => {
    await using world = await open();
    await world.client.get(await ticketPath(world));
    const response = await world.client.post('/logout');
    expect([response.status, response.headers.get('location')]).toEqual([
      303,
      `${world.server.url}/cas/logout?service=https%3A%2F%2Fapp.example.org%2F`,
    ]);
    expect((await world.client.get('/members', html)).status).toBe(303);
  });

  test('asks for the password anew where that is wanted', async () => {
    await using world = await open({ renew: true });
    const sent = new URL((await world.client.get('/members', html)).headers.get('location') ?? '');
    expect(sent.searchParams.get('renew')).toBe('true');
    expect((await world.client.get(await ticketPath(world))).status).toBe(303);
  });
});

test('the routes of the application show its path', async () => {
  const { app } = await start(Pages, { features: [casLogin(options)] });
  const own = [...app.routes].filter(({ path }) => path === '/cas');
  expect(own.map(({ methods, name }) => [methods.join(), name])).toEqual([
    ['GET,HEAD', 'casLogin'],
    ['POST', 'casLogout'],
  ]);
});

describe('what is refused', () => {
  const fetch = jest.fn(() => Promise.reject(new Error('not asked')));
  const refusing = async () => (await start(Pages, { features: [casLogin({ ...options, fetch })] })).client;

  test.each([
    '/cas',
    '/cas?ticket=',
    '/cas?ticket=PT-1',
    '/cas?ticket=ST-',
    '/cas?ticket=ST-a%26b',
    `/cas?ticket=ST-${'a'.repeat(254)}`,
  ])('%.40s is no way in', async (path) => {
    expect((await (await refusing()).get(path)).status).toBe(400);
    expect(fetch).not.toHaveBeenCalled();
  });

  test('a program gets 401, and so does a POST', async () => {
    const client = await refusing();
    const refused = await client.get('/members', { headers: { Accept: 'application/json' } });
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Cookie realm="login"']);
  });

  test.each(['', 'logoutRequest=', 'logoutRequest=%3Cx%2F%3E'])('%j is no log-out', async (body) => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    expect((await (await refusing()).post('/cas', { headers, body })).status).toBe(400);
  });

  test('a HEAD, which does not spend the ticket', async () => {
    const response = await (await refusing()).head('/cas?ticket=ST-1&state=x');
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST']);
  });

  test('other methods', async () => {
    const response = await (await refusing()).delete('/cas');
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST, OPTIONS']);
  });
});

test.each<[Partial<CasOptions>, string]>([
  [{ server: 'cas' }, 'casLogin.server: "cas" is not a URL, such as "https://id.example.org".'],
  [
    { server: 'http://cas.example.org' },
    'casLogin.server: "http://cas.example.org" is not https, so that an attacker on the way could log in.',
  ],
  [{ service: 'https://a?b' }, 'casLogin.service: "https://a?b" may have no query and no fragment.'],
  [{ path: '//cas' }, 'casLogin.path: "//cas" is not a path of this server.'],
  [{ maxAge: 0 }, 'casLogin.maxAge: 0 is not a whole number of seconds, 1 or more.'],
])('refuses the options %j', (over, message) => {
  expect(() => casLogin({ ...options, ...over })).toThrow(developerError('E_SETTING', message));
});

test('@CheckCasLogin says at bootstrap that there is no CAS server', async () => {
  @Controller()
  class Alone {
    @Get('/')
    @CheckCasLogin()
    index() {
      return new Response('');
    }
  }
  expect((await problemsOf([Alone])).map(({ code }) => code)).toEqual(['E_AUTH']);
});
