/** How an application logs in with a form: the feature, and the decorator that sends people to the form. */
import { createGuard, type Feature } from '../../../kit.js';
import { csrfTokens } from '../../csrf/csrf.js';
import { needsOf } from '../../throttle/throttle.js';
import { featureOf } from './feature-of.js';
import { FormLogin, type FormLoginOptions } from './form.js';
import { loginCookie, logins } from './keeper.js';

/**
 * Logging in with a form: keeps logins, and leaves a {@link FormLogin} for the controller that has the form. The form, and
 * that which logs out, are refused when pages of other sites send them; for all others there is `csrf()` of obol/csrf.
 * @throws ObolError E_SETTING for a wrong option
 */
export function formLogin(options: FormLoginOptions): Feature {
  const login = new FormLogin(options);
  const { middleware = [], ...feature } = logins(options.keeper);
  return {
    ...feature,
    needs: needsOf(options.throttle),
    middleware: [csrfTokens(options.csrf), ...middleware],
    providers: [{ provide: FormLogin, useValue: login }],
  };
}

/**
 * `@CheckFormLogin()`, perhaps with `@Groups('admin')` below it, lets through who is logged in. People are sent to the form
 * and come back here afterwards; programs get 401.
 */
export const CheckFormLogin = createGuard(
  'CheckFormLogin',
  (setup) => {
    const login = featureOf(setup, FormLogin, 'form to log in with');
    return (request) => {
      login.assertLoggedIn(request);
    };
  },
  (setup) => loginCookie(setup.resolve(FormLogin).keeper),
);
