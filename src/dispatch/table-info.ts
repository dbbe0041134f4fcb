/** The dispatch table as plain data: the same for listing, printing, debugging and documents. */
import type { Credentials } from '../message/guard.js';
import { classNameOf, type Class } from '../metadata/class.js';
import type { FilterInfo } from '../routing/filters.js';
import type { Method } from '../routing/router.js';
import { isTemplate, type RoutePath } from '../routing/template.js';
import { memberOf } from './action.js';
import type { RouteContract } from '../contracts/route-contract.js';
import type { DispatchTable, RouteDefinition } from './dispatch-table.js';
import type { Wrapping } from './invoke.js';
import type { DefaultHandler, ErrorClassHandler, ScopedHandler, StateHandler } from './scope.js';

/** What is known of every handler. */
export interface HandlerInfo {
  /** Name of the controller; `''` for a plain function. */
  readonly controller: string;
  /** Name of the method or function. */
  readonly handler: string;
  /** `Controller.method`. */
  readonly name: string;
  /** The path template below which the controller stands; `''` for the whole application. */
  readonly prefix: string;
  /** The part of the path that the mounts around it take, where it belongs to a handler in the application. */
  readonly base?: string;
  /** The host that it answers for, with scheme and port where these count; any where there is none. */
  readonly host?: string;
  /** Whether the controller lives as long as the application or one request. */
  readonly scope: 'application' | 'request';
  /**
   * `file:line:column` of the decorator, or of the call that added it; `features[0].routes[2]` of what a feature brings without a
   * place; `''` when unknown.
   */
  readonly place: string;
  /** The class itself and the key of the method, for `MetadataKey.of(route)`; undefined for a plain function. */
  readonly target?: Class;
  readonly property?: string | symbol;
}

/** What stands around a handler, by name. */
export interface WrappingInfo {
  readonly guards: readonly string[];
  /** What clients show to pass the guards, all of these; none where nothing is known of them. */
  readonly credentials?: readonly Credentials[];
  /** Outermost first. */
  readonly middleware: readonly string[];
  /** Decorators directly around it, such as `Transactional`; outermost first. None where there are none. */
  readonly layers?: readonly string[];
}

/** One parameter of a path. */
export interface ParameterInfo {
  /** `''` for a group of an expression that has none. */
  readonly name: string;
  /** As written after the colon: `int`, `re:[a-z]+`; `''` for any text, and for groups of expressions. */
  readonly filter: string;
  /** The form of the text, as a regular expression without anchors, where the filter is none of Obol's own. */
  readonly pattern?: string;
}

/** One route. */
export interface RouteInfo extends HandlerInfo, WrappingInfo {
  /** The methods it answers, HEAD among them where GET is. */
  readonly methods: readonly Method[];
  /** The whole path template, prefix included; an expression as it is written, `/\/(\d+)/`. */
  readonly path: string;
  readonly isExpression: boolean;
  readonly parameters: readonly ParameterInfo[];
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** What it takes and gives; as JSON the names of its parts and statuses. */
  readonly contract?: RouteContract | undefined;
}

/** A handler of a status. */
export interface StateInfo extends HandlerInfo {
  readonly status: number;
  readonly methods: readonly Method[];
}

/** A handler of a class of errors. */
export interface ErrorInfo extends HandlerInfo {
  /** Name of the class. */
  readonly error: string;
  readonly errorClass: Class<object>;
  readonly methods: readonly Method[];
}

/** A handler of what nothing else answers. */
export interface DefaultInfo extends HandlerInfo, WrappingInfo {
  readonly methods: readonly Method[];
}

/** A whole dispatch table. */
export interface TableInfo {
  readonly routes: readonly RouteInfo[];
  readonly states: readonly StateInfo[];
  readonly errors: readonly ErrorInfo[];
  readonly defaults: readonly DefaultInfo[];
  readonly before: readonly HandlerInfo[];
  readonly after: readonly HandlerInfo[];
  readonly filters: readonly FilterInfo[];
}

/** What a listing says of a route. */
export function routeInfo(route: RouteDefinition, table: DispatchTable): RouteInfo {
  const { template, methods } = route;
  const { before, after } = table.scopeOf(template);
  const named = ({ action }: ScopedHandler): string => action.name;
  return {
    methods,
    path: template.text,
    isExpression: !isTemplate(template),
    parameters: template.parameters.map(parameterInfo),
    ...handlerInfo(route),
    ...wrappingInfo(route),
    before: before.map(named),
    after: after.map(named),
    ...(route.contract && { contract: route.contract }),
  };
}

function parameterInfo(parameter: RoutePath['parameters'][number]): ParameterInfo {
  const { name, definition: filter } = parameter;
  const compiled = 'filter' in parameter ? parameter.filter : undefined;
  // Flags change what a pattern means.
  const isPlain = compiled?.isOwn === true && /^[uv]?$/.test(compiled.flags);
  return { name, filter, ...(isPlain && { pattern: compiled.source }) };
}

export function stateInfo(handler: StateHandler): StateInfo {
  return { status: handler.key, methods: handler.methods, ...handlerInfo(handler) };
}

export function errorInfo(handler: ErrorClassHandler): ErrorInfo {
  const { key: errorClass, methods } = handler;
  return { error: classNameOf(errorClass), errorClass, methods, ...handlerInfo(handler) };
}

export function defaultInfo(handler: DefaultHandler): DefaultInfo {
  return { methods: handler.methods, ...handlerInfo(handler), ...wrappingInfo(handler) };
}

export function handlerInfo({
  action,
  prefix,
}: Partial<ScopedHandler> & Pick<ScopedHandler, 'action'>): HandlerInfo {
  const { name, place, source, target } = action;
  const controller = target ? classNameOf(target) : '';
  return {
    controller,
    handler: target ? name.slice(controller.length + 1) : name,
    name,
    prefix: prefix?.text ?? '',
    scope: source.perRequest ? 'request' : 'application',
    place,
    ...memberOf(action),
  };
}

function wrappingInfo({ guards, middleware, layers = [] }: Wrapping): WrappingInfo {
  const credentials = guards.flatMap((guard) => guard.credentials ?? []);
  return {
    guards: guards.map(({ name }) => name),
    ...(credentials.length > 0 && { credentials }),
    middleware: middleware.map(({ name }) => name || 'anonymous'),
    ...(layers.length > 0 && { layers: layers.map(({ name }) => name) }),
  };
}

/** A host as it stands before a path. */
function placeOf({ host = '' }: RouteInfo): string {
  return host === '' || host.includes('//') ? host : `//${host}`;
}

/** The routes as an aligned table, one line each. */
export function formatRoutes(routes: readonly RouteInfo[]): string {
  const rows = routes.map((route) => [
    route.methods.filter((method) => method !== 'HEAD' || !route.methods.includes('GET')).join(','),
    `${placeOf(route)}${route.path}`,
    [route.name, ...route.guards.map((guard) => `@${guard}`)].join(' '),
  ]);
  const widths = [0, 1].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
