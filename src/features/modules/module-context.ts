/** `moduleContext()`: what a method of a module gets, for tests that call it alone. */
import type { Request } from '../../kit.js';
import { NO_CALL, type Call } from './call.js';
import { configurationOf, type ModuleConfiguration } from './configuration.js';
import { targetOf } from './environment.js';
import { RequestContext, type ModuleContext } from './context.js';
import { ANONYMOUS, type KnownUser } from './user.js';

/** What a test says of a call; all else is as it is for a client that is not logged in and sends nothing. */
export interface GivenContext<Own extends object = object> extends Partial<Call> {
  readonly user?: Partial<KnownUser> & Own;
  /** Default what follows the last slash of the path. */
  readonly filename?: string;
  readonly configuration?: Partial<ModuleConfiguration>;
}

/**
 * The context of a request, as `request()` of obol/testing makes one.
 *
 * @example
 * ```ts
 * const context = moduleContext(request('/hello/hello/abc'), { user: { id: 7, name: 'Ann' } });
 * expect(new Hello().hello(context)).toBe('Hello Ann');
 * ```
 */
export function moduleContext<Own extends object = object>(
  request: Request,
  given: GivenContext<Own> = {},
): ModuleContext<Own> {
  const { user, filename = filenameOf(request), configuration, ...call } = given;
  const plain = configurationOf({}, PLAIN);
  const context = new RequestContext({
    request,
    user: { ...ANONYMOUS, ...user },
    configuration: { ...plain, ...configuration },
    filename,
    call: { ...NO_CALL, ...call },
  });
  return context as ModuleContext as ModuleContext<Own>;
}

const PLAIN = { acceptUnauthenticatedUser: true, acceptUnknownUser: false, debug: false, modules: [] };

/** What follows the last slash of the path. */
export function filenameOf(request: Request): string {
  const { path } = targetOf(request);
  return path.slice(path.lastIndexOf('/') + 1);
}
