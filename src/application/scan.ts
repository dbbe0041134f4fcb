/** Reads the metadata of controllers: what becomes routes and scopes, and every mistake on the way. */
import { inspect } from 'node:util';
import { ObolError } from '../ground/errors.js';
import { assertBody, BODY } from '../decorators/body.js';
import { CONTROLLER } from '../decorators/controller.js';
import { ERROR, STATE } from '../decorators/error-handling.js';
import { AFTER, BEFORE, DEFAULT } from '../decorators/hooks.js';
import { ROUTE } from '../decorators/route.js';
import { GUARD, USE, type GuardSource } from '../decorators/wrapping.js';
import type { Middleware } from '../message/handler.js';
import type { BodyOptions } from '../message/request-body.js';
import { isClass, type Class } from '../metadata/class.js';
import { memberRecords, type MemberRecord, type MetadataRecord } from '../metadata/records.js';
import { Expression } from '../routing/expression.js';
import type { FilterRegistry } from '../routing/filters.js';
import { normalizeMethods, type Method } from '../routing/router.js';
import type { Prefix } from '../routing/prefix.js';
import { joinPaths, parseTemplate, type RoutePath } from '../routing/template.js';
import { assertErrorClass, assertStatus } from './answers.js';
import { attempt, type Report } from './attempt.js';
import { prefixOf } from './plain-function.js';
import { findWithoutEffect } from './without-effect.js';

/** What makes a member a handler; the other keys say how it is wrapped. */
const ROLES = [ROUTE, STATE, ERROR, BEFORE, AFTER, DEFAULT];
const WRAPPINGS = [USE, GUARD, BODY];

/** A member of a controller that a decorator gave a role. */
export interface ScannedMember {
  readonly target: Class;
  readonly record: MemberRecord;
  /** `Controller.method`. */
  readonly name: string;
  readonly place: string;
  readonly methods: readonly Method[];
  /** That of the controller. */
  readonly prefix: Prefix | undefined;
  /** Of routes only. */
  readonly template: RoutePath | undefined;
  readonly guards: readonly GuardSource[];
  /** Outermost first. */
  readonly middleware: readonly Middleware[];
  /** How it wants the body read, where that differs from the application. */
  readonly body: BodyOptions | undefined;
}

/** A controller, read. */
export interface ScannedController {
  readonly controller: Class;
  readonly name: string;
  readonly place: string;
  readonly members: readonly ScannedMember[];
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
  const scanner = new Scanner(controller, filters, report);
  return scanner.scan(record);
}

class Scanner {
  readonly #controller: Class;
  readonly #filters: FilterRegistry;
  readonly #report: Report;

  constructor(controller: Class, filters: FilterRegistry, report: Report) {
    this.#controller = controller;
    this.#filters = filters;
    this.#report = report;
  }

  scan(record: MetadataRecord<{ readonly prefix: string }>): ScannedController {
    const { name } = this.#controller;
    const place = record.place.toString();
    // Below a prefix that cannot be read nothing can be routed; its members are read for their own mistakes alone.
    const readPrefix = (): Pick<ScannedMember, 'prefix'> => ({
      prefix: prefixOf(record.value.prefix, this.#filters),
    });
    const read = attempt(readPrefix, this.#report, { member: name, place });
    const records = memberRecords(this.#controller);
    const members = records
      .filter((member) => isOf(ROLES, member) || (member.isStatic && isOf(WRAPPINGS, member)))
      .map((member) => this.#member(member, read?.prefix, records));
    findWithoutEffect(this.#controller).forEach(this.#report);
    return {
      controller: this.#controller,
      name,
      place,
      members: read ? members.filter((member) => member !== undefined) : [],
    };
  }

  #member(
    record: MemberRecord,
    prefix: Prefix | undefined,
    records: readonly MemberRecord[],
  ): ScannedMember | undefined {
    const name = `${this.#controller.name}.${String(record.property)}`;
    const place = record.place.toString();
    const where = { member: name, place };
    if (record.isStatic) {
      this.#report({
        code: 'E_HOOK_STATIC',
        message: `${name} is static; only methods of objects can be handlers.`,
        ...where,
      });
      return undefined;
    }
    const read = (): ScannedMember => ({
      target: this.#controller,
      record,
      name,
      place,
      prefix,
      methods: methodsOf(record),
      template: ROUTE.owns(record) ? this.#routeTemplate(record, prefix, records) : undefined,
      ...this.#wrapping(record),
    });
    return attempt(read, this.#report, where);
  }

  #routeTemplate(
    record: MemberRecord<{ readonly path: string | RegExp }>,
    prefix: Prefix | undefined,
    records: readonly MemberRecord[],
  ): RoutePath {
    const { path } = record.value;
    const paths = sameMember(record, records).flatMap((each) => (ROUTE.owns(each) ? [each.value.path] : []));
    const template = parsePath(path, prefix, this.#filters);
    const wanted = this.#wantedParameters(record.property);
    // What only some paths of a method give is optional to it, and the compiler has seen to that.
    if (paths.every((each) => this.#givenParameters(each, prefix) < wanted)) {
      throw new ObolError(
        'E_ACTION_PARAMETERS',
        `"${String(path)}" gives ${String(this.#givenParameters(path, prefix))} parameters, but the method asks for ` +
          `${String(wanted)} besides the request. Add them to the path, or give them default values: a question mark ` +
          '(name?) does not show at run time.',
      );
    }
    return template;
  }

  #wantedParameters(property: string | symbol): number {
    const methods = this.#controller.prototype as Record<string | symbol, { length: number } | undefined>;
    return (methods[property]?.length ?? 1) - 1;
  }

  /** Those of the path alone; any number for one that cannot be read, which is a mistake of its own. */
  #givenParameters(path: string | RegExp, prefix: Prefix | undefined): number {
    try {
      const { parameters } = parsePath(path, prefix, this.#filters);
      return parameters.length - (prefix?.parameters.length ?? 0);
    } catch (error) {
      if (!(error instanceof ObolError)) throw error;
      return Infinity;
    }
  }

  /** Guards and middleware of the class, then of the member. */
  #wrapping(record: MemberRecord): Pick<ScannedMember, 'guards' | 'middleware' | 'body'> {
    const routed = { target: this.#controller, property: record.property };
    const middleware = USE.of(routed).flat();
    const wrong = middleware.findIndex((layer) => typeof layer !== 'function');
    if (wrong >= 0) {
      const what = inspect(middleware[wrong]);
      throw new ObolError('E_MIDDLEWARE', `@Use takes functions (request, next) => response, not ${what}.`);
    }
    const bodies = BODY.of(routed);
    for (const body of bodies) assertBody(body);
    return {
      middleware,
      body: bodies.length === 0 ? undefined : (Object.assign({}, ...bodies) as BodyOptions),
      guards: GUARD.of(routed),
    };
  }
}

/** @throws ObolError E_PATH_TEMPLATE, E_ROUTE_FILTER */
function parsePath(path: string | RegExp, prefix: Prefix | undefined, filters: FilterRegistry): RoutePath {
  if (typeof path !== 'string') return new Expression(path, prefix);
  return parseTemplate(joinPaths(prefix?.text ?? '', path), filters);
}

/** All that is recorded of the member that a record is about. */
function sameMember(
  { property: own }: MemberRecord,
  records: readonly MemberRecord[],
): readonly MemberRecord[] {
  return records.filter(({ property, isStatic }) => property === own && !isStatic);
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
  if (!isClass(value))
    return `${inspect(value, { depth: 0 })} is no controller; list classes decorated with @Controller().`;
  return `${value.name} is not decorated with @Controller(). Decorate the class itself; a decorated base does not count.`;
}
