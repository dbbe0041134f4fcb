/** `sessions()`: the feature that gives controllers their `Session`, and writes it when they are done. */
import {
  andThen,
  ContextKey,
  cookieNameOf,
  cookiesOf,
  Declined,
  epochSeconds,
  expiredCookie,
  type Feature,
  type Handler,
  hold,
  isPromise,
  letGo,
  type Middleware,
  ObolError,
  personalResponse,
  type Request,
  type Response,
  type Surroundings,
} from '../../kit.js';
import type { Found, Keeper } from './keeper.js';
import {
  keeperOf,
  planOf,
  withKeys,
  type NamedCookie,
  type SessionOptions,
  type SessionPlan,
  type SessionView,
} from './options.js';
import { endOf, type SessionRecord } from './record.js';
import { inPlaceOfEarlier, reopen, reportUnkept, type Slot } from './slot.js';
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
  options: SessionOptions<T> = {},
): Sessions<T> {
  return new SessionFeature<T>(withKeys(options));
}

const NOT_FOUND: Found = {};
const LOST = 'it was ended by another request, so its changes are lost';

class SessionFeature<T extends object> implements Sessions<T> {
  /** For controllers, which are called when the session is there. */
  readonly requestProviders: NonNullable<Feature['requestProviders']> = [
    {
      provide: Session,
      useFactory: (request) => {
        const slot = this.#slotOf(request);
        slot.isGiven = true;
        if (this.#keeper.isRemote) holdUntilRead(request, slot);
        return slot.session;
      },
    },
  ];

  readonly middleware: readonly Middleware[] = [
    (request, next) => {
      const slot = this.#slotOf(request, true);
      if (request.isView || slot.phase === 'over') return this.#answerView(request, next, slot);
      slot.phase = 'open';
      const answer = next(request);
      const finish = this.#finish.bind(this, request, slot);
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
    const slot = this.#slotOf(request);
    slot.isGiven = true;
    return slot.session;
  }

  start({ logger }: Surroundings): void {
    this.#isInUse = true;
    this.#log.start(logger);
  }

  async close(): Promise<void> {
    await this.#keeper.close?.();
  }

  /** @param isHere whether the request has come to the feature, so that it needs no watch */
  #slotOf(request: Request, isHere = false): Slot<T> {
    const owner = request.isView ? request.firstOfClient : request;
    const existing = owner.get(this.#slot);
    if (existing) return existing;
    if (!this.#isInUse) throw notInUse();
    const state = new SessionState(this.#source, request);
    const slot: Slot<T> = { session: new Session<T>(state), state, phase: 'due', isGiven: !isHere };
    owner.set(this.#slot, slot);
    if (!isHere) reportUnkept(request, slot);
    return slot;
  }

  /** Of a test that calls a controller alone: what the test gives, or an empty session. */
  #isolated(request: Request, given: object | undefined): Session<T> {
    const existing = request.get(this.#slot);
    if (existing) return existing.session;
    const session = given instanceof Session ? (given as Session<T>) : Session.of(given as T | undefined);
    request.set(this.#slot, {
      session,
      state: new SessionState(this.#source, request),
      phase: 'open',
      isGiven: true,
    });
    return session;
  }

  /** A request in the name of a client that may have been here with another one. */
  #answerView(request: Request, next: Handler, slot: Slot<T>): Response | Promise<Response> {
    const isAgain = slot.phase === 'over';
    if (isAgain) reopen(slot, this.#source, request);
    if (request.subrequestOf) return this.#answerPart(request, next, slot);
    slot.phase = 'open';
    const answer = andThen(next(request), (response) => this.#finish(request, slot, response));
    if (!isAgain) return answer;
    const { name } = cookieOf(request, this.#plan);
    return andThen(answer, (response) => inPlaceOfEarlier(request, response, name));
  }

  /** A request that a handler makes has the session of its client, and leaves it to the answer to that to write it. */
  #answerPart(request: Request, next: Handler, slot: Slot<T>): Response | Promise<Response> {
    if (slot.phase === 'due') slot.phase = 'parts';
    slot.parts = (slot.parts ?? 0) + 1;
    return andThen(next(request), (response) => {
      slot.parts = (slot.parts ?? 1) - 1;
      if (slot.phase !== 'parts' || slot.parts > 0)
        return slot.state.isAccessed ? personalResponse(response) : response;
      const before = slot.writing;
      const answer = andThen(before, () => this.#finish(request, slot, response));
      slot.writing = Promise.resolve(answer).then(undefined, () => undefined);
      return answer;
    });
  }

  /**
   * Writes what changed, before anything of the response is sent. A stream is still to be made, and may read the session when
   * it is too late to say so.
   * @throws ObolError E_SESSION_DATA or E_SESSION_SIZE for a session that cannot be kept, HttpError 503 when the store fails;
   * also as a rejection
   */
  #finish(request: Request, slot: Slot<T>, response: Response): Response | Promise<Response> {
    if (Declined.brand in response) return response;
    const { state } = slot;
    slot.phase = 'over';
    if (!slot.isGiven) return response;
    try {
      const ending = (slot.ending = state.end());
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
  #answer(request: Request, response: Response, outcome: Ending, value: string | undefined): Response {
    const { draft } = outcome;
    if (!draft || value === undefined) return this.#answerWithout(request, response, outcome);
    const { name, ending } = cookieOf(request, this.#plan);
    const age = this.#plan.persistent ? maxAge(draft.record, this.#plan) : '';
    return personalResponse(response, `${name}=${value}${age}${ending}`);
  }

  #answerWithout(request: Request, response: Response, { draft, clears }: Ending): Response {
    if (draft) this.#log.refused(request, LOST);
    const { name, attributes } = cookieOf(request, this.#plan);
    return personalResponse(response, clears ? expiredCookie(name, attributes) : undefined);
  }
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
