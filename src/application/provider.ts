/** What an application, a feature or a test has the container give out. */
import { Lifecycle, type DependencyContainer, type InjectionToken } from 'tsyringe';
import type { Request } from '../message/request.js';

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

/** Registers a provider; of whatever kind, it gives one object to the whole application. */
export function register(container: DependencyContainer, provider: Provider): void {
  const { provide } = provider;
  if ('useValue' in provider) container.register(provide, { useValue: provider.useValue });
  else if ('useFactory' in provider) container.register(provide, { useFactory: cached(provider.useFactory) });
  else container.register(provide, { useClass: provider.useClass }, { lifecycle: Lifecycle.Singleton });
}

function cached<T>(make: (container: DependencyContainer) => T): (container: DependencyContainer) => T {
  let made: { value: T } | undefined;
  return (container) => (made ??= { value: make(container) }).value;
}
