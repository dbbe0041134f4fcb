/** The container of an application: what lives as long as it does, what for one request, and what is wrong with either. */
import { ConfigurationError, ObolError, type Problem } from '../ground/errors.js';
import { Request } from '../message/request.js';
import type { Class } from '../metadata/class.js';
import { providerOf } from '../metadata/provided-by.js';
import { constructorParameters, inheritConstructor } from '../metadata/reflect.js';
import type { ControllerSource } from '../dispatch/action.js';
import {
  keepsFirstRequest,
  missingMetadata,
  nameOf,
  notProvided,
  PRIMITIVES,
  unresolvable,
} from './dependency-messages.js';
import { disposeAll } from './dispose.js';
import { ForeignTokens } from './foreign-tokens.js';
import { PerRequest } from './per-request.js';
import { register, type Provider, type RequestProvider } from './provider.js';
import { isDelayed, registrationIn, type Registration } from './registration.js';
import { injectable, Lifecycle, type DependencyContainer, type InjectionToken } from 'tsyringe';

/** A class as tsyringe types one. */
type Constructor = Extract<InjectionToken<object>, new (...args: never[]) => object>;

interface ContainerOptions {
  readonly parent: DependencyContainer;
  readonly providers: readonly Provider[];
  readonly requestProviders: readonly RequestProvider[];
}

/** Thrown in place of what is not made, since the application has mistakes. */
export class NotMade extends Error {}

/** The container of one application. */
export class Container {
  readonly root: DependencyContainer;
  readonly problems: Problem[] = [];
  /** Whether the application has mistakes: then nothing is made any more. */
  isAbandoned = false;
  readonly #requests: PerRequest;
  readonly #foreign: ForeignTokens;
  /** Singletons in the order in which they can be built. */
  readonly #singletons = new Set<unknown>();
  /** Whether a class needs an object that exists once per request; absent while it is being looked at. */
  readonly #perRequest = new Map<unknown, boolean>();
  /** What was made while building, dependencies first. */
  readonly #built = new Set<object>();
  #building = false;
  readonly #isolate: boolean;

  constructor({ parent, providers, requestProviders }: ContainerOptions) {
    this.root = parent.createChildContainer();
    this.#requests = new PerRequest(this.root, requestProviders);
    const given = [...providers, ...requestProviders].map(({ provide }) => provide);
    this.#foreign = new ForeignTokens(this.root, [Request, ...given]);
    this.#isolate = providers.length > 0;
    for (const provider of providers) {
      register(this.root, provider);
      if ('useFactory' in provider) this.#track(provider.provide);
    }
  }

  /** Looks through all that a controller needs; mistakes go to `problems`. @returns undefined when there are any */
  add(controller: Class, place: string): ControllerSource | undefined {
    const before = this.problems.length;
    const perRequest = this.#examineClass(controller, [], { member: controller.name, place });
    if (this.problems.length > before) return undefined;
    return perRequest ? this.#requests.addController(controller) : this.#addShared(controller);
  }

  /** Builds every singleton, dependencies first. A constructor that throws becomes a problem. */
  build(): void {
    this.#building = true;
    for (const token of this.#singletons) {
      try {
        this.root.resolve(token as InjectionToken);
      } catch (cause) {
        const message = `${nameOf(token)} could not be built: ${cause instanceof Error ? cause.message : String(cause)}`;
        this.problems.push({ code: 'E_DEPENDENCY', message });
      }
    }
    this.#building = false;
    this.#requests.build();
  }

  /**
   * An object that lives as long as the application; what it needs is examined and built like that of a controller.
   * @throws ConfigurationError when it cannot be built, ObolError E_DEPENDENCY when nothing is known of it,
   * E_DEPENDENCY_SCOPE when it exists once per request
   */
  resolve<T>(token: InjectionToken<T>): T {
    if (!this.#knows(token)) throw new ObolError('E_DEPENDENCY', notProvided(token));
    if (this.isAbandoned) throw new NotMade();
    const before = this.problems.length;
    const where = { member: nameOf(token), place: '', isOptional: true };
    const perRequest = this.#examineToken(token, [], where);
    this.build();
    if (this.problems.length > before) throw new ConfigurationError(this.problems.splice(before));
    if (!perRequest) return this.root.resolve(token);
    const message = `${nameOf(token)} exists once per request, so the application has none; take it in a constructor.`;
    throw new ObolError('E_DEPENDENCY_SCOPE', message);
  }

  /** As {@link resolve}; undefined for a token that stands for nothing. */
  tryResolve<T>(token: InjectionToken<T>): T | undefined {
    return this.#knows(token) ? this.resolve(token) : undefined;
  }

  /** Disposes, last built first, what `build` made and nothing else had; tsyringe forgets it. */
  async dispose(): Promise<void> {
    for (const token of this.#singletons) {
      const registration = registrationIn(this.root, token);
      if (registration && this.#built.has(registration.instance as object)) registration.instance = undefined;
    }
    const built = [...this.#built].reverse();
    this.#built.clear();
    await disposeAll(built);
  }

  #knows(token: unknown): boolean {
    this.#foreign.admit(token);
    const isRegistered = this.#requests.has(token) || registrationIn(this.root, token) !== null;
    return isRegistered || isInjectableClass(token) || isDelayed(token);
  }

  #addShared(controller: Class): ControllerSource {
    const useClass = controller as unknown as Constructor;
    this.root.register(useClass, { useClass }, { lifecycle: Lifecycle.Singleton });
    this.#singletons.add(useClass);
    this.#track(useClass);
    return { perRequest: false, get: () => this.root.resolve<object>(useClass) };
  }

  /** Remembers what building makes under a token. */
  #track(token: unknown): void {
    this.root.afterResolution(token as InjectionToken, (_, made) => {
      if (!this.#building) return;
      for (const item of [made as unknown].flat()) {
        if (typeof item === 'object' && item !== null) this.#built.add(item);
      }
    });
  }

  /** @returns whether the class must be made anew for each request */
  #examineClass(target: Class, path: readonly unknown[], where: Where): boolean {
    const known = this.#perRequest.get(target);
    if (known !== undefined) return known;
    if (path.includes(target)) {
      const circle = [...path.slice(path.indexOf(target)), target].map(nameOf).join(' -> ');
      const message = `The constructors go in a circle: ${circle}. Inject one of them with delay().`;
      this.#report('E_DEPENDENCY_CYCLE', message, where);
      return false;
    }
    const parameters = constructorParameters(target);
    if (parameters === null) {
      this.#report('E_METADATA', missingMetadata(target), where);
      return false;
    }
    const before = this.problems.length;
    inheritConstructor(target);
    injectable()(target as unknown as Constructor);
    const needs = parameters.map(({ token, isOptional }, index) =>
      this.#examineToken(token, [...path, target], { ...where, parameter: index, isOptional }),
    );
    const perRequest = needs.includes(true);
    // What is mistaken is looked at again with the next question.
    if (this.problems.length === before) this.#perRequest.set(target, perRequest);
    this.#requests.addClass(target);
    return perRequest;
  }

  #examineToken(token: unknown, path: readonly unknown[], where: Where): boolean {
    this.#foreign.admit(token);
    if (this.#requests.has(token)) return true;
    const registration = registrationIn(this.root, token);
    if (registration) return this.#examineRegistration(token, registration, { path, where });
    if (isInjectableClass(token)) {
      const isNew = !this.#perRequest.has(token);
      const perRequest = this.#examineClass(token, path, where);
      if (isNew && !perRequest) this.#track(token);
      return perRequest;
    }
    const isNeeded = !where.isOptional || isOfFeature(token);
    if (isNeeded && !isDelayed(token))
      this.#report('E_DEPENDENCY', unresolvable(token, path.at(-1), where.parameter ?? 0), where);
    return false;
  }

  #examineRegistration(
    token: unknown,
    registration: Registration,
    at: { path: readonly unknown[]; where: Where },
  ): boolean {
    const { provider, options } = registration;
    const target = provider.useClass ?? provider.useToken;
    if (target === undefined) return false;
    const perRequest =
      target === token || provider.useClass
        ? this.#examineClass(target as Class, at.path, at.where)
        : this.#examineToken(target, at.path, at.where);
    if (options.lifecycle === Lifecycle.ContainerScoped) return true;
    if (options.lifecycle !== Lifecycle.Singleton) return perRequest;
    if (perRequest) this.#report('E_DEPENDENCY_SCOPE', keepsFirstRequest(token), at.where);
    this.#addSingleton(token, registration);
    return false;
  }

  /** With stand-ins given, the application has singletons of its own: those of others never see a stand-in. */
  #addSingleton(token: unknown, { provider, instance }: Registration): void {
    if (this.#singletons.has(token)) return;
    this.#singletons.add(token);
    const isOwn = !this.#isolate || this.root.isRegistered(token as InjectionToken);
    if (isOwn || !provider.useClass) {
      if (instance === undefined) this.#track(token);
      return;
    }
    const { useClass } = provider;
    this.root.register(token as InjectionToken, { useClass }, { lifecycle: Lifecycle.Singleton });
    this.#track(token);
  }

  #report(code: Problem['code'], message: string, { member, place }: Where): void {
    if (this.problems.some((problem) => problem.message === message)) return;
    this.problems.push({ code, message, member, place });
  }
}

/** Which controller asked, and for which constructor parameter. */
interface Where {
  readonly member: string;
  readonly place: string;
  readonly parameter?: number;
  readonly isOptional?: boolean;
}

/** Whether the container can make objects of it without a provider. */
function isInjectableClass(token: unknown): token is Class {
  return typeof token === 'function' && !PRIMITIVES.includes(token) && !isOfFeature(token);
}

/** Whether only a feature can make objects of it, so that tsyringe would fail even where it is optional. */
function isOfFeature(token: unknown): boolean {
  return typeof token === 'function' && providerOf(token) !== undefined;
}
