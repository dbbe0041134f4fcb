/** `@Route` and its short forms: a method of a controller answers a path. */
import { ObolError } from '../ground/errors.js';
import type { Request } from '../message/request.js';
import { MetadataKey, type DecoratorFactory } from '../metadata/metadata-key.js';
import { Place } from '../metadata/place.js';
import type { CheckHandler } from '../routing/path-types.js';
import type { Methods } from '../routing/router.js';
import type { AnyMethod } from './member.js';

/** What `@Route` and its short forms record. */
export const ROUTE = new MetadataKey<{ readonly path: string; readonly methods: Methods }>('obol.route');

/** A decorator that fits only methods taking the request and then the parameters of the template. */
export type RouteDecorator<Template extends string> = <M extends AnyMethod>(
  target: object,
  property: string | symbol,
  descriptor: TypedPropertyDescriptor<M> & CheckHandler<Template, M, [request: Request]>,
) => void;

/**
 * Routes a path to the method.
 * @param path a template such as `/<surname:word>/<age:int>`; the compiler checks the method's parameters against it
 * @param methods default GET; HEAD always comes with GET
 */
export function Route<const Template extends string>(
  path: Template,
  methods: Methods = 'GET',
): RouteDecorator<Template> {
  return routeDecorator(path, methods, Route);
}

/** Routes GET and HEAD of a path to the method. */
export function Get<const Template extends string>(path: Template): RouteDecorator<Template> {
  return routeDecorator(path, 'GET', Get);
}

/** Routes POST of a path to the method. */
export function Post<const Template extends string>(path: Template): RouteDecorator<Template> {
  return routeDecorator(path, 'POST', Post);
}

/** Routes PUT of a path to the method. */
export function Put<const Template extends string>(path: Template): RouteDecorator<Template> {
  return routeDecorator(path, 'PUT', Put);
}

/** Routes PATCH of a path to the method. */
export function Patch<const Template extends string>(path: Template): RouteDecorator<Template> {
  return routeDecorator(path, 'PATCH', Patch);
}

/** Routes DELETE of a path to the method. */
export function Delete<const Template extends string>(path: Template): RouteDecorator<Template> {
  return routeDecorator(path, 'DELETE', Delete);
}

function routeDecorator<Template extends string>(
  path: Template,
  methods: Methods,
  factory: DecoratorFactory,
): RouteDecorator<Template> {
  if (typeof (path as unknown) !== 'string')
    throw new ObolError(
      'E_DECORATOR',
      `A route has no path; write it as in @Get('/people') (${String(new Place(factory))}).`,
    );
  return ROUTE.methodDecorator({ path, methods }, factory);
}
