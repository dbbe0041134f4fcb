/** `sessions()`: the feature that gives controllers their `Session`, and writes it when they are done. */
import type { Feature } from '../../application/feature.js';
import { ContextKey } from '../../ground/context-key.js';
import { ObolError } from '../../ground/errors.js';
import { assertMethods } from '../../ground/has-methods.js';
import type { Logger } from '../../ground/logger.js';
import { letGo } from '../../answering/finalize.js';
import { isPromise, type Handler } from '../../message/handler.js';
import { hold } from '../../answering/hold.js';
import type { Request } from '../../message/request.js';
import type { Response } from '../../message/response.js';
import { CookieKeeper } from './cookie-keeper.js';
import type { Keeper } from './keeper.js';
import { codecOf, planOf, type SessionOptions, type SessionPlan } from './options.js';
import { RequestSession, type SessionSetup } from './request-session.js';
import { SessionLog } from './session-log.js';
import { Session } from './session.js';
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
  const feature = new SessionFeature<T>(options);
  return {
    of: (request) => feature.of(request),
    requestProviders: [{ provide: Session, useFactory: (request) => feature.provide(request) }],
    middleware: [(request, next) => feature.handle(request, next)],
    start: ({ logger }) => {
      feature.start(logger);
    },
    close: () => feature.close(),
  };
}

class SessionFeature<T extends object> {
  readonly log = new SessionLog();
  readonly #writer: SessionWriter;
  readonly #setup: SessionSetup;
  /** Whether an application has it among its features. */
  #isInUse = false;
  readonly #slot = new ContextKey<RequestSession<T>>('session');

  constructor(options: SessionOptions<T>) {
    const plan = planOf(options);
    const keeper = keeperOf(options, plan, this.log);
    this.#writer = new SessionWriter(keeper, plan);
    this.#setup = { keeper, plan, log: this.log };
  }

  of(request: Request): Session<T> {
    return this.#slotOf(request).session;
  }

  /** For a controller: it is called when the session is there. */
  provide(request: Request): Session {
    const { session, state } = this.#slotOf(request);
    if (!this.#setup.keeper.isRemote) return session;
    try {
      const loading = state.load();
      if (loading) hold(request, loading);
    } catch {
      // What is thrown here the container would wrap in an error of its own: once more, as a rejection.
      hold(request, session.load());
    }
    return session;
  }

  start(logger: Logger): void {
    this.#isInUse = true;
    this.log.start(logger);
  }

  handle(request: Request, next: Handler): Response | Promise<Response> {
    this.#isInUse = true;
    const answer = next(request);
    return isPromise(answer)
      ? answer.then((response) => this.#finish(request, response))
      : this.#finish(request, answer);
  }

  async close(): Promise<void> {
    await this.#setup.keeper.close?.();
  }

  #slotOf(request: Request): RequestSession<T> {
    const existing = request.get(this.#slot);
    if (existing) return existing;
    if (!this.#isInUse)
      throw new ObolError(
        'E_SESSION_FEATURE',
        'These sessions are no part of the application, so nothing would write them: add what sessions() gave to the ' +
          'features of bootstrap, before what uses it.',
      );
    const slot = new RequestSession<T>(request, this.#setup);
    request.set(this.#slot, slot);
    return slot;
  }

  #finish(request: Request, response: Response): Response | Promise<Response> {
    const slot = request.get(this.#slot);
    if (!slot) return response;
    try {
      const finished = this.#writer.finish(slot.state, response, slot.cookie);
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

/** The response that will not be sent is let go of. */
function fail(response: Response, error: unknown): never {
  void letGo(response);
  throw error;
}
