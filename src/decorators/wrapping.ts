/** Decorators that stand on a method or on a whole class: `@Use`, and those made with `createGuard` and `createLayer`. */
import { ObolError } from '../ground/errors.js';
import type { Credentials, Guard, GuardSetup } from '../message/guard.js';
import type { Middleware } from '../message/handler.js';
import type { ClassOrMethodDecorator } from '../metadata/decorator-types.js';
import { MetadataKey } from '../metadata/metadata-key.js';
import { assertParentheses } from '../metadata/protocol.js';

/** A guard that is not yet put together. */
export interface GuardSource {
  /** Name of its decorator. */
  readonly name: string;
  readonly bind: (setup: GuardSetup) => Guard;
  /** What a client shows to pass it. */
  readonly credentials?: ((setup: GuardSetup) => Credentials | undefined) | undefined;
}

/** A middleware behind guards and body that is not yet put together. */
export interface LayerSource {
  /** Name of its decorator. */
  readonly name: string;
  readonly bind: (setup: GuardSetup) => Middleware;
}

/** What `@Use` records. */
export const USE = new MetadataKey<readonly Middleware[]>('obol.use');

/** What the decorators of {@link createGuard} record. */
export const GUARD = new MetadataKey<GuardSource>('obol.guard');

/** What the decorators of {@link createLayer} record. */
export const LAYER = new MetadataKey<LayerSource>('obol.layer');

/** Wraps a route, or every route of a controller, in middleware; the first is the outermost. */
export function Use(...middleware: Middleware[]): ClassOrMethodDecorator {
  assertParentheses('Use', middleware);
  return USE.decorator(middleware, Use);
}

/**
 * Makes a guard decorator: the one of the example is written as `@Role('admin')`, on a method or a class.
 * @param setup called once per guarded route at bootstrap with what the container offers and the decorator's own
 * arguments; gives the check itself. One that resolves what exists once per request, such as `Session`, is called for each
 * request
 * @param credentials says of the same, the arguments in a list, what a client shows to pass, for documents. Default nothing that is known
 * @throws ObolError E_DECORATOR, when it is used, for a decorator that stands without parentheses
 *
 * @example
 * ```ts
 * const Role = createGuard('Role', (setup, role: string) => {
 *   const users = setup.resolve(Users);
 *   return (request) => { if (!users.hasRole(request.user, role)) abort(403); };
 * });
 * ```
 */
export function createGuard<Options extends unknown[]>(
  name: string,
  setup: (setup: GuardSetup, ...options: Options) => Guard,
  credentials?: (setup: GuardSetup, options: NoInfer<Options>) => Credentials | undefined,
): (...options: Options) => ClassOrMethodDecorator {
  const guard = (...options: Options): ClassOrMethodDecorator => {
    assertParentheses(name, options);
    const bind = (given: GuardSetup): Guard => setup(given, ...options);
    const shown = credentials && ((given: GuardSetup) => credentials(given, options));
    return GUARD.decorator({ name, bind, credentials: shown }, guard);
  };
  return Object.defineProperty(guard, 'name', { value: name });
}

/**
 * Makes a decorator that puts middleware directly around a handler: guards have passed, the body is read, what the contract says of
 * both is known. What `next` gives is the response, of a stream begun, or an error. What stands on a method counts in place of the
 * same decorator on its class.
 * @param setup called once per route at bootstrap, as that of {@link createGuard}
 * @throws ObolError E_DECORATOR, when it is used, for a decorator that stands without parentheses
 */
export function createLayer<Options extends unknown[]>(
  name: string,
  setup: (setup: GuardSetup, ...options: Options) => Middleware,
): (...options: Options) => ClassOrMethodDecorator {
  const layer = (...options: Options): ClassOrMethodDecorator => {
    assertParentheses(name, options);
    return LAYER.decorator({ name, bind: (given) => setup(given, ...options) }, layer);
  };
  return Object.defineProperty(layer, 'name', { value: name });
}

/**
 * The guards that decorators would put before a route, for what takes guards as values.
 * @param taker what stands in the message
 * @throws ObolError E_SETTING for one that is no guard
 */
export function guardSources(taker: string, decorators: readonly ClassOrMethodDecorator[]): GuardSource[] {
  return recordedBy(GUARD, decorators, `${taker} takes guards only, such as CheckDigest('Staff').`);
}

/** The same for what decorators of {@link createLayer} would put around it. @throws ObolError E_SETTING for one that is none */
export function layerSources(decorators: readonly ClassOrMethodDecorator[]): LayerSource[] {
  return recordedBy(
    LAYER,
    decorators,
    'layers takes decorators of createLayer only, such as Transactional().',
  );
}

function recordedBy<T>(
  key: MetadataKey<T>,
  decorators: readonly ClassOrMethodDecorator[],
  mistake: string,
): T[] {
  return decorators.map((decorator) => {
    const recorded = typeof decorator === 'function' ? key.recordedBy(decorator) : undefined;
    if (recorded === undefined) throw new ObolError('E_SETTING', mistake);
    return recorded;
  });
}
