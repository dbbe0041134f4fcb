/** Single sign-on by a CAS server (CAS protocol 3.0): a guard, and the feature that answers for it. */
import { ObolError } from '../../errors.js';
import type { Feature } from '../../application/feature.js';
import { refuseForeign } from '../../csrf/judge.js';
import { createGuard } from '../../decorators/wrapping.js';
import { HttpError, MethodNotAllowed } from '../../http/http-error.js';
import { ResponseError } from '../../message/abort.js';
import { isPromise, type Handler } from '../../message/handler.js';
import type { Logger } from '../../logger.js';
import type { Request } from '../../message/request.js';
import { PROVIDED_BY } from '../../metadata/provided-by.js';
import { RedirectResponse, TextResponse } from '../../message/responses.js';
import type { Response } from '../../message/response.js';
import { readLogoutRequest, type CasAnswer, type CasSuccess } from './cas-response.js';
import { CasState } from './cas-state.js';
import { CasTickets } from './cas-tickets.js';
import { casBase, validateTicket, type Fetch } from './cas-server.js';
import { challengeLine, Unauthorized } from '../challenge.js';
import { LOGIN, logIn, logins, logOut, type Login, type LoginKeeper } from '../login/keeper.js';
import { LoginLog, safeWord } from './login-log.js';
import { returnPath } from '../login/return-path.js';
import { asksForPage } from '../login/page-request.js';

export interface CasOptions {
  /** Address of the CAS server, such as `https://cas.example.org/cas`. */
  readonly server: string;
  /** Address of this application, as browsers and the CAS server see it; never taken from the Host of a request. */
  readonly service: string;
  /** Where logins are kept: `sessionLogin(...)` or `cookieLogin(...)`. */
  readonly keeper: LoginKeeper;
  /** Path that CAS sends people back to, and posts its log-outs to. Default `/cas`. */
  readonly path?: string | undefined;
  /** Path that people go to when they came from nowhere in particular, and after logging out. Default `/`. */
  readonly home?: string | undefined;
  /** Whether people must show their password now, even if CAS knows them already. Default false. */
  readonly renew?: boolean | undefined;
  /** Groups out of what CAS tells of a user. Default none. */
  readonly groupsOf?:
    ((attributes: ReadonlyMap<string, readonly string[]>, user: string) => readonly string[]) | undefined;
  /** Seconds that logins live at most: so long a log-out by CAS is remembered, in this process. Default 86,400. */
  readonly maxAge?: number | undefined;
  /** Asks the CAS server. Default the global fetch. */
  readonly fetch?: Fetch | undefined;
}

const TICKET = /^ST-[\w.\-]{1,253}$/;
/** Of the first group: which ticket a login came from, so that CAS can end it. */
const MARK = 'cas-ticket:';
const DAY = 24 * 60 * 60;
const NO_STORE = { 'Cache-Control': 'no-store' };

/**
 * Logs in by CAS: answers its path, keeps logins, and leaves a {@link CasLogin} for controllers and for `@CheckCas()`.
 * Behind a proxy that ends TLS, name the proxy in `trustProxy`, so that cookies are Secure. When the CAS server fails, the
 * log of the application gets one line, and one more when it is back.
 *
 * @example
 * import 'reflect-metadata';
 * import { bootstrap, Controller, Get, Post, type Request } from 'obol';
 * import { CasLogin, casGroups, casLogin, CheckCas, cookieLogin } from 'obol/auth';
 *
 * \@Controller()
 * class Pages {
 *   constructor(private readonly cas: CasLogin) {}
 *
 *   \@Get('/members')
 *   \@CheckCas()
 *   members(req: Request) {
 *     return { user: req.user, groups: casGroups(req) };
 *   }
 *
 *   \@Post('/logout')
 *   leave(req: Request) {
 *     return this.cas.leave(req);
 *   }
 * }
 *
 * const cas = casLogin({
 *   server: 'https://cas.example.org/cas',
 *   service: 'https://app.example.org',
 *   keeper: cookieLogin({ keys: [process.env.LOGIN_KEY ?? ''] }),
 *   groupsOf: (attributes) => attributes.get('memberOf') ?? [],
 * });
 * const app = await bootstrap({ controllers: [Pages], features: [cas], trustProxy: ['10.0.0.1'] });
 * await app.listen({ port: 8080 });
 *
 * @throws ObolError E_SETTING for a wrong option
 */
export function casLogin(options: CasOptions): Feature {
  const cas = new CasLogin(options);
  const [keep] = logins(cas.keeper).middleware ?? [];
  return {
    middleware: [...(keep ? [keep] : []), (request, next) => cas.handle(request, next)],
    providers: [{ provide: CasLogin, useValue: cas }],
    start: ({ logger }) => {
      cas.start(logger);
    },
  };
}

/** What stands between an application and its CAS server. Printing it shows nothing. */
export class CasLogin {
  static readonly [PROVIDED_BY] = 'casLogin({ ... })';
  /** The keeper that was given, but for logins that CAS has ended. */
  readonly keeper: LoginKeeper;
  readonly #options: CasOptions;
  readonly #server: URL;
  readonly #service: URL;
  readonly #path: string;
  readonly #home: string;
  readonly #tickets: CasTickets;
  readonly #state: CasState;
  readonly #log: LoginLog;

  constructor(options: CasOptions) {
    const { path = '/cas', home = '/', maxAge = DAY } = options;
    this.#options = options;
    this.#server = casBase('server', options.server);
    this.#service = casBase('service', options.service);
    for (const [name, value] of Object.entries({ path, home }))
      if (returnPath(value) !== value)
        throw new ObolError('E_SETTING', `${name}: ${JSON.stringify(value)} is no path of this server.`);
    if (!Number.isSafeInteger(maxAge) || maxAge < 1)
      throw new ObolError(
        'E_SETTING',
        `maxAge: ${String(maxAge)} is not a whole number of seconds, 1 or more.`,
      );
    this.#path = path;
    this.#home = home;
    this.#state = new CasState(this.#service.protocol === 'https:');
    this.#log = new LoginLog(`The CAS server ${this.#server.href}`);
    this.#tickets = new CasTickets(maxAge * 1000);
    this.keeper = this.#watched(options.keeper);
  }

  /** Tells where outages go. {@link casLogin} does so at bootstrap. */
  start(logger: Logger): void {
    this.#log.start(logger);
  }

  /** Answers the path of CAS; everything else goes on. */
  handle(request: Request, next: Handler): Response | Promise<Response> {
    if (request.path !== this.#path) return next(request);
    if (request.method === 'POST') return this.#singleLogout(request);
    if (request.method === 'GET') return this.#enter(request);
    throw new MethodNotAllowed(request.method, ['GET', 'POST']);
  }

  /** Refuses whoever is not logged in: people are sent to CAS, programs get 401. For guards. */
  assertLoggedIn(request: Request): void {
    if (request.user !== null && request.user !== undefined) return;
    if (!asksForPage(request)) throw new Unauthorized([challengeLine('Cookie', [['realm', 'login']])]);
    this.#log.cameFor(this.#service, request);
    const url = new URL('login', this.#server);
    const { proof, setCookie } = this.#state.begin(request);
    const next = returnPath(request.target) ?? this.#home;
    url.searchParams.set('service', this.#serviceFor(next, proof));
    if (this.#options.renew) url.searchParams.set('renew', 'true');
    throw new ResponseError(goTo(url, setCookie));
  }

  /** Logs out here, and of CAS with everything else. For a route that answers POST. @throws HttpError 403 for another site */
  leave(request: Request): Response {
    refuseForeign(request);
    logOut(request);
    const url = new URL('logout', this.#server);
    url.searchParams.set('service', new URL(this.#home, this.#service).href);
    return goTo(url);
  }

  async #enter(request: Request): Promise<Response> {
    const next = returnPath(request.args.getFirst('next')) ?? this.#home;
    const ticket = request.args.getFirst('ticket') ?? '';
    if (!TICKET.test(ticket)) throw refusal(400, 'There is no ticket of a CAS server');
    const proof = request.args.getFirst('state') ?? '';
    const setCookie = this.#state.take(request, proof);
    if (setCookie === undefined) throw refusal(403, 'This login was not begun here; open the page again');
    const answer = await this.#ask(ticket, this.#serviceFor(next, proof));
    if ('failure' in answer) {
      this.#log.refused(`it does not take a ticket (${safeWord(answer.failure)})`);
      // What CAS says of the failure is its own text: it goes nowhere.
      throw refusal(403, 'The CAS server does not know this ticket', { 'Set-Cookie': setCookie });
    }
    this.#logIn(request, ticket, answer);
    // Without the ticket, which would stay in histories and logs.
    return goTo(next, setCookie);
  }

  /** The state is not spent where CAS says nothing, so that the page can be loaded again. */
  async #ask(ticket: string, service: string): Promise<CasAnswer> {
    const url = new URL('p3/serviceValidate', this.#server);
    url.searchParams.set('service', service);
    url.searchParams.set('ticket', ticket);
    if (this.#options.renew) url.searchParams.set('renew', 'true');
    try {
      const answer = await validateTicket(url, this.#options.fetch);
      this.#log.works('login');
      return answer;
    } catch (error) {
      this.#log.failed('login', (error as { readonly cause: Error }).cause.message);
      throw error;
    }
  }

  #logIn(request: Request, ticket: string, { user, attributes }: CasSuccess): void {
    try {
      const groups = this.#options.groupsOf?.(attributes, user) ?? [];
      this.#tickets.see(ticket);
      logIn(request, { user, groups: [MARK + ticket, ...groups] });
    } catch (error) {
      if (error instanceof HttpError) throw error;
      this.#log.crashed('Somebody whom CAS knows cannot be logged in', error);
      throw new HttpError(500, undefined, { cause: error, headers: NO_STORE });
    }
  }

  /** CAS itself tells that somebody has logged out: the ticket that he came with is a secret of it and ours. */
  async #singleLogout(request: Request): Promise<Response> {
    const form = await request.readForm();
    const ticket = readLogoutRequest(form.getFirst('logoutRequest') ?? '');
    if (ticket === undefined || !TICKET.test(ticket))
      throw new HttpError(400, 'There is no request to log out');
    this.#tickets.end(ticket);
    return new TextResponse('');
  }

  #serviceFor(next: string, state: string): string {
    const url = new URL(this.#path, this.#service);
    url.searchParams.set('next', next);
    url.searchParams.set('state', state);
    return url.href;
  }

  #watched(keeper: LoginKeeper): LoginKeeper {
    const isEnded = (login: Login | undefined): boolean => {
      const [mark = ''] = login?.groups ?? [];
      return mark.startsWith(MARK) && this.#tickets.isEnded(mark.slice(MARK.length));
    };
    return {
      find: (request) => {
        const found = keeper.find(request);
        const settle = (known: Awaited<typeof found>): Awaited<typeof found> =>
          isEnded(known.login) ? { setCookie: keeper.drop(request) } : known;
        return isPromise(found) ? Promise.resolve(found).then(settle) : settle(found);
      },
      keep: (request, login) => keeper.keep(request, login),
      drop: (request) => keeper.drop(request),
    };
  }
}

/**
 * Lets through who is logged in. People are sent to CAS and come back here afterwards; programs get 401.
 *
 * @example @CheckCas() @Groups('staff')
 */
export const CheckCas = createGuard('CheckCas', (setup) => {
  let cas: CasLogin;
  try {
    cas = setup.resolve<CasLogin>(CasLogin);
  } catch (cause) {
    throw new ObolError(
      'E_AUTH',
      'there is no CAS server. Add features: [casLogin({ ... })] to those of bootstrap.',
      { cause },
    );
  }
  return (request) => {
    cas.assertLoggedIn(request);
  };
});

/** What a login may do, without the mark of its ticket. */
export function casGroups(request: Request): readonly string[] {
  return (request.get(LOGIN)?.groups ?? []).filter((group) => !group.startsWith(MARK));
}

function refusal(status: number, detail: string, headers: Record<string, string> = {}): HttpError {
  return new HttpError(status, detail, { headers: { ...headers, ...NO_STORE } });
}

function goTo(location: URL | string, setCookie?: string): Response {
  const response = new RedirectResponse(location, { status: 303, headers: NO_STORE });
  if (setCookie !== undefined) response.headers.append('Set-Cookie', setCookie);
  return response;
}
