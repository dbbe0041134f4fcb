/** What an application, a feature or a test has the container give out. */
import { Lifecycle, type DependencyContainer } from 'tsyringe';
import { rule, type Rule } from '../ground/settings.js';
import { injectionToken, type AnyToken } from '../ground/token.js';
import type { Request } from '../message/request.js';

/** Registers something under a token, for the application: configuration, services, and stand-ins in tests. */
export type Provider<T = unknown> = { readonly provide: AnyToken<T> } & (
  | { readonly useValue: T }
  | { readonly useClass: new (...args: never[]) => T }
  | { readonly useFactory: (container: DependencyContainer) => T }
);

/** Registers something under a token that is made once for each request, when it is first asked for. */
export interface RequestProvider<T = unknown> {
  readonly provide: AnyToken<T>;
  readonly useFactory: (request: Request) => T;
}

/** The form of a provider. Whether it gives anything is known where it is asked for. */
export const PROVIDER_RULE = providerRule(
  '{ provide: Token, useValue: value }',
  (given) => !('useFactory' in given),
);

/** The form of a provider of what is made once for each request. */
export const REQUEST_PROVIDER_RULE = providerRule(
  '{ provide: Token, useFactory: (request) => value }',
  () => false,
);

function providerRule(form: string, needsNoFactory: (given: object) => boolean): Rule {
  return rule.that(`a provider ${form}`, (value) => {
    const given = Object(value) as { readonly provide?: unknown; readonly useFactory?: unknown };
    const isNamed = given === value && given.provide !== undefined && given.provide !== null;
    return isNamed && (typeof given.useFactory === 'function' || needsNoFactory(given));
  });
}

/** A provider as tsyringe takes and keeps it; what it does not understand, it keeps as a class. */
export interface AnyProvider {
  readonly useClass?: new (...args: never[]) => object;
  readonly useValue?: unknown;
  readonly useToken?: unknown;
  readonly useFactory?: unknown;
}

/** Registers a provider; of whatever kind, it gives one object to the whole application. */
export function register(container: DependencyContainer, provider: Provider): void {
  const token = injectionToken(provider.provide);
  if ('useValue' in provider) container.register(token, { useValue: provider.useValue });
  else if ('useFactory' in provider) container.register(token, { useFactory: cached(provider.useFactory) });
  else container.register(token, { useClass: provider.useClass }, { lifecycle: Lifecycle.Singleton });
}

function cached<T>(make: (container: DependencyContainer) => T): (container: DependencyContainer) => T {
  let made: { value: T } | undefined;
  return (container) => (made ??= { value: make(container) }).value;
}
