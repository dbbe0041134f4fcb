/** Requests in the name of one client, and which of them an application has seen first. */
import type { Headers } from './headers.js';
import type { Settings } from './settings.js';

/** What one request differs by from others. */
interface Asked<R> {
  readonly application: R;
  readonly settings: Pick<Settings, 'application'>;
  readonly base: string;
  /** The request whose handler has made it. */
  readonly subrequestOf: R | undefined;
}

/**
 * The first that the same application has adopted at the same base. A host's request may come to an application twice, and what was
 * first may have been dropped, so that of its views the last counts.
 */
export function firstOf<R extends Asked<R>>(all: readonly R[], own: R): R {
  const same = all.filter((one) => one.application === one && isSame(one, own));
  return same.findLast(({ subrequestOf }) => !subrequestOf) ?? same[0] ?? own;
}

function isSame(one: Asked<unknown>, { settings, base }: Asked<unknown>): boolean {
  return one.settings.application === settings.application && one.base === base;
}

/** Whether the fields of a request say who the client is as those of another do; undefined for the same fields. */
export function isOfClient(asked: Headers | undefined, sent: Headers): boolean {
  return !asked || ['cookie', 'authorization'].every((name) => asked.get(name) === sent.get(name));
}
