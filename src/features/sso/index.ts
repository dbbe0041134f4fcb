/** `obol/sso`: log-ins at another server, by CAS or OpenID Connect. */
export { casLogin, CheckCas } from './check-cas.js';
export { casGroups } from './cas-keeper.js';
export { CasLogin, type CasOptions } from './cas-login.js';
export { CheckOidc, oidcLogin } from './check-oidc.js';
export { OidcLogin, type OidcOptions } from './oidc-login.js';
