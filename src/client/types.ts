/** The types of a client: what its methods take and give, read from the signatures of a controller and their contracts. */
/* oxlint-disable typescript/no-invalid-void-type -- what a handler returns */
import type { ContractOf, Each, Entry, Part } from '../contracts/contract.js';
import type { Mistake } from '../decorators/verdict.js';
import type { Settled } from '../decorators/contract-verdict.js';
import type { UploadedFile } from '../body/uploaded-file.js';
import type { EventStreamResponse } from '../message/event-stream.js';
import type { Answer } from '../message/make-response.js';
import type { Reply } from '../message/reply.js';
import type { Request } from '../message/request.js';
import type { Response } from '../message/response.js';
import type { Input, Output, Schema } from '../schema/standard-schema.js';
import type { ServerEvent } from './events.js';
import type { Flat, Wire } from './wire.js';

/** The web's own header fields; as long as the name of Obol's is `Headers`, by another one. */
export type AnswerHeaders = InstanceType<typeof globalThis.Headers>;

/** A web response. */
export type WebResponse = InstanceType<typeof globalThis.Response>;

/** A class whose methods answer routes. */
export type ControllerClass = abstract new (...args: never[]) => object;

/** A method for each handler of a controller. */
export type Client<T extends ControllerClass> = Routed<InstanceType<T>>;

/** Member by member, so that the compiler looks at those that are called, and a class may use its own client. */
type Routed<I> = {
  readonly [K in keyof I]: K extends 'then'
    ? Mistake<['a client is no promise: a handler called then needs another name']>
    : ClientMethod<I[K]>;
};

/**
 * A call under way, sent at once. Awaited, it gives what a success gives and throws a `ResponseError` for any other status, or
 * what `fetch` throws.
 */
export interface Call<T, O> extends Promise<T> {
  /**
   * The answer, whatever its status: of a contract one of the statuses that it has.
   * @throws ResponseError, as a rejection, for a status that its contract does not have
   */
  result(): Promise<O>;

  /** The response itself, unread and of any status. Use it in place of the other two. */
  response(): Promise<WebResponse>;
}

/** An answer of one status. */
interface AnswerOf<Ok extends boolean, S extends number, D> {
  /** Whether the status is one of success. */
  readonly ok: Ok;
  readonly status: S;
  readonly data: D;
  readonly headers: AnswerHeaders;
}

type Success = 200 | 201 | 202 | 203 | 204 | 205 | 206;

/** The answers that a `returns` has: one for each status where it names them. */
export type Outcome<R> = R extends Entry
  ? AnswerOf<true, Success, Take<R>>
  : { [S in keyof R & number]: AnswerOf<S extends Success ? true : false, S, Take<R[S]>> }[keyof R & number];

/** The entries of all successes. */
type Successes<R> = R extends Entry ? R : R[keyof R & Success];

/** What an entry of `returns` is to a client. */
type Take<E> = E extends null
  ? undefined
  : E extends Each<infer S>
    ? AsyncIterable<Wire<Output<S>>>
    : E extends Schema
      ? TakeValue<Output<E>>
      : never;

/** What a value that a handler returns is to a client; of what no type says what it is sent as, unknown. */
type TakeValue<V> = 0 extends 1 & V
  ? V
  : V extends EventStreamResponse
    ? AsyncIterable<ServerEvent>
    : V extends Reply<infer D, infer S>
      ? TakeReply<D, S>
      : V extends Response | Answer | globalThis.Response | Blob | ArrayBuffer | ArrayBufferView
        ? unknown
        : V extends string
          ? V
          : V extends void | null | undefined
            ? undefined
            : V extends ReadonlySet<infer I>
              ? Wire<I>[]
              : V extends readonly unknown[]
                ? Wire<V>
                : V extends AsyncIterable<infer I> | Iterable<infer I>
                  ? TakeItems<I>
                  : Wire<V>;

/** A status that is none of success is no data. */
type TakeReply<D, S> = number extends S ? TakeValue<D> : S extends undefined | Success ? TakeValue<D> : never;

/** Texts and bytes are sent as one text, anything else as items, which `each` in a contract allows. */
type TakeItems<I> = [I] extends [string | ArrayBufferView | ArrayBuffer] ? unknown : AsyncIterable<Wire<I>>;

/** What may be said of any call. */
export interface CallOptions {
  /** Aborts the call, and what of its answer is still read. Default none. */
  readonly signal?: AbortSignal | undefined;
  /** Header fields by name, over those of the client; undefined ones are left out. Default none. */
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
}

/** What a call of a handler without a contract may send. */
export interface PlainInput extends CallOptions {
  /** Sent as JSON; a `Blob`, bytes or a stream as they are. */
  readonly body?: unknown;
  /** By name; a list is sent as a name that is repeated. */
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  /** By name, texts and files: in multipart where one is a `Blob` or `File`. */
  readonly form?: Readonly<Record<string, unknown>> | undefined;
  /** By name; a browser sends its own instead. */
  readonly cookies?: Readonly<Record<string, unknown>> | undefined;
}

/** What a part of a request is sent as: files of a form are blobs here. */
type Sent<I> = 0 extends 1 & I
  ? I
  : I extends UploadedFile
    ? Blob
    : I extends readonly UploadedFile[]
      ? readonly Blob[]
      : I;
type SentPart<S, K> = S extends Schema
  ? K extends 'form'
    ? { [N in keyof Input<S>]: Sent<Input<S>[N]> }
    : K extends 'headers'
      ? Input<S> & Readonly<Record<string, unknown>>
      : Input<S>
  : never;

/** Whether a part may be left out: `undefined` fits it. Without strictNullChecks that says nothing. */
type MayLack<I> = object extends I
  ? true
  : undefined extends string
    ? false
    : undefined extends I
      ? true
      : false;

/** Parts that a call must have. Cookies are the browser's business. */
type Needed<C> = {
  [K in keyof C & Part]: K extends 'cookies'
    ? never
    : C[K] extends Schema
      ? MayLack<Input<C[K]>> extends true
        ? never
        : K
      : K;
}[keyof C & Part];

type InputOf<C> = Flat<
  { readonly [K in Needed<C>]: SentPart<C[K], K> } & {
    readonly [K in Exclude<keyof C & Part, Needed<C>>]?: SentPart<C[K], K> | undefined;
  } & Omit<CallOptions, keyof C>
>;

type InputArgument<C> = InputOf<C> extends infer I ? (object extends I ? [input?: I] : [input: I]) : never;

type ClientMethod<M> = M extends (request: Request, ...parameters: infer P) => infer V
  ? Required<P> extends [...infer Path, infer Last]
    ? [ContractOf<Last>] extends [never]
      ? (...args: [...Path, Last, input?: PlainInput]) => CallOf<object, Settled<V>>
      : (...args: [...Path, ...InputArgument<ContractOf<Last>>]) => CallOf<ContractOf<Last>, Settled<V>>
    : (...args: [...Required<P>, input?: PlainInput]) => CallOf<object, Settled<V>>
  : Mistake<['no handler']>;

type CallOf<C, V> = C extends { readonly returns: infer R }
  ? Call<Take<Successes<R>>, Outcome<R>>
  : Call<TakeValue<V>, AnswerOf<true, number, TakeValue<V>> | AnswerOf<false, number, unknown>>;
