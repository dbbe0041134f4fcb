/** The state, error and default handlers of an application. */
import { inspect } from 'node:util';
import { bindAction } from '../dispatch/action.js';
import {
  defaultHandler,
  type DefaultHandler,
  type ErrorClassHandler,
  type StateHandler,
} from '../dispatch/scope.js';
import {
  defaultInfo,
  errorInfo,
  stateInfo,
  type DefaultInfo,
  type ErrorInfo,
  type StateInfo,
} from '../dispatch/table-info.js';
import { ObolError } from '../ground/errors.js';
import type { HttpError } from '../http/http-error.js';
import { isFinalStatus } from '../http/status.js';
import type { Request } from '../message/request.js';
import { isClass, type Class } from '../metadata/class.js';
import { METHOD_ALL, type Methods } from '../routing/router.js';
import { AnsweringHandlers, SCOPED_RULES, type ScopedOptions } from './handlers.js';
import {
  functionAction,
  optionsOf,
  WRAPPING_RULES,
  wrappingOf,
  type WrappingOptions,
} from './plain-function.js';

/** Handlers of statuses, as `@HttpState` declares them: for all methods, unless they say otherwise. */
export class StateHandlers extends AnsweringHandlers<'states', StateInfo> {
  protected readonly usual = METHOD_ALL;

  /** Adds a handler. @throws ObolError E_STATUS, E_HANDLER, E_HANDLER_DUPLICATE, E_METHOD, or what is wrong with the prefix */
  add(
    status: number,
    handler: (request: Request, error: HttpError) => unknown,
    options: Methods | ScopedOptions = {},
  ): this {
    assertStatus(status, 'states.add');
    const given = optionsOf('states.add', options, SCOPED_RULES);
    const action = functionAction(handler, this.nameOf(status), given.place);
    return this.put({ ...this.where(given), action, status, call: bindAction(action) });
  }

  /** Removes the handler from these methods. @throws ObolError E_HANDLER_MISSING where one of them has none */
  remove(status: number, options: Methods | ScopedOptions = {}): this {
    return this.take(status, options);
  }

  /** Whether the status has a handler for each of these methods, below this very prefix. */
  has(status: number, options: Methods | ScopedOptions = {}): boolean {
    return this.knows(status, options);
  }

  protected keyOf({ status }: StateHandler): unknown {
    return status;
  }

  protected nameOf(status: unknown): string {
    return `Status ${String(status)}`;
  }

  protected describe(handler: StateHandler): StateInfo {
    return stateInfo(handler);
  }
}

/** Handlers of classes of errors, as `@ErrorHandler` declares them: for all methods, unless they say otherwise. */
export class ErrorHandlers extends AnsweringHandlers<'errors', ErrorInfo> {
  protected readonly usual = METHOD_ALL;

  /** Adds a handler. @throws ObolError E_ERROR_CLASS, E_HANDLER, E_HANDLER_DUPLICATE, E_METHOD, or what is wrong with the prefix */
  add<E extends Class<object>>(
    errorClass: E,
    handler: (request: Request, error: InstanceType<E>) => unknown,
    options: Methods | ScopedOptions = {},
  ): this {
    assertErrorClass(errorClass, 'errors.add');
    const given = optionsOf('errors.add', options, SCOPED_RULES);
    const action = functionAction(handler, this.nameOf(errorClass), given.place);
    return this.put({ ...this.where(given), action, errorClass, call: bindAction(action) });
  }

  /** Removes the handler of this very class. @throws ObolError E_HANDLER_MISSING where one of the methods has none */
  remove(errorClass: Class<object>, options: Methods | ScopedOptions = {}): this {
    return this.take(errorClass, options);
  }

  /** Whether this very class has a handler for each of the methods, below this very prefix. */
  has(errorClass: Class<object>, options: Methods | ScopedOptions = {}): boolean {
    return this.knows(errorClass, options);
  }

  protected keyOf({ errorClass }: ErrorClassHandler): unknown {
    return errorClass;
  }

  protected nameOf(errorClass: unknown): string {
    return isClass(errorClass) ? errorClass.name : inspect(errorClass);
  }

  protected describe(handler: ErrorClassHandler): ErrorInfo {
    return errorInfo(handler);
  }
}

/** Handlers of what no route has, as `@Default` declares them: for GET, unless they say otherwise. */
export class DefaultHandlers extends AnsweringHandlers<'defaults', DefaultInfo> {
  protected readonly usual = 'GET';

  /** Adds a handler. @throws ObolError E_HANDLER, E_HANDLER_DUPLICATE, E_METHOD, or what is wrong with prefix, guards or middleware */
  add(
    handler: (request: Request) => unknown,
    options: Methods | (ScopedOptions & WrappingOptions) = {},
  ): this {
    const given = optionsOf('defaults.add', options, { ...SCOPED_RULES, ...WRAPPING_RULES });
    const action = functionAction(handler, 'what has no route', given.place);
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

  protected keyOf(): unknown {
    return undefined;
  }

  protected nameOf(): string {
    return 'What has no route';
  }

  protected describe(handler: DefaultHandler): DefaultInfo {
    return defaultInfo(handler);
  }
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
