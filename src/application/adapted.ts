/** Methods that are not called as handlers are: something stands in for each, and calls it. */
import type { ControllerSource } from '../dispatch/action.js';
import type { Request } from '../message/request.js';

/** Makes a handler of a method that takes or gives something else; called once for each object of the class. */
export type Adapt = (
  method: (...given: unknown[]) => unknown,
) => (request: Request, ...given: unknown[]) => unknown;

/** The source of objects that have the handler in place of the method. */
export function adapted(source: ControllerSource, property: string | symbol, adapt: Adapt): ControllerSource {
  const standIn = (controller: object): object => {
    const method = (controller as Record<string | symbol, unknown>)[property] as Parameters<Adapt>[0];
    return { [property]: adapt((...given) => method.apply(controller, given)) };
  };
  if (source.perRequest) return { perRequest: true, get: (request) => standIn(source.get(request)) };
  return { perRequest: false, get: () => standIn(source.get()) };
}
