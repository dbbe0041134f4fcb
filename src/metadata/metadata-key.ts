/** Open metadata: the key of a package, under which its decorators record, and from which it reads back. */
import type { Class } from './class.js';
import type {
  ClassDecorator,
  ClassOrMethodDecorator,
  ConstructorParameterDecorator,
  DecoratorFactory,
  MethodDecorator,
} from './decorator-types.js';
import { Place } from './place.js';
import { siteOf } from './protocol.js';
import { assertSetting, rule } from '../ground/settings.js';
import {
  addRecord,
  classRecords,
  memberRecords,
  ownClassRecords,
  ownParameterRecords,
  ownRecords,
  type MemberRecord,
  type MetadataRecord,
} from './records.js';
import { constructorOwner } from './reflect.js';
import { ownerOf, type SiteKind } from './site.js';

/** Something that a method of a class answers: a route as `app.routes` lists it, or that of a request. */
export interface Routed {
  /** The controller; undefined for a plain function. */
  readonly target?: object | undefined;
  /** The method of the controller. */
  readonly property?: string | symbol | undefined;
}

const FACTORY_RULE = rule.callable('whose call is the place of the decorator');
const NAME_RULE = rule.text('a name, such as "acme-docs.summary"');

/**
 * Names what a package records with its decorators, and the type of it.
 *
 * @example
 * ```ts
 * const SUMMARY = new MetadataKey<string>('acme-docs.summary');
 * export const Summary = (text: string) => SUMMARY.decorator(text, Summary);
 * // for (const route of app.routes) SUMMARY.of(route)
 * ```
 */
export class MetadataKey<T> {
  readonly name: string;
  readonly #readBy: string | undefined;

  /**
   * @param name with that of the package in front: two keys of one name are one key, whatever copy of a package made them
   * @param options.readBy the token of a provider of the feature that reads what is recorded: bootstrap reports controllers of an
   * application without it. Default none
   * @throws ObolError E_SETTING for a name that is no text
   */
  constructor(name: string, { readBy }: { readonly readBy?: string } = {}) {
    assertSetting('MetadataKey', name, NAME_RULE);
    this.name = name;
    this.#readBy = readBy;
  }

  /**
   * A decorator for classes and methods that records a value and does nothing else.
   * @param factory whose call is the place of the record, and whose name stands in messages
   * @throws ObolError E_DECORATOR, when it is used, where nothing can be recorded
   */
  decorator(value: T, factory: DecoratorFactory): ClassOrMethodDecorator {
    return this.#make(value, factory, ['class', 'method']);
  }

  /** The same for classes alone. */
  classDecorator(value: T, factory: DecoratorFactory): ClassDecorator {
    return this.#make(value, factory, ['class']);
  }

  /** The same for methods alone. */
  methodDecorator(value: T, factory: DecoratorFactory): MethodDecorator {
    return this.#make(value, factory, ['method']);
  }

  /** The same for parameters of constructors, which only the legacy protocol has. */
  parameterDecorator(value: T, factory: DecoratorFactory): ConstructorParameterDecorator {
    return this.#make(value, factory, ['constructor parameter']);
  }

  /** What applies to a route: recorded on the class, those it extends first, and then on the method. */
  of({ target, property }: Routed): T[] {
    if (target === undefined) return [];
    const onMethod = memberRecords(target as Class).filter(
      (record) => record.property === property && record.isStatic !== true,
    );
    return this.among([...classRecords(target as Class), ...onMethod]);
  }

  /** The values of those records that were made under this key. */
  among(records: readonly MetadataRecord[]): T[] {
    const values: T[] = [];
    for (const record of records) if (this.owns(record)) values.push(record.value);
    return values;
  }

  /** What stands on a class itself, in the order written. */
  ofOwnClass(target: Class): MetadataRecord<T>[] {
    return ownClassRecords(target).filter((record) => this.owns(record));
  }

  /** What stands on a class and on those that it extends, base first. */
  ofClass(target: Class): MetadataRecord<T>[] {
    return classRecords(target).filter((record) => this.owns(record));
  }

  /** What stands on all members, inherited ones first; that of a subclass replaces that of its base for the same member. */
  ofMembers(target: Class): MemberRecord<T>[] {
    return memberRecords(target).filter((record): record is MemberRecord<T> => this.owns(record));
  }

  /** What stands on the parameters of the constructor, of the inherited one where a class has none of its own. */
  ofParameters(target: Class): MetadataRecord<T>[] {
    return ownParameterRecords(constructorOwner(target) ?? target).filter((record) => this.owns(record));
  }

  /** What a decorator would record; undefined for one of another key, or of none. */
  recordedBy(decorator: object): T | undefined {
    return ownRecords(decorator).find((record) => this.owns(record))?.value;
  }

  /** Whether a record was made under this key. */
  owns(record: MetadataRecord): record is MetadataRecord<T> {
    return record.key === this.name;
  }

  #make(value: T, factory: DecoratorFactory, kinds: readonly SiteKind[]): (...given: unknown[]) => void {
    assertSetting(`MetadataKey ${this.name}: the factory`, factory, FACTORY_RULE);
    const place = new Place(factory);
    const record: MetadataRecord<T> = { key: this.name, value, place, readBy: this.#readBy };
    const decorate = (...given: unknown[]): void => {
      const site = siteOf(given);
      const owner = ownerOf(site, { name: factory.name, place, kinds });
      addRecord(owner, { ...record, ...site?.at });
    };
    addRecord(decorate, record);
    return decorate;
  }
}
