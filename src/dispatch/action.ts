/** Actions: methods of controllers, bound once so that calling one costs nothing but the call. */
import { callWhenReady, HELD } from '../answering/hold.js';
import type { Request } from '../message/request.js';
import type { Class } from '../metadata/class.js';

/** Where the controller of an action comes from. */
export type ControllerSource =
  | {
      /** Whether a new one is made for each request. */
      readonly perRequest: true;
      get(request: Request): object;
    }
  | {
      readonly perRequest: false;
      /** Always the same. */
      get(): object;
    };

/** A method of a controller, or a plain function, and where it was written. */
export interface Action {
  /** `Controller.method`, or the name of the function. */
  readonly name: string;
  /** `file:line:column` of the decorator; `''` when unknown. */
  readonly place: string;
  readonly source: ControllerSource;
  readonly property: string | symbol;
  /** The controller's class; undefined for a plain function. */
  readonly target?: Class;
}

/** Calls an action with a request and whatever else belongs to the occasion. */
export type Call<Rest extends unknown[] = []> = (request: Request, ...rest: Rest) => unknown;

type Method = (this: object, ...args: unknown[]) => unknown;

/** Where what is recorded about the handler is found; nowhere for a plain function. */
export function memberOf({ target, property }: Action): Partial<Pick<Action, 'target' | 'property'>> {
  return target ? { target, property } : {};
}

/** The function of an action, as its author knows it. */
export function functionOf({ source, property, target }: Action): unknown {
  const holder: unknown = target ? target.prototype : source.perRequest ? undefined : source.get();
  return (holder as Record<string | symbol, unknown> | undefined)?.[property];
}

/** Binds an action that takes the request and one thing more at most: hooks, state and error handlers. */
export function bindAction<Rest extends [] | [unknown]>(action: Action): Call<Rest> {
  const { source, property } = action;
  if (source.perRequest) {
    return (request, ...rest) => {
      const controller = source.get(request);
      return callWhenReady(request, () => methodOf(controller, property).call(controller, request, ...rest));
    };
  }
  const controller = source.get();
  const method = methodOf(controller, property);
  return (request, ...rest) => method.call(controller, request, rest[0]);
}

/**
 * Binds an action that takes the request and the values of path parameters.
 * @param parameters how many the path has
 * @param skipped how many of them, at its beginning, the action does not take
 */
export function bindRouteAction(action: Action, parameters: number, skipped = 0): Call {
  const { source, property } = action;
  if (source.perRequest) {
    // Few requests wait for anything, and the others need no closure.
    const call: Call = (request) => {
      const controller = source.get(request);
      if (request.get(HELD)) return callWhenReady(request, () => call(request));
      return methodOf(controller, property).call(controller, request, ...request.paramValues.slice(skipped));
    };
    return call;
  }
  const controller = source.get();
  const method = methodOf(controller, property);
  if (skipped > 0)
    return (request) => method.call(controller, request, ...request.paramValues.slice(skipped));
  switch (parameters) {
    case 0:
      return (request) => method.call(controller, request);
    case 1:
      return (request) => method.call(controller, request, request.paramValues[0]);
    case 2:
      return (request) => method.call(controller, request, request.paramValues[0], request.paramValues[1]);
    default:
      return (request) => method.call(controller, request, ...request.paramValues);
  }
}

/** The same for an action that also takes what its contract has validated. */
export function bindContractAction({ source, property }: Action, skipped = 0): Call<[unknown?]> {
  if (source.perRequest) {
    const call: Call<[unknown?]> = (request, valid) => {
      const controller = source.get(request);
      if (request.get(HELD)) return callWhenReady(request, () => call(request, valid));
      const values = request.paramValues.slice(skipped);
      return methodOf(controller, property).call(controller, request, ...values, valid);
    };
    return call;
  }
  const controller = source.get();
  const method = methodOf(controller, property);
  return (request, valid) => {
    const values = request.paramValues;
    return values.length <= skipped
      ? method.call(controller, request, valid)
      : method.call(controller, request, ...values.slice(skipped), valid);
  };
}

function methodOf(controller: object, property: string | symbol): Method {
  return (controller as Record<string | symbol, unknown>)[property] as Method;
}
