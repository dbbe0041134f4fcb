/** Authorisation: who may pass by groups and by level, and where that is known from. */
import { describe, expect, test } from '@jest/globals';
import { Controller, Get, type Request } from 'obol';
import {
  access,
  ACCESS,
  Groups,
  MinimumAccess,
  type AccessOf,
} from '../../../../src/features/auth/access/groups.js';
import { logins, type Login } from '../../../../src/features/auth/login/keeper.js';
import { start } from '../../../support/client.js';
import { developerError } from '../../../support/errors.js';
import { problemsOf } from '../../../support/problems.js';

@Controller()
class Pages {
  @Get('/groups')
  @Groups('admin', 'editor')
  groups() {
    return 'in';
  }

  @Get('/level')
  @MinimumAccess(50)
  level(_req: Request) {
    return 'in';
  }
}

async function status(path: string, user: unknown, options: Parameters<typeof start>[1] = {}) {
  const { client } = await start(Pages, options);
  return (await client.get(path, { user })).status;
}

describe('by what the user object says', () => {
  class WithGetter {
    get groups() {
      return ['admin'];
    }
  }

  test.each<[number, unknown]>([
    [200, { groups: ['admin'] }],
    [200, { groups: ['x', 'editor'] }],
    [403, { groups: ['Admin'] }],
    [403, { groups: [] }],
    [403, { groups: 'admin' }],
    [403, { groups: [['admin']] }],
    [403, {}],
    [403, new WithGetter()],
    [403, 'admin'],
    [403, 0],
    [401, null],
  ])('@Groups answers %i to %j', async (expected, user) => {
    expect(await status('/groups', user)).toBe(expected);
  });

  test.each<[number, Login]>([
    [200, { user: 'smith', groups: ['editor'] }],
    [403, { user: 'smith', groups: ['staff'] }],
    [403, { user: 'smith' }],
    [403, { user: 'jones', groups: ['admin'] }],
  ])('@Groups answers %i to smith with the login %j', async (expected, login) => {
    const nothing = (): undefined => undefined;
    const keeper = { find: () => ({ login }), keep: nothing, drop: nothing };
    expect(await status('/groups', 'smith', { features: [logins(keeper)] })).toBe(expected);
  });

  test.each<[number, unknown]>([
    [200, { level: 50 }],
    [200, { level: 51 }],
    [403, { level: 49 }],
    [403, { level: '100' }],
    [403, { level: NaN }],
    [403, {}],
    [401, null],
  ])('@MinimumAccess answers %i to %j', async (expected, user) => {
    expect(await status('/level', user)).toBe(expected);
  });
});

describe('by what the application says of a user', () => {
  const people = new Map([['smith', { groups: ['admin'], level: 70 }]]);
  const known: [string, AccessOf][] = [
    ['at once', (user) => people.get(String(user))],
    ['later', (user) => Promise.resolve(people.get(String(user)))],
  ];

  test.each(known)('%s', async (_when, accessOf) => {
    const options = { features: [access(accessOf)] };
    for (const path of ['/groups', '/level']) {
      expect(await status(path, 'smith', options)).toBe(200);
      expect(await status(path, 'jones', options)).toBe(403);
      expect(await status(path, { groups: ['admin'], level: 99 }, options)).toBe(403);
      expect(await status(path, null, options)).toBe(401);
    }
  });

  test('and by the request, too', async () => {
    const accessOf: AccessOf = (_user, { path }) => ({ groups: path === '/groups' ? ['admin'] : [] });
    expect(await status('/groups', 'smith', { features: [access(accessOf)] })).toBe(200);
    expect(await status('/level', 'smith', { features: [access(accessOf)] })).toBe(403);
  });

  test('a function that fails lets nobody in', async () => {
    const accessOf: AccessOf = () => {
      throw new Error('no database');
    };
    expect(await status('/groups', { groups: ['admin'] }, { features: [access(accessOf)] })).toBe(500);
  });

  test('a provider that cannot be built is told, and nothing else is believed instead', async () => {
    const providers = [
      {
        provide: ACCESS,
        useFactory: () => {
          throw new Error('no database');
        },
      },
    ];
    expect((await problemsOf([Pages], { providers })).map(({ message }) => message)).toEqual(
      ['Groups', 'MinimumAccess'].map((name) =>
        expect.stringContaining(`@${name} could not be put together`),
      ),
    );
  });

  test('anything but a function is refused', () => {
    expect(() => access({} as never)).toThrow(
      developerError(
        'E_SETTING',
        'access: an object is not a function (user, request) => ({ groups, level }).',
      ),
    );
  });
});

test('who is not logged in is asked to, as a 401 must', async () => {
  const { client } = await start(Pages);
  expect((await client.get('/groups')).headers.get('www-authenticate')).toBe('Cookie realm="login"');
});

test('mistakes are told at bootstrap', async () => {
  @Controller()
  class Wrong {
    @Get('/groups')
    @Groups()
    groups() {
      return '';
    }
    @Get('/level')
    @MinimumAccess(NaN)
    level() {
      return '';
    }
  }
  expect((await problemsOf([Wrong])).map(({ code, message }) => [code, message])).toEqual([
    [
      'E_SETTING',
      'The guard @Groups could not be put together: Groups: there is none; give one group or several.',
    ],
    ['E_SETTING', 'The guard @MinimumAccess could not be put together: MinimumAccess: NaN is not a number.'],
  ]);
});
