/** The hooks of an application. */
import { bindAction, functionOf } from '../dispatch/action.js';
import type { Scope, ScopedHandler } from '../dispatch/scope.js';
import { handlerInfo, type HandlerInfo } from '../dispatch/table-info.js';
import { checkOptions } from '../ground/settings.js';
import type { Request } from '../message/request.js';
import type { Response } from '../message/response.js';
import { alreadyThere, Handlers, HOOK_RULES, notThere, type HookOptions } from './handlers.js';
import { functionAction } from './plain-function.js';

/** Functions as hooks: before, what they return is ignored; after, it replaces the response. */
export interface HookFunctions {
  before: (request: Request) => unknown;
  after: (request: Request, response: Response) => unknown;
}

/** All hooks of one kind, as `@BeforeResponse` and `@AfterResponse` declare them. */
export class Hooks<K extends keyof HookFunctions> extends Handlers<K, HandlerInfo> {
  /** Adds a hook. @throws ObolError E_HANDLER, E_HANDLER_DUPLICATE, or what is wrong with the prefix */
  add(hook: HookFunctions[K], options: HookOptions = {}): this {
    checkOptions(`${this.kind}.add`, options, HOOK_RULES);
    const action = functionAction(hook, 'a hook', options.place);
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

  protected describe(handler: Scope[K][number]): HandlerInfo {
    return handlerInfo(handler);
  }
}

function is(hook: unknown): (handler: ScopedHandler) => boolean {
  return ({ action }) => (typeof hook === 'string' ? action.name === hook : functionOf(action) === hook);
}
