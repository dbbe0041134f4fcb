/** What the compiler says of a decorated method: the return type of a decorator, which it takes if that is `void`. */
/* eslint-disable @typescript-eslint/no-invalid-void-type -- what a decorator returns, one way or the other */
import type { Request } from '../message/request.js';
import type { AnyMethod, MethodContext } from '../metadata/decorator-types.js';
import type { AnyPath } from '../routing/path.js';
import type { Faults, PathParameters } from '../routing/path-types.js';

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
}

/** The same for methods that take the request and then the parameters of the path. */
export interface RouteDecorator<P extends string | RegExp | AnyPath> {
  <M>(target: object, property: string | symbol, descriptor: TypedPropertyDescriptor<M>): RouteVerdict<M, P>;
  <M>(method: M, context: MethodContext): RouteVerdict<M, P>;
}

/** `void` for a method that takes what it is given, else a {@link Mistake}. */
export type HandlerVerdict<M, Given extends unknown[]> = M extends AnyMethod
  ? Takes<M, Given> extends true
    ? void
    : WrongParameter<Given, Required<Parameters<M>>>
  : Mistake<['only a method can be a handler']>;

/**
 * `void` for a method that fits the path, else a {@link Mistake}. Templates that are not literals are left to bootstrap; the
 * groups of an expression are texts, undefined where one takes no part. The method comes first: all else waits for it.
 */
export type RouteVerdict<M, P extends string | RegExp | AnyPath> = M extends AnyMethod
  ? P extends string
    ? TemplateVerdict<M, P>
    : P extends { readonly template: infer Template extends string }
      ? TemplateVerdict<M, Template>
      : Takes<M, Groups<Parameters<M>>> extends true
        ? void
        : Mistake<['a regular expression gives the request and strings; the handler takes', Parameters<M>]>
  : Mistake<['only a method can be a handler']>;

type TemplateVerdict<M extends AnyMethod, Template extends string> = string extends Template
  ? void
  : Takes<M, [request: Request, ...PathParameters<Template>]> extends true
    ? [Faults<Template>] extends [never]
      ? void
      : Faults<Template>
    : WrongHandler<Template, Required<Parameters<M>>>;

/** What an expression gives to so many parameters; how many groups it has is not known here. */
type Groups<Own extends unknown[]> = { [Index in keyof Own]: Index extends '0' ? Request : string };

/** Compared as functions, which is cheapest; without `strictFunctionTypes` that would let narrower types pass. */
type Takes<M extends AnyMethod, Given extends unknown[]> = M extends (...args: Given) => unknown
  ? IsStrict extends true
    ? true
    : Fits<Given, Parameters<M>>
  : false;

type IsStrict = ((one: 1) => void) extends (number: number) => void ? false : true;

/** Whether arguments fit parameters, which may be fewer. */
type Fits<Given extends unknown[], Own extends unknown[]> = number extends Own['length']
  ? Given extends Own
    ? true
    : false
  : Given extends [...Own, ...unknown[]]
    ? true
    : false;

type WrongHandler<Template extends string, Own extends unknown[]> = [Faults<Template>] extends [never]
  ? Own extends [infer First, ...infer Rest]
    ? Request extends First
      ? WrongValue<Template, PathParameters<Template>, Rest>
      : Mistake<['the first parameter is the request, not', First]>
    : Mistake<
        [`'${Template}' gives`, [request: Request, ...PathParameters<Template>], 'the handler takes', Own]
      >
  : Faults<Template>;

/** The first parameter of a path that does not fit the handler's, or the first of the handler's that is too many. */
type WrongValue<
  Template extends string,
  Given extends unknown[],
  Own extends unknown[],
  At extends 1[] = [1],
> = Own extends [infer Wanted, ...infer Rest]
  ? Given extends [infer Value, ...infer More]
    ? [Value] extends [Wanted]
      ? WrongValue<Template, More, Rest, [...At, 1]>
      : Mistake<
          [`parameter ${At['length'] & number} of '${Template}' is`, Value, 'the handler takes', Wanted]
        >
    : Mistake<[`'${Template}' gives no more; the handler also takes`, Wanted]>
  : Mistake<[`'${Template}' gives`, Given, 'the handler takes', Own]>;

/** The same for what is no path. */
type WrongParameter<Given extends unknown[], Own extends unknown[], At extends 1[] = [1]> = Own extends [
  infer Wanted,
  ...infer Rest,
]
  ? Given extends [infer Value, ...infer More]
    ? [Value] extends [Wanted]
      ? WrongParameter<More, Rest, [...At, 1]>
      : Mistake<[`the handler's parameter ${At['length'] & number} gets`, Value, 'it takes', Wanted]>
    : Mistake<['the handler gets no more; it also takes', Wanted]>
  : Mistake<['the handler gets', Given, 'it takes', Own]>;
