/** Planned controllers: classes whose routes a feature knows, by decorators of its own. */
import { STATE } from '../decorators/error-handling.js';
import { ROUTE } from '../decorators/route.js';
import { guardSources } from '../decorators/wrapping.js';
import type { BodyOptions } from '../message/request-body.js';
import type { Class } from '../metadata/class.js';
import type { MemberRecord } from '../metadata/records.js';
import type { FilterRegistry } from '../routing/filters.js';
import type { Path } from '../routing/path.js';
import { METHOD_ALL, type Methods } from '../routing/router.js';
import type { Adapt } from './adapted.js';
import { orReport, type Report } from './report.js';
import { prefixOf, type WrappingOptions } from './plain-function.js';
import { readController, type ScannedController, type ScannedMember } from './scan.js';

/** A method of a planned controller: what stands on it, guards for one, counts as it does on a route. */
interface PlannedMethod {
  readonly property: string;
  /** Where it is decorated; default `''`, unknown. */
  readonly place?: string;
  /** How it is called. Default as handlers are: with the request, and then with the parameters of the path or the error. */
  readonly adapt?: Adapt | undefined;
}

/** One that answers a path below the prefix. */
interface PlannedRoute extends PlannedMethod {
  readonly path: string | RegExp | Path;
  readonly methods: Methods;
  /** How the body is read, where that differs from the application. */
  readonly body?: BodyOptions | undefined;
}

/** One that answers a status. */
interface PlannedState extends PlannedMethod {
  readonly status: number;
  /** Default that of the controller; `''` for the whole application. */
  readonly prefix?: string | Path;
}

/**
 * A controller by what a feature says of it, in place of `@Controller()` and `@Route()`: it is injected, wrapped and listed as
 * all are. One class may be planned several times, below different prefixes.
 */
export interface PlannedController extends Pick<WrappingOptions, 'guards' | 'middleware'> {
  readonly controller: Class;
  /** Where it is decorated. */
  readonly place: string;
  readonly prefix: string | Path;
  readonly routes?: readonly PlannedRoute[];
  readonly states?: readonly PlannedState[];
}

/** Reads one planned controller. @param report takes each mistake */
export function scanPlanned(
  plan: PlannedController,
  filters: FilterRegistry,
  report: Report,
): ScannedController | undefined {
  const { controller, place, prefix, routes = [], states = [] } = plan;
  const planned = new Map<object, PlannedRoute | PlannedState>();
  const more = [...routes, ...states].map((method) => {
    const record = recordOf(method);
    planned.set(record, method);
    return record;
  });
  const scanned = readController({ controller, place, prefix, more, filters, report });
  const complete = (member: ScannedMember): ScannedMember =>
    completed(member, { plan, method: planned.get(member.record), filters });
  const members = orReport(() => scanned.members.map(complete), report, { place });
  return members && { ...scanned, members };
}

/** What a decorator of Obol would have recorded. */
function recordOf(method: PlannedRoute | PlannedState): MemberRecord {
  const { property, place = '' } = method;
  return 'status' in method
    ? { key: STATE.name, property, place, value: { status: method.status, methods: METHOD_ALL } }
    : { key: ROUTE.name, property, place, value: { path: method.path, methods: method.methods } };
}

interface Planning {
  readonly plan: PlannedController;
  /** Undefined for a member that decorators of Obol made a handler. */
  readonly method: PlannedRoute | PlannedState | undefined;
  readonly filters: FilterRegistry;
}

/** A member with what the plan says of it. */
function completed(member: ScannedMember, { plan, method, filters }: Planning): ScannedMember {
  const { guards = [], middleware = [] } = plan;
  const { body, prefix }: Partial<PlannedRoute & PlannedState> = method ?? {};
  return {
    ...member,
    guards: [...guardSources('guards', guards), ...member.guards],
    middleware: [...middleware, ...member.middleware],
    body: body || member.body ? { ...body, ...member.body } : undefined,
    adapt: method?.adapt,
    ...(prefix !== undefined && { prefix: prefixOf(prefix, filters) }),
  };
}
