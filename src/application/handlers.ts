/** The hooks, state, error and default handlers of an application: lists that can change while it runs. */
import { inspect } from 'node:util';
import { bindAction, functionOf } from '../dispatch/action.js';
import { defaultHandler, type Scope, type ScopedHandler } from '../dispatch/scope.js';
import type { DefaultInfo, ErrorInfo, HandlerInfo, StateInfo } from '../dispatch/table-info.js';
import { ObolError } from '../ground/errors.js';
import { checkOptions, rule, type Rules } from '../ground/settings.js';
import type { HttpError } from '../http/http-error.js';
import { isFinalStatus } from '../http/status.js';
import type { Request } from '../message/request.js';
import type { Response } from '../message/response.js';
import { isClass, type Class } from '../metadata/class.js';
import { isPath, type Path } from '../routing/path.js';
import type { Prefix } from '../routing/prefix.js';
import { METHOD_ALL, normalizeMethods, type Method, type Methods } from '../routing/router.js';
import {
  functionAction,
  HANDLER_RULES,
  optionsOf,
  prefixOf,
  TableList,
  WRAPPING_RULES,
  wrappingOf,
  type HandlerOptions,
  type TableParts,
  type WrappingOptions,
} from './plain-function.js';

/** Where a hook or handler applies. */
export interface HookOptions extends Pick<HandlerOptions, 'place'> {
  /** A path template below which it applies. Default the whole application. */
  readonly prefix?: string | Path;
}

/** Where a state, error or default handler applies, and to which methods. */
export type ScopedOptions = HandlerOptions & HookOptions;

/** Functions as hooks: before, what they return is ignored; after, it replaces the response. */
export interface HookFunctions {
  before: (request: Request) => unknown;
  after: (request: Request, response: Response) => unknown;
}

const HOOK_RULES: Rules<HookOptions> = {
  place: HANDLER_RULES.place,
  prefix: rule.that('a path template', (value) => typeof value === 'string' || isPath(value)),
};

const SCOPED_RULES: Rules<ScopedOptions> = { ...HANDLER_RULES, ...HOOK_RULES };

/** Handlers of one kind, in the order of declaration. */
abstract class Handlers<K extends keyof Scope, Info extends HandlerInfo> extends TableList<Info> {
  protected readonly kind: K;
  readonly #describe: (handler: Scope[K][number]) => Info;

  constructor(parts: TableParts, kind: K, describe: (handler: Scope[K][number]) => Info) {
    super(parts, kind);
    this.kind = kind;
    this.#describe = describe;
  }

  get own(): Info[] {
    return this.list.map(this.#describe);
  }

  protected get list(): readonly Scope[K][number][] {
    return this.parts.dispatch.handlers[this.kind];
  }

  protected set list(list: readonly Scope[K][number][]) {
    const { dispatch } = this.parts;
    dispatch.handlers = { ...dispatch.handlers, [this.kind]: list };
  }

  protected prefixOf({ prefix = '' }: HookOptions): Prefix | undefined {
    return prefixOf(prefix, this.parts.filters);
  }
}

/** All hooks of one kind, as `@BeforeResponse` and `@AfterResponse` declare them. */
export class Hooks<K extends keyof HookFunctions> extends Handlers<K, HandlerInfo> {
  /** Adds a hook. @throws ObolError E_HANDLER, E_HANDLER_DUPLICATE, or what is wrong with the prefix */
  add(hook: HookFunctions[K], options: HookOptions = {}): this {
    checkOptions(`${this.kind}.add`, options, HOOK_RULES);
    const action = functionAction(hook, 'a hook', options.place ?? this);
    const prefix = this.prefixOf(options);
    const known = this.list.filter(is(hook)).find((other) => other.prefix?.text === prefix?.text);
    if (known) throw alreadyThere(`The hook ${known.action.name} is declared`, known);
    const added = { action, prefix, call: bindAction(action) } as Scope[K][number];
    this.list = [...this.list, added];
    return this;
  }

  /** Removes a hook, below whichever prefix. @throws ObolError E_HANDLER_MISSING */
  remove(hook: HookFunctions[K] | string): this {
    if (!this.has(hook)) throw notThere(`There is no hook ${typeof hook === 'string' ? hook : hook.name}`);
    this.list = this.list.filter((handler) => !is(hook)(handler));
    return this;
  }

  /** Whether a hook is there. @param hook the function, or `Controller.method` */
  has(hook: HookFunctions[K] | string): boolean {
    return this.list.some(is(hook));
  }
}

/** Which of the handlers are meant. */
interface Which {
  readonly key: unknown;
  readonly prefix: Prefix | undefined;
  readonly methods: readonly Method[];
}

/** Handlers that answer some methods, one for each method of their key and prefix. */
abstract class AnsweringHandlers<
  K extends 'states' | 'errors' | 'defaults',
  Info extends HandlerInfo,
> extends Handlers<K, Info> {
  /** The methods that are meant where none are given. */
  protected readonly usual: Methods = METHOD_ALL;

  protected put(handler: Scope[K][number]): this {
    for (const method of handler.methods) {
      const known = this.#find(handler, method);
      const yields = this.parts.isFilling === true && known?.action.target !== undefined;
      if (known && !yields) throw alreadyThere(`${nameOf(handler.key)} is handled for ${method}`, known);
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
    if (missing) throw notThere(`${nameOf(key)} is not handled for ${missing}`);
    this.list = this.list.flatMap((handler) => {
      if (!isOf(which, handler)) return handler;
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
    return this.list.find((handler) => isOf(which, handler) && handler.methods.includes(method));
  }
}

/** Handlers that are known by what they answer: for all methods, unless they say otherwise. */
abstract class KeyedHandlers<
  K extends 'states' | 'errors',
  Info extends HandlerInfo,
> extends AnsweringHandlers<K, Info> {
  /** Removes the handler from these methods. @throws ObolError E_HANDLER_MISSING where one of them has none */
  remove(key: Scope[K][number]['key'], options: Methods | ScopedOptions = {}): this {
    return this.take(key, options);
  }

  /** Whether this very status or class has a handler for each of these methods, below this very prefix. */
  has(key: Scope[K][number]['key'], options: Methods | ScopedOptions = {}): boolean {
    return this.knows(key, options);
  }

  protected putFunction(
    key: Scope[K][number]['key'],
    handler: unknown,
    options: Methods | ScopedOptions,
  ): this {
    const given = optionsOf(`${this.kind}.add`, options, SCOPED_RULES);
    const action = functionAction(handler, nameOf(key), given.place ?? this);
    return this.put({ ...this.where(given), action, key, call: bindAction(action) } as Scope[K][number]);
  }
}

/** Handlers of statuses, as `@HttpState` declares them. */
export class StateHandlers extends KeyedHandlers<'states', StateInfo> {
  /** Adds a handler. @throws ObolError E_STATUS, E_HANDLER, E_HANDLER_DUPLICATE, E_METHOD, or what is wrong with the prefix */
  add(
    status: number,
    handler: (request: Request, error: HttpError) => unknown,
    options: Methods | ScopedOptions = {},
  ): this {
    assertStatus(status, 'states.add');
    return this.putFunction(status, handler, options);
  }
}

/** Handlers of classes of errors, as `@ErrorHandler` declares them. */
export class ErrorHandlers extends KeyedHandlers<'errors', ErrorInfo> {
  /** Adds a handler. @throws ObolError E_ERROR_CLASS, E_HANDLER, E_HANDLER_DUPLICATE, E_METHOD, or what is wrong with the prefix */
  add<E extends Class<object>>(
    errorClass: E,
    handler: (request: Request, error: InstanceType<E>) => unknown,
    options: Methods | ScopedOptions = {},
  ): this {
    assertErrorClass(errorClass, 'errors.add');
    return this.putFunction(errorClass, handler, options);
  }
}

/** Handlers of what no route has, as `@Default` declares them: for GET, unless they say otherwise. */
export class DefaultHandlers extends AnsweringHandlers<'defaults', DefaultInfo> {
  protected override readonly usual = 'GET';

  /** Adds a handler. @throws ObolError E_HANDLER, E_HANDLER_DUPLICATE, E_METHOD, or what is wrong with prefix, guards or middleware */
  add(
    handler: (request: Request) => unknown,
    options: Methods | (ScopedOptions & WrappingOptions) = {},
  ): this {
    const given = optionsOf('defaults.add', options, { ...SCOPED_RULES, ...WRAPPING_RULES });
    const action = functionAction(handler, 'what has no route', given.place ?? this);
    const { container } = this.parts;
    const wrapping = wrappingOf(given, { name: action.name, path: '/*', container });
    return this.put(defaultHandler({ ...this.where(given), action, ...wrapping }));
  }

  /** Removes the handler from these methods. @throws ObolError E_HANDLER_MISSING where one of them has none */
  remove(options: Methods | ScopedOptions = {}): this {
    return this.take(undefined, options);
  }

  /** Whether there is a handler for each of these methods, below this very prefix. */
  has(options: Methods | ScopedOptions = {}): boolean {
    return this.knows(undefined, options);
  }
}

/** What a handler answers, in words, as the beginning of a sentence. */
function nameOf(key: unknown): string {
  if (isClass(key)) return key.name;
  return key === undefined ? 'What has no route' : `Status ${inspect(key)}`;
}

function isOf({ key, prefix }: Omit<Which, 'methods'>, handler: ScopedHandler & Pick<Which, 'key'>): boolean {
  return handler.key === key && handler.prefix?.text === prefix?.text;
}

function is(hook: unknown): (handler: ScopedHandler) => boolean {
  return ({ action }) => (typeof hook === 'string' ? action.name === hook : functionOf(action) === hook);
}

/** What is added is there: that must go first. */
function alreadyThere(what: string, { action: { name, place } }: ScopedHandler): ObolError {
  const by = place === '' ? name : `${name} (${place})`;
  return new ObolError('E_HANDLER_DUPLICATE', `${what} already by ${by}. Remove that handler first.`);
}

/** What is removed is not there. */
function notThere(what: string): ObolError {
  return new ObolError('E_HANDLER_MISSING', `${what}, so it cannot be removed.`);
}

/** @throws ObolError E_STATUS for a status that no final response has */
export function assertStatus(status: unknown, taker: string): void {
  if (isFinalStatus(status)) return;
  throw new ObolError('E_STATUS', `${taker}(${String(status)}): use a status from 200 to 599.`);
}

/** @throws ObolError E_ERROR_CLASS */
export function assertErrorClass(errorClass: unknown, taker: string): void {
  if (isClass(errorClass)) return;
  throw new ObolError('E_ERROR_CLASS', `${taker} takes a class of errors, not ${inspect(errorClass)}.`);
}
