/** `guardOf()`: a guard made with `createGuard` as a function of a request, for calling it alone. */
import { container as globalContainer } from 'tsyringe';
import { Container } from '../../application/container.js';
import { bindGuard } from '../../application/plain-function.js';
import {
  checkOptions,
  guardSources,
  rule,
  type createGuard,
  type Feature,
  type Guard,
  type Rules,
} from '../../kit.js';

type GuardDecorator = ReturnType<ReturnType<typeof createGuard>>;

export interface GuardOptions {
  /**
   * What the guard finds in the container, as for `bootstrap`; a session as `{ provide: Session, useValue: Session.of({}) }`.
   * Default none.
   */
  readonly providers?: Feature['providers'] | undefined;
  /** Features that bring what the guard needs; their middleware is not run. Default none. */
  readonly features?: readonly Feature[] | undefined;
}

const RULES: Rules<GuardOptions> = {
  providers: rule.list('a list of providers', rule.any),
  features: rule.list('a list of features', rule.any),
};

/**
 * Puts a guard together as `bootstrap` does for a route. It throws, or rejects, where it refuses a request.
 * @param decorator as it would stand on a method
 * @throws ObolError E_SETTING for what is no guard, and what its setup throws
 *
 * @example
 * ```ts
 * const check = guardOf(Role('admin'), { providers: [{ provide: Users, useValue: fakeUsers }] });
 * expect(() => check(request('/', { user: 'smith' }))).toThrow(HttpError);
 * ```
 */
export function guardOf(decorator: GuardDecorator, options: GuardOptions = {}): Guard {
  checkOptions('guardOf', options, RULES);
  const authors = [options, ...(options.features ?? [])];
  const container = new Container({
    parent: globalContainer,
    providers: authors.flatMap(({ providers = [] }) => providers),
    requestProviders: (options.features ?? []).flatMap(({ requestProviders = [] }) => requestProviders),
  });
  const place = { name: 'guardOf()', path: '/', container };
  const [guard] = guardSources('guardOf', [decorator]).map((source) => bindGuard(source, place));
  return (request) => guard?.check(request);
}
