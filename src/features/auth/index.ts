/** `obol/auth`: who asks, proved. */
export { challengeLine, type ChallengeParameter } from './challenge.js';

export { CheckDigest, digest, type Digest } from './digest/check-digest.js';
export { hexdigest, type DigestAlgorithm, type DigestHash } from './digest/algorithm.js';
export type { DigestOptions, DigestUsers } from './digest/settings.js';
export type { Qop } from './digest/proofs.js';
export {
  memoryNonceStore,
  type MemoryNonceStore,
  type MemoryNonceStoreOptions,
  type NonceStore,
  type NonceUse,
} from './digest/nonce-store.js';
export { PasswordMap } from './passwords/password-map.js';

export {
  hashPassword,
  isOutdated,
  verifyPassword,
  type PasswordHashOptions,
} from './passwords/password-hash.js';
export { PasswordHashMap, type PasswordHashMapOptions } from './passwords/password-hash-map.js';
export type { PasswordFileOptions } from './passwords/password-file.js';

export { access, Groups, MinimumAccess, type Access, type AccessOf } from './access/groups.js';
export { addressGuard, GrantAddress, type AddressRule } from './access/address.js';
export { allOf, anyOf } from './access/any-of.js';
export { basicGuard, CheckBasic, type BasicOptions } from './basic/basic.js';
export type { PasswordUsers } from './passwords/password-users.js';
export { bearerGuard, bearerLoginOf, CheckBearer, type BearerOptions } from './bearer/bearer.js';
export { JwtTokens, type JwtClaims, type JwtKeySet, type JwtOptions } from './bearer/jwt.js';
export {
  hashToken,
  newToken,
  StaticTokens,
  type BearerLogin,
  type BearerTokens,
  type StaticToken,
} from './bearer/tokens.js';

export {
  logIn,
  loginOf,
  logins,
  logOut,
  type FoundLogin,
  type Login,
  type LoginKeeper,
} from './login/keeper.js';
export type { LoginCookieOptions } from './login/cookie-keeper.js';
export { cookieLogin, type CookieLoginOptions } from './login/cookie.js';
export { ticketLogin, Tickets, type Ticket, type TicketDigest, type TicketOptions } from './login/ticket.js';
export { sessionLogin, type LoginSession, type SessionOf } from './login/session.js';
export { CheckFormLogin, formLogin } from './login/check-form-login.js';
export { FormLogin, type FormLoginOptions } from './login/form.js';
export type { LoginPage, LoginView } from './login/page.js';
