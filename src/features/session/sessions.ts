/** `sessions()`: the feature that gives controllers their `Session`, and writes it when they are done. */
import {
  ContextKey,
  cookieNameOf,
  cookiesOf,
  Declined,
  epochSeconds,
  expiredCookie,
  type Feature,
  type Headers,
  hold,
  isPromise,
  letGo,
  type Middleware,
  ObolError,
  personalResponse,
  type Request,
  requestName,
  type Response,
  type Surroundings,
} from '../../kit.js';
import type { Found, Keeper } from './keeper.js';
import {
  keeperOf,
  planOf,
  type NamedCookie,
  type SessionOptions,
  type SessionPlan,
  type SessionView,
} from './options.js';
import { endOf, type SessionRecord } from './record.js';
import { SessionLog } from './session-log.js';
import { Session } from './session.js';
import { SessionState, type Ending, type SessionSource } from './state.js';

/** The feature, and a way to the session for guards and middleware. */
export interface Sessions<T extends object = Record<string, unknown>> extends Feature {
  /** The session of a request. With a store, `await session.load()` before it is used. */
  of(request: Request): Session<T>;
}

/**
 * Sessions for an application.
 * @throws ObolError E_SESSION_KEY for bad keys, E_SETTING or E_COOKIE for other wrong options
 *
 * @example
 * ```ts
 * await bootstrap({ controllers, features: [sessions({ keys: [process.env.SESSION_KEY] })] });
 *
 * const connection = redis({ url: process.env.REDIS_URL });
 * await bootstrap({ controllers, features: [connection, sessions({ store: redisSessionStore(connection) })] });
 * ```
 */
export function sessions<T extends object = Record<string, unknown>>(
  options: SessionOptions<T>,
): Sessions<T> {
  return new SessionFeature<T>(options);
}

/** What a request has of its session: the object for its controllers, and what that knows. */
interface Slot<T extends object> {
  readonly session: Session<T>;
  readonly state: SessionState;
  /** Whether a response has come to the feature, to which the cookie is added. */
  isSeen: boolean;
  /** Whether it is that of a request around this one, whose response has the cookie. */
  readonly isPart?: boolean;
}

const NOT_FOUND: Found = {};
const UNKEPT =
  'a session was used below a mount that sessions() does not see, so nothing of it is kept. Put the mount behind them, as in ' +
  'features: [sessions, { middleware: [mount(prefix, handler)] }], or give the application in it sessions of its own.';
const PASSED =
  'a session was changed, and the request was answered before it came to sessions(), so the change is lost. Put what answers ' +
  'behind them, as in features: [sessions, { middleware: [mount(prefix, handler)] }].';
const LOST = 'it was ended by another request, so its changes are lost';

class SessionFeature<T extends object> implements Sessions<T> {
  /** For controllers, which are called when the session is there. */
  readonly requestProviders: NonNullable<Feature['requestProviders']> = [
    {
      provide: Session,
      useFactory: (request) => {
        const slot = this.#slotOf(request);
        if (this.#keeper.isRemote) holdUntilRead(request, slot);
        return slot.session;
      },
    },
  ];

  readonly middleware: readonly Middleware[] = [
    (request, next) => {
      const view = request.isView ? this.#viewOf(request) : request;
      this.#underWay.add(view);
      const answer = next(request);
      const finish = this.#finish.bind(this, view);
      return isPromise(answer) ? answer.then(finish) : finish(answer);
    },
  ];

  readonly needs: Feature['needs'];
  readonly #log = new SessionLog();
  readonly #plan: SessionPlan;
  readonly #keeper: Keeper;
  readonly #source: SessionSource;
  /** Whether an application has it among its features. */
  #isInUse = false;
  /** Requests as applications see them that have come to the feature, and whose responses have not. */
  readonly #underWay = new WeakSet<Request>();
  readonly #slot = new ContextKey<Slot<T>>('session', { ofApplication: true });

  constructor(options: SessionOptions<T>) {
    this.#plan = planOf(options);
    this.needs = 'store' in options ? options.store.needs : undefined;
    this.#keeper = keeperOf(options, this.#plan, this.#log);
    this.#source = sourceOf(this.#keeper, this.#plan, this.#log);
  }

  of(request: Request): Session<T> {
    const { isolation } = request.settings;
    if (isolation && (isolation.session || !this.#isInUse)) return this.#isolated(request, isolation.session);
    return this.#slotOf(request).session;
  }

  start({ logger }: Surroundings): void {
    this.#isInUse = true;
    this.#log.start(logger);
  }

  async close(): Promise<void> {
    await this.#keeper.close?.();
  }

  /** What has a route has come to the feature, unless it is below a mount, so that most requests need no watch. */
  #slotOf(request: Request): Slot<T> {
    const existing = request.get(this.#slot);
    if (existing) return existing;
    if (!this.#isInUse) throw notInUse();
    const state = new SessionState(this.#source, request);
    const slot = { session: new Session<T>(state), state, isSeen: false };
    request.set(this.#slot, slot);
    if (request.isView || !request.route) reportUnkept(request, slot);
    return slot;
  }

  /** As its application sees it. A request within another has the session of that. */
  #viewOf({ application }: Request): Request {
    const around = application.sameAround(this.#underWay);
    if (around) {
      const slot = this.#slotOf(around);
      application.set(this.#slot, { ...slot, isPart: true });
      application.onHead((head) => {
        if (slot.state.isAccessed) makePersonal(head);
      });
    }
    return application;
  }

  /** Of a test that calls a controller alone: what the test gives, or an empty session. */
  #isolated(request: Request, given: object | undefined): Session<T> {
    const existing = request.get(this.#slot);
    if (existing) return existing.session;
    const session = given instanceof Session ? (given as Session<T>) : Session.of(given as T | undefined);
    request.set(this.#slot, { session, state: new SessionState(this.#source, request), isSeen: true });
    return session;
  }

  /**
   * Writes what changed, before anything of the response is sent. A stream is still to be made, and may read the session when
   * it is too late to say so.
   * @throws ObolError E_SESSION_DATA or E_SESSION_SIZE for a session that cannot be kept, HttpError 503 when the store fails;
   * also as a rejection
   */
  #finish(request: Request, response: Response): Response | Promise<Response> {
    this.#underWay.delete(request);
    const slot = request.get(this.#slot);
    if (!slot || slot.isPart) return response;
    slot.isSeen = true;
    if (Declined.brand in response) return response;
    const { state } = slot;
    try {
      const ending = state.end();
      if (!ending) return state.isAccessed || response.isStream ? personalResponse(response) : response;
      const { draft, dropped } = ending;
      const { name } = cookieOf(request, this.#plan);
      const written = draft ? this.#keeper.write(draft, name) : dropped && this.#keeper.drop(dropped);
      return isPromise(written)
        ? this.#answerLater(request, response, ending, written)
        : this.#answer(request, response, ending, written);
    } catch (error) {
      return fail(response, error);
    }
  }

  async #answerLater(
    request: Request,
    response: Response,
    ending: Ending,
    written: PromiseLike<string | undefined>,
  ): Promise<Response> {
    try {
      return this.#answer(request, response, ending, await written);
    } catch (error) {
      return fail(response, error);
    }
  }

  /** @param value of the cookie; undefined when the session is gone */
  #answer(
    request: Request,
    response: Response,
    { draft, clears }: Ending,
    value: string | undefined,
  ): Response {
    const plan = this.#plan;
    const { name, attributes, ending } = cookieOf(request, plan);
    if (draft && value !== undefined) {
      const age = plan.persistent ? maxAge(draft.record, plan) : '';
      return personalResponse(response, `${name}=${value}${age}${ending}`);
    }
    if (draft) this.#log.refused(request, LOST);
    return personalResponse(response, clears ? expiredCookie(name, attributes) : undefined);
  }
}

/** Of a part, whose response is put into one that the feature sees. */
function makePersonal(head: Headers): void {
  head.appendToList('Vary', 'Cookie');
  if (!head.has('cache-control')) head.set('Cache-Control', 'private');
}

/** What answers may stand outside of the feature, or hold an application without it: then no response comes back here. */
function reportUnkept<T extends object>(request: Request, slot: Slot<T>): void {
  request.onClose(() => {
    const { state, isSeen } = slot;
    const isLost = request.isView ? state.isAccessed : holdsChange(state.end());
    // What has a route has come to the feature, and may only not have been answered.
    if (isSeen || request.application.route || !isLost) return;
    const { method, target, log } = request;
    log.error(`${requestName({ method, target })}: ${request.isView ? UNKEPT : PASSED}`);
  });
}

function holdsChange({ draft, dropped }: Ending = {}): boolean {
  if (!draft) return dropped !== undefined;
  // One that is only written to stay alive has none.
  return draft.changes === undefined || draft.changes.set.size + draft.changes.deleted.length > 0;
}

/** The cookie of the session, for the application that reads the request. */
function cookieOf(request: Request, { cookies }: SessionPlan): NamedCookie {
  const cookie = cookies[request.peer.scheme];
  return request.isView ? { ...cookie, name: cookieNameOf(request, cookie.name) } : cookie;
}

function maxAge(record: SessionRecord, { lifetimes }: SessionPlan): string {
  return `; Max-Age=${String(endOf(record, lifetimes) - epochSeconds())}`;
}

/** The sessions of requests, which are looked for in their cookies. */
function sourceOf(keeper: Keeper, plan: SessionPlan, log: SessionLog): SessionSource {
  const { lifetimes, accepts } = plan;
  return {
    maxAge: lifetimes.maxAge,
    newIdentity: () => keeper.newIdentity(),
    find: (request) => {
      const { name } = cookieOf(request, plan);
      const value = cookiesOf(request).get(name);
      return value === undefined ? NOT_FOUND : keeper.find(value, name);
    },
    examine:
      accepts &&
      (({ id, issuedAt }, values) => {
        const view: SessionView = { id, issuedAt: new Date(issuedAt * 1000), data: values.all() };
        return accepts(view as SessionView<never>) ? undefined : 'the application does not accept it';
      }),
    report: (request, problem) => {
      log.refused(request, problem);
    },
  };
}

/** No controller of this request is called before its session is there. */
function holdUntilRead<T extends object>(request: Request, { session, state }: Slot<T>): void {
  try {
    const loading = state.load();
    if (loading) hold(request, loading);
  } catch {
    // What is thrown here the container would wrap in an error of its own: once more, as a rejection.
    hold(request, session.load());
  }
}

/** The response that will not be sent is let go of. */
function fail(response: Response, error: unknown): never {
  void letGo(response);
  throw error;
}

function notInUse(): ObolError {
  return new ObolError(
    'E_SESSION_FEATURE',
    'These sessions are no part of the application, so nothing would write them: add what sessions() gave to the ' +
      'features of bootstrap, before what uses it.',
  );
}
