/** What hooks, state, error and default handlers of an application have in common: a list that can change while it runs. */
import type { Scope, ScopedHandler } from '../dispatch/scope.js';
import type { HandlerInfo } from '../dispatch/table-info.js';
import { ObolError } from '../ground/errors.js';
import { rule, type Rules } from '../ground/settings.js';
import type { Prefix } from '../routing/prefix.js';
import { normalizeMethods, type Method, type Methods } from '../routing/router.js';
import {
  HANDLER_RULES,
  optionsOf,
  prefixOf,
  type HandlerOptions,
  type TableParts,
} from './plain-function.js';

/** Where a hook or handler applies. */
export interface HookOptions extends Pick<HandlerOptions, 'place'> {
  /** A path template below which it applies; without one it applies to the whole application. */
  readonly prefix?: string;
}

/** Where a state, error or default handler applies, and to which methods. */
export type ScopedOptions = HandlerOptions & HookOptions;

export const HOOK_RULES: Rules<HookOptions> = {
  place: HANDLER_RULES.place,
  prefix: rule.text('a path template', () => true),
};

export const SCOPED_RULES: Rules<ScopedOptions> = { ...HANDLER_RULES, ...HOOK_RULES };

/** Handlers of one kind, in the order of declaration. */
export abstract class Handlers<K extends keyof Scope, Info extends HandlerInfo> implements Iterable<Info> {
  protected readonly parts: TableParts;
  protected readonly kind: K;

  constructor(parts: TableParts, kind: K) {
    this.parts = parts;
    this.kind = kind;
  }

  [Symbol.iterator](): Iterator<Info> {
    return this.toJSON()[Symbol.iterator]();
  }

  /** As plain data. */
  toJSON(): Info[] {
    return this.list.map((handler) => this.describe(handler));
  }

  protected get list(): readonly Scope[K][number][] {
    return this.parts.dispatch.handlers[this.kind];
  }

  protected set list(list: readonly Scope[K][number][]) {
    const { dispatch } = this.parts;
    dispatch.handlers = { ...dispatch.handlers, [this.kind]: list };
  }

  protected abstract describe(handler: Scope[K][number]): Info;

  protected prefixOf({ prefix = '' }: HookOptions): Prefix | undefined {
    return prefixOf(prefix, this.parts.filters);
  }
}

/** Which of the handlers are meant. */
interface Which {
  readonly key: unknown;
  readonly prefix: Prefix | undefined;
  readonly methods: readonly Method[];
}

/** Handlers that answer some methods, one for each method of what they answer and of their prefix. */
export abstract class AnsweringHandlers<
  K extends 'states' | 'errors' | 'defaults',
  Info extends HandlerInfo,
> extends Handlers<K, Info> {
  /** The methods that are meant where none are given. */
  protected abstract readonly usual: Methods;

  /** What a handler answers: a status, a class of errors. */
  protected abstract keyOf(handler: Scope[K][number]): unknown;

  /** The key in words, as the beginning of a sentence. */
  protected abstract nameOf(key: unknown): string;

  protected put(handler: Scope[K][number]): this {
    const which = { ...handler, key: this.keyOf(handler) };
    for (const method of handler.methods) {
      const known = this.#find(which, method);
      if (known) throw alreadyThere(`${this.nameOf(which.key)} is handled for ${method}`, known);
    }
    this.list = [...this.list, handler];
    return this;
  }

  protected knows(key: unknown, given: Methods | ScopedOptions): boolean {
    const which = this.#which(`${this.kind}.has`, key, given);
    return which.methods.every((method) => this.#find(which, method));
  }

  protected take(key: unknown, given: Methods | ScopedOptions): this {
    const which = this.#which(`${this.kind}.remove`, key, given);
    const missing = which.methods.find((method) => {
      const known = this.#find(which, method);
      // The HEAD that comes with GET goes with it.
      return !known || (method === 'HEAD' && known.methods.includes('GET') && !which.methods.includes('GET'));
    });
    if (missing) throw notThere(`${this.nameOf(key)} is not handled for ${missing}`);
    this.list = this.list.flatMap((handler) => {
      if (!this.#isOf(which, handler)) return handler;
      const methods = handler.methods.filter((method) => !which.methods.includes(method));
      return methods.length === 0 ? [] : { ...handler, methods };
    });
    return this;
  }

  /** Where options say that a handler applies. */
  protected where(options: ScopedOptions): Omit<Which, 'key'> {
    return { prefix: this.prefixOf(options), methods: normalizeMethods(options.methods ?? this.usual) };
  }

  #which(taker: string, key: unknown, given: Methods | ScopedOptions): Which {
    return { key, ...this.where(optionsOf(taker, given, SCOPED_RULES)) };
  }

  #find(which: Omit<Which, 'methods'>, method: Method): Scope[K][number] | undefined {
    return this.list.find((handler) => this.#isOf(which, handler) && handler.methods.includes(method));
  }

  #isOf({ key, prefix }: Omit<Which, 'methods'>, handler: Scope[K][number]): boolean {
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
