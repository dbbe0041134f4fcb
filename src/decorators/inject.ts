/** `@Inject`: what one parameter of a constructor takes, in classes of TypeScript's legacy decorators. */
import { ObolError } from '../ground/errors.js';
import { descriptorOf, type Asked, type Dependency, type Descriptor } from '../ground/token.js';
import type { Class } from '../metadata/class.js';
import { MetadataKey } from '../metadata/metadata-key.js';
import { assertParentheses } from '../metadata/protocol.js';
import { nameParameter } from '../metadata/reflect.js';
import type { InjectVerdict } from './dependency-verdict.js';
import type { Mistake } from './verdict.js';
import type { InjectionToken } from 'tsyringe';

/** What `@Inject` records. */
export const INJECT = new MetadataKey<Descriptor>('obol.inject');

/** A decorator of parameters of constructors; where the dependency does not fit, what it returns says why. */
export interface InjectDecorator<D extends Dependency> {
  <C, I extends number>(target: C, property: undefined, index: I): InjectVerdict<C, D, I>;
  (...misplaced: unknown[]): Mistake<['@Inject stands before a parameter of a constructor']>;
}

/**
 * Says what a parameter of a constructor takes: a class, a `Token`, `lazy()`, what `Token.optional()` and `Token.all()` give.
 * The compiler checks it against the type of the parameter. For the legacy decorators of TypeScript alone, as the standard ones
 * know no parameters: there `@Controller(prefix, ...)` and `@Injectable(...)` list what a constructor takes.
 * @throws ObolError E_DECORATOR, when it is used, where no parameter of a constructor is
 *
 * @example
 * ```ts
 * const clock = Inject(CLOCK); // before: readonly now: () => Date, a parameter of a constructor
 * ```
 */
export function Inject<const D extends Dependency>(dependency: D): InjectDecorator<D>;
/** The same for a token of tsyringe. A text or a symbol has no type, and fits any parameter; `Inject<Store>('store')` gives it one. */
export function Inject<T = never>(token: InjectionToken<T>): InjectDecorator<Asked<T>>;
export function Inject(...given: unknown[]): InjectDecorator<Dependency> {
  assertParentheses('Inject', given);
  if (given.length !== 1)
    throw new ObolError('E_DECORATOR', '@Inject stands without its one token; write @Inject(TOKEN).');
  const asks = descriptorOf(given[0]);
  const record = INJECT.parameterDecorator(asks, Inject);
  const decorator = (target: Class, property: undefined, index: number): void => {
    record(target, property, index);
    nameParameter(target, index, asks);
  };
  return decorator as InjectDecorator<Dependency>;
}
