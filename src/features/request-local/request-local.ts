/** `RequestLocal`: a value of which each request has its own, found without the request in hand. */
import { inspect } from 'node:util';
import { CurrentRequest, ObolError, type Request } from '../../kit.js';

/** Stands where a value is being made. */
const IN_THE_MAKING = Symbol('in the making');

/**
 * A value of which each request has its own. Code that runs for a request finds it: handlers, guards and middleware, what they
 * call and await, timers, streams that are sent later, and callbacks for the end of the request. Applications within one another
 * and requests that a handler makes of its own server have it together.
 *
 * Make it once, where a module begins: from then on requests are followed, which costs each of them something.
 *
 * @example
 * ```ts
 * export const TENANT = new RequestLocal<Tenant>('tenant');
 * export const STARTED = new RequestLocal('started', () => performance.now());
 * ```
 */
export class RequestLocal<T> {
  /** For messages. */
  readonly name: string;
  readonly #make: ((request: Request) => T) | undefined;

  /**
   * @param make gives the value when it is first asked for, at most once for each request; it gets the request as the outermost
   * application has it. Default nothing does: it is set before it is asked for
   * @throws ObolError E_REQUEST_LOCAL for what is no name or no function
   */
  constructor(name: string, make?: (request: Request) => T) {
    if (typeof name !== 'string' || name === '')
      throw wrong('A RequestLocal has a name for messages: new RequestLocal("tenant").');
    if (make !== undefined && typeof make !== 'function')
      throw wrong(
        `What makes the RequestLocal "${name}" is a function: new RequestLocal(name, () => value).`,
      );
    this.name = name;
    this.#make = make;
    CurrentRequest.follow();
  }

  /**
   * The function, for which the request under way is found wherever it is called: for listeners of objects that are older than the
   * request, such as a connection or an emitter of the application. Outside of requests it stays as it is.
   */
  static bind<A extends unknown[], R>(callback: (...given: A) => R): (...given: A) => R {
    assertFunction('RequestLocal.bind', callback);
    return CurrentRequest.bind(callback);
  }

  /**
   * The value of the request under way.
   * @throws ObolError E_REQUEST_LOCAL outside of requests, and where there is neither a value nor what makes one
   */
  get(): T {
    const current = CurrentRequest.get();
    const value = current?.valuesWith(this).get(this);
    if (value === IN_THE_MAKING)
      throw wrong(`What makes the RequestLocal "${this.name}" asks for it: it is not there yet.`);
    if (current?.valuesWith(this).has(this)) return value as T;
    return this.#made(current ?? this.#outside());
  }

  /** The same; undefined outside of requests, and where nothing was set or made yet. */
  peek(): T | undefined {
    const value = CurrentRequest.get()?.valuesWith(this).get(this);
    return value === IN_THE_MAKING ? undefined : (value as T | undefined);
  }

  /** Gives the request under way another value. @throws ObolError E_REQUEST_LOCAL outside of requests */
  set(value: T): void {
    const current = CurrentRequest.get() ?? this.#outside();
    current.valuesWith(this).set(this, value);
  }

  /** Calls a function for which the value is this one, within a request or outside, such as in a test or a job. */
  run<R>(value: T, act: () => R): R {
    assertFunction(`run of the RequestLocal "${this.name}"`, act);
    return CurrentRequest.runWith(this, value, act);
  }

  #made(current: CurrentRequest): T {
    const values = current.valuesWith(this);
    const { request } = current;
    if (!this.#make) throw this.#unset();
    if (!request) throw this.#tooLate();
    values.set(this, IN_THE_MAKING);
    try {
      const value = this.#make(request as Request);
      values.set(this, value);
      return value;
    } catch (error) {
      values.delete(this);
      throw error;
    }
  }

  #outside(): never {
    throw wrong(
      `The RequestLocal "${this.name}" was asked for outside of a request. Ask for it in what an application calls for one; ` +
        'a listener of something older than the request needs RequestLocal.bind(callback), and a test or a job ' +
        `its run(value, () => ...).`,
    );
  }

  #unset(): ObolError {
    return wrong(
      `The RequestLocal "${this.name}" has no value yet. Set it before, such as in a middleware, by its set(value), ` +
        'or give new RequestLocal() a function that makes it.',
    );
  }

  #tooLate(): ObolError {
    return wrong(
      `The RequestLocal "${this.name}" was first asked for when there was no request to make it for: that was over, or there was ` +
        `none. Ask for it while the request is under way, or give the value with its run(value, () => ...).`,
    );
  }
}

function assertFunction(taker: string, given: unknown): void {
  if (typeof given !== 'function')
    throw wrong(`${taker} takes a function, not ${inspect(given, { depth: 0 })}.`);
}

function wrong(message: string): ObolError {
  return new ObolError('E_REQUEST_LOCAL', message);
}
