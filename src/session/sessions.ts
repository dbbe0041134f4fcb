/** `sessions()`: the feature that gives controllers their `Session`, and writes it when they are done. */
import type { Feature } from '../application/feature.js';
import { ContextKey } from '../context-key.js';
import { oneLine } from '../logger.js';
import { letGo } from '../message/finalize.js';
import { isPromise, type Handler } from '../message/handler.js';
import { hold } from '../message/hold.js';
import type { Request } from '../message/request.js';
import type { Response } from '../message/response.js';
import { CookieKeeper } from './cookie-keeper.js';
import type { Keeper } from './keeper.js';
import { codecOf, planOf, type SessionOptions, type SessionPlan, type SessionView } from './options.js';
import { Session } from './session.js';
import { SessionState, type Found } from './state.js';
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
 * await bootstrap({ controllers, features: [sessions({ store: redisStore({ url: 'redis://127.0.0.1' }) })] });
 */
export function sessions<T extends object = Record<string, unknown>>(
  options: SessionOptions<T>,
): Sessions<T> {
  const plan = planOf(options);
  const feature = new SessionFeature<T>(keeperOf(options, plan), plan);
  return {
    of: (request) => feature.of(request),
    requestProviders: [{ provide: Session, useFactory: (request) => feature.provide(request) }],
    middleware: [(request, next) => feature.handle(request, next)],
    close: () => feature.close(),
  };
}

function keeperOf<T extends object>(options: SessionOptions<T>, { lifetimes, logger }: SessionPlan): Keeper {
  if ('store' in options) return new StoreKeeper({ store: options.store, lifetimes, logger });
  return new CookieKeeper({ codec: codecOf(options), lifetimes, revoked: options.revoked });
}

/** What stands in the slot of a request. */
interface Slot<T extends object> {
  readonly session: Session<T>;
  readonly state: SessionState;
}

class SessionFeature<T extends object> {
  readonly #keeper: Keeper;
  readonly #plan: SessionPlan;
  readonly #writer: SessionWriter;
  readonly #slot = new ContextKey<Slot<T>>('session');

  constructor(keeper: Keeper, plan: SessionPlan) {
    this.#keeper = keeper;
    this.#plan = plan;
    this.#writer = new SessionWriter(keeper, plan);
  }

  of(request: Request): Session<T> {
    return this.#slotOf(request).session;
  }

  /** For a controller: it is called when the session is there. */
  provide(request: Request): Session {
    const { session, state } = this.#slotOf(request);
    if (!this.#keeper.isRemote) return session;
    try {
      const loading = state.load();
      if (loading) hold(request, loading);
    } catch {
      // What is thrown here the container would wrap in an error of its own: once more, as a rejection.
      hold(request, session.load());
    }
    return session;
  }

  handle(request: Request, next: Handler): Response | Promise<Response> {
    const answer = next(request);
    return isPromise(answer)
      ? answer.then((response) => this.#finish(request, response))
      : this.#finish(request, answer);
  }

  async close(): Promise<void> {
    await this.#keeper.close?.();
  }

  #slotOf(request: Request): Slot<T> {
    const existing = request.get(this.#slot);
    if (existing) return existing;
    const state = new SessionState({
      find: () => this.#find(request),
      newIdentity: () => this.#keeper.newIdentity(),
      maxAge: this.#plan.lifetimes.maxAge,
      examine: ({ id, issuedAt }, data) => this.#examine({ id, issuedAt: new Date(issuedAt * 1000), data }),
      report: (problem) => {
        this.#report(request, problem);
      },
    });
    const slot = { session: new Session<T>(state), state };
    request.set(this.#slot, slot);
    return slot;
  }

  #find(request: Request): Found | Promise<Found> {
    const { name } = this.#plan.cookieOf(request);
    const value = request.cookies.get(name);
    return value === undefined ? {} : this.#keeper.find(value, name);
  }

  #examine(view: SessionView<object>): string | undefined {
    const { accepts } = this.#plan;
    return !accepts || accepts(view as SessionView<never>) ? undefined : 'the application does not accept it';
  }

  #finish(request: Request, response: Response): Response | Promise<Response> {
    const slot = request.get(this.#slot);
    if (!slot) return response;
    const failed = (error: unknown): never => {
      void letGo(response);
      throw error;
    };
    const context = {
      cookie: this.#plan.cookieOf(request),
      report: (problem: string) => {
        this.#report(request, problem);
      },
    };
    try {
      const finished = this.#writer.finish(slot.state, response, context);
      return isPromise(finished) ? finished.then(undefined, failed) : finished;
    } catch (error) {
      return failed(error);
    }
  }

  /** Never with anything of the cookie in it. */
  #report(request: Request, problem: string): void {
    const { method, target } = request;
    this.#plan.logger.debug(
      oneLine(`${method} ${target.slice(0, 256)}: the session was refused: ${problem}`),
    );
  }
}
