/** Who is logged in from one request to the next: the feature that knows it, and what logs in and out. */
import {
  andThen,
  assertSetting,
  ContextKey,
  type createGuard,
  Declined,
  type Feature,
  type Handler,
  ObolError,
  personalResponse,
  type Request,
  type Response,
  rule,
} from '../../../kit.js';
import { refuseUnreported } from '../../csrf/judge.js';

/** A user who is logged in. */
export interface Login {
  readonly user: string;
  /** What the user may do. They are kept with the login, so that they change with the next login only. */
  readonly groups?: readonly string[] | undefined;
}

/** What a request brought along. */
export interface FoundLogin {
  /** Undefined when there is none that still counts. */
  readonly login?: Login | undefined;
  /** A Set-Cookie that prolongs it, or removes one that is no good. */
  readonly setCookie?: string | undefined;
}

/** Keeps logins: in a signed cookie, a ticket, a session. */
export interface LoginKeeper {
  /** Name of the cookie that the client sends, for documents. Default `SESSID`, that of sessions. */
  readonly cookie?: string | undefined;
  find(request: Request): FoundLogin | Promise<FoundLogin>;
  /** @returns a Set-Cookie, where there is one to send */
  keep(request: Request, login: Login): string | undefined;
  /** @returns a Set-Cookie, where there is one to send */
  drop(request: Request): string | undefined;
}

const LOGIN = new ContextKey<Login | undefined>('obol.login', { ofApplication: true, shared: true });

interface LoginState {
  readonly keeper: LoginKeeper;
  setCookie: string | undefined;
  /** Whether the answer is for one client alone. */
  isPersonal: boolean;
}

/** Of a test that calls a controller alone: the login is the request's own. */
const NOT_KEPT: LoginState = {
  keeper: { find: () => ({}), keep: () => undefined, drop: () => undefined },
  setCookie: undefined,
  isPersonal: true,
};

/** Of what keeps logins. */
export const KEEPER_RULE = rule.methods(
  ['find', 'keep', 'drop'],
  'cookieLogin({ keys }), or sessionLogin((request) => store.of(request)) where store is sessions({ ... })',
);

const STATE = new ContextKey<LoginState>('obol.login-state', { ofApplication: true, shared: true });

/**
 * Remembers who is logged in: `request.user` is the name from the beginning of a request, before any guard, and
 * `logIn(request, ...)` and `logOut(request)` change that. A feature that the keeper needs, such as sessions, goes before.
 * @throws ObolError E_SETTING for what keeps no logins
 *
 * @example
 * ```ts
 * features: [logins(cookieLogin({ keys: [process.env.LOGIN_KEY] }))]
 * ```
 */
export function logins(keeper: LoginKeeper): Feature {
  assertSetting('logins', keeper, KEEPER_RULE);
  return {
    middleware: [
      (request, next) =>
        andThen(keeper.find(request), (found) => answerWith(keeper, found, { request, next })),
    ],
  };
}

/** The user who is logged in with a request, with the groups kept with the login; undefined for a client who is not. */
export function loginOf(request: Request): Login | undefined {
  return request.get(LOGIN);
}

/**
 * Logs in the client of this request.
 * @throws ObolError E_AUTH when nothing keeps logins; CsrfRefused for a form that came over plain HTTP from another machine, sent by a
 * client that reports neither Origin nor Sec-Fetch-Site
 */
export function logIn(request: Request, login: Login | string): void {
  refuseUnreported(request);
  const known = typeof login === 'string' ? { user: login } : login;
  const state = stateOf(request);
  state.setCookie = state.keeper.keep(request, known);
  state.isPersonal = true;
  request.user = known.user;
  request.set(LOGIN, known);
}

/** Logs out the client of this request. @throws ObolError E_AUTH when nothing keeps logins */
export function logOut(request: Request): void {
  const state = stateOf(request);
  state.setCookie = state.keeper.drop(request);
  state.isPersonal = true;
  request.user = null;
  request.set(LOGIN, undefined);
}

/** What a client shows who is logged in: the cookie of the keeper. */
export function loginCookie({ cookie = 'SESSID' }: LoginKeeper): LoginCredential {
  return { name: 'login', scheme: { type: 'apiKey', in: 'cookie', name: cookie } };
}

type LoginCredential = NonNullable<ReturnType<NonNullable<Parameters<typeof createGuard>[2]>>>;

function stateOf(request: Request): LoginState {
  const state = request.get(STATE) ?? (request.settings.isolation && { ...NOT_KEPT });
  if (state) return state;
  throw new ObolError(
    'E_AUTH',
    'Nothing keeps logins: add features: [logins(keeper)] or formLogin() to bootstrap.',
  );
}

function answerWith(
  keeper: LoginKeeper,
  { login, setCookie }: FoundLogin,
  { request, next }: { readonly request: Request; readonly next: Handler },
): Response | Promise<Response> {
  const state = { keeper, setCookie, isPersonal: login !== undefined };
  request.set(STATE, state);
  request.set(LOGIN, login);
  // Who the application around this one found is not the user of this one's login.
  if (login && request.user === request.userAbove) request.user = login.user;
  return andThen(next(request), (response) => answerOf(response, state));
}

function answerOf(response: Response, { setCookie, isPersonal }: LoginState): Response {
  if (Declined.brand in response || (setCookie === undefined && !isPersonal)) return response;
  return personalResponse(response, setCookie);
}
