/** Controllers that take what a feature would give them, were it there. */
import { expect, test } from '@jest/globals';
import { Controller, Get } from 'obol';
import { inject } from 'tsyringe';
import {
  anyOf,
  CheckDigest,
  CheckFormLogin,
  digest,
  FormLogin,
  PasswordHashMap,
  PasswordMap,
} from '../../src/features/auth/index.js';
import { CasLogin, OidcLogin } from '../../src/features/sso/index.js';
import { Session } from '../../src/features/session/index.js';
import { MetadataKey } from '../../src/metadata/metadata-key.js';
import { start } from '../support/client.js';
import { problemsOf } from '../support/problems.js';

@Controller()
class SessionController {
  constructor(readonly session: Session<{ user: string }>) {}
}

@Controller()
class FormController {
  constructor(readonly login: FormLogin) {}
}

@Controller()
class CasController {
  constructor(readonly login: CasLogin) {}
}

@Controller()
class OidcController {
  constructor(readonly login: OidcLogin) {}
}

@Controller()
class UsersController {
  constructor(readonly users: PasswordMap) {}
}

test.each([
  [SessionController, 'Session', 'sessions({ ... })'],
  [FormController, 'FormLogin', 'formLogin({ ... })'],
  [CasController, 'CasLogin', 'casLogin({ ... })'],
  [OidcController, 'OidcLogin', 'oidcLogin({ ... })'],
  [UsersController, 'PasswordMap', 'digest({ secretKey, authMap: new PasswordMap(...) })'],
])('%p without its feature is told which one to add', async (controller, name, feature) => {
  const [problem, ...others] = await problemsOf([controller]);
  expect(others).toEqual([]);
  expect(problem).toMatchObject({
    code: 'E_DEPENDENCY',
    member: controller.name,
    place: expect.stringContaining('forgotten-feature'),
  });
  expect(problem?.message).toBe(
    `${name} is provided by a feature that this application does not have: add features: [${feature}] to bootstrap.`,
  );
});

@Controller()
class OptionalController {
  constructor(@inject(Session, { isOptional: true }) readonly session?: Session) {}
}

test('so is who would do without, since the container can make none either way', async () => {
  expect((await problemsOf([OptionalController])).map(({ code }) => code)).toEqual(['E_DEPENDENCY']);
});

class OwnLogin extends FormLogin {
  constructor(readonly own: string) {
    super({} as never);
  }
}

@Controller()
class OwnController {
  constructor(readonly login: OwnLogin) {}
}

test('a subclass of such a class is not taken for it', async () => {
  const [problem] = await problemsOf([OwnController]);
  expect(problem).toMatchObject({
    code: 'E_METADATA',
    message: expect.stringContaining('OwnLogin has constructor'),
  });
});

const SECRET = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 7 + 1));

class OwnUsers {
  find() {
    return undefined;
  }
}

class OwnMap extends PasswordMap {}

test.each([
  ['as a PasswordMap', new PasswordMap(), PasswordMap],
  ['as a PasswordMap, though it is more', new OwnMap(), PasswordMap],
  ['under a class that extends it', new OwnMap(), OwnMap],
  ['under any class', new OwnUsers(), OwnUsers],
])('what a feature knows, it provides: the users of digest(), %s', async (_, authMap, target) => {
  class Taking {
    constructor(readonly users: unknown) {}
  }
  Controller('/', target)(Taking as new (users: object) => Taking);
  const { app } = await start(Taking, { features: [digest({ secretKey: SECRET, authMap })] });
  expect(app.resolve(Taking).users).toBe(authMap);
});

test('what the application provides itself stands in for what its features do', async () => {
  const own = new PasswordMap();
  const { app } = await start(UsersController, {
    providers: [{ provide: PasswordMap, useValue: own }],
    features: [digest({ secretKey: SECRET, authMap: new PasswordMap() })],
  });
  expect(app.resolve(UsersController).users).toBe(own);
});

@Controller()
class HashesController {
  constructor(readonly users: PasswordHashMap) {}
}

test('what no feature provides is to be given', async () => {
  const [problem] = await problemsOf([HashesController]);
  expect(problem?.message).toContain('providers: [{ provide: PasswordHashMap, useValue: ... }]');
});

@Controller()
class BothController {
  @anyOf(CheckDigest('Staff'), CheckFormLogin()) @Get('/') index() {
    return 'index';
  }
}

test('guards of one decorator say at once which features they lack', async () => {
  expect((await problemsOf([BothController])).map(({ code, message }) => [code, message])).toEqual([
    [
      'E_AUTH',
      'The guard @anyOf could not be put together: there is no digest authentication. Add features: [digest({ secretKey, authMap })] ' +
        'to those of bootstrap. And there is no form to log in with. Add features: [formLogin({ ... })] to those of bootstrap.',
    ],
  ]);
});

test.each<[string, Parameters<typeof start>[1], readonly string[]]>([
  ['is named once for each class', {}, ['Labelled', 'LabelledMethods.one']],
  ['may provide once', { features: [{ providers: [{ provide: 'labels()', useValue: 1 }] }] }, []],
  [
    'may provide for each request',
    { features: [{ requestProviders: [{ provide: 'labels()', useFactory: () => 1 }] }] },
    [],
  ],
])('a feature that reads decorators of classes and methods %s', async (_, options, members) => {
  const key = new MetadataKey<string>('acme.label', { readBy: 'labels()' });
  const Label = (text: string) => key.decorator(text, Label);

  @Label('class')
  @Controller('/a')
  class Labelled {
    @Label('method') @Get('/') one() {
      return 1;
    }
  }
  @Controller('/b')
  class LabelledMethods {
    @Label('one') @Get('/1') one() {
      return 1;
    }
    @Label('two') @Get('/2') two() {
      return 2;
    }
  }
  const controllers = [Labelled, LabelledMethods];
  const problems = members.length > 0 ? await problemsOf(controllers, options) : [];
  if (members.length === 0) await start(controllers, options);
  expect(
    problems.map(({ code, member, place = '' }) => [code, member, place.includes('forgotten-feature')]),
  ).toEqual(members.map((member) => ['E_FEATURE', member, true]));
});
