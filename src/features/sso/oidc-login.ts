/** Single sign-on by OpenID Connect (authorization code flow with PKCE): what is answered on the way there and back. */
import {
  checkOptions,
  type Feature,
  HttpError,
  type Logger,
  MethodNotAllowed,
  personalResponse,
  PROVIDED_BY,
  type Request,
  type Response,
  ResponseError,
  rule,
  type Rules,
  SECRET_KEY_RULES,
  withSecretKey,
} from '../../kit.js';
import { refuseForeign } from '../csrf/judge.js';
import { SCOPE_RULE } from '../auth/bearer/bearer.js';
import type { JwtClaims } from '../auth/bearer/jwt.js';
import { KEEPER_RULE, logIn, logOut, type Login, type LoginKeeper } from '../auth/login/keeper.js';
import { needsLogin } from '../auth/login/login-required.js';
import { OWN_PATH_RULE, returnPath } from '../auth/login/return-path.js';
import { NO_STORE, seeOther } from '../auth/login/see-other.js';
import { LoginLog, safeWord } from './login-log.js';
import { OidcProvider } from './oidc-provider.js';
import { MAX_NEXT, OidcState } from './oidc-state.js';
import { SERVER_URL_RULE, withSlash } from './server-url.js';

export interface OidcOptions {
  /** The provider, exactly as it names itself, such as `https://id.example.org/realms/staff`. */
  readonly issuer: string;
  /** What the provider calls this application. */
  readonly clientId: string;
  /** What this application proves itself with, sent as HTTP Basic and never logged. Default none: a public client. */
  readonly clientSecret?: string | undefined;
  /** Address of this application, base included, as browsers see it; never taken from the Host of a request. */
  readonly service: string;
  /** Where logins are kept: `sessionLogin(...)` or `cookieLogin(...)`. */
  readonly keeper: LoginKeeper;
  /**
   * At least 32 random bytes each, the same in every process; those of `cookieLogin` will do. The first seals what a browser
   * keeps while its user is away, all open it. `OBOL_SECRET_KEY` takes their place, and is the default.
   */
  readonly keys?: readonly (string | Uint8Array)[];
  /** What to ask for. Default `['openid']`, which is always among them. */
  readonly scopes?: readonly string[] | undefined;
  /** Path that the provider sends people back to, registered there. Default `/login/callback`. */
  readonly redirectPath?: string | undefined;
  /** Path that people go to when they came from nowhere in particular, and after logging out. Default `/`. */
  readonly home?: string | undefined;
  /** Who the user is, by the claims of the ID token; undefined refuses the login. Default the claim `sub`. */
  readonly user?: ((claims: JwtClaims) => Login | string | undefined) | undefined;
}

const PLAIN_PATH_RULE = rule.text('a path without a query and a fragment', /^[^?#]*$/);
const RULES: Rules<OidcOptions & Required<Pick<OidcOptions, 'keys'>>> = {
  issuer: rule.needed(SERVER_URL_RULE),
  clientId: rule.needed(rule.text('the name of this application at the provider')),
  clientSecret: rule.secret(
    'a secret; leave it out for a public client',
    (secret) => typeof secret === 'string' && secret !== '',
  ),
  service: rule.needed(SERVER_URL_RULE),
  keeper: rule.needed(KEEPER_RULE),
  keys: rule.needed(SECRET_KEY_RULES.several),
  scopes: rule.list('a list of scopes', SCOPE_RULE),
  redirectPath: (path, name) => OWN_PATH_RULE(path, name) ?? PLAIN_PATH_RULE(path, name),
  home: OWN_PATH_RULE,
  user: rule.callable('(claims) => user'),
};

/** Errors on the way back (RFC 6749 4.1.2.1, OpenID Connect Core 3.1.2.6) that are no refusal. */
const UNASKED: ReadonlySet<string> = new Set([
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
]);
const OUT_OF_ORDER: ReadonlySet<string> = new Set(['server_error', 'temporarily_unavailable']);

/** What stands between an application and its OpenID provider. Printing it shows nothing. */
export class OidcLogin {
  static readonly [PROVIDED_BY] = 'oidcLogin({ ... })';
  /** The keeper that was given. */
  readonly keeper: LoginKeeper;
  readonly #service: URL;
  readonly #path: string;
  readonly #home: string;
  readonly #user: (claims: JwtClaims) => unknown;
  readonly #state: OidcState;
  readonly #provider: OidcProvider;
  readonly #log: LoginLog;

  /** @throws ObolError E_SETTING for a wrong option, E_PACKAGE when openid-client is not installed */
  constructor(given: OidcOptions) {
    const options = withSecretKey(given, (key) => ({ keys: [key] }));
    checkOptions('oidcLogin', options, RULES);
    this.keeper = options.keeper;
    const { redirectPath = '/login/callback', home = '/', user, clientId, clientSecret } = options;
    const issuer = new URL(options.issuer);
    this.#service = withSlash(options.service);
    this.#path = redirectPath;
    this.#home = home;
    this.#user = user ?? (({ sub }) => sub);
    const redirectUri = new URL(`.${redirectPath}`, this.#service);
    const client = JSON.stringify([issuer.href, clientId, redirectUri.href]);
    this.#state = new OidcState(options.keys, client, this.#service.protocol === 'https:');
    this.#log = new LoginLog(`The OpenID provider ${issuer.href}`);
    const scopes = [...new Set(['openid', ...(options.scopes ?? [])])];
    this.#provider = new OidcProvider({ issuer, clientId, clientSecret, scopes, redirectUri }, this.#log);
  }

  /** Sets where outages are logged. {@link oidcLogin} does so at bootstrap. */
  start(logger: Logger): void {
    this.#log.start(logger);
  }

  /** What answers the way back. */
  routes(): Required<Feature>['routes'] {
    const oidcLogin = (request: Request): Promise<Response> => this.#enter(request);
    return [{ path: this.#path, handler: oidcLogin }];
  }

  /**
   * Refuses clients that are not logged in: browsers are sent to the provider, programs get 401. For guards.
   * @throws HttpError 503 while the provider cannot be had
   */
  assertLoggedIn(request: Request): void | Promise<void> {
    if (!needsLogin(request)) return;
    return this.begin(request, request.target).then((response) => {
      throw new ResponseError(response);
    });
  }

  /**
   * Sends the client to the provider. For a route of one's own, such as `/login`.
   * @param next path to come back to, of this server; anything else leads home
   * @throws HttpError 503 while the provider cannot be had
   */
  async begin(request: Request, next?: string): Promise<Response> {
    this.#log.cameFor(this.#service, request);
    const home = request.application.baseUrl + this.#home;
    const back = returnPath(next) ?? home;
    const { attempt, setCookie } = this.#state.begin(request, back.length > MAX_NEXT ? home : back);
    return seeOther(await this.#provider.loginUrl(attempt), setCookie);
  }

  /** Logs out here, and of the provider where it has a way to. For a route that answers POST. @throws HttpError 403 */
  async leave(request: Request): Promise<Response> {
    refuseForeign(request);
    logOut(request);
    const home = new URL(`.${this.#home}`, this.#service);
    return seeOther((await this.#provider.logoutUrl(home)) ?? request.application.baseUrl + this.#home);
  }

  async #enter(request: Request): Promise<Response> {
    // Who only looks what is there must not spend the code.
    if (request.method === 'HEAD') throw new MethodNotAllowed({ method: 'HEAD', allow: ['GET'] });
    const taken = this.#state.take(request, request.args.getFirst('state') ?? '');
    if (!taken)
      throw new HttpError(400, 'This login was not begun here, or too long ago; open the page again', {
        headers: NO_STORE,
      });
    const { attempt, setCookie } = taken;
    try {
      this.#assertGranted(request.args.getFirst('error'));
      this.#logIn(request, await this.#provider.claimsOf(request.query, attempt));
    } catch (error) {
      throw withCookie(error, setCookie);
    }
    // Without the code, which would stay in histories and logs.
    return seeOther(attempt.next, setCookie);
  }

  /** What the provider says of an error in its own words is neither shown nor logged. */
  #assertGranted(error: string | undefined): void {
    if (error === undefined) return;
    this.#log.refused(`it sent a user back with an error (${safeWord(error)})`);
    if (OUT_OF_ORDER.has(error))
      throw new HttpError(503, 'The OpenID provider cannot log in now', { headers: { 'Retry-After': '30' } });
    if (UNASKED.has(error)) throw new HttpError(401, 'The OpenID provider has not logged you in');
    throw new HttpError(403, 'Logging in was refused');
  }

  #logIn(request: Request, claims: JwtClaims): void {
    try {
      logIn(request, this.#loginOf(claims));
    } catch (error) {
      if (error instanceof HttpError) throw error;
      this.#log.crashed('A user whom the OpenID provider knows cannot be logged in', error);
      throw new HttpError(500, undefined, { cause: error });
    }
  }

  #loginOf(claims: JwtClaims): Login {
    const given = this.#user(claims);
    const login = typeof given === 'string' ? { user: given } : (given as Login | undefined | null);
    if (typeof login?.user === 'string' && login.user !== '' && !/\p{Cc}/u.test(login.user)) return login;
    throw new HttpError(403, 'You may not log in here');
  }
}

/** The same error with the cookie in which the state is spent, whatever became of the login. */
function withCookie(error: unknown, setCookie: string): unknown {
  if (error instanceof ResponseError) return new ResponseError(personalResponse(error.response, setCookie));
  if (!(error instanceof HttpError)) return error;
  const { status, message, expose, cause, headers } = error;
  return new HttpError(status, message, {
    expose,
    cause,
    headers: { ...headers, ...NO_STORE, 'Set-Cookie': setCookie },
  });
}
