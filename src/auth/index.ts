/** `obol/auth`: who asks, proved. */
export { Unauthorized, challengeLine, type ChallengeParameter } from './challenge.js';

export { CheckDigest, DIGEST, digest } from './check-digest.js';
export { Digest } from './digest.js';
export { hexdigest, type DigestAlgorithm, type DigestHash } from './digest-algorithm.js';
export type { DigestOptions, DigestUsers } from './digest-settings.js';
export type { Qop } from './digest-response.js';
export { MemoryNonceStore, type NonceStore, type NonceUse } from './digest-nonce-store.js';
export { redisNonceStore, type RedisNonceStoreOptions } from './redis-nonce-store.js';
export { PasswordMap } from './digest-password-map.js';

export { hashPassword, isOutdated, verifyPassword, type PasswordHashOptions } from './password-hash.js';
export { PasswordHashMap, type PasswordHashMapOptions } from './password-hash-map.js';
export type { PasswordFileOptions } from './password-file.js';

export { access, ACCESS, Groups, MinimumAccess, type Access, type AccessOf } from './groups.js';
export { addressGuard, GrantAddress, type AddressRule } from './address.js';
export { allOf, anyOf } from './any-of.js';
export { basicGuard, CheckBasic, type BasicOptions } from './basic.js';
export type { PasswordUsers } from './basic-memory.js';
export { BEARER_LOGIN, bearerGuard, CheckBearer, type BearerOptions } from './bearer.js';
export { JwtTokens, type JwtClaims, type JwtKeySet, type JwtOptions } from './bearer-jwt.js';
export {
  hashToken,
  newToken,
  StaticTokens,
  type BearerLogin,
  type BearerTokens,
  type StaticToken,
} from './bearer-tokens.js';

export {
  LOGIN,
  logIn,
  logins,
  logOut,
  type FoundLogin,
  type Login,
  type LoginKeeper,
} from './login-keeper.js';
export type { LoginCookieOptions } from './login-cookie-keeper.js';
export { cookieLogin, type CookieLoginOptions } from './login-cookie.js';
export { ticketLogin, Tickets, type Ticket, type TicketDigest, type TicketOptions } from './ticket.js';
export { sessionLogin, type LoginSession, type SessionOf } from './login-session.js';
export { CheckLogin, FormLogin, formLogin, type FormLoginOptions } from './login-form.js';
export type { LoginPage, LoginView } from './login-page.js';
export { casGroups, CasLogin, casLogin, CheckCas, type CasOptions } from './cas-login.js';
export { CheckOidc, OidcLogin, oidcLogin, type OidcOptions } from './oidc-login.js';
