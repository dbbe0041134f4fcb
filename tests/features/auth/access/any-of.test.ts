/** Guards combined: in which order they are asked, and the one answer when none lets through. */
import { describe, expect, test } from '@jest/globals';
import { abort, Controller, createGuard, Get, HttpError, redirect, Use, type Request } from 'obol';
import { GrantAddress } from '../../../../src/features/auth/access/address.js';
import { allOf, anyOf } from '../../../../src/features/auth/access/any-of.js';
import { CheckBasic } from '../../../../src/features/auth/basic/basic.js';
import { CheckBearer } from '../../../../src/features/auth/bearer/bearer.js';
import { hashToken, StaticTokens } from '../../../../src/features/auth/bearer/tokens.js';

import { Unauthorized } from 'obol/errors';
import { CheckDigest, digest } from '../../../../src/features/auth/digest/check-digest.js';
import { hexdigest } from '../../../../src/features/auth/digest/algorithm.js';
import { PasswordMap } from '../../../../src/features/auth/passwords/password-map.js';
import { start } from '../../../support/client.js';
import { authorization, challengesOf } from '../digest/digest-client.js';
import { problemsOf } from '../../../support/problems.js';

type Decorator = ReturnType<typeof GrantAddress>;

/** A guard that does what it is told, at once or later. */
const Do = createGuard(
  'Do',
  (_setup, action: (request: Request) => unknown, later = false) =>
    (request) =>
      later ? Promise.resolve().then(() => action(request)) : action(request),
);
const pass = (user: unknown) => (request: Request) => (request.user = user);
const refuse = (error: Error) => () => {
  throw error;
};
const ask = (challenge: string) => refuse(new Unauthorized({ challenges: [challenge] }));

/** What a route behind the guard answers. */
async function through(guard: Decorator, options: Parameters<typeof start>[1] = {}) {
  @Controller()
  class Page {
    @Get('/')
    @guard
    index(req: Request) {
      return `user ${String(req.user)}`;
    }
  }
  const { client } = await start(Page, options);
  return client;
}

async function answer(guard: Decorator, headers: Record<string, string> = {}) {
  const response = await (await through(guard)).get('/', { headers: { Accept: 'text/plain', ...headers } });
  return [response.status, response.headers.getAll('www-authenticate'), await response.text()];
}

describe.each([
  ['at once', false],
  ['later', true],
])('guards that answer %s', (_when, later) => {
  const one = (action: (request: Request) => unknown) => Do(action, later);

  test('anyOf takes the first that lets through', async () => {
    const guard = anyOf(one(ask('A')), one(pass('second')), one(refuse(new Error('not asked'))));
    expect(await answer(guard)).toEqual([200, [], 'user second']);
  });

  test('anyOf forgets the user of an alternative that failed', async () => {
    const half = one((request) => {
      request.user = 'half';
      abort(403);
    });
    expect(
      await answer(
        anyOf(
          half,
          one(() => undefined),
        ),
      ),
    ).toEqual([200, [], 'user null']);
  });

  test('anyOf tells all challenges in one answer, each once, Basic last', async () => {
    const guard = anyOf(
      one(ask('Basic realm="x"')),
      one(ask('Digest a=1')),
      one(ask('Bearer')),
      one(ask('Bearer')),
    );
    expect(await answer(guard)).toEqual([
      401,
      ['Digest a=1', 'Bearer', 'Basic realm="x"'],
      '401 Unauthorized\n',
    ]);
  });

  test('anyOf answers 401 when logging in may help, else the first 403', async () => {
    const no = one(refuse(new HttpError(403, 'first')));
    expect(await answer(anyOf(no, one(ask('A'))))).toEqual([401, ['A'], '401 Unauthorized\n']);
    expect(await answer(anyOf(no, one(refuse(new HttpError(403, 'second')))))).toEqual([
      403,
      [],
      '403 first\n',
    ]);
  });

  test.each([400, 429, 503])('anyOf ends with %i at once', async (status) => {
    const guard = anyOf(one(refuse(new HttpError(status))), one(pass('never')));
    expect((await answer(guard))[0]).toBe(status);
  });

  test('anyOf sends people to a form when no other guard lets them through', async () => {
    const form = one(() => redirect('/login', { status: 303 }));
    expect((await answer(anyOf(form, one(pass('second')))))[2]).toBe('user second');
    expect((await answer(anyOf(form, one(ask('A')))))[0]).toBe(303);
    expect(
      (
        await answer(
          anyOf(
            one(() => redirect('/', { status: 302 })),
            one(pass('never')),
          ),
        )
      )[0],
    ).toBe(302);
  });

  test('anyOf ends with a crash at once', async () => {
    expect((await answer(anyOf(one(refuse(new Error('crash'))), one(pass('never')))))[0]).toBe(500);
  });

  test('allOf asks all of them in order', async () => {
    expect(await answer(allOf(one(pass('first')), one(pass('last'))))).toEqual([200, [], 'user last']);
    expect(await answer(allOf(one(pass('first')), one(ask('A'))))).toEqual([
      401,
      ['A'],
      '401 Unauthorized\n',
    ]);
  });

  test('allOf stands within anyOf', async () => {
    const guard = anyOf(allOf(one(pass('first')), one(ask('A'))), one(ask('B')));
    expect(await answer(guard)).toEqual([401, ['A', 'B'], '401 Unauthorized\n']);
  });
});

describe('with the guards of this package', () => {
  const users = { verify: (user: string, password: string) => user === 'smith' && password === 'pw' };
  const tokens = new StaticTokens([{ hash: hashToken('x'.repeat(20)), user: 'ci' }]);
  const authMap = new PasswordMap().set('Staff', 'smith', hexdigest('smith', 'Staff', 'pw', 'SHA-256'));
  const features = [digest({ secretKey: 'a secret of 32 bytes, or even more', authMap })];
  const client = () =>
    through(
      anyOf(
        GrantAddress('10.0.0.0/8'),
        CheckBasic('Staff', users),
        CheckDigest('Staff'),
        CheckBearer(tokens, { realm: 'Staff' }),
      ),
      { features },
    );

  test('offers digest, bearer and basic', async () => {
    const response = await (await client()).get('/');
    expect(response.status).toBe(401);
    expect(response.headers.getAll('www-authenticate')).toEqual([
      expect.stringMatching(/^Digest realm="Staff", /),
      'Bearer realm="Staff"',
      'Basic realm="Staff", charset="UTF-8"',
    ]);
  });

  test.each([
    ['Basic c21pdGg6cHc=', 'user smith'],
    [`Bearer ${'x'.repeat(20)}`, 'user ci'],
  ])('takes %s', async (Authorization, text) => {
    expect(await (await (await client()).get('/', { headers: { Authorization } })).text()).toBe(text);
  });

  test('takes an address', async () => {
    expect((await (await client()).get('/', { remoteAddress: '10.0.0.1' })).status).toBe(200);
  });

  test('takes a digest', async () => {
    const asking = await client();
    const [challenge = {}] = challengesOf(await asking.get('/'));
    const Authorization = authorization(challenge, { user: 'smith', password: 'pw', uri: '/' });
    const answered = await asking.get('/', { headers: { Authorization } });
    expect([answered.status, await answered.text()]).toEqual([200, 'user smith']);
  });

  test('offers no password over plain HTTP from elsewhere', async () => {
    const response = await (await client()).get('/', { remoteAddress: '203.0.113.7' });
    expect(response.headers.getAll('www-authenticate')).toEqual([expect.stringMatching(/^Digest /)]);
  });
});

describe('mistakes are told at bootstrap', () => {
  test.each<[string, Decorator, string]>([
    ['no guards', anyOf(), 'anyOf: name at least one guard.'],
    [
      'middleware',
      allOf(Use((request, next) => next(request))),
      "allOf takes guards only, such as CheckDigest('Staff').",
    ],
  ])('%s', async (_what, guard, message) => {
    @Controller()
    class Wrong {
      @Get('/')
      @guard
      index() {
        return '';
      }
    }
    const [problem] = await problemsOf([Wrong]);
    expect(problem).toMatchObject({ code: 'E_SETTING', message: expect.stringContaining(message) });
  });
});
