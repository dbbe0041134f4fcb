/** `@Controller`: marks a class whose methods answer requests. */
import type { Dependency } from '../ground/token.js';
import { MetadataKey } from '../metadata/metadata-key.js';
import { assertOption } from '../metadata/protocol.js';
import type { Path } from '../routing/path.js';
import { taking, type InjectableDecorator } from './injectable.js';

/** What `@Controller` records. */
export const CONTROLLER = new MetadataKey<{ readonly prefix: string | Path }>('obol.controller');

/**
 * Marks a class as a controller.
 * @param prefix a path template, as text or path value, that its routes start with, and below which its hooks, state and
 * error handlers apply; without one they apply to the whole application
 * @param dependencies what its constructor takes, as `@Injectable` lists it; without them the types count that TypeScript's
 * legacy decorators emit
 */
export function Controller<const D extends readonly Dependency[]>(
  prefix: string | Path = '',
  ...dependencies: D
): InjectableDecorator<D> {
  assertOption('Controller', prefix);
  const decorate = CONTROLLER.classDecorator({ prefix }, Controller);
  // Without a list, what the container has to know is written down by bootstrap.
  return dependencies.length > 0 ? taking(decorate, dependencies) : (decorate as InjectableDecorator<D>);
}
