/** What is made for each request: when it is first asked for, once, and ended with the request. */
import { ContextKey } from '../ground/context-key.js';
import { injectionToken } from '../ground/token.js';
import { Request } from '../message/request.js';
import type { Class } from '../metadata/class.js';
import { constructorParameters, type ConstructorParameter } from '../metadata/reflect.js';
import type { ControllerSource } from '../dispatch/action.js';
import { nameOf } from './dependency-messages.js';
import { disposeAll } from './dispose.js';
import type { RequestProvider } from './provider.js';
import { hasNothingToDispose, registrationsIn } from './registration.js';
import { Lifecycle, type DependencyContainer, type InjectionToken } from 'tsyringe';

/** Gives an object of a request. */
type Maker<T = unknown> = (request: Request) => T;

/** A class of which each request has one object. */
interface Source {
  readonly perRequest: true;
  readonly target: Class;
  get: Maker<object>;
}

const CHILD = new ContextKey<DependencyContainer>('container', { ofApplication: true });

/** Makes the objects of requests, controllers among them: one of each for each request. */
export class PerRequest {
  readonly #root: DependencyContainer;
  readonly #providers: readonly { readonly token: InjectionToken; readonly make: Maker }[];
  /** Makers by token; of equal tokens the last counts, as in a container. */
  readonly #makers: Map<unknown, Maker>;
  /** Of which is still to be decided how they are made. */
  readonly #undecided: Source[] = [];
  readonly #sources = new Map<Class, Source>();
  /** Classes that end with `using`, which tsyringe does not know: a request disposes them itself. */
  readonly #usable = new Set<Class>();

  constructor(root: DependencyContainer, providers: readonly RequestProvider[]) {
    this.#root = root;
    this.#providers = providers.map(({ provide, useFactory }) => ({
      token: injectionToken(provide),
      make: oncePerRequest(nameOf(provide), useFactory),
    }));
    this.#makers = new Map<unknown, Maker>(this.#providers.map(({ token, make }) => [token, make]));
    this.#makers.set(Request, (request) => request);
  }

  /** Whether a token stands for something that exists once per request. */
  has(token: unknown): boolean {
    return this.#makers.has(token);
  }

  /** To be called for every class that a request may need. */
  addClass(target: Class): void {
    if (isUsable(target)) this.#usable.add(target);
  }

  /** Makes a class for each request; how, `build` decides. */
  add(target: Class): void {
    const get: Maker<object> = (request) => {
      this.build();
      return source.get(request);
    };
    const source: Source = { perRequest: true, target, get };
    this.#undecided.push(source);
    this.#sources.set(target, source);
    this.#makers.set(target, (request) => source.get(request));
  }

  /** Where the controller of each request comes from; undefined for a class that was not added. */
  sourceOf(target: Class): ControllerSource | undefined {
    return this.#sources.get(target);
  }

  /** What a request has under a token. */
  resolve<T>(request: Request, token: InjectionToken<T>): T {
    this.build();
    const make = this.#makers.get(token) as Maker<T> | undefined;
    return make ? make(request) : this.#childOf(request).resolve(token);
  }

  /** Decides how objects are made, now that all classes and everything that they may need are known. */
  build(): void {
    for (const source of this.#undecided.splice(0)) source.get = this.#register(source.target);
  }

  /** One that needs nothing unusual is made without a container, which would cost more than all else that a request does. */
  #register(target: Class): Maker<object> {
    const token = target as unknown as new () => object;
    const make = this.#constructorOf(target);
    if (!make) {
      this.#root.register(token, { useClass: token }, { lifecycle: Lifecycle.ContainerScoped });
      return (request) => this.#childOf(request).resolve(token);
    }
    const shared = oncePerRequest(target.name, make);
    this.#root.register(token, { useFactory: (container) => shared(container.resolve(Request)) });
    return shared;
  }

  /** @returns undefined for a class that only a container can make, or knows how to end */
  #constructorOf(target: Class): Maker<object> | undefined {
    if (isDisposable(target.prototype as object)) return undefined;
    const makers: Maker[] = [];
    for (const parameter of constructorParameters(target) ?? []) {
      const make = this.#makerOf(parameter);
      if (!make) return undefined;
      makers.push(make);
    }
    const construct = target as new (...args: unknown[]) => object;
    return (request) => {
      const args: unknown[] = [];
      for (const make of makers) args.push(make(request));
      const made = new construct(...args);
      if (isDisposable(made)) this.#disposeWith(request, () => disposeAll([made]));
      return made;
    };
  }

  #makerOf({ token, isMultiple, transform }: ConstructorParameter): Maker | undefined {
    if (isMultiple || transform !== undefined) return undefined;
    const known = this.#makers.get(token);
    if (known) return known;
    const registration = registrationsIn(this.#root, token).at(-1);
    if (!registration) return undefined;
    const { provider, options } = registration;
    if (provider.useClass && options.lifecycle === Lifecycle.Transient)
      return this.#constructorOf(provider.useClass);
    const isOne = provider.useValue !== undefined || options.lifecycle === Lifecycle.Singleton;
    return isOne ? () => this.#root.resolve<unknown>(token as InjectionToken) : undefined;
  }

  #childOf(request: Request): DependencyContainer {
    const existing = request.get(CHILD);
    if (existing) return existing;
    const child = this.#root.createChildContainer();
    child.registerInstance(Request, request);
    for (const { token, make } of this.#providers) child.register(token, { useFactory: () => make(request) });
    request.set(CHILD, child);
    const usable: object[] = [];
    for (const target of this.#usable) {
      child.afterResolution(target as unknown as new () => object, (_, made) => {
        if (!usable.includes(made)) usable.push(made);
      });
    }
    // Every singleton was built from the root, so the child holds and disposes only what belongs to the request.
    this.#disposeWith(request, () => {
      // Disposing nothing would cost more than the rest of the container.
      const isIdle = usable.length === 0 && hasNothingToDispose(child);
      return isIdle ? undefined : Promise.all([child.dispose(), disposeAll(usable.reverse())]);
    });
    return child;
  }

  #disposeWith(request: Request, dispose: () => Promise<unknown> | undefined): void {
    request.onClose(() => {
      dispose()?.catch((error: unknown) => {
        request.log.error({ err: error }, 'What a request made could not be disposed');
      });
    });
  }
}

function oncePerRequest<T>(name: string, make: Maker<T>): Maker<T> {
  const slot = new ContextKey<{ readonly value: T }>(name, { ofApplication: true });
  return (request) => {
    const existing = request.get(slot);
    if (existing) return existing.value;
    const value = make(request);
    request.set(slot, { value });
    return value;
  };
}

/** Whether its instances are disposed by symbol; those with a method `dispose` tsyringe disposes itself. */
function isUsable(target: Class): boolean {
  const prototype = target.prototype as object;
  return !('dispose' in prototype) && isDisposable(prototype);
}

function isDisposable(instance: object): boolean {
  return 'dispose' in instance || Symbol.dispose in instance || Symbol.asyncDispose in instance;
}
