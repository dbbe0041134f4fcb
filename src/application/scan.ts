/** Reads the metadata of controllers: what becomes routes and scopes, and every mistake on the way. */
import { inspect } from 'node:util';
import { ObolError } from '../ground/errors.js';
import { assertBody, BODY } from '../decorators/body.js';
import { CONTROLLER } from '../decorators/controller.js';
import { ERROR, STATE } from '../decorators/error-handling.js';
import { AFTER, BEFORE, DEFAULT } from '../decorators/hooks.js';
import { ROUTE, type RouteRecord } from '../decorators/route.js';
import { GUARD, USE, type GuardSource } from '../decorators/wrapping.js';
import type { Middleware } from '../message/handler.js';
import type { BodyOptions } from '../message/request-body.js';
import { isClass, type Class } from '../metadata/class.js';
import { classRecords, memberRecords, type MemberRecord, type MetadataRecord } from '../metadata/records.js';
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
  readonly #onClass: readonly MetadataRecord[];
  readonly #onMembers: readonly MemberRecord[];
  #prefix: Prefix | undefined;

  constructor(controller: Class, filters: FilterRegistry, report: Report) {
    this.#controller = controller;
    this.#filters = filters;
    this.#report = report;
    this.#onClass = classRecords(controller);
    this.#onMembers = memberRecords(controller);
  }

  scan(record: MetadataRecord<{ readonly prefix: string }>): ScannedController {
    const { name } = this.#controller;
    const place = record.place.toString();
    // Below a prefix that cannot be read nothing can be routed; its members are read for their own mistakes alone.
    const readPrefix = (): boolean => {
      this.#prefix = prefixOf(record.value.prefix, this.#filters);
      return true;
    };
    const isRead = attempt(readPrefix, this.#report, { member: name, place }) ?? false;
    const members = this.#onMembers
      .filter((member) => isOf(ROLES, member) || (member.isStatic && isOf(WRAPPINGS, member)))
      .flatMap((member) => this.#member(member) ?? []);
    findWithoutEffect(this.#controller).forEach(this.#report);
    return { controller: this.#controller, name, place, members: isRead ? members : [] };
  }

  #member(record: MemberRecord): ScannedMember | undefined {
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
    const { property } = record;
    const beside = this.#onMembers.filter((other) => other.property === property && !other.isStatic);
    const read = (): ScannedMember => ({
      target: this.#controller,
      record,
      name,
      place,
      prefix: this.#prefix,
      methods: methodsOf(record),
      template: ROUTE.owns(record) ? this.#routePath(record, beside) : undefined,
      ...wrappingOf([...this.#onClass, ...beside]),
    });
    return attempt(read, this.#report, where);
  }

  /** @param beside all that is recorded of the same method */
  #routePath(record: MemberRecord<RouteRecord>, beside: readonly MemberRecord[]): RoutePath {
    const { path } = record.value;
    const template = this.#parse(path);
    const [given, wanted] = [this.#countOf(template), this.#wantedParameters(record.property)];
    // What only some paths of a method give is optional to it, and the compiler has seen to that.
    if (given < wanted && !ROUTE.among(beside).some((other) => this.#givenParameters(other.path) >= wanted)) {
      throw new ObolError(
        'E_ACTION_PARAMETERS',
        `"${String(path)}" gives ${String(given)} parameters, but the method asks for ${String(wanted)} besides the ` +
          'request. Add them to the path, or give them default values: a question mark (name?) does not show at run time.',
      );
    }
    return template;
  }

  /** @throws ObolError E_PATH_TEMPLATE, E_ROUTE_FILTER */
  #parse(path: string | RegExp): RoutePath {
    if (typeof path !== 'string') return new Expression(path, this.#prefix);
    return parseTemplate(joinPaths(this.#prefix?.text ?? '', path), this.#filters);
  }

  /** The parameters of a path that are not those of the prefix. */
  #countOf({ parameters }: RoutePath): number {
    return parameters.length - (this.#prefix?.parameters.length ?? 0);
  }

  #wantedParameters(property: string | symbol): number {
    const methods = this.#controller.prototype as Record<string | symbol, { length: number } | undefined>;
    return (methods[property]?.length ?? 1) - 1;
  }

  /** Any number for a path that cannot be read, which is a mistake of its own. */
  #givenParameters(path: string | RegExp): number {
    const template = attempt(
      () => this.#parse(path),
      () => undefined,
    );
    return template ? this.#countOf(template) : Infinity;
  }
}

/** Guards and middleware of the class, then of the member. */
function wrappingOf(
  records: readonly MetadataRecord[],
): Pick<ScannedMember, 'guards' | 'middleware' | 'body'> {
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
    guards: GUARD.among(records),
  };
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
