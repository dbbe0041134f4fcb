/** Who may use modules at all: looked at before the guards of a module, and before its body is read. */
import { andThen, createGuard, Unauthorized } from '../../kit.js';
import { cookieChallenge } from '../auth/challenge.js';
import { FormLogin } from '../auth/login/form.js';
import { isLoggedIn } from '../auth/login/login-required.js';
import type { ModulesOptions } from './options.js';
import { Users } from './user.js';

/**
 * Finds the user, and refuses those that the switches do not accept: who is not logged in is sent to the form of `formLogin()`
 * where there is one and a browser asks, and gets 401 else.
 */
const Admission = createGuard('Admission', (setup, users: Users, acceptsAll: boolean) => {
  const form = setup.tryResolve(FormLogin);
  return (request) => {
    if (acceptsAll || isLoggedIn(request)) return andThen(users.find(request), () => undefined);
    form?.assertLoggedIn(request);
    throw new Unauthorized({ challenges: [cookieChallenge()] });
  };
});

/** The guards before all that there is for users: those of the application, which log in, and then the switches. */
export function admissionGuards(
  {
    users: find,
    acceptUnknownUser,
    acceptUnauthenticatedUser = true,
    guards = [],
  }: Omit<ModulesOptions, 'modules'>,
  users = new Users(find, acceptUnknownUser),
): NonNullable<ModulesOptions['guards']> {
  return [...guards, Admission(users, acceptUnauthenticatedUser)];
}
