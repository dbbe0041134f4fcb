/** Single sign-on by a CAS server (CAS protocol 3.0): what is answered on the way there and back. */
import {
  checkOptions,
  type Feature,
  HttpError,
  type Logger,
  MethodNotAllowed,
  PROVIDED_BY,
  type Request,
  Response,
  ResponseError,
  rule,
  type Rules,
} from '../../kit.js';
import { refuseForeign } from '../csrf/judge.js';
import { KEEPER_RULE, logIn, logOut, type LoginKeeper } from '../auth/login/keeper.js';
import { needsLogin } from '../auth/login/login-required.js';
import { OWN_PATH_RULE, returnPath } from '../auth/login/return-path.js';
import { NO_STORE, seeOther } from '../auth/login/see-other.js';
import { CasKeeper, loginWith } from './cas-keeper.js';
import { readLogoutRequest, type CasAnswer, type CasSuccess } from './cas-response.js';
import { validateTicket, type Fetch } from './cas-server.js';
import { CasState } from './cas-state.js';
import { CasTickets } from './cas-tickets.js';
import { LoginLog, safeWord } from './login-log.js';
import { SERVER_URL_RULE, withSlash } from './server-url.js';

export interface CasOptions {
  /** Address of the CAS server, such as `https://cas.example.org/cas`. */
  readonly server: string;
  /** Address of this application, base included, as browsers and the CAS server see it; never taken from the Host of a request. */
  readonly service: string;
  /** Where logins are kept: `sessionLogin(...)` or `cookieLogin(...)`. */
  readonly keeper: LoginKeeper;
  /** Path that CAS sends people back to, and posts its log-outs to. Default `/cas`. */
  readonly path?: string | undefined;
  /** Path that people go to when they came from nowhere in particular, and after logging out. Default `/`. */
  readonly home?: string | undefined;
  /** Whether people must show their password now, even if CAS knows them already. Default false. */
  readonly renew?: boolean | undefined;
  /** Groups out of what CAS reports of a user. Default none. */
  readonly groupsOf?:
    | ((attributes: ReadonlyMap<string, readonly string[]>, user: string) => readonly string[])
    | undefined;
  /** Seconds that logins live at most: so long a log-out by CAS is remembered, in this process. Default 86,400. */
  readonly maxAge?: number | undefined;
  /** Asks the CAS server. Default the global fetch. */
  readonly fetch?: Fetch | undefined;
}

const RULES: Rules<CasOptions> = {
  server: rule.needed(SERVER_URL_RULE),
  service: rule.needed(SERVER_URL_RULE),
  keeper: rule.needed(KEEPER_RULE),
  ...rule.each(['path', 'home'], OWN_PATH_RULE),
  renew: rule.flag,
  groupsOf: rule.callable('(attributes, user) => groups'),
  maxAge: rule.whole('seconds'),
  fetch: rule.callable('such as the global fetch'),
};

const TICKET = /^ST-[\w.\-]{1,253}$/;
const DAY = 24 * 60 * 60;

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

  /** @throws ObolError E_SETTING for a wrong option */
  constructor(options: CasOptions) {
    checkOptions('casLogin', options, RULES);
    const { path = '/cas', home = '/', maxAge = DAY } = options;
    this.#options = options;
    this.#server = withSlash(options.server);
    this.#service = withSlash(options.service);
    this.#path = path;
    this.#home = home;
    this.#state = new CasState(this.#service.protocol === 'https:');
    this.#log = new LoginLog(`The CAS server ${this.#server.href}`);
    this.#tickets = new CasTickets(maxAge * 1000);
    this.keeper = new CasKeeper(options.keeper, this.#tickets);
  }

  /** Sets where outages are logged. {@link casLogin} does so at bootstrap. */
  start(logger: Logger): void {
    this.#log.start(logger);
  }

  /** What answers the path of CAS: browsers that come back from there, and log-outs that it reports. */
  routes(): Required<Feature>['routes'] {
    const casLogin = (request: Request): Promise<Response> => this.#enter(request);
    const casLogout = (request: Request): Promise<Response> => this.#singleLogout(request);
    return [
      { path: this.#path, handler: casLogin },
      {
        path: this.#path,
        handler: casLogout,
        methods: 'POST',
        body: { form: false, json: false, data: false },
      },
    ];
  }

  /** Refuses clients that are not logged in: browsers are sent to CAS, programs get 401. For guards. */
  assertLoggedIn(request: Request): void {
    if (!needsLogin(request)) return;
    this.#log.cameFor(this.#service, request);
    const url = new URL('login', this.#server);
    const { proof, setCookie } = this.#state.begin(request);
    const next = returnPath(request.target) ?? request.application.baseUrl + this.#home;
    url.searchParams.set('service', this.#serviceFor(next, proof));
    if (this.#options.renew) url.searchParams.set('renew', 'true');
    throw new ResponseError(seeOther(url, setCookie));
  }

  /** Logs out here, and of CAS with everything else. For a route that answers POST. @throws HttpError 403 for another site */
  leave(request: Request): Response {
    refuseForeign(request);
    logOut(request);
    const url = new URL('logout', this.#server);
    url.searchParams.set('service', new URL(`.${this.#home}`, this.#service).href);
    return seeOther(url);
  }

  async #enter(request: Request): Promise<Response> {
    // Who only looks what is there must not spend the ticket.
    if (request.method === 'HEAD') throw new MethodNotAllowed({ method: 'HEAD', allow: ['GET', 'POST'] });
    const next = returnPath(request.args.getFirst('next')) ?? request.application.baseUrl + this.#home;
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
    return seeOther(next, setCookie);
  }

  /** Asks CAS what a ticket is worth. Where it says nothing the state is not spent, so that the page can be loaded again. */
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
      logIn(request, loginWith(ticket, user, groups));
    } catch (error) {
      if (error instanceof HttpError) throw error;
      this.#log.crashed('A user whom CAS knows cannot be logged in', error);
      throw new HttpError(500, undefined, { cause: error, headers: NO_STORE });
    }
  }

  /** CAS itself reports that a user has logged out, and proves it by the ticket, which no other client knows. */
  async #singleLogout(request: Request): Promise<Response> {
    const form = await request.readForm();
    const ticket = readLogoutRequest(form.getFirst('logoutRequest') ?? '');
    if (ticket === undefined || !TICKET.test(ticket))
      throw new HttpError(400, 'There is no request to log out');
    this.#tickets.end(ticket);
    return new Response('', { contentType: 'text/plain; charset=utf-8' });
  }

  #serviceFor(next: string, state: string): string {
    const url = new URL(`.${this.#path}`, this.#service);
    url.searchParams.set('next', next);
    url.searchParams.set('state', state);
    return url.href;
  }
}

function refusal(status: number, detail: string, headers: Record<string, string> = {}): HttpError {
  return new HttpError(status, detail, { headers: { ...headers, ...NO_STORE } });
}
