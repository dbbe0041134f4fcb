/**
 * Whoever is given a secret never shows it: not when it is printed, not in the message about a wrong setting, not in the log,
 * and not on the page of an error, in debug mode neither.
 */
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bootstrap, Controller, Get, Response, type Request, type RunningServer } from 'obol';
import * as auth from 'obol/auth';
import { csrf } from 'obol/csrf';
import { commonLogLine } from 'obol/node';
import { redis, redisNonceStore, redisSessionStore, redisThrottleStore } from 'obol/redis';
import { fileSessionStore, memorySessionStore, RevokedSessions, Session, sessions } from 'obol/session';
import * as sso from 'obol/sso';
import { request } from 'obol/testing';
import { Throttle } from 'obol/throttle';
import { basicAuth } from '../../src/cli/basic-auth.js';
import { collectingLogger } from '../support/collecting-logger.js';
import { surroundings } from '../support/surroundings.js';
import { TestFolder } from '../support/folder.js';
import { RawClient } from '../support/raw-client.js';

const MARK = 'hunter2';
/** Good enough as a key, and found wherever it is shown. */
const SECRET = `kX9-${MARK}-v7Qm~tR4${MARK}wZ1pL8`;
const HASH = auth.hexdigest('smith', 'zone', SECRET, 'SHA-256');
const [BASE64, HEX] = [Buffer.from(SECRET).toString('base64'), Buffer.from(SECRET).toString('hex')];
/** However a secret may be written. */
const TRACES = [MARK, HASH, BASE64.slice(4, 24), BASE64.slice(4, 24).replaceAll('+', '-'), HEX.slice(0, 24)];
const BYTES = HEX.slice(0, 16).replace(/..(?=.)/g, '$& ');

function traces(text: string): string[] {
  return [...TRACES, BYTES].filter((trace) => text.includes(trace));
}

const folder = new TestFolder();
afterAll(() => {
  folder.remove();
});

const passwordHash = await auth.hashPassword(SECRET, { algorithm: 'scrypt' });
const hashMap = () =>
  new auth.PasswordHashMap(undefined, { algorithm: 'scrypt' }).setHash('smith', passwordHash);
const passwordMap = () => new auth.PasswordMap().set('zone', 'smith', HASH);
const digestOptions = () => ({ secretKey: SECRET, authMap: passwordMap() });
const keeper = () => auth.cookieLogin({ keys: [SECRET] });
const formOptions = () => ({ users: hashMap(), keeper: keeper() });
const oidcOptions = {
  issuer: 'https://id.example.org',
  service: 'https://app.example.org',
  clientId: 'app',
  clientSecret: SECRET,
  keys: [SECRET],
};
const casOptions = { server: 'https://cas.example.org/cas', service: 'https://app.example.org' };
const jwtOptions = { issuer: 'https://id.example.org', audience: 'api' };
const tokens = () => new auth.StaticTokens([{ hash: auth.hashToken(SECRET), user: 'ci' }]);
/** Nobody listens there. */
const REDIS = `redis://user:${MARK}@127.0.0.1:1/0`;
const headers = { Authorization: `Bearer ${SECRET}`, Cookie: `SESSID=${SECRET}; login=${SECRET}` };

/** A store with a session that holds it. */
function filled() {
  const store = memorySessionStore();
  const times = { issuedAt: 1, expiresAt: 2 ** 40, seenAt: 1, endsAt: 2 ** 40 };
  store.create('id', { ...times, set: new Map([['.user', JSON.stringify(SECRET)]]), deleted: [] });
  return store;
}

/** A request whose session was read and whose user logged in by Bearer. */
async function used() {
  const asked = request('/', { headers });
  await auth.bearerGuard(tokens())(asked);
  const feature = sessions({ keys: [SECRET] });
  await feature.start?.(surroundings(collectingLogger()));
  feature.of(asked).set('secret', SECRET);
  return [asked, asked.headers, asked.cookies.size, feature.of(asked)];
}

function storesOfRedis(): unknown {
  const connection = redis({ url: REDIS });
  return [redisSessionStore(connection), redisNonceStore(connection), redisThrottleStore(connection)];
}

/** Everything that there is to know when nobody answers. */
async function withoutRedis(): Promise<unknown> {
  const [connection, logger] = [redis({ url: REDIS }), collectingLogger()];
  connection.start({ logger });
  const reasons = await Promise.allSettled([connection.send('PING'), connection.send('GET', 'key')]);
  connection.close();
  expect(logger.warnings).toHaveLength(1);
  return [connection, reasons, logger.warnings, logger.errors, logger.details];
}

/** A guard that remembers a password. */
async function remembering() {
  const users = { verify: () => Promise.resolve(true) };
  const guard = auth.basicGuard('zone', users);
  const Authorization = `Basic ${Buffer.from(`smith:${SECRET}`).toString('base64')}`;
  await guard(request('/', { headers: { Authorization } }));
  return [guard, users];
}

/** Logins and users who were wrong. */
async function failed() {
  const throttle = new Throttle();
  const wrong = () => Promise.resolve(false);
  await throttle.attempt(request('/'), SECRET, wrong).catch(() => undefined);
  return throttle;
}

describe('printing shows none of it:', () => {
  const things: [string, () => unknown][] = [
    ['sessions', () => sessions({ keys: [SECRET, `${SECRET} old`] })],
    ['signed sessions', () => sessions({ kind: 'signed', keys: [SECRET] })],
    ['redis', () => redis({ url: REDIS })],
    ['sessions in Redis', () => sessions({ store: redisSessionStore(redis({ url: REDIS })) })],
    ['Session.of', () => Session.of({ user: SECRET })],
    ['the stores of Redis', storesOfRedis],
    ['a connection to Redis that has failed', withoutRedis],
    ['memorySessionStore', filled],
    ['fileSessionStore', () => fileSessionStore(folder.path)],
    ['RevokedSessions', () => new RevokedSessions()],
    ['digest', () => auth.digest(digestOptions())],
    ['PasswordMap', passwordMap],
    ['PasswordHashMap', hashMap],
    ['StaticTokens', tokens],
    [
      'JwtTokens',
      () => new auth.JwtTokens({ ...jwtOptions, algorithms: ['HS256'], keys: Buffer.from(SECRET) }),
    ],
    ['bearerGuard', () => auth.bearerGuard(tokens())],
    ['basicGuard', remembering],
    ['cookieLogin', keeper],
    ['logins', () => auth.logins(keeper())],
    ['ticketLogin', () => auth.ticketLogin({ secrets: [SECRET] })],
    ['Tickets', () => new auth.Tickets([SECRET], 'SHA256')],
    ['FormLogin', () => new auth.FormLogin(formOptions())],
    ['formLogin', () => auth.formLogin(formOptions())],
    ['casLogin', () => sso.casLogin({ ...casOptions, keeper: keeper() })],
    ['OidcLogin', () => new sso.OidcLogin({ ...oidcOptions, keeper: keeper() })],
    ['oidcLogin', () => sso.oidcLogin({ ...oidcOptions, keeper: keeper() })],
    ['csrf', () => csrf({ key: SECRET, secretOf: () => SECRET })],
    ['Throttle', failed],
    ['the password of obol serve', () => basicAuth({ user: 'smith', password: SECRET })],
    ['a request, its headers and its session', used],
    ['a response with its cookies', () => [new Response('').setCookie('login', BASE64)]],
  ];

  test.each(things)('%s', async (_name, make) => {
    const thing = await make();
    const shown = inspect([thing], { depth: Infinity, showHidden: true, maxStringLength: null });
    expect(traces(shown + JSON.stringify([thing]) + String(thing))).toEqual([]);
  });

  test('and would be found if there were any', () => {
    for (const text of [SECRET, BASE64, HEX, HASH, inspect(Buffer.from(SECRET)), encodeURIComponent(SECRET)])
      expect(traces(`a ${text} b`)).not.toEqual([]);
  });
});

describe('the message about a wrong setting shows none of it:', () => {
  const wrong: [string, () => unknown][] = [
    ['a short key of sessions', () => sessions({ keys: [MARK] })],
    ['a bad second key', () => sessions({ keys: [SECRET, MARK] })],
    ['the same key twice', () => sessions({ keys: [SECRET, SECRET] })],
    ['a key that is no list', () => sessions({ keys: SECRET as never })],
    ['a key that is an object', () => sessions({ keys: [{ key: SECRET } as never] })],
    ['keys of a kind that is none', () => sessions({ keys: [SECRET], kind: 'open' as never })],
    ['a URL of another scheme', () => redis({ url: `http://user:${MARK}@localhost` })],
    ['a URL that is none', () => redis({ url: `redis//${MARK}` })],
    ['a URL in place of a connection', () => redisSessionStore(REDIS as never)],
    ['the same for nonces', () => redisNonceStore({ url: REDIS } as never)],
    ['the same for counts', () => redisThrottleStore(REDIS as never)],
    ['a short secretKey', () => auth.digest({ ...digestOptions(), secretKey: MARK })],
    ['a list as secretKey', () => auth.digest({ ...digestOptions(), secretKey: [SECRET] as never })],
    ['an algorithm besides a secret', () => auth.digest({ ...digestOptions(), authAlgorithm: 'x' as never })],
    ['a map that is none', () => auth.digest({ secretKey: SECRET, authMap: { smith: SECRET } as never })],
    ['a password in place of its digest', () => new auth.PasswordMap().set('zone', 'smith', SECRET)],
    ['two digests of a kind', () => new auth.PasswordMap().set('zone', 'smith', [HASH, HASH])],
    ['a password in place of its hash', () => new auth.PasswordHashMap().setHash('smith', SECRET)],
    ['a password that is too long', () => auth.hashPassword(SECRET.repeat(50))],
    ['a short token', () => auth.hashToken(MARK)],
    ['a token in place of its hash', () => new auth.StaticTokens([{ hash: SECRET, user: 'ci' }])],
    ['a short key of logins', () => auth.cookieLogin({ keys: [MARK] })],
    ['a bad second one', () => auth.cookieLogin({ keys: [SECRET, MARK] })],
    ['one that is no list', () => auth.cookieLogin({ keys: SECRET as never })],
    ['a short secret of tickets', () => auth.ticketLogin({ secrets: [MARK] })],
    ['one that is no list, too', () => auth.ticketLogin({ secrets: SECRET as never })],
    ['a ticket that cannot be', () => ticketOf(`${SECRET}!`)],
    [
      'a short secret of JWTs',
      () => new auth.JwtTokens({ ...jwtOptions, algorithms: ['HS256'], keys: Buffer.from(MARK) }),
    ],
    [
      'text as secret of JWTs',
      () => new auth.JwtTokens({ ...jwtOptions, algorithms: ['HS256'], keys: SECRET as never }),
    ],
    [
      'a URL of keys that is not safe',
      () =>
        new auth.JwtTokens({
          ...jwtOptions,
          algorithms: ['RS256'],
          keys: new URL(`http://user:${MARK}@id.example.org/${MARK}`),
        }),
    ],
    ['keys of OIDC', () => sso.oidcLogin({ ...oidcOptions, keeper: keeper(), keys: [MARK] })],
    [
      'keys of OIDC that are no list',
      () => sso.oidcLogin({ ...oidcOptions, keeper: keeper(), keys: SECRET as never }),
    ],
    ['a client without an id', () => sso.oidcLogin({ ...oidcOptions, keeper: keeper(), clientId: '' })],
    ['a short key of csrf', () => csrf({ key: MARK })],
    ['a list as key of csrf', () => csrf({ key: [SECRET] as never })],
    ['a secret that is no function', () => csrf({ key: SECRET, secretOf: SECRET as never })],
    [
      'users that cannot check',
      () => auth.formLogin({ ...formOptions(), users: { smith: SECRET } as never }),
    ],
    ['a path besides them', () => auth.formLogin({ ...formOptions(), path: '//x' })],
  ];

  test.each(wrong)('%s', async (_name, make) => {
    const error = await Promise.resolve()
      .then(make)
      .then(
        () => undefined,
        (reason: unknown) => reason,
      );
    expect(error).toBeInstanceOf(Error);
    const shown = inspect(error, { depth: Infinity, showHidden: true, maxStringLength: null });
    // What the runner shows of a stack is not a message: it has the lines of this file in it.
    expect(traces(shown.replaceAll(/\n\s+at .*/g, ''))).toEqual([]);
  });
});

function ticketOf(user: string): string {
  return new auth.Tickets([SECRET], 'SHA256').write({ user, at: 1, tokens: [], data: '' });
}

describe('an application that is asked with secrets', () => {
  const logger = collectingLogger();
  const access: string[] = [];
  let server: RunningServer;

  @Controller()
  class Pages {
    @Get('/crash') crash(): never {
      throw new Error('on purpose', { cause: new RangeError('deep down') });
    }
    @Get('/thrown') thrown(): never {
      // oxlint-disable-next-line typescript/only-throw-error
      throw { reason: 'no error at all' };
    }
    @Get('/request') request(req: Request): never {
      throw new Error(`crash with ${inspect(req, { depth: Infinity, showHidden: true })}`);
    }
    @Get('/basic') @auth.CheckBasic('zone', hashMap()) basic() {
      return 'in';
    }
    @Get('/digest') @auth.CheckDigest('zone') digest() {
      return 'in';
    }
    @Get('/bearer') @auth.CheckBearer(tokens()) bearer(): never {
      throw new Error('crash behind the guard');
    }
  }

  beforeAll(async () => {
    process.env['OBOL_TEST_SECRET'] = SECRET;
    const app = await bootstrap({
      controllers: [Pages],
      debug: true,
      logger,
      features: [
        sessions({ keys: [SECRET] }),
        auth.digest(digestOptions()),
        auth.logins(keeper()),
        { middleware: [csrf({ key: SECRET, debug: true })] },
      ],
    });
    const accessLog = (entry: Parameters<typeof commonLogLine>[0]): void =>
      void access.push(commonLogLine(entry));
    server = await app.listen({ port: 0, signals: false, drainLinger: 20, drainTimeout: 500, accessLog });
  });

  afterAll(async () => {
    delete process.env['OBOL_TEST_SECRET'];
    await server.close();
    const logged = [...logger.errors, ...logger.warnings, ...logger.details, ...access].join('\n');
    expect(access.length).toBeGreaterThan(100);
    expect(logger.errors.length).toBeGreaterThan(30);
    expect(traces(logged)).toEqual([]);
  });

  const shown: [string, string][] = [
    ['Basic', `Basic ${Buffer.from(`smith:${SECRET}`).toString('base64')}`],
    ['a wrong password', `Basic ${Buffer.from(`smith:x${SECRET}`).toString('base64')}`],
    ['Bearer', `Bearer ${SECRET}`],
    ['a token that is none', `Bearer ${SECRET} ${SECRET}`],
    ['Digest', `Digest username="${SECRET}", realm="zone", response="${HASH}", cnonce="${SECRET}"`],
    ['a digest that is malformed', `Digest username="${SECRET}", username="${SECRET}"`],
    ['a digest without an end', `Digest username="${SECRET}`],
    ['a scheme nobody knows', `${MARK} ${SECRET}`],
  ];
  const paths = ['/crash', '/thrown', '/request', '/basic', '/digest', '/bearer', '/none'];
  const accepted = ['text/html', 'application/problem+json', 'text/plain'];

  test.each(shown.flatMap(([name, header]) => paths.map((path) => [path, name, header] as const)))(
    'answers %s with %s without them',
    async (path, _name, header) => {
      for (const accept of accepted) {
        const client = await RawClient.connect(server.port);
        const fields = [
          `Authorization: ${header}`,
          `Proxy-Authorization: ${header}`,
          `Cookie: SESSID=${BASE64}; login=${SECRET}; csrf=${SECRET}; ${MARK}=1`,
          `X-CSRF-Token: ${SECRET}`,
          `Accept: ${accept}`,
        ];
        const { statusLine, fields: told, text } = await client.request(`GET ${path}`, fields).response();
        client.destroy();
        expect(traces(statusLine + told.join() + text)).toEqual([]);
      }
    },
  );

  test('refuses what changes something without them', async () => {
    const client = await RawClient.connect(server.port);
    const fields = [`Cookie: csrf=${SECRET}; SESSID=${SECRET}`, `X-CSRF-Token: ${SECRET}`];
    const { status, fields: told, text } = await client.request('POST /crash', fields).response();
    client.destroy();
    expect([status, traces(told.join() + text)]).toEqual([403, []]);
  });
});
