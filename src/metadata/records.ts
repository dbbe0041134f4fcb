/** Where decorators leave what they say: on the class or on its metadata, as plain data that every copy of Obol finds again. */
import { lineage, standsForBase, type Class } from './class.js';
import { standardMetadata } from './standard.js';

/** All copies of Obol in a process meet here; a change to the form of a record counts the version up. */
const RECORDS: unique symbol = Symbol.for('obol.metadata.v1');

/** What one use of a decorator left. */
export interface MetadataRecord<T = unknown> {
  /** Name of the key that it was recorded under. */
  readonly key: string;
  readonly value: T;
  /** What the feature provides that reads it, where it means nothing without. */
  readonly readBy?: string | undefined;
  /** `file:line:column` of the decorator as its text; `''` when unknown. */
  readonly place: { toString(): string };
  /** Undefined for a record of the class itself or of its constructor. */
  readonly property?: string | symbol;
  readonly isStatic?: boolean;
  /** Index of a parameter of the constructor. */
  readonly parameter?: number;
}

/** One decorator on one member. */
export type MemberRecord<T = unknown> = MetadataRecord<T> & { readonly property: string | symbol };

/** A class for legacy decorators, its metadata for standard ones. */
interface Carrier {
  readonly [RECORDS]?: MetadataRecord[];
}

const NONE: readonly MetadataRecord[] = [];

/** Adds a record to those of a class, or of the metadata that a class is going to have. */
export function addRecord(owner: object, record: MetadataRecord): void {
  if (!Object.hasOwn(owner, RECORDS)) Object.defineProperty(owner, RECORDS, { value: [] });
  (owner as Carrier)[RECORDS]?.push(record);
}

/** All that was recorded on a class, and not on those that it extends, in the order in which the decorators ran. */
export function ownRecords(owner: object): readonly MetadataRecord[] {
  const legacy = carriedBy(owner);
  const metadata = standardMetadata(owner);
  const standard = metadata ? carriedBy(metadata) : NONE;
  if (standard.length === 0) return legacy;
  return legacy.length === 0 ? standard : [...standard, ...legacy];
}

function carriedBy(owner: Carrier): readonly MetadataRecord[] {
  return (Object.hasOwn(owner, RECORDS) ? owner[RECORDS] : undefined) ?? NONE;
}

/** The records of each of these classes; those that two share, one having replaced the other, only once. */
function recordsByClass(classes: readonly Class[]): (readonly MetadataRecord[])[] {
  return classes.map(ownRecords).filter((records, index, all) => records !== all[index + 1]);
}

/** The records of a class itself, and of that which it was put in place of, in the order the decorators are written. */
export function ownClassRecords(target: Class): MetadataRecord[] {
  const classes = lineage(target);
  if (classes.length === 1) return onClass(ownRecords(target));
  const original = classes.findLastIndex((each) => !isReplacement(each));
  return recordsByClass(classes.slice(original)).reverse().flatMap(onClass);
}

/** Whether a decorator has put a class in place of the one that it extends; others may stand above that decorator. */
function isReplacement(target: Class): boolean {
  return standsForBase(target) && !ownRecords(target).some(isOfMember);
}

/** The records of the parameters of the constructor that a class itself has, in the order written. */
export function ownParameterRecords(target: Class): MetadataRecord[] {
  return ownRecords(target)
    .filter(({ parameter }) => parameter !== undefined)
    .reverse();
}

/** The records of the class and of those it extends, base first: what stands on a base counts for its subclasses too. */
export function classRecords(target: Class): MetadataRecord[] {
  return recordsByClass(lineage(target)).flatMap(onClass);
}

/**
 * The records of all members, inherited ones first. A subclass that decorates a member anew replaces what its base
 * recorded under the same key for that member.
 */
export function memberRecords(target: Class): MemberRecord[] {
  let members: MemberRecord[] = [];
  for (const records of recordsByClass(lineage(target))) {
    const own = records.filter(isOfMember);
    const replaced = (old: MemberRecord): boolean =>
      own.some((record) => isSameMember(record, old) && record.key === old.key);
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

/** A static member hides no other of the same name. */
function isSameMember(one: MemberRecord, other: MemberRecord): boolean {
  return one.property === other.property && one.isStatic === other.isStatic;
}

/** Decorators of a class run bottom up. */
function onClass(records: readonly MetadataRecord[]): MetadataRecord[] {
  return records
    .filter(({ property, parameter }) => property === undefined && parameter === undefined)
    .reverse();
}

function isOfMember(record: MetadataRecord): record is MemberRecord {
  return record.property !== undefined;
}
