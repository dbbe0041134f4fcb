/** What hooks, state, error and default handlers of an application have in common: a list that can change while it runs. */
import type { Scope, ScopedHandler } from '../dispatch/scope.js';
import type { HandlerInfo } from '../dispatch/table-info.js';
import { ObolError } from '../ground/errors.js';
import type { Prefix } from '../routing/prefix.js';
import type { Method, Methods } from '../routing/router.js';
import { optionsOf, parsePrefix, type HandlerOptions, type TableParts } from './plain-function.js';

/** Where a hook or handler applies. */
export interface HookOptions extends Pick<HandlerOptions, 'place'> {
  /** A path template below which it applies; without one it applies to the whole application. */
  readonly prefix?: string;
}

/** Where a state, error or default handler applies, and to which methods. */
export type ScopedOptions = HandlerOptions & HookOptions;

/** Handlers of one kind, in the order of declaration. */
export abstract class Handlers<K extends keyof Scope, Info extends HandlerInfo> implements Iterable<Info> {
  protected readonly parts: TableParts;
  readonly #kind: K;

  constructor(parts: TableParts, kind: K) {
    this.parts = parts;
    this.#kind = kind;
  }

  [Symbol.iterator](): Iterator<Info> {
    return this.toJSON()[Symbol.iterator]();
  }

  /** As plain data. */
  toJSON(): Info[] {
    return this.list.map((handler) => this.describe(handler));
  }

  protected get list(): readonly Scope[K][number][] {
    return this.parts.dispatch.handlers[this.#kind];
  }

  protected set list(list: readonly Scope[K][number][]) {
    const { dispatch } = this.parts;
    dispatch.handlers = { ...dispatch.handlers, [this.#kind]: list };
  }

  protected abstract describe(handler: Scope[K][number]): Info;

  protected prefixOf({ prefix = '' }: HookOptions): Prefix | undefined {
    return parsePrefix(prefix, this.parts.filters);
  }
}

/** Handlers that answer some methods, one for each method of what they answer and of their prefix. */
export abstract class AnsweringHandlers<
  K extends 'states' | 'errors' | 'defaults',
  Info extends HandlerInfo,
> extends Handlers<K, Info> {
  /** What a handler answers: a status, a class of errors. */
  protected abstract keyOf(handler: Scope[K][number]): unknown;

  /** The key in words, as the beginning of a sentence. */
  protected abstract nameOf(key: unknown): string;

  protected knows(key: unknown, given: Methods | ScopedOptions, fallback: Methods): boolean {
    const options = optionsOf(given, fallback);
    return options.methods.every((method) => this.#find(key, this.prefixOf(options), method));
  }

  protected put(handler: Scope[K][number]): this {
    const key = this.keyOf(handler);
    for (const method of handler.methods) {
      const known = this.#find(key, handler.prefix, method);
      if (known) throw alreadyThere(`${this.nameOf(key)} is handled for ${method}`, known);
    }
    this.list = [...this.list, handler];
    return this;
  }

  protected take(key: unknown, given: Methods | ScopedOptions, fallback: Methods): this {
    const options = optionsOf(given, fallback);
    const prefix = this.prefixOf(options);
    const missing = options.methods.find((method) => {
      const known = this.#find(key, prefix, method);
      // The HEAD that comes with GET goes with it.
      return (
        !known || (method === 'HEAD' && known.methods.includes('GET') && !options.methods.includes('GET'))
      );
    });
    if (missing) throw notThere(`${this.nameOf(key)} is not handled for ${missing}`);
    this.list = this.list.flatMap((handler) => {
      if (!this.#isOf(handler, key, prefix)) return handler;
      const methods = handler.methods.filter((method) => !options.methods.includes(method));
      return methods.length === 0 ? [] : { ...handler, methods };
    });
    return this;
  }

  #find(key: unknown, prefix: Prefix | undefined, method: Method): Scope[K][number] | undefined {
    return this.list.find((handler) => this.#isOf(handler, key, prefix) && handler.methods.includes(method));
  }

  #isOf(handler: Scope[K][number], key: unknown, prefix: Prefix | undefined): boolean {
    return this.keyOf(handler) === key && handler.prefix?.text === prefix?.text;
  }
}

/** What is added is there: that must go first. */
export function alreadyThere(what: string, { action: { name, place } }: ScopedHandler): ObolError {
  const by = place === '' ? name : `${name} (${place})`;
  return new ObolError('E_HANDLER_DUPLICATE', `${what} already by ${by}. Remove that handler first.`);
}

/** What is removed is not there. */
export function notThere(what: string): ObolError {
  return new ObolError('E_HANDLER_MISSING', `${what}, so it cannot be removed.`);
}
