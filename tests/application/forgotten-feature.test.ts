/** Controllers that take what a feature would give them, were it there. */
import { expect, test } from '@jest/globals';
import { Controller } from 'obol';
import { inject } from 'tsyringe';
import { FormLogin } from '../../src/features/auth/index.js';
import { CasLogin, OidcLogin } from '../../src/features/sso/index.js';
import { Session } from '../../src/features/session/index.js';
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

test.each([
  [SessionController, 'Session', 'sessions({ ... })'],
  [FormController, 'FormLogin', 'formLogin({ ... })'],
  [CasController, 'CasLogin', 'casLogin({ ... })'],
  [OidcController, 'OidcLogin', 'oidcLogin({ ... })'],
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
