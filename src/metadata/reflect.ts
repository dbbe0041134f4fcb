/** The only file that touches Reflect: what the compiler and tsyringe wrote about constructors. */
import { lineage, type Class } from './class.js';
import './polyfills.js';

/** One parameter of a constructor. */
export interface ConstructorParameter {
  /** What is injected: the declared class, or the token of `@inject`. Undefined when the type says nothing. */
  readonly token: unknown;
  /** Whether nothing registered is fine too, as `@inject(token, { isOptional: true })` says. */
  readonly isOptional: boolean;
  /** Whether it is just what the token stands for, and no list of all that do, and nothing made of it. */
  readonly isPlain: boolean;
}

/** What tsyringe writes down of a parameter that is more than a token. */
interface Descriptor {
  readonly token: unknown;
  readonly isOptional?: boolean;
  readonly multiple?: boolean;
  readonly transform?: unknown;
}

/** tsyringe keeps the tokens of `@inject` under this key, by parameter index. */
const INJECTION_TOKENS = 'injectionTokens';

/**
 * The parameters of a constructor as the container sees them.
 * @returns null when the class has a constructor with parameters but no metadata about them
 */
export function constructorParameters(target: Class): ConstructorParameter[] | null {
  const owner = constructorOwner(target);
  if (!owner) return [];
  const types = Reflect.getOwnMetadata('design:paramtypes', owner) as unknown[] | undefined;
  if (!types) return owner.length === 0 ? [] : null;
  const named = (Reflect.getOwnMetadata(INJECTION_TOKENS, owner) ?? {}) as Record<number, unknown>;
  return types.map((type, index) =>
    Object.hasOwn(named, index)
      ? namedParameter(named[index])
      : { token: type, isOptional: false, isPlain: true },
  );
}

/** Gives a class that writes no constructor down the tokens of the one it inherits; tsyringe looks only at its own. */
export function inheritConstructor(target: Class): void {
  const owner = constructorOwner(target);
  if (!owner || owner === target || Reflect.hasOwnMetadata(INJECTION_TOKENS, target)) return;
  const named: unknown = Reflect.getOwnMetadata(INJECTION_TOKENS, owner);
  if (named !== undefined) Reflect.defineMetadata(INJECTION_TOKENS, named, target);
}

/** `@inject` keeps a token; `@injectAll`, options and transforms wrap it in a descriptor. */
function namedParameter(named: unknown): ConstructorParameter {
  if (typeof named !== 'object' || named === null || !('token' in named))
    return { token: named, isOptional: false, isPlain: true };
  const { token, isOptional, multiple, transform } = named as Descriptor;
  return { token, isOptional: isOptional === true, isPlain: multiple !== true && transform === undefined };
}

/** The class in the chain that writes a constructor down; undefined when none does. */
export function constructorOwner(target: Class): Class | undefined {
  return lineage(target).findLast(
    (owner) => Reflect.hasOwnMetadata('design:paramtypes', owner) || owner.length > 0,
  );
}
