/** `@Route` and its short forms: a method of a controller answers a path. */
import { isRegExp } from 'node:util/types';
import { ObolError } from '../ground/errors.js';
import type { DecoratorFactory } from '../metadata/decorator-types.js';
import { MetadataKey } from '../metadata/metadata-key.js';
import { Place } from '../metadata/place.js';
import { isPath, type AnyPath, type Path } from '../routing/path.js';
import type { Methods } from '../routing/router.js';
import type { Contract } from '../contracts/contract.js';
import type { NoContract, RouteDecorator } from './verdict.js';

/** What `@Route` and its short forms record. */
export interface RouteRecord {
  readonly path: string | RegExp | Path;
  readonly methods: Methods;
  readonly contract: Contract | undefined;
}

export const ROUTE = new MetadataKey<RouteRecord>('obol.route');

/** What a route may be written as. */
type Routed = string | RegExp | AnyPath;

/**
 * Routes a path to the method.
 * @param path a template such as `/<surname:word>/<age:int>`; the compiler checks the method's parameters against it. Or a
 * path value, which is absolute and gives all of its parameters. Or a regular expression for the whole path, prefix included, whose groups are the method's parameters, as texts
 * @param methods default GET; HEAD always comes with GET
 * @param contract schemas of what the method takes, which come as one object after the parameters of the path, and of what it gives
 */
export function Route<const P extends Routed, const C extends Contract = NoContract>(
  path: P,
  methods: Methods = 'GET',
  contract?: C,
): RouteDecorator<P, C> {
  return routeDecorator({ path, methods, contract }, Route);
}

/** Routes GET and HEAD of a path to the method. @param contract as of `@Route` */
export function Get<const P extends Routed, const C extends Contract = NoContract>(
  path: P,
  contract?: C,
): RouteDecorator<P, C> {
  return routeDecorator({ path, methods: 'GET', contract }, Get);
}

/** Routes POST of a path to the method. @param contract as of `@Route` */
export function Post<const P extends Routed, const C extends Contract = NoContract>(
  path: P,
  contract?: C,
): RouteDecorator<P, C> {
  return routeDecorator({ path, methods: 'POST', contract }, Post);
}

/** Routes PUT of a path to the method. @param contract as of `@Route` */
export function Put<const P extends Routed, const C extends Contract = NoContract>(
  path: P,
  contract?: C,
): RouteDecorator<P, C> {
  return routeDecorator({ path, methods: 'PUT', contract }, Put);
}

/** Routes PATCH of a path to the method. @param contract as of `@Route` */
export function Patch<const P extends Routed, const C extends Contract = NoContract>(
  path: P,
  contract?: C,
): RouteDecorator<P, C> {
  return routeDecorator({ path, methods: 'PATCH', contract }, Patch);
}

/** Routes DELETE of a path to the method. @param contract as of `@Route` */
export function Delete<const P extends Routed, const C extends Contract = NoContract>(
  path: P,
  contract?: C,
): RouteDecorator<P, C> {
  return routeDecorator({ path, methods: 'DELETE', contract }, Delete);
}

function routeDecorator<P extends Routed, C extends Contract>(
  record: { readonly path: P; readonly methods: Methods; readonly contract: C | undefined },
  factory: DecoratorFactory,
): RouteDecorator<P, C> {
  const path: unknown = record.path;
  if (typeof path !== 'string' && !isRegExp(path) && !isPath(path))
    throw new ObolError(
      'E_DECORATOR',
      `A route has no path; write it as in @Get('/people') (${String(new Place(factory))}).`,
    );
  return ROUTE.methodDecorator({ ...record, path }, factory) as RouteDecorator<P, C>;
}
