/** The container of an application: what lives as long as it does, what for one request, and what is wrong with either. */
import { ConfigurationError, ObolError, type Problem } from '../ground/errors.js';
import { injectionToken, type AnyToken } from '../ground/token.js';
import { Request } from '../message/request.js';
import { classNameOf, type Class } from '../metadata/class.js';
import { isDelayed } from '../metadata/lazy.js';
import type { ControllerSource } from '../dispatch/action.js';
import { Examination, needsRequest, type Known, type Need } from './dependency-graph.js';
import { givesNothing, nameOf, notProvided } from './dependency-messages.js';
import { disposeAll } from './dispose.js';
import { ForeignTokens } from './foreign-tokens.js';
import { isMakeable } from './injectable-class.js';
import { PerRequest } from './per-request.js';
import { register, type Provider, type RequestProvider } from './provider.js';
import { registrationsIn, type Registration } from './registration.js';
import { Lifecycle, type DependencyContainer, type InjectionToken } from 'tsyringe';

/** A class as tsyringe types one. */
type Constructor = Extract<InjectionToken<object>, new (...args: never[]) => object>;

interface ContainerOptions {
  readonly parent: DependencyContainer;
  readonly providers: readonly Provider[];
  readonly requestProviders: readonly RequestProvider[];
}

/** Thrown in place of what is not made, since the application has mistakes. */
export class NotMade extends Error {}

/** Thrown for what the application does not have, since each request has its own. */
export class OncePerRequest extends ObolError {
  constructor(token: unknown) {
    const message = `${nameOf(token)} exists once per request, so the application has none; take it in a constructor.`;
    super('E_DEPENDENCY_SCOPE', message);
  }
}

/**
 * The container of one application. All that it reaches is registered in it, even what stands in the container of the user:
 * so every application has singletons of its own, disposes what it made, and does not see a `reset()` of the other.
 */
export class Container {
  readonly root: DependencyContainer;
  readonly problems: Problem[] = [];
  /** Whether the application has mistakes: then nothing is made any more. */
  isAbandoned = false;
  readonly #requests: PerRequest;
  readonly #foreign: ForeignTokens;
  readonly #known: Known;
  /** Factories of providers: each is called once, at bootstrap. */
  readonly #factories: ReadonlySet<unknown>;
  /** What lives as long as the application and is still to be built, in the order in which that can be done. */
  readonly #unbuilt = new Map<unknown, Need>();
  readonly #tracked = new Set<unknown>();
  /** What was made while building, dependencies first. */
  readonly #built = new Set<object>();
  #isBuilding = false;

  constructor({ parent, providers, requestProviders }: ContainerOptions) {
    this.root = parent.createChildContainer();
    this.#requests = new PerRequest(this.root, requestProviders);
    const given = [...providers, ...requestProviders].map(({ provide }) => injectionToken(provide));
    this.#foreign = new ForeignTokens(this.root, [Request, ...given]);
    for (const provider of providers) register(this.root, provider);
    const factories = providers.filter((provider) => 'useFactory' in provider);
    this.#factories = new Set(factories.map(({ provide }) => injectionToken(provide)));
    this.#known = {
      needs: new Map(),
      absent: new Set(),
      isOfRequest: (token) => this.#requests.has(token),
      registrations: (token) => this.#adopt(token),
    };
  }

  /** Looks through all that a controller needs; mistakes go to `problems`. @returns undefined when there are any */
  add(controller: Class, place: string): ControllerSource | undefined {
    const examination = new Examination(this.#known, { member: classNameOf(controller), place });
    examination.ofClass(controller);
    if (!this.#accept(examination)) return undefined;
    const token = controller as Constructor;
    const get = (): object => this.root.resolve<object>(token);
    return this.#requests.sourceOf(controller) ?? { perRequest: false, get };
  }

  /** Builds what lives as long as the application, dependencies first. A constructor that throws becomes a problem. */
  build(): void {
    this.#isBuilding = true;
    for (const need of this.#unbuilt.values()) if (this.#tryBuild(need)) this.#unbuilt.delete(need.token);
    this.#isBuilding = false;
    this.#requests.build();
  }

  /**
   * An object that lives as long as the application; what it needs is examined and built like that of a controller.
   * @throws ConfigurationError when it cannot be built, ObolError E_DEPENDENCY when nothing is known of it,
   * E_DEPENDENCY_SCOPE when it exists once per request
   */
  resolve<T>(given: AnyToken<T>): T {
    const token = injectionToken(given);
    const needs = this.#examine(token);
    if (this.#requests.has(token) || needs.some((need) => needsRequest(need)))
      throw new OncePerRequest(token);
    // Nothing of what is made anew for each who asks is kept; tsyringe's own container would.
    const isTransient = needs.some(({ lifetime, target }) => lifetime === 'transient' && target);
    return (isTransient ? this.root.createChildContainer() : this.root).resolve(token);
  }

  /** As {@link resolve}; undefined for a token that stands for nothing. */
  tryResolve<T>(token: AnyToken<T>): T | undefined {
    return this.#knows(injectionToken(token)) ? this.resolve(token) : undefined;
  }

  /** As {@link resolve}, for one request: what exists once for each is that of this one. */
  resolveFor<T>(request: Request, given: AnyToken<T>): T {
    const token = injectionToken(given);
    const isOfRequest = this.#requests.has(token) || this.#examine(token).some((need) => needsRequest(need));
    return isOfRequest ? this.#requests.resolve(request, token) : this.resolve(token);
  }

  /** As {@link resolveFor}; undefined for a token that stands for nothing. */
  tryResolveFor<T>(request: Request, token: AnyToken<T>): T | undefined {
    return this.#knows(injectionToken(token)) ? this.resolveFor(request, token) : undefined;
  }

  /** Disposes, last built first, what `build` made. */
  async dispose(): Promise<void> {
    const built = [...this.#built].reverse();
    this.#built.clear();
    await disposeAll(built);
  }

  #knows(token: unknown): boolean {
    const isRegistered = this.#requests.has(token) || this.#adopt(token).length > 0;
    return isRegistered || isMakeable(token) || isDelayed(token);
  }

  #examine(token: InjectionToken): readonly Need[] {
    if (!this.#knows(token)) throw new ObolError('E_DEPENDENCY', notProvided(token));
    if (this.isAbandoned) throw new NotMade();
    const before = this.problems.length;
    const examination = new Examination(this.#known, { member: nameOf(token), place: '' });
    const needs = examination.ofToken(token);
    if (this.#accept(examination)) this.build();
    if (this.problems.length > before) throw new ConfigurationError(this.problems.splice(before));
    return needs;
  }

  /** Registers what was found. @returns false when it has mistakes: then it is looked at again with the next question */
  #accept(examination: Examination): boolean {
    examination.finish();
    const { found, problems } = examination;
    for (const problem of problems) {
      const isNew = this.problems.every(({ message }) => message !== problem.message);
      if (isNew) this.problems.push(problem);
    }
    if (problems.length > 0) {
      for (const [key, need] of this.#known.needs) if (found.includes(need)) this.#known.needs.delete(key);
      return false;
    }
    for (const token of this.#known.absent as Set<InjectionToken>) {
      if (!this.root.isRegistered(token)) this.root.register(token, { useFactory: () => undefined });
    }
    for (const need of found) this.#place(need);
    return true;
  }

  /** Has the container make it, and as long-lived as it may be. */
  #place(need: Need): void {
    const { token, target, registration } = need;
    if (target) this.#requests.addClass(target);
    if (target && !registration) this.#register(target, need);
    if (needsRequest(need) || registration?.provider.useValue !== undefined) return;
    this.#track(need);
    if (isShared(need) || this.#factories.has(token)) this.#unbuilt.set(token, need);
  }

  /** A class under which nothing is registered. */
  #register(target: Class, need: Need): void {
    const useClass = target as Constructor;
    if (need.lifetime === 'transient') this.root.register(useClass, { useClass });
    else if (needsRequest(need)) this.#requests.add(target);
    else this.root.register(useClass, { useClass }, { lifecycle: Lifecycle.Singleton });
  }

  /** What is registered under a token, copied from the container of the user. What that has made already stays as it is. */
  #adopt(token: unknown): readonly Registration[] {
    this.#foreign.admit(token);
    const registrations = registrationsIn(this.root, token);
    const key = token as InjectionToken;
    if (registrations.length === 0 || this.root.isRegistered(key)) return registrations;
    for (const { provider, options, instance } of registrations) {
      const isMade = options.lifecycle === Lifecycle.Singleton && instance !== undefined;
      if (isMade) this.root.register(key, { useValue: instance });
      else this.root.register(key, provider as { useClass: Constructor }, options);
    }
    return registrationsIn(this.root, token);
  }

  #tryBuild(need: Need): boolean {
    const token = need.token as InjectionToken;
    try {
      if (need.registration && registrationsIn(this.root, token).length > 1) this.root.resolveAll(token);
      else this.#assertGiven(need, this.root.resolve<unknown>(token));
      return true;
    } catch (cause) {
      const message = `${nameOf(token)} could not be built: ${cause instanceof Error ? cause.message : String(cause)}`;
      this.problems.push({ code: 'E_DEPENDENCY', message });
      return false;
    }
  }

  /** A factory that is called at bootstrap is known by what it gives. */
  #assertGiven({ token, registration }: Need, made: unknown): void {
    const isNothing = made === undefined || made === null;
    if (isNothing && registration && this.#factories.has(token))
      this.problems.push({ code: 'E_DEPENDENCY', message: givesNothing(token, registration.provider) });
  }

  /** Remembers what building makes under a token. */
  #track({ token, registration }: Need): void {
    if (this.#tracked.has(token)) return;
    this.#tracked.add(token);
    this.root.afterResolution(token as InjectionToken, (_, made: unknown) => {
      if (!this.#isBuilding) return;
      if (!registration) this.#built.add(made as object);
      else for (const item of [made].flat()) this.#remember(item, token);
    });
  }

  /** What was given as a value is its owner's. */
  #remember(made: unknown, token: unknown): void {
    if (typeof made !== 'object' || made === null || this.#built.has(made)) return;
    const isGiven = registrationsIn(this.root, token).some(({ provider }) => provider.useValue === made);
    if (!isGiven) this.#built.add(made);
  }
}

/** Whether the application has one of it: it is registered so, or nothing else is said. */
function isShared({ lifetime, target, registration }: Need): boolean {
  return (
    lifetime === 'application' ||
    (lifetime === undefined && target !== undefined && registration === undefined)
  );
}
