/** The one file that knows tsyringe: what lives as long as the application, what for one request, and what is wrong. */
import type { Problem } from '../errors.js';
import { ContextKey } from '../context-key.js';
import { Request } from '../message/request.js';
import type { Class } from '../metadata/class-metadata.js';
import { constructorParameters } from '../metadata/reflect.js';
import type { ControllerSource } from '../dispatch/action.js';
import { injectable, Lifecycle, type DependencyContainer, type InjectionToken } from 'tsyringe';

/** A class as tsyringe types one. */
type Constructor = Extract<InjectionToken<object>, new (...args: never[]) => object>;

/** Registers something under a token, for the application: configuration, services, and stand-ins in tests. */
export type Provider<T = unknown> = { readonly provide: InjectionToken<T> } & (
  | { readonly useValue: T }
  | { readonly useClass: new (...args: never[]) => T }
  | { readonly useFactory: (container: DependencyContainer) => T }
);

/** Registers something under a token that is made once for each request, when it is first asked for. */
export interface RequestProvider<T = unknown> {
  readonly provide: InjectionToken<T>;
  readonly useFactory: (request: Request) => T;
}

export interface ContainerOptions {
  readonly parent: DependencyContainer;
  readonly providers: readonly Provider[];
  readonly requestProviders: readonly RequestProvider[];
}

interface Registration {
  readonly provider: { useClass?: Constructor; useValue?: unknown; useToken?: unknown; useFactory?: unknown };
  readonly options: { readonly lifecycle: Lifecycle };
  instance?: unknown;
}

/** tsyringe offers no way to ask how long something lives; this is where it keeps the answer. */
interface Internals {
  readonly _registry: { has(token: unknown): boolean; get(token: unknown): Registration | null };
  readonly parent?: Internals;
}

const CHILD = new ContextKey<DependencyContainer>('container');

/** The container of one application. */
export class Container {
  readonly root: DependencyContainer;
  readonly problems: Problem[] = [];
  readonly #requestProviders: readonly RequestProvider[];
  readonly #requestTokens: ReadonlySet<unknown>;
  /** Singletons in the order in which they can be built. */
  readonly #singletons = new Set<unknown>();
  /** Whether a class needs an object that exists once per request; absent while it is being looked at. */
  readonly #perRequest = new Map<unknown, boolean>();
  readonly #built: object[] = [];
  readonly #isolate: boolean;

  constructor({ parent, providers, requestProviders }: ContainerOptions) {
    this.root = parent.createChildContainer();
    this.#requestProviders = requestProviders;
    this.#requestTokens = new Set<unknown>([Request, ...requestProviders.map(({ provide }) => provide)]);
    this.#isolate = providers.length > 0;
    for (const provider of providers) register(this.root, provider);
  }

  /** Looks through all that a controller needs; mistakes go to `problems`. @returns undefined when there are any */
  add(controller: Class, member: string, place: string): ControllerSource | undefined {
    const before = this.problems.length;
    const perRequest = this.#examineClass(controller, [], { member, place });
    if (this.problems.length > before) return undefined;
    const lifecycle = perRequest ? Lifecycle.ContainerScoped : Lifecycle.Singleton;
    const useClass = controller as unknown as Constructor;
    this.root.register(useClass, { useClass }, { lifecycle });
    if (!perRequest) this.#singletons.add(useClass);
    const resolve = (container: DependencyContainer): object => container.resolve<object>(useClass);
    return {
      perRequest,
      get: (request) => resolve(perRequest && request ? this.#childOf(request) : this.root),
    };
  }

  /** Builds every singleton, dependencies first. A constructor that throws becomes a problem. */
  build(): void {
    for (const token of this.#singletons) {
      const existed = this.#registration(token)?.instance !== undefined;
      try {
        const instance = this.root.resolve<object>(token as InjectionToken<object>);
        if (!existed) this.#built.push(instance);
      } catch (cause) {
        const message = `${nameOf(token)} could not be built: ${cause instanceof Error ? cause.message : String(cause)}`;
        this.problems.push({ code: 'E_DEPENDENCY', message });
      }
    }
  }

  /** Disposes, last built first, what `build` made and nobody else had; tsyringe forgets it. */
  async dispose(): Promise<void> {
    for (const token of this.#singletons) {
      const registration = this.#registration(token);
      if (registration && this.#built.includes(registration.instance as object))
        registration.instance = undefined;
    }
    for (const instance of this.#built.splice(0).reverse()) await disposeOf(instance);
  }

  #childOf(request: Request): DependencyContainer {
    const existing = request.get(CHILD);
    if (existing) return existing;
    const child = this.root.createChildContainer();
    child.registerInstance(Request, request);
    for (const { provide, useFactory } of this.#requestProviders) {
      child.register(provide, { useFactory: once(() => useFactory(request)) });
    }
    request.set(CHILD, child);
    // Every singleton was built from the root, so the child holds and disposes only what belongs to the request.
    request.onClose(() => void child.dispose());
    return child;
  }

  /** @returns whether the class must be made anew for each request */
  #examineClass(target: Class, path: readonly unknown[], where: Where): boolean {
    const known = this.#perRequest.get(target);
    if (known !== undefined) return known;
    if (path.includes(target)) {
      const circle = [...path.slice(path.indexOf(target)), target].map(nameOf).join(' -> ');
      this.#report(
        'E_DEPENDENCY_CYCLE',
        `The constructors go in a circle: ${circle}. Inject one of them with delay().`,
        where,
      );
      return false;
    }
    const parameters = constructorParameters(target);
    if (parameters === null) {
      this.#report('E_METADATA', missingMetadata(target), where);
      return false;
    }
    injectable()(target as unknown as Constructor);
    const needs = parameters.map(({ token, isOptional }, index) =>
      this.#examineToken(token, [...path, target], { ...where, parameter: index, isOptional }),
    );
    const perRequest = needs.includes(true);
    this.#perRequest.set(target, perRequest);
    return perRequest;
  }

  #examineToken(token: unknown, path: readonly unknown[], where: Where): boolean {
    if (this.#requestTokens.has(token)) return true;
    const registration = this.#registration(token);
    if (registration) return this.#examineRegistration(token, registration, { path, where });
    if (isInjectableClass(token)) return this.#examineClass(token, path, where);
    if (!where.isOptional && !isDelayed(token))
      this.#report('E_DEPENDENCY', unresolvable(token, path.at(-1), where), where);
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
  #addSingleton(token: unknown, { provider }: Registration): void {
    this.#singletons.add(token);
    if (!this.#isolate || this.root.isRegistered(token as InjectionToken) || !provider.useClass) return;
    this.root.register(
      token as InjectionToken,
      { useClass: provider.useClass },
      { lifecycle: Lifecycle.Singleton },
    );
  }

  #registration(token: unknown): Registration | null {
    for (let level: Internals | undefined = this.root as unknown as Internals; level; level = level.parent) {
      if (level._registry.has(token)) return level._registry.get(token);
    }
    return null;
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

const PRIMITIVES: readonly unknown[] = [
  Object,
  String,
  Number,
  Boolean,
  Array,
  Function,
  Symbol,
  Promise,
  undefined,
];

function isInjectableClass(token: unknown): token is Class {
  return typeof token === 'function' && !PRIMITIVES.includes(token);
}

function isDelayed(token: unknown): boolean {
  return typeof token === 'object' && token !== null && token.constructor.name === 'DelayedConstructor';
}

function unresolvable(token: unknown, owner: unknown, { parameter = 0 }: Where): string {
  const lead = `Parameter ${String(parameter + 1)} of the constructor of ${nameOf(owner)}`;
  if (token === undefined) {
    return `${lead} has no type at run time: its module is still loading because of a circular import. Use @inject(delay(() => X)).`;
  }
  if (PRIMITIVES.includes(token)) {
    return `${lead} is ${nameOf(token) === 'Object' ? 'an interface or a plain object' : `of type ${nameOf(token)}`}, which says nothing about what to inject. Name it: @inject(token).`;
  }
  return `${lead} asks for ${nameOf(token)}, which nobody provides. Pass providers: [{ provide: ..., useValue: ... }] to bootstrap, or register it in the container.`;
}

function missingMetadata(target: Class): string {
  return (
    `${nameOf(target)} has constructor parameters but no metadata about them. Decorate the class with @injectable(), ` +
    '@singleton() or @Controller(), turn on emitDecoratorMetadata, and compile with tsc or swc: esbuild and tsx drop ' +
    'the metadata. Two copies of reflect-metadata have the same effect (npm ls reflect-metadata).'
  );
}

function keepsFirstRequest(token: unknown): string {
  return (
    `The singleton ${nameOf(token)} takes an object that exists once per request, so it would keep that of the first ` +
    'request for ever. Make it @injectable() or @scoped(Lifecycle.ContainerScoped), or pass the object to its methods.'
  );
}

function nameOf(token: unknown): string {
  if (typeof token === 'function') return token.name || 'an anonymous class';
  return typeof token === 'string' ? `"${token}"` : String(token);
}

function register(container: DependencyContainer, provider: Provider): void {
  const { provide } = provider;
  if ('useValue' in provider) container.register(provide, { useValue: provider.useValue });
  else if ('useFactory' in provider) container.register(provide, { useFactory: cached(provider.useFactory) });
  else
    container.register(
      provide,
      { useClass: provider.useClass as Constructor },
      { lifecycle: Lifecycle.Singleton },
    );
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function cached<T>(make: (container: DependencyContainer) => T): (container: DependencyContainer) => T {
  let made: { value: T } | undefined;
  return (container) => (made ??= { value: make(container) }).value;
}

async function disposeOf(instance: object): Promise<void> {
  const disposable = instance as Record<symbol | string, unknown>;
  const dispose = disposable[Symbol.asyncDispose] ?? disposable[Symbol.dispose] ?? disposable['dispose'];
  if (typeof dispose === 'function') await (dispose as () => unknown).call(instance);
}
