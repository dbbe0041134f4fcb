/** `@Controller`: marks a class whose methods answer requests. */
import type { Class } from '../metadata/class.js';
import { MetadataKey } from '../metadata/metadata-key.js';

/** What `@Controller` records. */
export const CONTROLLER = new MetadataKey<{ readonly prefix: string }>('obol.controller');

/**
 * Marks a class as a controller.
 * @param prefix a path template that its routes start with, and below which its hooks, state and error handlers apply;
 * without one they apply to the whole application
 */
export function Controller(prefix = ''): (target: Class) => void {
  return CONTROLLER.classDecorator({ prefix }, Controller);
}
