/** The session of one request: looked for in its cookies when somebody first touches it. */
import { cookiesOf } from '../../message/cookies.js';
import type { Request } from '../../message/request.js';
import type { Found, Identity, Keeper } from './keeper.js';
import type { LiveValues } from './live-values.js';
import type { NamedCookie, SessionPlan, SessionView } from './options.js';
import type { SessionRecord } from './record.js';
import type { SessionLog } from './session-log.js';
import { Session } from './session.js';
import { SessionState, type SessionSource } from './state.js';

/** What is decided once, for all requests. */
export interface SessionSetup {
  readonly keeper: Keeper;
  readonly plan: SessionPlan;
  readonly log: SessionLog;
}

const NOT_FOUND: Found = {};

/** What a request has of its session: the object for its controllers, and where that comes from. */
export class RequestSession<T extends object> implements SessionSource {
  readonly state: SessionState;
  readonly session: Session<T>;
  readonly #request: Request;
  readonly #setup: SessionSetup;
  #cookie: NamedCookie | undefined;

  constructor(request: Request, setup: SessionSetup) {
    this.#request = request;
    this.#setup = setup;
    this.state = new SessionState(this);
    this.session = new Session<T>(this.state);
  }

  get maxAge(): number {
    return this.#setup.plan.lifetimes.maxAge;
  }

  get cookie(): NamedCookie {
    return (this.#cookie ??= this.#setup.plan.cookieOf(this.#request));
  }

  find(): Found | Promise<Found> {
    const { name } = this.cookie;
    const value = cookiesOf(this.#request).get(name);
    return value === undefined ? NOT_FOUND : this.#setup.keeper.find(value, name);
  }

  newIdentity(): Identity {
    return this.#setup.keeper.newIdentity();
  }

  examine({ id, issuedAt }: SessionRecord, values: LiveValues): string | undefined {
    const { accepts } = this.#setup.plan;
    if (!accepts) return undefined;
    const view: SessionView = { id, issuedAt: new Date(issuedAt * 1000), data: values.all() };
    return accepts(view as SessionView<never>) ? undefined : 'the application does not accept it';
  }

  report(problem: string): void {
    this.#setup.log.refused(this.#request, problem);
  }
}
