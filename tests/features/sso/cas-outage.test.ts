/** What the log is told of a CAS server that fails, what people get then, and how it comes back. */
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { RedirectResponse } from 'obol';
import { validateTicket, type Fetch } from '../../../src/features/sso/cas-server.js';
import { open, ticketPath, type World } from '../../support/cas-world.js';
import { serve } from '../../support/serve.js';

afterEach(() => {
  jest.restoreAllMocks();
});

type Answer = ReturnType<Fetch>;

const ask = globalThis.fetch as unknown as Fetch;
const gives = (text: string, status = 200) =>
  Promise.resolve({ ok: status === 200, status, body: chunks(text) });
const failure = (code: string) =>
  gives(
    `<serviceResponse><authenticationFailure code="${code}">a secret</authenticationFailure></serviceResponse>`,
  );
const failed = (code: string) =>
  Promise.reject(Object.assign(new TypeError('a secret'), { cause: { code, message: 'a secret' } }));

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** As a server does that sends a byte now and then; it minds no signal. */
async function* drops(): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < 200; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    yield Buffer.from(' ');
  }
}

/** An application whose CAS server does what the test says, once it says something. */
async function faulty() {
  const state: { answer: (() => Answer) | undefined } = { answer: undefined };
  const world = await open({ fetch: (url, init) => state.answer?.() ?? ask(url, init) });
  return { ...world, state };
}

/** Warnings, but for the one that the tests come over HTTP. */
function told({ logger, server }: World): string[] {
  return logger.warnings
    .filter((line) => !line.startsWith('The service '))
    .map((line) => line.replaceAll(server.url, 'CAS'));
}

const PREFIX = 'The CAS server CAS/cas/ cannot log people in: ';
const BACK = 'The CAS server CAS/cas/ logs people in again.';
const WHERE = '/cas/p3/serviceValidate';

describe('a CAS server', () => {
  test.each<[string, () => Answer, string]>([
    ['is down', () => failed('ECONNREFUSED'), 'the connection failed (ECONNREFUSED)'],
    ['has another name', () => failed('ENOTFOUND'), 'its name cannot be looked up (ENOTFOUND)'],
    [
      'has a certificate of its own',
      () => failed('SELF_SIGNED_CERT_IN_CHAIN'),
      'its certificate is not trusted (SELF_SIGNED_CERT_IN_CHAIN); NODE_EXTRA_CA_CERTS names the file of an authority of your own',
    ],
    ['fails for no reason', () => Promise.reject(new Error('a secret')), 'the connection failed'],
    ['is out of order', () => gives('a secret', 503), `it answers 503 to ${WHERE}`],
    [
      'is another server',
      () => gives('<p>a secret'),
      `its answer to ${WHERE} is none of CAS 3.0; is the setting server right?`,
    ],
    ['says too much', () => gives('x'.repeat(65_537)), 'its answer is longer than 64 KiB'],
    ['is broken', () => failure('INTERNAL_ERROR'), 'it has an internal error (INTERNAL_ERROR)'],
    [
      'is of another protocol',
      () => failure('INVALID_REQUEST'),
      'it does not take how it is asked (INVALID_REQUEST)',
    ],
    [
      'does not know the service',
      () => failure('UNAUTHORIZED_SERVICE'),
      'it does not know this service (UNAUTHORIZED_SERVICE); register its address there',
    ],
  ])('which %s is told once, and that it is back', async (_what, answer, reason) => {
    await using world = await faulty();
    const { state } = world;
    const path = await ticketPath(world);
    state.answer = answer;
    for (let i = 0; i < 3; i++) {
      const response = await world.client.get(path);
      expect([response.status, response.headers.get('cache-control')]).toEqual([502, 'no-store']);
    }
    expect(told(world)).toEqual([PREFIX + reason]);
    state.answer = undefined;
    // The ticket is not spent, so that the page can be loaded again.
    expect((await world.client.get(path)).status).toBe(303);
    world.client.cookies.delete('login');
    await world.client.get(await ticketPath(world));
    expect(told(world)).toEqual([PREFIX + reason, BACK]);
    const { errors, warnings, details } = world.logger;
    const log = [...errors, ...warnings, ...details].join('\n');
    for (const secret of ['a secret', ...world.cas.tickets.map(({ ticket }) => ticket)])
      expect(log).not.toContain(secret);
  });

  test.each<[string, () => Answer]>([
    ['says nothing', () => new Promise(() => undefined)],
    ['sends a byte now and then', () => Promise.resolve({ ok: true, status: 200, body: drops() })],
  ])('which %s is waited for five seconds in all', async (_what, answer) => {
    await using world = await faulty();
    const { state } = world;
    const path = await ticketPath(world);
    state.answer = answer;
    const timeout = AbortSignal.timeout.bind(AbortSignal);
    const asked = jest.spyOn(AbortSignal, 'timeout').mockImplementation(() => timeout(40));
    expect((await world.client.get(path)).status).toBe(502);
    expect(asked.mock.calls).toEqual([[5000]]);
    expect(told(world)).toEqual([`${PREFIX}it gave no whole answer within 5 seconds`]);
  });

  test('which redirects is not followed', async () => {
    const asked: string[] = [];
    const { server } = await serve((request) => {
      asked.push(request.path);
      return new RedirectResponse('/elsewhere');
    });
    try {
      const url = new URL('/cas/p3/serviceValidate', server.url);
      await expect(validateTicket(url)).rejects.toMatchObject({
        status: 502,
        cause: { message: 'it redirects, which is not followed; name its address as it is after that' },
      });
      expect(asked).toEqual(['/cas/p3/serviceValidate']);
    } finally {
      await server.close();
    }
  });

  test.each([
    ['INVALID_TICKET', 'INVALID_TICKET'],
    ['INVALID_SERVICE', 'INVALID_SERVICE'],
    ['a code &#10; of its own', 'no code'],
  ])('which refuses a ticket by %s is for debugging only', async (code, word) => {
    await using world = await faulty();
    const { state } = world;
    const path = await ticketPath(world);
    state.answer = () => failure(code);
    expect((await world.client.get(path)).status).toBe(403);
    expect(told(world)).toEqual([]);
    expect(world.logger.details).toEqual([
      `The CAS server ${world.server.url}/cas/ has not logged a user in: it does not take a ticket (${word})`,
    ]);
  });
});

describe('a service of https that is asked over HTTP', () => {
  test('is told once', async () => {
    await using world = await open();
    for (let i = 0; i < 2; i++) await ticketPath(world);
    expect(world.logger.warnings).toEqual([
      'The service https://app.example.org is https, and requests to log in come over HTTP: ' +
        'behind a proxy, name it in trustProxy; else cookies of logins are not Secure.',
    ]);
  });

  test('is none behind a proxy that is trusted, and cookies are of this host and of HTTPS', async () => {
    await using world = await open({}, { trustProxy: ['127.0.0.1'] });
    const headers = { Accept: 'text/html', 'X-Forwarded-Proto': 'https' };
    const entered = await world.client.get(await ticketPath(world, '/members', headers), { headers });
    expect(entered.headers.getAll('set-cookie').map((cookie) => cookie.replace(/=[^;]*/, ''))).toEqual([
      '__Host-cas-state; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; Secure; HttpOnly; SameSite=Lax',
      '__Host-login; Path=/; Secure; HttpOnly; SameSite=Lax',
    ]);
    expect(world.logger.warnings).toEqual([]);
  });
});
