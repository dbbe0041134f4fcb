/** What the compiler says of a decorated method: the return type of a decorator, which it takes if that is `void`. */
/* oxlint-disable typescript/no-invalid-void-type -- what a decorator returns, one way or the other */
import type { Request } from '../message/request.js';
import type { AnyMethod, MethodContext, OtherContext } from '../metadata/decorator-types.js';
import type { AnyPath, ParametersOf, Path } from '../routing/path.js';
import type { Faults, PathParameters, RouteError } from '../routing/path-types.js';
import type { Contract, Of, Parts } from '../contracts/contract.js';
import type { GivesWell, HasContract, WhyGivesWrong, WrongContract, WrongValid } from './contract-verdict.js';

/** A type that fits nothing: the compiler prints what it is about where a method does not fit its decorator. */
export interface Mistake<Message extends unknown[]> {
  readonly __mistake__: Message;
}

/**
 * A decorator in both protocols for methods that take `Given`; fewer parameters are fine. Its overloads name the method
 * alone, and leave what is wrong to their return type, so that a message is one line.
 */
export interface HandlerDecorator<Given extends unknown[]> {
  <M>(
    target: object,
    property: string | symbol,
    descriptor: TypedPropertyDescriptor<M>,
  ): HandlerVerdict<M, Given>;
  <M>(method: M, context: MethodContext): HandlerVerdict<M, Given>;
  (other: unknown, context: OtherContext): Mistake<NoMethod>;
}

/** A route without a contract. */
// oxlint-disable-next-line typescript/no-empty-object-type -- what has no members is what is meant
export interface NoContract {}

/** The same for methods that take the request, then the parameters of the path, then what a contract validates. */
export interface RouteDecorator<
  P extends string | RegExp | AnyPath,
  C extends Contract = NoContract,
  H = HandlerOf<P, C>,
> {
  <M>(
    target: object,
    property: string | symbol,
    descriptor: TypedPropertyDescriptor<M>,
  ): RouteVerdict<M, P, C, H>;
  <M>(method: M, context: MethodContext): RouteVerdict<M, P, C, H>;
  (other: unknown, context: OtherContext): Mistake<NoMethod>;
}

/** `void` for a method that takes what it is given, else a {@link Mistake}. */
export type HandlerVerdict<M, Given extends unknown[]> =
  Fits<M, (...given: Given) => unknown> extends true ? void : Mistake<WhyNot<M, Given>>;

/**
 * `void` for a method that fits the path, else a {@link Mistake}. What is wrong stands inside of it, where the compiler looks
 * when it has to: it goes through all else that a decorator may return for each use of the decorator.
 */
export type RouteVerdict<M, P, C, H> =
  Fits<M, H> extends true
    ? [keyof C] extends [never]
      ? void
      : ContractVerdict<M, C>
    : Mistake<WhyNotRouted<M, P, C>>;

type ContractVerdict<M, C> = [WrongContract<C>] extends [never]
  ? GivesWell<M, C> extends true
    ? void
    : Mistake<WhyGivesWrong<M, C>>
  : Mistake<WrongContract<C>>;

/**
 * The widest method that fits a path. For templates that are not literals any, as bootstrap looks at those; for a wrong one
 * none. How many groups an expression has is not known here: they are texts, undefined where one takes no part.
 */
type HandlerOf<P, C> = P extends string
  ? HandlerTaking<PathParameters<P>, C>
  : P extends Path<string, infer Given>
    ? HandlerTaking<Given, C>
    : (request: Request, ...groups: string[]) => unknown;

type HandlerTaking<Given extends unknown[], C> = number extends Given['length']
  ? AnyMethod
  : [Faults<Given>] extends [never]
    ? HasContract<C> extends true
      ? (request: Request, ...parameters: [...Given, Parts<C> & Of<C>]) => unknown
      : (request: Request, ...parameters: Given) => unknown
    : never;

/** Compared as functions, which is cheapest; without `strictFunctionTypes` that would let narrower types pass. */
type Fits<M, H> = M extends H
  ? IsStrict extends true
    ? true
    : H extends (...given: infer Given) => unknown
      ? M extends AnyMethod
        ? Serves<Given, Parameters<M>>
        : false
      : false
  : false;

type IsStrict = ((one: 1) => void) extends (number: number) => void ? false : true;

/** Whether arguments fit parameters, which may be fewer. */
type Serves<Given extends unknown[], Own extends unknown[]> = never[] extends Given
  ? true
  : number extends Given['length']
    ? Groups<Own> extends Own
      ? true
      : false
    : number extends Own['length']
      ? Given extends Own
        ? true
        : false
      : Given extends [...Own, ...unknown[]]
        ? true
        : false;

/** What an expression gives to so many parameters. */
type Groups<Own extends unknown[]> = { [Index in keyof Own]: Index extends '0' ? Request : string };

type WhyNotRouted<M, P, C> = M extends AnyMethod
  ? P extends RegExp
    ? ['a regular expression gives the request and strings; the handler takes', Parameters<M>]
    : [Faults<ParametersOf<P>>] extends [never]
      ? [WrongContract<C>] extends [never]
        ? WrongHandler<TextOf<P>, ParametersOf<P>, Required<Parameters<M>>, C>
        : WrongContract<C>
      : MessageOf<Faults<ParametersOf<P>>>
  : NoMethod;

type MessageOf<Fault> = Fault extends RouteError<infer Message> ? Message : never;

type NoMethod = ['only a method can be a handler'];

type TextOf<P> = P extends AnyPath ? P['template'] : P & string;

type WrongHandler<Template extends string, Given extends unknown[], Own extends unknown[], C> = Own extends [
  infer First,
  ...infer Rest,
]
  ? Request extends First
    ? WrongValue<Template, Given, Rest, C>
    : ['the first parameter is the request, not', First]
  : [`'${Template}' gives`, [request: Request, ...Given], 'the handler takes', Own];

/** The first parameter of a path that does not fit the handler's, or the first of the handler's that is too many. */
type WrongValue<
  Template extends string,
  Given extends unknown[],
  Own extends unknown[],
  C,
  At extends 1[] = [1],
> = Own extends [infer Wanted, ...infer Rest]
  ? Given extends [infer Value, ...infer More]
    ? [Value] extends [Wanted]
      ? WrongValue<Template, More, Rest, C, [...At, 1]>
      : [`parameter ${At['length'] & number} of '${Template}' is`, Value, 'the handler takes', Wanted]
    : HasContract<C> extends true
      ? Rest extends [infer Surplus, ...unknown[]]
        ? ['nothing comes after the validated object; the handler also takes', Surplus]
        : WrongValid<C, Wanted>
      : [`'${Template}' gives no more; the handler also takes`, Wanted]
  : [`'${Template}' gives`, Given, 'the handler takes', Own];

/** The same for what is no path. */
type WhyNot<M, Given extends unknown[]> = M extends AnyMethod
  ? WrongParameter<Given, Required<Parameters<M>>>
  : NoMethod;

type WrongParameter<Given extends unknown[], Own extends unknown[], At extends 1[] = [1]> = Own extends [
  infer Wanted,
  ...infer Rest,
]
  ? Given extends [infer Value, ...infer More]
    ? [Value] extends [Wanted]
      ? WrongParameter<More, Rest, [...At, 1]>
      : [`the handler's parameter ${At['length'] & number} gets`, Value, 'it takes', Wanted]
    : ['the handler gets no more; it also takes', Wanted]
  : ['the handler gets', Given, 'it takes', Own];
