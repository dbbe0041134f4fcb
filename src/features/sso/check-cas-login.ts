/** How an application logs in by CAS: the feature, and the decorator that sends people there. */
import { createGuard, type Feature } from '../../kit.js';
import { featureOf } from '../auth/login/feature-of.js';
import { loginCookie, logins } from '../auth/login/keeper.js';
import { CasLogin, type CasOptions } from './cas-login.js';

/**
 * Logs in by CAS: answers its path, keeps logins, and leaves a {@link CasLogin} for controllers and for `@CheckCasLogin()`.
 * Behind a proxy that ends TLS, name the proxy in `trustProxy`, so that cookies are Secure. When the CAS server fails, the
 * log of the application gets one line, and one more when it is back.
 *
 * In a controller, `@CheckCasLogin()` guards a method, `casGroups(req)` gives the groups, and `@Post('/logout')` answers
 * what `leave(req)` of its {@link CasLogin} returns.
 *
 * @example
 * ```ts
 * const cas = casLogin({
 *   server: 'https://cas.example.org/cas',
 *   service: 'https://app.example.org',
 *   keeper: cookieLogin({ keys: [process.env.LOGIN_KEY ?? ''] }),
 *   groupsOf: (attributes) => attributes.get('memberOf') ?? [],
 * });
 * const app = await bootstrap({ controllers, features: [cas], trustProxy: ['10.0.0.1'] });
 * await app.listen({ port: 8080 });
 * ```
 *
 * @throws ObolError E_SETTING for a wrong option
 */
export function casLogin(options: CasOptions): Feature {
  const cas = new CasLogin(options);
  return {
    ...logins(cas.keeper),
    routes: cas.routes(),
    providers: [{ provide: CasLogin, useValue: cas }],
    start: ({ logger }) => {
      cas.start(logger);
    },
  };
}

/**
 * `@CheckCasLogin()`, perhaps with `@Groups('staff')` below it, lets through who is logged in. People are sent to CAS and
 * come back here afterwards; programs get 401.
 */
export const CheckCasLogin = createGuard(
  'CheckCasLogin',
  (setup) => {
    const cas = featureOf(setup, CasLogin, 'CAS server');
    return (request) => {
      cas.assertLoggedIn(request);
    };
  },
  (setup) => loginCookie(setup.resolve(CasLogin).keeper),
);
