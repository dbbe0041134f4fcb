/** `@Controller`: marks a class whose methods answer requests. */
import type { ClassDecorator } from '../metadata/decorator-types.js';
import { MetadataKey } from '../metadata/metadata-key.js';
import { assertOption } from '../metadata/protocol.js';
import type { Path } from '../routing/path.js';

/** What `@Controller` records. */
export const CONTROLLER = new MetadataKey<{ readonly prefix: string | Path }>('obol.controller');

/**
 * Marks a class as a controller.
 * @param prefix a path template, as text or path value, that its routes start with, and below which its hooks, state and error handlers apply;
 * without one they apply to the whole application
 */
export function Controller(prefix: string | Path = ''): ClassDecorator {
  assertOption('Controller', prefix);
  return CONTROLLER.classDecorator({ prefix }, Controller);
}
