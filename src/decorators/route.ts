/** `@Route` and its short forms: a method of a controller answers a path. */
import { isRegExp } from 'node:util/types';
import { ObolError } from '../ground/errors.js';
import type { DecoratorFactory } from '../metadata/decorator-types.js';
import { MetadataKey } from '../metadata/metadata-key.js';
import { Place } from '../metadata/place.js';
import { isPath, type AnyPath, type Path } from '../routing/path.js';
import type { Methods } from '../routing/router.js';
import type { RouteDecorator } from './verdict.js';

/** What `@Route` and its short forms record. */
export interface RouteRecord {
  readonly path: string | RegExp | Path;
  readonly methods: Methods;
}

export const ROUTE = new MetadataKey<RouteRecord>('obol.route');

/**
 * Routes a path to the method.
 * @param path a template such as `/<surname:word>/<age:int>`; the compiler checks the method's parameters against it. Or a
 * path value, which is absolute and gives all of its parameters. Or a regular expression for the whole path, prefix included, whose groups are the method's parameters, as texts
 * @param methods default GET; HEAD always comes with GET
 */
export function Route<const P extends string | RegExp | AnyPath>(
  path: P,
  methods: Methods = 'GET',
): RouteDecorator<P> {
  return routeDecorator(path, methods, Route);
}

/** Routes GET and HEAD of a path to the method. */
export function Get<const P extends string | RegExp | AnyPath>(path: P): RouteDecorator<P> {
  return routeDecorator(path, 'GET', Get);
}

/** Routes POST of a path to the method. */
export function Post<const P extends string | RegExp | AnyPath>(path: P): RouteDecorator<P> {
  return routeDecorator(path, 'POST', Post);
}

/** Routes PUT of a path to the method. */
export function Put<const P extends string | RegExp | AnyPath>(path: P): RouteDecorator<P> {
  return routeDecorator(path, 'PUT', Put);
}

/** Routes PATCH of a path to the method. */
export function Patch<const P extends string | RegExp | AnyPath>(path: P): RouteDecorator<P> {
  return routeDecorator(path, 'PATCH', Patch);
}

/** Routes DELETE of a path to the method. */
export function Delete<const P extends string | RegExp | AnyPath>(path: P): RouteDecorator<P> {
  return routeDecorator(path, 'DELETE', Delete);
}

function routeDecorator<P extends string | RegExp | AnyPath>(
  path: P,
  methods: Methods,
  factory: DecoratorFactory,
): RouteDecorator<P> {
  if (typeof path !== 'string' && !isRegExp(path) && !isPath(path))
    throw new ObolError(
      'E_DECORATOR',
      `A route has no path; write it as in @Get('/people') (${String(new Place(factory))}).`,
    );
  return ROUTE.methodDecorator({ path, methods }, factory) as RouteDecorator<P>;
}
