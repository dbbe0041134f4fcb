/** Reads the metadata of controllers: what becomes routes and scopes, and every mistake on the way. */
import { inspect } from 'node:util';
import { ObolError, type Problem } from '../ground/errors.js';
import { BODY } from '../decorators/body.js';
import { CONTROLLER } from '../decorators/controller.js';
import { ERROR, STATE } from '../decorators/error-handling.js';
import { AFTER, BEFORE, DEFAULT } from '../decorators/hooks.js';
import { ROUTE } from '../decorators/route.js';
import { GUARD, USE, type GuardSource } from '../decorators/wrapping.js';
import type { Middleware } from '../message/handler.js';
import type { BodyOptions } from '../message/request-body.js';
import { isClass, type Class } from '../metadata/class.js';
import { memberRecords, type MemberRecord, type MetadataRecord } from '../metadata/records.js';
import type { FilterRegistry } from '../routing/filters.js';
import { normalizeMethods, type Method } from '../routing/router.js';
import { joinPaths, parseTemplate, type Template } from '../routing/template.js';
import { isFinalStatus } from '../http/status.js';
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
  /** Of routes only. */
  readonly template: Template | undefined;
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
  /** Undefined without a prefix. */
  readonly prefix: Template | undefined;
  readonly members: readonly ScannedMember[];
}

/** Reads one controller. @param report takes each mistake; what is mistaken is left out of the result */
export function scanController(
  controller: unknown,
  filters: FilterRegistry,
  report: (problem: Problem) => void,
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
  readonly #report: (problem: Problem) => void;

  constructor(controller: Class, filters: FilterRegistry, report: (problem: Problem) => void) {
    this.#controller = controller;
    this.#filters = filters;
    this.#report = report;
  }

  scan(record: MetadataRecord<{ readonly prefix: string }>): ScannedController {
    const { name } = this.#controller;
    const place = record.place.toString();
    const prefix = this.#prefix(record.value.prefix, place);
    // Below a prefix that cannot be read nothing can be routed; its members are read for their own mistakes alone.
    const isRead = prefix !== undefined;
    const records = memberRecords(this.#controller);
    const members = records
      .filter((member) => isOf(ROLES, member) || (member.isStatic && isOf(WRAPPINGS, member)))
      .map((member) => this.#member(member, isRead ? record.value.prefix : '', records));
    findWithoutEffect(this.#controller).forEach(this.#report);
    return {
      controller: this.#controller,
      name,
      place,
      prefix: prefix ?? undefined,
      members: isRead ? members.filter((member) => member !== undefined) : [],
    };
  }

  /** @returns null where there is no prefix, undefined where it is mistaken */
  #prefix(text: string, place: string): Template | null | undefined {
    if (text === '' || text === '/') return null;
    const where = { member: this.#controller.name, place };
    const template = this.#try(where, () => parseTemplate(joinPaths(text, ''), this.#filters));
    if (template?.parameters.some(({ filter }) => filter.spans)) {
      const message = `The prefix "${text}" has a parameter that may span several segments; put it into the routes.`;
      this.#report({ code: 'E_CONTROLLER_PREFIX', message, ...where });
      return undefined;
    }
    return template;
  }

  #member(record: MemberRecord, prefix: string, records: readonly MemberRecord[]): ScannedMember | undefined {
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
    return this.#try(where, () => ({
      target: this.#controller,
      record,
      name,
      place,
      methods: methodsOf(record),
      template: ROUTE.owns(record) ? this.#routeTemplate(record, prefix, records) : undefined,
      ...this.#wrapping(record),
    }));
  }

  #routeTemplate(
    record: MemberRecord<{ readonly path: string }>,
    prefix: string,
    records: readonly MemberRecord[],
  ): Template {
    const { path } = record.value;
    const paths = sameMember(record, records).flatMap((each) => (ROUTE.owns(each) ? [each.value.path] : []));
    const template = parseTemplate(joinPaths(prefix, path), this.#filters);
    const wanted = this.#wantedParameters(record.property);
    // What only some paths of a method give is optional to it, and the compiler has seen to that.
    if (paths.every((each) => this.#givenParameters(each, prefix) < wanted)) {
      throw new ObolError(
        'E_ACTION_PARAMETERS',
        `"${path}" gives ${String(this.#givenParameters(path, prefix))} parameters, but the method asks for ` +
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
  #givenParameters(path: string, prefix: string): number {
    try {
      const count = (text: string): number =>
        parseTemplate(joinPaths(prefix, text), this.#filters).parameters.length;
      return count(path) - count('');
    } catch (error) {
      if (!(error instanceof ObolError)) throw error;
      return Infinity;
    }
  }

  /** Guards and middleware of the class, then of the member. */
  #wrapping(record: MemberRecord): Pick<ScannedMember, 'guards' | 'middleware' | 'body'> {
    const routed = { target: this.#controller, property: record.property };
    const middleware = USE.of(routed).flat();
    const isWrong = (layer: unknown): boolean => typeof layer !== 'function';
    if (middleware.some(isWrong)) {
      throw new ObolError(
        'E_MIDDLEWARE',
        `@Use takes functions (request, next) => response, not ${inspect(middleware.find(isWrong))}.`,
      );
    }
    const bodies = BODY.of(routed);
    return {
      middleware,
      body: bodies.length === 0 ? undefined : (Object.assign({}, ...bodies) as BodyOptions),
      guards: GUARD.of(routed),
    };
  }

  #try<T>(where: { member: string; place: string }, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ObolError)) throw error;
      this.#report({ code: error.code, message: error.message, ...where });
      return undefined;
    }
  }
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
  if (STATE.owns(record) && !isFinalStatus(record.value.status)) {
    const status = String(record.value.status);
    throw new ObolError('E_STATUS', `@HttpState(${status}): use a status from 200 to 599.`);
  }
  if (ERROR.owns(record) && !isClass(record.value.errorClass)) {
    throw new ObolError(
      'E_ERROR_CLASS',
      `@ErrorHandler takes a class of errors, not ${inspect(record.value.errorClass)}.`,
    );
  }
  const key = [ROUTE, STATE, ERROR, DEFAULT].find((each) => each.owns(record));
  return key?.owns(record) ? normalizeMethods(record.value.methods) : [];
}

function notAController(value: unknown): string {
  if (!isClass(value))
    return `${inspect(value, { depth: 0 })} is no controller; list classes decorated with @Controller().`;
  return `${value.name} is not decorated with @Controller(). Decorate the class itself; a decorated base does not count.`;
}
