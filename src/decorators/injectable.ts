/** `@Injectable`: what the constructor of a service takes, and how long an object of it lives. */
import { checkOptions, rule, type Rules } from '../ground/settings.js';
import { isAsked, type Dependency } from '../ground/token.js';
import type { Class } from '../metadata/class.js';
import type { ClassContext, ClassDecorator } from '../metadata/decorator-types.js';
import { MetadataKey } from '../metadata/metadata-key.js';
import { assertParentheses } from '../metadata/protocol.js';
import { listDependencies, makeInjectable } from '../metadata/reflect.js';
import type { DependencyVerdict } from './dependency-verdict.js';

/** One for the application, one for each request, or a new one wherever it is taken. */
export type InjectableScope = 'singleton' | 'request' | 'transient';

/** How objects of a class are made. */
export interface InjectableOptions {
  /**
   * How long one lives. Default `'singleton'`, unless something that the constructor takes exists once per request:
   * then `'request'`.
   */
  readonly scope?: InjectableScope;
}

const OPTION_RULES: Rules<InjectableOptions> = { scope: rule.oneOf('singleton', 'request', 'transient') };

/** What `@Injectable` records. */
export const INJECTABLE = new MetadataKey<InjectableOptions>('obol.injectable');

/** A decorator of classes, in both protocols; where the list does not fit the constructor, what it returns says why. */
export type InjectableDecorator<D extends readonly Dependency[]> = <
  C extends abstract new (...args: never[]) => unknown,
>(
  target: C,
  context?: ClassContext,
) => DependencyVerdict<C, D>;

/**
 * Lists what the constructor takes, in the order of its parameters: classes, `Token`s, `lazy()` and what `Token.optional()`
 * and `Token.all()` give. The compiler checks them. Without a list the types count that TypeScript's legacy decorators emit.
 *
 * @example
 * ```ts
 * const people = Injectable(Database, CLOCK); // before: class People { constructor(database: Database, clock: Clock) {} }
 * ```
 */
export function Injectable<const D extends readonly Dependency[]>(...dependencies: D): InjectableDecorator<D>;
/** The same, with a scope other than the default. @throws ObolError E_SETTING for one that there is not */
export function Injectable<const D extends readonly Dependency[]>(
  options: InjectableOptions,
  ...dependencies: D
): InjectableDecorator<D>;
export function Injectable(...given: unknown[]): InjectableDecorator<readonly Dependency[]> {
  assertParentheses('Injectable', given);
  const [first, ...rest] = given;
  const options = isOptions(first) ? first : undefined;
  if (options) checkOptions('@Injectable', options, OPTION_RULES);
  return taking(INJECTABLE.classDecorator(options ?? {}, Injectable), options ? rest : given);
}

/** A class decorator that lists dependencies as well; for none, what the compiler emits counts. */
export function taking<D extends readonly Dependency[]>(
  decorate: ClassDecorator,
  dependencies: readonly unknown[],
): InjectableDecorator<D> {
  const decorator = (target: Class, context?: ClassContext): void => {
    decorate(target, context);
    if (dependencies.length > 0) listDependencies(target, dependencies);
    makeInjectable(target);
  };
  return decorator as InjectableDecorator<D>;
}

function isOptions(value: unknown): value is InjectableOptions {
  if (typeof value !== 'object' || value === null || isAsked(value)) return false;
  return [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);
}
