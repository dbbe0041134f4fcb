/** What tsyringe keeps to itself: how it stores what is registered, which says how long something lives. */
import type { DependencyContainer, Lifecycle } from 'tsyringe';

/** How tsyringe keeps what is registered under a token. */
export interface Registration {
  readonly provider: {
    useClass?: new (...args: never[]) => object;
    useValue?: unknown;
    useToken?: unknown;
    useFactory?: unknown;
  };
  readonly options: { readonly lifecycle: Lifecycle };
  instance?: unknown;
}

interface Internals {
  readonly _registry: { has(token: unknown): boolean; get(token: unknown): Registration | null };
  readonly parent?: Internals;
  readonly disposables?: ReadonlySet<unknown>;
}

/** What is registered under a token, in a container or in those that it came from. */
export function registrationIn(container: DependencyContainer, token: unknown): Registration | null {
  for (let level: Internals | undefined = internalsOf(container); level; level = level.parent) {
    if (level._registry.has(token)) return level._registry.get(token);
  }
  return null;
}

/** Whether a container is known to have made nothing that it would dispose. */
export function hasNothingToDispose(container: DependencyContainer): boolean {
  return internalsOf(container).disposables?.size === 0;
}

/** Whether a token stands for a class that is looked up only when it is used, as `delay(() => X)` makes one. */
export function isDelayed(token: unknown): boolean {
  return typeof token === 'object' && token !== null && token.constructor.name === 'DelayedConstructor';
}

function internalsOf(container: DependencyContainer): Internals {
  return container as unknown as Internals;
}
