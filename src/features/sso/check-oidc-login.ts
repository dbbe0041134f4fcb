/** How an application logs in by OpenID Connect: the feature, and the decorator that sends people to the provider. */
import { createGuard, type Feature } from '../../kit.js';
import { featureOf } from '../auth/login/feature-of.js';
import { loginCookie, logins } from '../auth/login/keeper.js';
import { OidcLogin, type OidcOptions } from './oidc-login.js';

/**
 * Logs in by an OpenID provider: answers the way back, keeps logins, and leaves an {@link OidcLogin} for controllers and for
 * `@CheckOidcLogin()`. Needs the package `openid-client`, version 6. The provider is looked up at first use, and anew every hour.
 * Behind a proxy that ends TLS, name the proxy in `trustProxy`, so that cookies are Secure. When the provider fails, the log
 * of the application gets one line, and one more when it is back.
 *
 * In a controller, `@CheckOidcLogin()` guards a method, and `@Post('/logout')` answers what `leave(req)` of its
 * {@link OidcLogin} returns.
 *
 * @example
 * ```ts
 * const keys = [process.env.LOGIN_KEY ?? ''];
 * // Register https://app.example.org/login/callback with the provider.
 * const oidc = oidcLogin({
 *   issuer: 'https://id.example.org/realms/staff',
 *   clientId: 'app',
 *   clientSecret: process.env.CLIENT_SECRET,
 *   service: 'https://app.example.org',
 *   keeper: cookieLogin({ keys }),
 *   keys,
 *   scopes: ['email'],
 *   user: ({ sub, email_verified: isVerified }) => (isVerified === true ? String(sub) : undefined),
 * });
 * const app = await bootstrap({ controllers, features: [oidc], trustProxy: ['10.0.0.1'] });
 * await app.listen({ port: 8080 });
 * ```
 *
 * @throws ObolError E_SETTING for a wrong option, E_PACKAGE when openid-client is not installed
 */
export function oidcLogin(options: OidcOptions): Feature {
  const oidc = new OidcLogin(options);
  return {
    ...logins(options.keeper),
    routes: oidc.routes(),
    providers: [{ provide: OidcLogin, useValue: oidc }],
    start: ({ logger }) => {
      oidc.start(logger);
    },
  };
}

/**
 * `@CheckOidcLogin()`, perhaps with `@Groups('staff')` below it, lets through who is logged in. People are sent to the
 * OpenID provider and come back here afterwards; programs get 401.
 */
export const CheckOidcLogin = createGuard(
  'CheckOidcLogin',
  (setup) => {
    const oidc = featureOf(setup, OidcLogin, 'OpenID provider');
    return (request) => oidc.assertLoggedIn(request);
  },
  (setup) => loginCookie(setup.resolve(OidcLogin).keeper),
);
