/** Settings of an application in the environment of its process. */
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { request } from 'obol/testing';
import { cookieLogin, digest, PasswordMap, ticketLogin, type LoginKeeper } from 'obol/auth';
import { csrf } from 'obol/csrf';
import { memorySessionStore, sessions } from 'obol/session';
import { oidcLogin } from 'obol/sso';
import { urlSigner } from 'obol/urls';
import { withEnvironment } from '../../src/application/environment.js';
import type { BootstrapOptions } from '../../src/application/options.js';
import type { Problem } from '../../src/ground/errors.js';

type Options = Partial<BootstrapOptions>;

function read(options: Options, variables: Record<string, string>): { given: Options; problems: Problem[] } {
  const problems: Problem[] = [];
  const all = { ...options, controllers: [] };
  const given: Options = withEnvironment(all, (problem) => problems.push(problem), variables);
  return { given, problems };
}

describe('variables', () => {
  test.each<[Options, Record<string, string>, Options]>([
    [{}, {}, {}],
    [{ debug: true }, { OTHER: '1' }, { debug: true }],
    [{ debug: false }, { OBOL_DEBUG: 'on' }, { debug: true }],
    [{ debug: true }, { OBOL_DEBUG: 'Off' }, { debug: false }],
    [
      {},
      { OBOL_DEBUG: '1', OBOL_AUTO_FORM: 'no', OBOL_AUTO_ARGS: '0' },
      { debug: true, autoForm: false, autoArgs: false },
    ],
    [{ debug: true }, { OBOL_DEBUG: '' }, { debug: true }],
    [
      { documentRoot: 'a' },
      { OBOL_DOCUMENT_ROOT: 'b', OBOL_DOCUMENT_INDEX: 'YES' },
      { documentRoot: 'b', documentIndex: true },
    ],
    [
      {},
      { OBOL_KEEP_BLANK_VALUES: 'true', OBOL_STRICT_PARSING: 'true' },
      { keepBlankValues: true, strictParsing: true },
    ],
    [{}, { OBOL_POWERED_BY: 'off' }, { poweredBy: false }],
    [{ environment: true, debug: false }, { OBOL_DEBUG: 'on' }, { environment: true, debug: true }],
    [{ environment: false, debug: false }, { OBOL_DEBUG: 'on' }, { environment: false, debug: false }],
    [{}, { obol_debug: 'on', OBOL_CONTROLLERS: 'x', OBOL_LOGGER: 'x', OBOL_AUTH: 'a:b' }, {}],
  ])('%j with %j are %j', (options, variables, given) => {
    expect(read(options, variables)).toEqual({ given: { ...given, controllers: [] }, problems: [] });
  });

  test('that are wrong are reported, and count as not given', () => {
    const { given, problems } = read(
      { debug: true },
      { OBOL_DEBUG: 'maybe', OBOL_AUTO_FORM: '2', OBOL_AUTO_ARGS: 'off' },
    );
    expect(given).toEqual({ controllers: [], debug: true, autoArgs: false });
    expect(problems).toEqual([
      { code: 'E_SETTING', message: 'OBOL_DEBUG in the environment: "maybe" is neither "on" nor "off".' },
      { code: 'E_SETTING', message: 'OBOL_AUTO_FORM in the environment: "2" is neither "on" nor "off".' },
    ]);
  });
});

describe('OBOL_SECRET_KEY', () => {
  const GIVEN = 'b7e23ec29af22b0b4e41da31e868d572'.repeat(2);
  const CODE = '0f94ab28365c1d7e0f94ab28365c1d7e'.repeat(2);
  const authMap = new PasswordMap();
  const OIDC = {
    issuer: 'https://id.example.org/',
    clientId: 'x',
    service: 'https://app.example.org/',
    keeper: cookieLogin({ keys: [CODE] }),
  };
  const MAKERS: Readonly<Record<string, () => unknown>> = {
    sessions: () => sessions(),
    'signed sessions': () => sessions({ kind: 'signed' }),
    digest: () => digest({ authMap }),
    csrf: () => csrf(),
    cookieLogin: () => cookieLogin(),
    oidcLogin: () => oidcLogin(OIDC),
    urlSigner: () => urlSigner({ expires: 1 }),
  };

  beforeEach(() => {
    process.env['OBOL_SECRET_KEY'] = GIVEN;
  });
  afterEach(() => {
    delete process.env['OBOL_SECRET_KEY'];
  });

  test.each(Object.keys(MAKERS))('is the key of %s, and in no print of them', (name) => {
    expect(inspect(MAKERS[name]?.(), { depth: 9, showHidden: true })).not.toContain(GIVEN.slice(0, 16));
  });

  test.each(Object.keys(MAKERS))(
    'is refused where it can be guessed, by %s, with the way out and without itself',
    (name) => {
      for (const weak of [
        'hunter2-hunter2',
        'a'.repeat(64),
        'change-me-change-me-change-me-change-me',
        GIVEN.slice(0, 32),
      ]) {
        process.env['OBOL_SECRET_KEY'] = weak;
        expect(MAKERS[name]).toThrow(
          expect.objectContaining({
            code: 'E_SETTING',
            message: expect.stringMatching(
              /^OBOL_SECRET_KEY in the environment: it must hold at least 32 random bytes, .* Make one with: node -p "require\(.*$/,
            ),
          }),
        );
        expect(MAKERS[name]).not.toThrow(weak);
      }
    },
  );

  test.each(Object.keys(MAKERS).filter((name) => name !== 'csrf'))(
    'is missed by %s where the code has no key either, and an empty one counts as none',
    (name) => {
      process.env['OBOL_SECRET_KEY'] = '';
      expect(MAKERS[name]).toThrow(expect.objectContaining({ code: 'E_SETTING' }));
    },
  );

  test('wins over the keys of the code, which are not even accepted beside it', async () => {
    const cookieOf = (keeper: LoginKeeper): string =>
      keeper.keep(request('/'), { user: 'smith' })?.split(';')[0] ?? '';
    const userOf = async (keeper: LoginKeeper, Cookie: string): Promise<string | undefined> =>
      (await keeper.find(request('/', { headers: { Cookie } }))).login?.user;
    const written = cookieOf(cookieLogin({ keys: [CODE] }));
    expect(await userOf(cookieLogin(), written)).toBe('smith');
    delete process.env['OBOL_SECRET_KEY'];
    const writtenByCode = cookieOf(cookieLogin({ keys: [CODE] }));
    expect(await userOf(cookieLogin({ keys: [CODE] }), writtenByCode)).toBe('smith');
    expect(await userOf(cookieLogin({ keys: [CODE] }), written)).toBeUndefined();
    process.env['OBOL_SECRET_KEY'] = GIVEN;
    expect(await userOf(cookieLogin({ keys: [CODE] }), writtenByCode)).toBeUndefined();
  });

  test('is not for what is shared with others: tickets, and sessions of a store', () => {
    process.env['OBOL_SECRET_KEY'] = 'weak';
    expect(() => sessions({ store: memorySessionStore() })).not.toThrow();
    expect(() => ticketLogin({ secrets: [CODE] })).not.toThrow();
  });
});
