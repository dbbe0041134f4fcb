/** What decorators recorded about a class: plain data, kept beside the class, inherited members included. */
import type { Guard, GuardSetup } from '../message/guard.js';
import type { Middleware } from '../message/handler.js';
import type { BodyOptions } from '../message/request-body.js';
import type { Methods } from '../routing/router.js';
import type { Place } from './place.js';

/** Any class. */
export type Class<T = unknown> = abstract new (...args: never[]) => T;

/** What a decorator on a member says. */
export type MemberRole =
  | { readonly kind: 'route'; readonly path: string; readonly methods: Methods }
  | { readonly kind: 'state'; readonly status: number; readonly methods: Methods }
  | { readonly kind: 'error'; readonly errorClass: Class<object>; readonly methods: Methods }
  | { readonly kind: 'default'; readonly methods: Methods }
  | { readonly kind: 'before' }
  | { readonly kind: 'after' };

/** What a decorator on a member or on a whole class says. */
export type Wrapping =
  | { readonly kind: 'use'; readonly middleware: readonly Middleware[] }
  | { readonly kind: 'guard'; readonly name: string; readonly bind: (setup: GuardSetup) => Guard }
  | { readonly kind: 'body'; readonly body: BodyOptions };

interface Recorded {
  readonly place: Place;
}

/** One decorator on one member. */
export type MemberRecord = (MemberRole | Wrapping) &
  Recorded & { readonly property: string | symbol; readonly isStatic: boolean };

/** One decorator on a class. */
export type ClassRecord = ({ readonly kind: 'controller'; readonly prefix: string } | Wrapping) & Recorded;

interface Records {
  readonly members: MemberRecord[];
  readonly classes: ClassRecord[];
}

const recorded = new WeakMap<object, Records>();

/** Records a decorator of a class. */
export function recordClass(target: Class, record: ClassRecord): void {
  recordsOf(target).classes.push(record);
}

/** Records a decorator of a member. @param target the prototype, or the class itself for a static member */
export function recordMember(
  target: object,
  property: string | symbol,
  record: (MemberRole | Wrapping) & Recorded,
): void {
  const isStatic = typeof target === 'function';
  recordsOf(isStatic ? target : target.constructor).members.push({ ...record, property, isStatic });
}

/** The records of a class itself, in the order the decorators are written. */
export function ownClassRecords(target: Class): ClassRecord[] {
  return [...(recorded.get(target)?.classes ?? [])].reverse();
}

/** The records of the class and of those it extends, base first: what stands on a base wraps its subclasses too. */
export function classRecords(target: Class): ClassRecord[] {
  return lineage(target).flatMap(ownClassRecords);
}

/**
 * The records of all members, inherited ones first. A subclass that decorates a member anew replaces what its base
 * recorded of the same kind for that member.
 */
export function memberRecords(target: Class): MemberRecord[] {
  let members: MemberRecord[] = [];
  for (const owner of lineage(target)) {
    const own = recorded.get(owner)?.members ?? [];
    const replaced = (old: MemberRecord): boolean =>
      own.some((record) => record.property === old.property && record.kind === old.kind);
    members = [...members.filter((record) => !replaced(record)), ...inWrittenOrder(own)];
  }
  return members;
}

/** Decorators of one member run bottom up; members run in the order written. */
function inWrittenOrder(own: readonly MemberRecord[]): MemberRecord[] {
  const byMember = new Map<string | symbol, MemberRecord[]>();
  for (const record of own) byMember.set(record.property, [record, ...(byMember.get(record.property) ?? [])]);
  return [...byMember.values()].flat();
}

function recordsOf(target: object): Records {
  let records = recorded.get(target);
  if (!records) recorded.set(target, (records = { members: [], classes: [] }));
  return records;
}

function lineage(target: Class): Class[] {
  const chain: Class[] = [];
  for (let owner: unknown = target; typeof owner === 'function' && owner !== Function.prototype;) {
    chain.unshift(owner as Class);
    owner = Object.getPrototypeOf(owner);
  }
  return chain;
}
