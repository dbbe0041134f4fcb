/** Methods that are not called as handlers are: something stands in for each, and calls it. */
import { ObolError } from '../ground/errors.js';
import { classNameOf, type Class } from '../metadata/class.js';
import type { ControllerSource } from '../dispatch/action.js';
import type { Request } from '../message/request.js';

/** Makes a handler of a method that takes or gives something else; called once for each object of the class. */
export type Adapt = (
  method: (...given: unknown[]) => unknown,
) => (request: Request, ...given: unknown[]) => unknown;

/** The source of objects that have the handler in place of the method. */
export function adapted(source: ControllerSource, property: string | symbol, adapt: Adapt): ControllerSource {
  const standIn = (controller: object): object => {
    assertMethod(controller, property);
    const method = (controller as Record<string | symbol, unknown>)[property] as Parameters<Adapt>[0];
    return { [property]: adapt((...given) => method.apply(controller, given)) };
  };
  if (source.perRequest) return { perRequest: true, get: (request) => standIn(source.get(request)) };
  return { perRequest: false, get: () => standIn(source.get()) };
}

/** A field hides the method that was decorated, which shows when there is an object. @throws ObolError E_DECORATOR */
function assertMethod(controller: object, property: string | symbol): void {
  if (!Object.hasOwn(controller, property)) return;
  const name = `${classNameOf(controller.constructor as Class)}.${String(property)}`;
  const message = `${name} is a field in place of a method that can be reached. Write it as a method, or give it another name.`;
  throw new ObolError('E_DECORATOR', message);
}
