/** `obol/sso`: log-ins at another server, by CAS or OpenID Connect. */
export { casLogin, CheckCasLogin } from './check-cas-login.js';
export { casGroups } from './cas-keeper.js';
export { CasLogin, type CasOptions } from './cas-login.js';
export { CheckOidcLogin, oidcLogin } from './check-oidc-login.js';
export { OidcLogin, type OidcOptions } from './oidc-login.js';
