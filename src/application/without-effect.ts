/** Finds guards, middleware and body settings that stand where they would do nothing: beside routes, not on them. */
import type { Problem } from '../ground/errors.js';
import {
  memberRecords,
  ownClassRecords,
  type Class,
  type MemberRecord,
  type Wrapping,
} from '../metadata/class-metadata.js';
import type { Place } from '../metadata/place.js';

/** What can be wrapped. */
const WRAPPED: readonly string[] = ['route', 'default'];

const ROLES: Readonly<Record<string, string>> = {
  state: '@HttpState handler',
  error: '@ErrorHandler',
  before: '@BeforeResponse hook',
  after: '@AfterResponse hook',
};

const CURES: Readonly<Record<Wrapping['kind'], string>> = {
  guard: 'Make its check part of the method, or put it on routes.',
  use: 'Pass the middleware to bootstrap, middleware: [...], or put it on routes.',
  body: 'Put it on routes, or set it for all of them in bootstrap.',
};

/** A mistake for each of them: without it, a guard that guards nothing would pass for one that does. */
export function findWithoutEffect(controller: Class): Problem[] {
  const members = memberRecords(controller).filter(({ isStatic }) => !isStatic);
  const answersRoutes = members.some(({ kind }) => WRAPPED.includes(kind));
  const onMembers = members.flatMap((record) => {
    const role = isWrapping(record) ? roleOf(record, members) : undefined;
    return isWrapping(record) && role !== undefined
      ? [problem(record, `${controller.name}.${String(record.property)}`, `on an ${role}`)]
      : [];
  });
  if (answersRoutes || !members.some(({ kind }) => kind in ROLES)) return onMembers;
  const onClass = ownClassRecords(controller).flatMap((record) =>
    isWrapping(record) ? [problem(record, controller.name, 'on a controller without routes')] : [],
  );
  return [...onClass, ...onMembers];
}

/** What a member is, if it is nothing that can be wrapped. */
function roleOf({ property }: MemberRecord, members: readonly MemberRecord[]): string | undefined {
  const kinds = members.filter((member) => member.property === property).map(({ kind }) => kind);
  if (kinds.some((kind) => WRAPPED.includes(kind))) return undefined;
  return kinds.map((kind) => ROLES[kind]).find((role) => role !== undefined);
}

function problem(record: Wrapping & { readonly place: Place }, member: string, where: string): Problem {
  const message = `${nameOf(record)} has no effect ${where}: it is for routes and @Default handlers only. ${CURES[record.kind]}`;
  return { code: 'E_DECORATOR', message, member, place: record.place.toString() };
}

function nameOf(record: Wrapping): string {
  if (record.kind === 'use') return '@Use';
  if (record.kind === 'guard') return `@${record.name}`;
  const [option = 'body'] = Object.keys(record.body);
  return `@${option.charAt(0).toUpperCase()}${option.slice(1)}`;
}

function isWrapping<T extends { readonly kind: string }>(
  record: T,
): record is T & Wrapping & { readonly place: Place } {
  return record.kind in CURES;
}
