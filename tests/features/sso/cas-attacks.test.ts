/** What attackers try on the way to a CAS server and back, and with its log-outs, and that none of it works. */
import { describe, expect, test } from '@jest/globals';
import { CasTestServer, TestClient } from 'obol/testing';
import { casLogin } from '../../../src/features/sso/check-cas-login.js';
import { readServiceResponse } from '../../../src/features/sso/cas-response.js';
import type { Fetch } from '../../../src/features/sso/cas-server.js';
import { CasTickets } from '../../../src/features/sso/cas-tickets.js';
import { html, open, options, Pages, ticketPath } from '../../support/cas-world.js';
import { start } from '../../support/client.js';
import { developerError } from '../../support/errors.js';

const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
const success =
  '<serviceResponse><authenticationSuccess><user>smith</user></authenticationSuccess></serviceResponse>';

/** A CAS server that takes every ticket for every service. */
const takesAll: Fetch = () =>
  Promise.resolve({
    ok: true,
    status: 200,
    body: (async function* () {
      yield Buffer.from(success);
    })(),
  });

describe('a way back', () => {
  test('is good once, and for no other ticket', async () => {
    await using world = await open();
    const path = await ticketPath(world);
    const service = new URL(path, 'https://app.example.org');
    service.searchParams.delete('ticket');
    expect((await world.client.get(path)).status).toBe(303);
    const login = `/cas/login?service=${encodeURIComponent(service.href)}`;
    const back = new URL((await new TestClient(world.cas.handle).get(login)).headers.get('location') ?? '');
    expect((await world.client.get(back.pathname + back.search)).status).toBe(403);
    expect(world.cas.tickets.length).toBe(2);
  });

  test('is forgotten when four others were begun after it', async () => {
    await using world = await open();
    const paths: string[] = [];
    for (const page of [1, 2, 3, 4, 5]) paths.push(await ticketPath(world, `/members?page=${page}`));
    const statuses: number[] = [];
    for (const path of paths) statuses.push((await world.client.get(path)).status);
    expect(statuses).toEqual([403, 303, 303, 303, 303]);
  });

  test.each(['', 'x', `${'x'.repeat(22)}.`.repeat(5), '....'])(
    'needs a cookie of ours, not %j',
    async (value) => {
      await using world = await open();
      const path = await ticketPath(world);
      const cookies = { '__Host-cas-state': value };
      expect((await new TestClient(world.app).get(path, { cookies })).status).toBe(403);
    },
  );

  test.each([
    ['//evil.example', '/home'],
    ['/\\evil.example', '/home'],
    ['https://evil.example/', '/home'],
    ['https:evil.example', '/home'],
    ['javascript:alert(1)', '/home'],
    ['/\t/evil.example', '/home'],
    ['/..//evil.example', '/home'],
    ['/%2f%2fevil.example', '/%2f%2fevil.example'],
    ['/%5cevil.example', '/%5cevil.example'],
    ['/a\r\nSet-Cookie: a=b', '/home'],
  ])('that is to lead to %j leads to %s of this host', async (next, expected) => {
    await using world = await open({ home: '/home', fetch: takesAll });
    const url = new URL(await ticketPath(world), 'https://app.example.org');
    url.searchParams.set('next', next);
    const response = await world.client.get(url.pathname + url.search);
    expect([response.status, response.headers.get('location')]).toEqual([303, expected]);
    expect(new URL(expected, url).origin).toBe(url.origin);
  });

  test('leaves nothing of itself in the address, and nothing in caches', async () => {
    await using world = await open();
    const path = await ticketPath(world);
    for (const status of [303, 403]) {
      const response = await world.client.get(path);
      expect([response.status, response.headers.get('cache-control')]).toEqual([status, 'no-store']);
      expect(response.headers.get('location') ?? '').not.toMatch(/ticket|state/);
    }
  });
});

test.each(['a&#10;b', 'a&#9;b', 'a&#x85;b'])('the user %s is none', (user) => {
  const xml = success.replace('smith', user);
  expect(readServiceResponse(xml)).toBeUndefined();
});

describe('a log-out by CAS', () => {
  async function post(client: TestClient, xml: string): Promise<number> {
    const body = new URLSearchParams({ logoutRequest: xml }).toString();
    return (await client.post('/cas', { headers: form, body })).status;
  }
  const request = (ticket: string) => new CasTestServer().logoutRequest(ticket);

  test('ends the login of its ticket, and no other', async () => {
    await using world = await open();
    await world.client.get(await ticketPath(world));
    const other = new TestClient(world.app);
    await other.get(await ticketPath({ ...world, client: other }));
    const [first] = world.cas.tickets;
    expect(await post(new TestClient(world.app), request(first?.ticket ?? ''))).toBe(200);
    expect([
      (await world.client.get('/members', html)).status,
      (await other.get('/members', html)).status,
    ]).toEqual([303, 200]);
  });

  test.each([
    ['a ticket that is none', request('smith')],
    ['a ticket with a line of its own', request('ST-a\nST-b')],
    ['a name in place of a ticket', '<LogoutRequest><NameID>smith</NameID></LogoutRequest>'],
    [
      'two tickets',
      '<LogoutRequest><SessionIndex>ST-1</SessionIndex><SessionIndex>ST-2</SessionIndex></LogoutRequest>',
    ],
    ['entities that grow', `<!DOCTYPE a [<!ENTITY b "${'c'.repeat(99)}">]>${request('&b;')}`],
    ['64 KiB', request(`ST-${'a'.repeat(65_536)}`)],
    ['a thousand levels', `${'<a>'.repeat(1000)}${'</a>'.repeat(1000)}`],
  ])('with %s is answered 400, and ends nothing', async (_what, xml) => {
    await using world = await open();
    await world.client.get(await ticketPath(world));
    expect(await post(new TestClient(world.app), xml)).toBe(400);
    expect((await world.client.get('/members', html)).status).toBe(200);
  });

  test('of more than a form may hold is not read', async () => {
    await using world = await open();
    expect(await post(new TestClient(world.app), 'x'.repeat(20_000_000))).toBe(413);
  });

  test('is none as JSON', async () => {
    await using world = await open();
    const headers = { 'Content-Type': 'application/json' };
    const body = JSON.stringify({ logoutRequest: request('ST-1') });
    expect((await world.client.post('/cas', { headers, body })).status).toBe(415);
  });

  test('nobody can use up memory with what he may name', () => {
    const tickets = new CasTickets(1e6);
    for (let i = 0; i < 100_005; i++) tickets.see(`ST-seen-${i}`);
    expect(tickets.size).toBe(100_000);
    for (let i = 0; i < 100_005; i++) {
      tickets.see(`ST-ended-${i}`);
      tickets.end(`ST-ended-${i}`);
    }
    for (let i = 0; i < 10_005; i++) tickets.end(`ST-strange-${i}`);
    expect([tickets.size, tickets.isEnded('ST-ended-5'), tickets.isEnded('ST-ended-4')]).toEqual([
      209_999,
      true,
      false,
    ]);
  });
});

test('a form of another site logs nobody out', async () => {
  const { client } = await start(Pages, { features: [casLogin(options)] });
  for (const headers of [
    { 'Sec-Fetch-Site': 'cross-site' },
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
  ])
    expect((await client.post('/logout', { headers })).status).toBe(403);
});

test('groups that cannot be told are told in the log, without the ticket', async () => {
  await using world = await open({
    groupsOf: () => {
      throw new RangeError('no such group');
    },
  });
  const path = await ticketPath(world);
  expect((await world.client.get(path)).status).toBe(500);
  expect(world.logger.errors).toEqual([
    expect.stringMatching(/^A user whom CAS knows cannot be logged in: RangeError: no such group/),
  ]);
  expect(world.logger.errors.join()).not.toContain(world.cas.tickets[0]?.ticket);
  expect((await world.client.get('/members', html)).status).toBe(303);
});

test.each(['https://smith@cas.example.org', 'https://:pw@cas.example.org'])(
  '%s is no address of a server',
  (server) => {
    expect(() => casLogin({ ...options, server })).toThrow(
      developerError('E_SETTING', 'casLogin.server: it may hold no user and no password.'),
    );
  },
);
