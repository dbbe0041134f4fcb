/** Reads the metadata of controllers: what becomes routes and scopes, and every mistake on the way. */
import { inspect } from 'node:util';
import { ObolError } from '../ground/errors.js';
import { assertBody, BODY } from '../decorators/body.js';
import { CONTROLLER } from '../decorators/controller.js';
import { ERROR, FORMAT, STATE } from '../decorators/error-handling.js';
import { AFTER, BEFORE, DEFAULT } from '../decorators/hooks.js';
import { ROUTE, type RouteRecord } from '../decorators/route.js';
import { routeContract, type RouteContract } from '../contracts/route-contract.js';
import { GUARD, LAYER, USE, type GuardSource, type LayerSource } from '../decorators/wrapping.js';
import type { Middleware } from '../message/handler.js';
import type { ErrorPageFormat } from '../message/error-template.js';
import type { BodyOptions } from '../message/request-body.js';
import { classNameOf, isClass, type Class } from '../metadata/class.js';
import { classRecords, memberRecords, type MemberRecord, type MetadataRecord } from '../metadata/records.js';
import type { FilterRegistry } from '../routing/filters.js';
import { normalizeMethods, type Method } from '../routing/router.js';
import type { Path } from '../routing/path.js';
import type { Prefix } from '../routing/prefix.js';
import { assertErrorClass, assertStatus } from './handlers.js';
import type { Adapt } from './adapted.js';
import { orReport, type Report } from './report.js';
import { prefixOf } from './plain-function.js';
import { readRoutePath, type ReadPath } from './route-path.js';
import { findWithoutEffect } from './without-effect.js';

/** What makes a member a handler; the other keys say how it is wrapped. */
const ROLES = [ROUTE, STATE, ERROR, BEFORE, AFTER, DEFAULT];
const WRAPPINGS = [USE, GUARD, LAYER, BODY];

/** A member of a controller that a decorator gave a role; of routes the path is known, too. */
export interface ScannedMember extends Partial<ReadPath> {
  readonly target: Class;
  readonly record: MemberRecord;
  /** `Controller.method`. */
  readonly name: string;
  readonly place: string;
  readonly methods: readonly Method[];
  /** That of the controller. */
  readonly prefix: Prefix | undefined;
  readonly guards: readonly GuardSource[];
  /** Middleware behind guards and body, outermost first. */
  readonly layers: readonly LayerSource[];
  /** Outermost first. */
  readonly middleware: readonly Middleware[];
  /** How it wants the body read, where that differs from the application. */
  readonly body: BodyOptions | undefined;
  /** How errors are shown, where that differs from the application. */
  readonly errorFormat: ErrorPageFormat | undefined;
  /** How it is called, where that is not as handlers are. */
  readonly adapt?: Adapt | undefined;
  /** Of a route: what it takes and gives. */
  readonly contract?: RouteContract | undefined;
}

/** A controller, read. */
export interface ScannedController {
  readonly controller: Class;
  readonly place: string;
  readonly members: readonly ScannedMember[];
  readonly prefix?: Prefix | undefined;
  /** How errors are shown below its prefix. */
  readonly errorFormat?: ErrorPageFormat | undefined;
}

/** A class that answers requests, and what it is read with. */
interface Readable {
  readonly controller: Class;
  /** Where it is decorated. */
  readonly place: string;
  /** That its routes start with; `''` for none. */
  readonly prefix: string | Path;
  /** What its members are besides what decorators have recorded. */
  readonly more?: readonly MemberRecord[];
  readonly filters: FilterRegistry;
  readonly report: Report;
}

/** A controller that is being read. */
interface Reading extends Omit<Readable, 'prefix' | 'more'> {
  /** What messages call it. */
  readonly name: string;
  readonly prefix?: Prefix | undefined;
  /** The records of its class and of its members; they are looked up once. */
  readonly onClass: readonly MetadataRecord[];
  readonly onMembers: readonly MemberRecord[];
}

/** Reads one controller. @param report takes each mistake; what is mistaken is left out of the result */
export function scanController(
  controller: unknown,
  filters: FilterRegistry,
  report: Report,
): ScannedController | undefined {
  const [record] = isClass(controller) ? CONTROLLER.ofOwnClass(controller) : [];
  if (!isClass(controller) || !record) {
    report({ code: 'E_CONTROLLER', message: notAController(controller) });
    return undefined;
  }
  const { prefix } = record.value;
  return readController({ controller, place: record.place.toString(), prefix, filters, report });
}

/** Reads what answers requests in a class, and how that is wrapped. */
export function readController({ prefix, more = [], ...readable }: Readable): ScannedController {
  const { controller, place, filters, report } = readable;
  const onMembers = [...memberRecords(controller), ...more];
  const onClass = classRecords(controller);
  const name = classNameOf(controller);
  const general: Reading = { ...readable, name, onClass, onMembers };
  const readPrefix = (): Reading => ({ ...general, prefix: prefixOf(prefix, filters) });
  const reading = orReport(readPrefix, report, { member: name, place });
  const members = onMembers
    .filter((member) => isOf(ROLES, member) || (member.isStatic && isOf(WRAPPINGS, member)))
    .flatMap((member) => scanMember(member, reading ?? general) ?? []);
  findWithoutEffect(controller, onMembers).forEach(report);
  // Below a prefix that cannot be read nothing can be routed; its members are read for their own mistakes alone.
  const errorFormat = FORMAT.among(onClass).at(-1);
  return { controller, place, members: reading ? members : [], prefix: reading?.prefix, errorFormat };
}

function scanMember(record: MemberRecord, reading: Reading): ScannedMember | undefined {
  const { controller, prefix, onClass, onMembers, report } = reading;
  const { property } = record;
  const name = `${reading.name}.${String(property)}`;
  const place = record.place.toString();
  const read = (): ScannedMember => {
    if (record.isStatic)
      throw new ObolError(
        'E_HOOK_STATIC',
        `${name} is static; only methods of objects can be handlers. Take the word static away.`,
      );
    const beside = onMembers.filter((other) => other.property === property && !other.isStatic);
    const methods = methodsOf(record);
    const contract = ROUTE.owns(record) ? routeContract(record.value.contract) : undefined;
    const path = ROUTE.owns(record) ? pathOf(record, beside, contract, reading) : undefined;
    const wrapping = wrappingOf([...onClass, ...beside]);
    return { target: controller, record, name, place, prefix, methods, contract, ...path, ...wrapping };
  };
  return orReport(read, report, { member: name, place });
}

/** @param beside all that is recorded of the same method */
function pathOf(
  { property, value: { path } }: MemberRecord<RouteRecord>,
  beside: readonly MemberRecord[],
  contract: RouteContract | undefined,
  { controller, name, place, prefix, filters }: Reading,
): ReadPath {
  const methods = controller.prototype as Record<string | symbol, { length: number } | undefined>;
  const takes = contract ? 2 : 1;
  const wanted = (methods[property]?.length ?? takes) - takes;
  const paths = ROUTE.among(beside).map((record) => record.path);
  return readRoutePath(path, wanted, paths, {
    prefix,
    filters,
    owner: `${name} (${place})`,
  });
}

/** Guards and middleware of the class, then of the member. */
function wrappingOf(
  records: readonly MetadataRecord[],
): Pick<ScannedMember, 'guards' | 'layers' | 'middleware' | 'body' | 'errorFormat'> {
  const middleware = USE.among(records).flat();
  const wrong = middleware.findIndex((layer) => typeof layer !== 'function');
  if (wrong >= 0) {
    const what = inspect(middleware[wrong]);
    throw new ObolError('E_MIDDLEWARE', `@Use takes functions (request, next) => response, not ${what}.`);
  }
  const bodies = BODY.among(records);
  for (const body of bodies) assertBody(body);
  return {
    middleware,
    body: bodies.length === 0 ? undefined : (Object.assign({}, ...bodies) as BodyOptions),
    errorFormat: FORMAT.among(records).at(-1),
    guards: GUARD.among(records),
    layers: LAYER.among(records).filter(isLastOfItsName),
  };
}

/** What a method says counts in place of what its class says with the same decorator. */
function isLastOfItsName({ name }: LayerSource, index: number, all: readonly LayerSource[]): boolean {
  return all.findLastIndex((other) => other.name === name) === index;
}

function isOf(keys: readonly Pick<typeof ROUTE, 'name'>[], { key }: MemberRecord): boolean {
  return keys.some(({ name }) => name === key);
}

function methodsOf(record: MemberRecord): readonly Method[] {
  if (STATE.owns(record)) assertStatus(record.value.status, '@HttpState');
  if (ERROR.owns(record)) assertErrorClass(record.value.errorClass, '@ErrorHandler');
  const key = [ROUTE, STATE, ERROR, DEFAULT].find((each) => each.owns(record));
  return key?.owns(record) ? normalizeMethods(record.value.methods) : [];
}

function notAController(value: unknown): string {
  const bare = typeof value === 'function' && !isClass(value) ? GUARD.recordedBy(value) : undefined;
  if (bare) return `@${bare.name} stands on a class without parentheses; write @${bare.name}(...).`;
  if (!isClass(value))
    return `${inspect(value, { depth: 0 })} is no controller; list classes decorated with @Controller().`;
  const cure =
    CONTROLLER.ofClass(value).length > 0
      ? ' Where another decorator has made the class, @Controller() stands above it.'
      : '';
  return `${classNameOf(value)} is not decorated with @Controller(). Decorate the class itself; a decorated base does not count.${cure}`;
}
