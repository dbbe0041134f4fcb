/** A guard that writes down that it was asked. */
import { createGuard } from 'obol';

/** Lets everything through. */
export const guardedBy = createGuard('GuardedBy', (_, log: string[], name: string) => () => {
  log.push(name);
});
