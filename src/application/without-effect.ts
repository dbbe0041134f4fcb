/** Finds guards, middleware and body settings that stand where they would do nothing: beside routes, not on them. */
import { BODY, bodyDecorator } from '../decorators/body.js';
import { ERROR, FORMAT, STATE } from '../decorators/error-handling.js';
import { AFTER, BEFORE, DEFAULT } from '../decorators/hooks.js';
import { ROUTE } from '../decorators/route.js';
import { GUARD, LAYER, USE } from '../decorators/wrapping.js';
import type { Problem } from '../ground/errors.js';
import { classNameOf, type Class } from '../metadata/class.js';
import { ownClassRecords, type MemberRecord, type MetadataRecord } from '../metadata/records.js';

/** The keys of what can be wrapped. */
const WRAPPED = [ROUTE.name, DEFAULT.name];

/** What else a member can be, by key. */
const ROLES: Readonly<Record<string, string>> = {
  [STATE.name]: '@HttpState handler',
  [ERROR.name]: '@ErrorHandler',
  [BEFORE.name]: '@BeforeResponse hook',
  [AFTER.name]: '@AfterResponse hook',
};

/** What wraps, by key, and what to do instead. */
const CURES: Readonly<Record<string, string>> = {
  [GUARD.name]: 'Make its check part of the method, or put it on routes.',
  [USE.name]: 'Pass the middleware to bootstrap, middleware: [...], or put it on routes.',
  [LAYER.name]: 'Put it on routes.',
  [FORMAT.name]: 'Put it on routes, or set errorFormat in bootstrap.',
  [BODY.name]: 'Put it on routes, or set it for all of them in bootstrap.',
};

/**
 * A mistake for each of them: without it, a guard that guards nothing would pass for one that does.
 * @param records of all members of the controller
 */
export function findWithoutEffect(controller: Class, records: readonly MemberRecord[]): Problem[] {
  const members = records.filter(({ isStatic }) => isStatic !== true);
  const answersRoutes = members.some(({ key }) => WRAPPED.includes(key));
  const onMembers = members.filter(isWrapping).flatMap((record) => {
    const role = roleOf(record, members);
    return role === undefined
      ? []
      : [problem(record, `${classNameOf(controller)}.${String(record.property)}`, `on an ${role}`)];
  });
  if (answersRoutes || !members.some(({ key }) => Object.hasOwn(ROLES, key))) return onMembers;
  const onClass = ownClassRecords(controller)
    .filter(isWrapping)
    .map((record) => problem(record, classNameOf(controller), 'on a controller without routes'));
  return [...onClass, ...onMembers];
}

/** What a member is, if it is nothing that can be wrapped. */
function roleOf({ property }: MemberRecord, members: readonly MemberRecord[]): string | undefined {
  const keys = members.filter((member) => member.property === property).map(({ key }) => key);
  if (keys.some((key) => WRAPPED.includes(key))) return undefined;
  return ROLES[keys.find((key) => Object.hasOwn(ROLES, key)) ?? ''];
}

function problem(record: MetadataRecord, member: string, where: string): Problem {
  const cure = CURES[record.key] ?? '';
  const message = `${nameOf(record)} has no effect ${where}: it is for routes and @Default handlers only. ${cure}`;
  return { code: 'E_DECORATOR', message, member, place: String(record.place) };
}

function nameOf(record: MetadataRecord): string {
  if (GUARD.owns(record) || LAYER.owns(record)) return `@${record.value.name}`;
  if (FORMAT.owns(record)) return '@ErrorFormat';
  return BODY.owns(record) ? bodyDecorator(record.value) : '@Use';
}

function isWrapping({ key }: MetadataRecord): boolean {
  return Object.hasOwn(CURES, key);
}
