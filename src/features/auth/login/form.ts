/** Logging in with a form: the page, and what becomes of what was filled in. */
import {
  checkOptions,
  HttpError,
  PROVIDED_BY,
  type Request,
  Response,
  ResponseError,
  rule,
  type Rules,
} from '../../../kit.js';
import { assertGenuine, csrfToken } from '../../csrf/csrf.js';
import { refuseUnreported } from '../../csrf/judge.js';
import type { CsrfOptions } from '../../csrf/options.js';
import { CSRF_FIELD } from '../../csrf/sent-token.js';
import { THROTTLE_RULE } from '../../throttle/options.js';
import { Throttle } from '../../throttle/throttle.js';
import { cookieChallenge } from '../challenge.js';
import { USERS_RULE, type PasswordUsers } from '../passwords/password-users.js';
import { assertPrivate } from '../transport.js';
import { KEEPER_RULE, logIn, logOut, type LoginKeeper } from './keeper.js';
import { isLoggedIn, needsLogin } from './login-required.js';
import { loginPage, type LoginPage } from './page.js';
import { OWN_PATH_RULE, returnPath } from './return-path.js';
import { NO_STORE, seeOther } from './see-other.js';

export interface FormLoginOptions {
  readonly users: PasswordUsers;
  /** Where logins are kept: `sessionLogin(...)`, `cookieLogin(...)` or `ticketLogin(...)`. */
  readonly keeper: LoginKeeper;
  /**
   * What distinguishes this form from those of other sites; as for `csrf()`, whose own settings count where it protects the whole
   * application. Default its defaults.
   */
  readonly csrf?: CsrfOptions | undefined;
  /** Groups of a user, kept with the login. Default none. */
  readonly groupsOf?: ((user: string) => readonly string[] | Promise<readonly string[]>) | undefined;
  /** Path of the form within the application. Default `/login`. */
  readonly path?: string | undefined;
  /** Path within the application that people go to from nowhere in particular, and after logging out. Default `/`. */
  readonly home?: string | undefined;
  /** Makes the page. Default a plain one. */
  readonly page?: LoginPage | undefined;
  /** How often a client may be wrong; `false` for any number of times. Default `new Throttle({ failures: 10 })`. */
  readonly throttle?: Throttle | false | undefined;
  /** Whether passwords may come over plain HTTP from other machines. Default false. */
  readonly allowHttp?: boolean | undefined;
}

const RULES: Rules<FormLoginOptions> = {
  users: rule.needed(USERS_RULE),
  keeper: rule.needed(KEEPER_RULE),
  // They are checked where they are used, as those of csrf().
  csrf: rule.any,
  groupsOf: rule.callable('(user) => groups'),
  ...rule.each(['path', 'home'], OWN_PATH_RULE),
  page: rule.callable('(view) => html'),
  throttle: THROTTLE_RULE,
  allowHttp: rule.flag,
};

const NEXT = 'next';

/**
 * What the routes of a login form answer, in a controller whose constructor takes it: `login.page(req)` for
 * `@Get('/login')`, `login.submit(req)` for `@Post('/login')` and `login.leave(req)` for `@Post('/logout')`. Printing it
 * shows nothing.
 */
export class FormLogin {
  static readonly [PROVIDED_BY] = 'formLogin({ ... })';
  /** Where the form is. */
  readonly path: string;
  readonly #options: FormLoginOptions;
  readonly #home: string;
  readonly #throttle: Throttle | undefined;

  /** @throws ObolError E_SETTING for a wrong option */
  constructor(options: FormLoginOptions) {
    checkOptions('formLogin', options, RULES);
    const { path = '/login', home = '/', throttle } = options;
    this.path = path;
    this.#home = home;
    this.#options = options;
    this.#throttle = throttle === false ? undefined : (throttle ?? new Throttle({ failures: 10 }));
  }

  get keeper(): LoginKeeper {
    return this.#options.keeper;
  }

  /** The page with the form; a user who is logged in goes on. */
  page(request: Request): Response {
    const next = returnPath(request.args.getFirst(NEXT)) ?? request.application.baseUrl + this.#home;
    if (isLoggedIn(request)) return seeOther(next);
    return this.#page(request, { next, status: 200 });
  }

  /**
   * Takes the form: logs in and goes on, or shows it again.
   * @throws HttpError 403 for a form of another site, or over plain HTTP from another machine; 503 when too many log in
   */
  async submit(request: Request): Promise<Response> {
    if (!this.#options.allowHttp) assertPrivate(request, 'Logging in');
    refuseUnreported(request);
    const form = await this.#formOf(request);
    const user = (form.get('user') ?? '').normalize('NFC');
    const next = returnPath(form.get(NEXT)) ?? request.application.baseUrl + this.#home;
    const again = { next, user };
    const answer = await this.#judge(request, user, form.get('password') ?? '');
    if (answer instanceof HttpError)
      return this.#page(request, {
        ...again,
        status: 429,
        retryAfter: String(answer.headers['Retry-After']),
        notice: 'Too many attempts. Try again later.',
      });
    if (!answer)
      return this.#page(request, { ...again, status: 401, notice: 'The name or the password is wrong.' });
    const groups = await this.#options.groupsOf?.(user);
    logIn(request, { user, groups });
    return seeOther(next);
  }

  /** Logs out, and goes home. It is for POST, with `csrfField(request)` in its form. @throws HttpError 403 for one of another site */
  async leave(request: Request): Promise<Response> {
    await this.#formOf(request);
    logOut(request);
    return seeOther(request.application.baseUrl + this.#home);
  }

  /** Refuses clients that are not logged in: browsers are sent to the form, programs get 401. For guards. */
  assertLoggedIn(request: Request): void {
    const path = request.application.baseUrl + this.path;
    if (!needsLogin(request, path)) return;
    const back = returnPath(request.target);
    const search = back === undefined ? '' : `?${NEXT}=${encodeURIComponent(back)}`;
    throw new ResponseError(seeOther(path + search));
  }

  async #formOf(request: Request): Promise<{ get(name: string): string | undefined }> {
    const form = await request.readForm();
    const get = (name: string): string | undefined => {
      const value: unknown = form.getFirst(name);
      return typeof value === 'string' ? value : undefined;
    };
    await assertGenuine(request, get(CSRF_FIELD));
    return { get };
  }

  #isRight(user: string, password: string): boolean | Promise<boolean> {
    return user !== '' && !/\p{Cc}/u.test(user) && this.#options.users.verify(user, password);
  }

  /** Whether the password is right, or the 429 that says that it is too early to try. */
  async #judge(request: Request, user: string, password: string): Promise<boolean | HttpError> {
    const verify = (): boolean | Promise<boolean> => this.#isRight(user, password);
    try {
      return await (this.#throttle ? this.#throttle.attempt(request, user, verify) : verify());
    } catch (error) {
      if (error instanceof HttpError && error.status === 429) return error;
      throw error;
    }
  }

  #page(request: Request, { next, status, user = '', notice = '', retryAfter }: PageParts): Response {
    const { page = loginPage } = this.#options;
    const hidden = [[NEXT, next] as const, [CSRF_FIELD, csrfToken(request)] as const];
    const action = request.application.baseUrl + this.path;
    const html = page({ action, hidden, user, notice });
    const response = new Response(html, { status, headers: NO_STORE });
    if (status === 401) response.headers.set('WWW-Authenticate', cookieChallenge(action));
    if (retryAfter !== undefined) response.headers.set('Retry-After', retryAfter);
    return response;
  }
}

interface PageParts {
  readonly next: string;
  readonly status: number;
  readonly user?: string;
  readonly notice?: string;
  readonly retryAfter?: string;
}
