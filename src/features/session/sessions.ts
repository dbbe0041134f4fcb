/** `sessions()`: the feature that gives controllers their `Session`, and writes it when they are done. */
import type { Feature, Surroundings } from '../../application/feature.js';
import type { RequestProvider } from '../../application/provider.js';
import { letGo } from '../../answering/finalize.js';
import { hold } from '../../answering/hold.js';
import { ContextKey } from '../../ground/context-key.js';
import { ObolError } from '../../ground/errors.js';
import { assertMethods } from '../../ground/has-methods.js';
import type { Logger } from '../../ground/logger.js';
import { cookiesOf } from '../../message/cookies.js';
import { isPromise, type Middleware } from '../../message/handler.js';
import type { Request } from '../../message/request.js';
import type { Response } from '../../message/response.js';
import { Declined } from '../../message/responses.js';
import { CookieKeeper } from './cookie-keeper.js';
import type { Found, Keeper } from './keeper.js';
import { codecOf, planOf, type SessionOptions, type SessionPlan, type SessionView } from './options.js';
import { SessionLog } from './session-log.js';
import { Session } from './session.js';
import { SessionState, type SessionSource } from './state.js';
import { StoreKeeper } from './store-keeper.js';
import { SessionWriter } from './writing.js';

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
 * await bootstrap({ controllers, features: [sessions({ keys: [process.env.SESSION_KEY] })] });
 *
 * const connection = redis({ url: process.env.REDIS_URL });
 * await bootstrap({ controllers, features: [connection, sessions({ store: redisStore(connection) })] });
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
}

const NOT_FOUND: Found = {};

class SessionFeature<T extends object> implements Sessions<T> {
  readonly #log = new SessionLog();
  readonly #plan: SessionPlan;
  readonly #keeper: Keeper;
  readonly #source: SessionSource;
  readonly #writer: SessionWriter;
  /** Whether an application has it among its features. */
  #isInUse = false;
  readonly #slot = new ContextKey<Slot<T>>('session');

  /** For a controller: it is called when the session is there. */
  readonly requestProviders: readonly RequestProvider[] = [
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
      this.#isInUse = true;
      const answer = next(request);
      return isPromise(answer)
        ? answer.then((response) => this.#finish(request, response))
        : this.#finish(request, answer);
    },
  ];

  constructor(options: SessionOptions<T>) {
    this.#plan = planOf(options);
    this.#keeper = keeperOf(options, this.#plan, this.#log);
    this.#source = sourceOf(this.#keeper, this.#plan, this.#log);
    this.#writer = new SessionWriter(this.#keeper, this.#plan);
  }

  of(request: Request): Session<T> {
    return this.#slotOf(request).session;
  }

  start({ logger }: Surroundings): void {
    this.#isInUse = true;
    this.#log.start(logger);
  }

  async close(): Promise<void> {
    await this.#keeper.close?.();
  }

  #slotOf(request: Request): Slot<T> {
    const existing = request.get(this.#slot);
    if (existing) return existing;
    if (!this.#isInUse)
      throw new ObolError(
        'E_SESSION_FEATURE',
        'These sessions are no part of the application, so nothing would write them: add what sessions() gave to the ' +
          'features of bootstrap, before what uses it.',
      );
    const state = new SessionState(this.#source, request);
    const slot = { session: new Session<T>(state), state };
    request.set(this.#slot, slot);
    return slot;
  }

  #finish(request: Request, response: Response): Response | Promise<Response> {
    const slot = request.get(this.#slot);
    if (!slot || response instanceof Declined) return response;
    try {
      const finished = this.#writer.finish(slot.state, response, this.#plan.cookies[request.peer.scheme]);
      return isPromise(finished)
        ? finished.then(undefined, (error: unknown) => fail(response, error))
        : finished;
    } catch (error) {
      return fail(response, error);
    }
  }
}

function keeperOf<T extends object>(
  options: SessionOptions<T>,
  { lifetimes }: SessionPlan,
  logger: Logger,
): Keeper {
  if ('store' in options) {
    assertMethods('store', options.store, {
      methods: ['load', 'create', 'update', 'destroy'],
      like: 'memoryStore(), fileStore(folder) or redisStore(connection)',
    });
    return new StoreKeeper({ store: options.store, lifetimes, logger });
  }
  return new CookieKeeper({ codec: codecOf(options), lifetimes, revoked: options.revoked });
}

/** The sessions of requests, which are looked for in their cookies. */
function sourceOf(keeper: Keeper, plan: SessionPlan, log: SessionLog): SessionSource {
  const { lifetimes, cookies, accepts } = plan;
  return {
    maxAge: lifetimes.maxAge,
    newIdentity: () => keeper.newIdentity(),
    find: (request) => {
      const { name } = cookies[request.peer.scheme];
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
