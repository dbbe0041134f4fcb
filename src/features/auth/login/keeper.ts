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

/** One for all requests in the name of a client. */
interface LoginState {
  readonly keeper: LoginKeeper;
  login: Login | undefined;
  /** What has yet to be sent. */
  setCookie: string | undefined;
  /** Whether the answer is for one client alone. */
  isPersonal: boolean;
  /** How many requests are on their way whose responses come back here. */
  passes: number;
}

/** Of a test that calls a controller alone: the login is the request's own. */
const NOT_KEPT: LoginState = {
  keeper: { find: () => ({}), keep: () => undefined, drop: () => undefined },
  login: undefined,
  setCookie: undefined,
  isPersonal: true,
  passes: 0,
};

/** Of what keeps logins. */
export const KEEPER_RULE = rule.methods(
  ['find', 'keep', 'drop'],
  'cookieLogin({ keys }), or sessionLogin((request) => store.of(request)) where store is sessions({ ... })',
);

/** Of the feature that the request has come to last. */
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
  const slot = new ContextKey<LoginState>('logins', { ofApplication: true });
  const stateFor = (request: Request): LoginState | Promise<LoginState> => {
    const owner = request.firstOfClient;
    const known = owner.get(slot);
    if (known) return known;
    return andThen(keeper.find(request), ({ login, setCookie }) => {
      // Another request in the name of the client may have been faster.
      const state = owner.get(slot) ?? {
        keeper,
        login,
        setCookie,
        isPersonal: login !== undefined,
        passes: 0,
      };
      owner.set(slot, state);
      return state;
    });
  };
  return {
    middleware: [(request, next) => andThen(stateFor(request), (state) => answerWith(state, request, next))],
  };
}

/** Says that the answer to a request depends on who is logged in, also where the client is not: no cache gives it to others. */
export function dependsOnLogin(request: Request): void {
  const state = request.get(STATE);
  if (state) state.isPersonal = true;
}

/** The user who is logged in with a request, with the groups kept with the login; undefined for a client who is not. */
export function loginOf(request: Request): Login | undefined {
  return request.get(STATE)?.login;
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
  state.login = known;
}

/** Logs out the client of this request. @throws ObolError E_AUTH when nothing keeps logins */
export function logOut(request: Request): void {
  const state = stateOf(request);
  state.setCookie = state.keeper.drop(request);
  state.isPersonal = true;
  request.user = null;
  state.login = undefined;
}

/** What a client shows who is logged in: the cookie of the keeper. */
export function loginCookie({ cookie = 'SESSID' }: LoginKeeper): LoginCredential {
  return { name: 'login', scheme: { type: 'apiKey', in: 'cookie', name: cookie } };
}

type LoginCredential = NonNullable<ReturnType<NonNullable<Parameters<typeof createGuard>[2]>>>;

function stateOf(request: Request): LoginState {
  const state = request.get(STATE) ?? (request.settings.isolation && { ...NOT_KEPT });
  if (state) {
    request.set(STATE, state);
    return state;
  }
  throw new ObolError(
    'E_AUTH',
    'Nothing keeps logins: add features: [logins(keeper)] or formLogin() to bootstrap.',
  );
}

function answerWith(state: LoginState, request: Request, next: Handler): Response | Promise<Response> {
  const { login } = state;
  request.set(STATE, state);
  state.passes++;
  // Who the application around this one found is not the user of this one's login.
  if (login && request.user === request.userAbove) request.user = login.user;
  return andThen(next(request), (response) => answerOf(response, state, request));
}

/** The cookie goes with the answer to the client, where that comes back here, too. */
function answerOf(response: Response, state: LoginState, { subrequestOf }: Request): Response {
  state.passes--;
  const setCookie = subrequestOf && state.passes > 0 ? undefined : state.setCookie;
  if (Declined.brand in response || (setCookie === undefined && !state.isPersonal)) return response;
  if (setCookie !== undefined) state.setCookie = undefined;
  return personalResponse(response, setCookie);
}
