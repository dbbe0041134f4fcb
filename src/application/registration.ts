/** What tsyringe keeps to itself: how it stores what is registered, which says how long something lives. */
import { container as globalContainer, type DependencyContainer, type Lifecycle } from 'tsyringe';
import type { AnyProvider } from './provider.js';

/** How tsyringe keeps what is registered under a token. */
export interface Registration {
  readonly provider: AnyProvider;
  readonly options: { readonly lifecycle: Lifecycle };
  instance?: unknown;
}

interface Internals {
  readonly _registry: { has(token: unknown): boolean; getAll(token: unknown): readonly Registration[] };
  readonly parent?: Internals;
  readonly disposables?: ReadonlySet<unknown>;
}

/** Whether a value is a container of the tsyringe that Obol itself uses; another copy of it knows none of its classes. */
export function isContainer(value: unknown): value is DependencyContainer {
  return typeof value === 'object' && value !== null && value.constructor === globalContainer.constructor;
}

/** All that is registered under a token, in a container or in the nearest of those that it came from. */
export function registrationsIn(container: DependencyContainer, token: unknown): readonly Registration[] {
  for (let level: Internals | undefined = internalsOf(container); level; level = level.parent) {
    if (level._registry.has(token)) return level._registry.getAll(token);
  }
  return [];
}

/** Whether a container is known to have made nothing that it would dispose. */
export function hasNothingToDispose(container: DependencyContainer): boolean {
  return internalsOf(container).disposables?.size === 0;
}

function internalsOf(container: DependencyContainer): Internals {
  return container as unknown as Internals;
}
