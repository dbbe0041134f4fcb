/** Where decorators leave what they say: on the class itself, as plain data that every copy of Obol finds again. */
import { lineage, type Class } from './class.js';

/** All copies of Obol in a process meet here; a change to the form of a record counts the version up. */
const RECORDS: unique symbol = Symbol.for('obol.metadata.v1');

/** What one use of a decorator left. */
export interface MetadataRecord<T = unknown> {
  /** Name of the key that it was recorded under. */
  readonly key: string;
  readonly value: T;
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

interface Carrier {
  readonly [RECORDS]: MetadataRecord[];
}

/** Adds a record to those of a class. */
export function addRecord(owner: object, record: MetadataRecord): void {
  if (!Object.hasOwn(owner, RECORDS)) Object.defineProperty(owner, RECORDS, { value: [] });
  (owner as Carrier)[RECORDS].push(record);
}

/** All that was recorded on a class, and not on those that it extends, in the order in which the decorators ran. */
export function ownRecords(owner: object): readonly MetadataRecord[] {
  return Object.hasOwn(owner, RECORDS) ? (owner as Carrier)[RECORDS] : [];
}

/** The records of a class itself, in the order the decorators are written. */
export function ownClassRecords(target: Class): MetadataRecord[] {
  return ownRecords(target)
    .filter(({ property, parameter }) => property === undefined && parameter === undefined)
    .reverse();
}

/** The records of the parameters of the constructor that a class itself has, in the order written. */
export function ownParameterRecords(target: Class): MetadataRecord[] {
  return ownRecords(target)
    .filter(({ parameter }) => parameter !== undefined)
    .reverse();
}

/** The records of the class and of those it extends, base first: what stands on a base counts for its subclasses too. */
export function classRecords(target: Class): MetadataRecord[] {
  return lineage(target).flatMap(ownClassRecords);
}

/**
 * The records of all members, inherited ones first. A subclass that decorates a member anew replaces what its base
 * recorded under the same key for that member.
 */
export function memberRecords(target: Class): MemberRecord[] {
  let members: MemberRecord[] = [];
  for (const owner of lineage(target)) {
    const own = ownRecords(owner).filter(isOfMember);
    const replaced = (old: MemberRecord): boolean =>
      own.some((record) => record.property === old.property && record.key === old.key);
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

function isOfMember(record: MetadataRecord): record is MemberRecord {
  return record.property !== undefined;
}
