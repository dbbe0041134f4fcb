/** `@Controller`: marks a class whose methods answer requests. */
import { recordClass, type Class } from '../metadata/class-metadata.js';
import { Place } from '../metadata/place.js';

/**
 * Marks a class as a controller.
 * @param prefix a path template that its routes start with, and below which its hooks, state and error handlers apply;
 * without one they apply to the whole application
 */
export function Controller(prefix = ''): (target: Class) => void {
  const place = new Place(Controller);
  return (target) => {
    recordClass(target, { kind: 'controller', prefix, place });
  };
}
