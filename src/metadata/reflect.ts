/** The only file that touches Reflect: what the compiler, tsyringe and lists of dependencies say about constructors. */
import { types } from 'node:util';
import { descriptorOf, type Descriptor } from '../ground/token.js';
import { isWrittenAsClass, lineage, type Class } from './class.js';
import './polyfills.js';
import { ownParameterRecords } from './records.js';
import { injectable, type InjectionToken } from 'tsyringe';

/** One parameter of a constructor. */
export interface ConstructorParameter {
  /** What is injected: the declared class, or the token that was named. Undefined when the type says nothing. */
  readonly token: unknown;
  /** Whether nothing registered is fine too, as `@inject(token, { isOptional: true })` and `Token.optional()` say. */
  readonly isOptional: boolean;
  /** Whether all that is registered is asked for, and not the last alone. */
  readonly isMultiple: boolean;
  /** The token of what makes something else of it, as `@injectWithTransform` says. */
  readonly transform?: unknown;
}

/** A list of dependencies, and what else was known of the constructor when it was written. */
export interface DependencyList {
  readonly dependencies: readonly Descriptor[];
  /** The types that the compiler wrote down; undefined where it writes none. */
  readonly emitted: readonly unknown[] | undefined;
  /** Whether the parameters have been named in another way, too. */
  readonly isTwice: boolean;
}

/** What tsyringe writes down of a parameter that is more than a token. */
type Named = Partial<Descriptor> & { readonly transform?: unknown };

/** A class as tsyringe types one. */
type Constructor = Extract<InjectionToken<object>, new (...args: never[]) => object>;

/** tsyringe keeps the tokens of `@inject` under this key, by parameter index. */
const INJECTION_TOKENS = 'injectionTokens';

/** Where the compiler leaves the types of the parameters. */
const PARAMETER_TYPES = 'design:paramtypes';

/** A copy of them: tsyringe puts the tokens of `@inject` in their place. */
const EMITTED_TYPES = 'obol.emitted';

/** Lists of dependencies, of whatever copy of Obol: on the class, so that a proxy in its place has them, too. */
const LIST: unique symbol = Symbol.for('obol.dependencies.v1');

/** Writes a list of dependencies down where the compiler and `@inject` would, and what was there beside it. */
export function listDependencies(target: Class, list: readonly unknown[]): void {
  const dependencies = list.map(descriptorOf);
  const emitted = Reflect.getOwnMetadata(PARAMETER_TYPES, target) as unknown[] | undefined;
  const isTwice = Object.hasOwn(target, LIST) || Reflect.hasOwnMetadata(INJECTION_TOKENS, target);
  const value: DependencyList = { dependencies, emitted, isTwice };
  Object.defineProperty(target, LIST, { value, configurable: true });
  writeDown(target, dependencies);
}

/** The list that stands before a class itself. */
export function dependencyList(target: Class): DependencyList | undefined {
  return Object.hasOwn(target, LIST) ? (target as { readonly [LIST]?: DependencyList })[LIST] : undefined;
}

/** Where tsyringe reads: metadata of the very object that it is written for, which a proxy in its place is not. */
function writeDown(target: Class, dependencies: readonly Descriptor[]): void {
  const tokens = dependencies.map(({ token }) => token);
  Reflect.defineMetadata(PARAMETER_TYPES, tokens, target);
  Reflect.defineMetadata(INJECTION_TOKENS, Object.assign({}, dependencies), target);
}

/** The type that the compiler wrote down of a parameter which {@link nameParameter} has named. */
export function parameterType(target: Class, index: number): unknown {
  return (Reflect.getOwnMetadata(EMITTED_TYPES, target) as unknown[] | undefined)?.[index];
}

/**
 * Writes what one parameter asks for down, where `@inject` would. It may be done again.
 * @returns false for one that is named in another way, too, which stays
 */
export function nameParameter(target: Class, index: number, asks: Descriptor): boolean {
  const named = { [index]: asks, ...namedParameters(target) };
  Reflect.defineMetadata(INJECTION_TOKENS, named, target);
  if (!Reflect.hasOwnMetadata(EMITTED_TYPES, target))
    Reflect.defineMetadata(
      EMITTED_TYPES,
      [...((Reflect.getOwnMetadata(PARAMETER_TYPES, target) as unknown[] | undefined) ?? [])],
      target,
    );
  return named[index] === asks;
}

/** The parameters that are named one by one. */
function namedParameters(target: Class): Record<number, unknown> {
  return (Reflect.getOwnMetadata(INJECTION_TOKENS, target) ?? {}) as Record<number, unknown>;
}

/** Has tsyringe know the class with what is written down about its constructor, or about the one that it inherits. */
export function makeInjectable(target: Class): void {
  const list = dependencyList(target);
  if (list && !Reflect.hasOwnMetadata(PARAMETER_TYPES, target)) writeDown(target, list.dependencies);
  inheritConstructor(target);
  injectable()(target as unknown as Constructor);
}

/**
 * The parameters of a constructor as the container sees them.
 * @returns null when the class has a constructor with parameters but no metadata about them
 */
export function constructorParameters(target: Class): ConstructorParameter[] | null {
  const owner = constructorOwner(target);
  if (!owner) return [];
  const list = dependencyList(owner);
  if (list) return list.dependencies.map(namedParameter);
  const emitted = Reflect.getOwnMetadata(PARAMETER_TYPES, owner) as unknown[] | undefined;
  const named = namedParameters(owner);
  const count = Math.max(owner.length, ...Object.keys(named).map((index) => Number(index) + 1));
  const isNamed = (index: number): boolean => Object.hasOwn(named, index);
  const indexes = emitted?.map((_, index) => index) ?? Array.from({ length: count }, (_, index) => index);
  if (!emitted && !indexes.every(isNamed)) return null;
  return indexes.map((index) =>
    isNamed(index) ? namedParameter(named[index]) : plainParameter(emitted?.[index]),
  );
}

/** Gives a class that writes no constructor down the tokens of the one it inherits; tsyringe looks only at its own. */
function inheritConstructor(target: Class): void {
  const owner = constructorOwner(target);
  if (!owner || owner === target || Reflect.hasOwnMetadata(INJECTION_TOKENS, target)) return;
  const named: unknown = Reflect.getOwnMetadata(INJECTION_TOKENS, owner);
  if (named !== undefined) Reflect.defineMetadata(INJECTION_TOKENS, named, target);
}

function plainParameter(token: unknown): ConstructorParameter {
  return { token, isOptional: false, isMultiple: false };
}

/** `@inject` keeps a token; `@injectAll`, options and transforms wrap it in a descriptor. */
function namedParameter(named: unknown): ConstructorParameter {
  if (typeof named !== 'object' || named === null || !('token' in named)) return plainParameter(named);
  const { token, isOptional, multiple, transform } = named as Named;
  return {
    token,
    isOptional: isOptional === true,
    isMultiple: multiple === true,
    ...(transform !== undefined && { transform }),
  };
}

/** The class in the chain that writes a constructor down; undefined when none does. */
export function constructorOwner(target: Class): Class | undefined {
  return lineage(target).findLast(
    (owner) =>
      Reflect.hasOwnMetadata(PARAMETER_TYPES, owner) ||
      Object.hasOwn(owner, LIST) ||
      ownParameterRecords(owner).length > 0 ||
      (owner.length > 0 && isOwnClass(owner)),
  );
}

/** What is not, comes with the language or with Node, as `Error` and `EventEmitter` do, and can do without arguments. */
function isOwnClass(owner: Class): boolean {
  return types.isProxy(owner) || isWrittenAsClass(owner);
}
