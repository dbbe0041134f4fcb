/** What a decorator stands on, whichever protocol called it, and what is said where it cannot stand there. */
import { ObolError } from '../ground/errors.js';
import { classNameOf, isClass } from './class.js';
import type { Place } from './place.js';

/** What may be decorated, and what compilers let decorators stand on besides. */
export type SiteKind =
  | 'class'
  | 'method'
  | 'constructor parameter'
  | 'parameter'
  | 'field'
  | 'accessor'
  | 'private member';

/** A class, a member, or a parameter. */
export interface Site {
  readonly kind: SiteKind;
  /** What carries the records: the class, or the metadata that it is going to have. Undefined when the compiler gave none. */
  readonly owner: object | undefined;
  /** The part of a record that says where it stands. */
  readonly at: {
    readonly property?: string | symbol;
    readonly isStatic?: boolean;
    /** Index of a parameter of the constructor. */
    readonly parameter?: number;
  };
}

/** A decorator in use, and what it may stand on. */
export interface Use {
  readonly name: string;
  readonly place: Place;
  readonly kinds: readonly SiteKind[];
}

/**
 * What carries the records of a site.
 * @param site undefined when the decorator was called in the way of neither protocol
 * @throws ObolError E_DECORATOR where a decorator would do nothing: no guard, no route
 */
export function ownerOf(site: Site | undefined, { name, place, kinds }: Use): object {
  if (site?.owner && kinds.includes(site.kind)) return site.owner;
  const why = site && kinds.includes(site.kind) ? WITHOUT_METADATA : misplaced(site, kinds);
  throw new ObolError('E_DECORATOR', `@${name} stands where it has no effect (${String(place)}): ${why}`);
}

/** A member in a message: `Controller.method`, or `method` where the class does not exist yet. */
export function memberName(owner: unknown, key: string | symbol | number | undefined): string {
  const parts = [
    ...(isClass(owner) ? [classNameOf(owner)] : []),
    ...(key === undefined ? [] : [String(key)]),
  ];
  return parts.join('.');
}

const PLURALS: Readonly<Record<string, string>> = {
  class: 'classes',
  method: 'methods',
  'constructor parameter': 'parameters of constructors',
};

/** What to do instead, for those kinds that no decorator of Obol is for. */
const CURES: Readonly<Partial<Record<SiteKind, string>>> = {
  parameter: ' Handlers need none: they take the request and the parameters of the path.',
  field: ' Write it as a method.',
  accessor: ' Write it as a method.',
  'private member': ' Take the # away: Obol calls methods from outside of the class.',
};

const LIST =
  ' Standard decorators know no parameters: there a list says what the constructor takes, @Controller(prefix, ...tokens) ' +
  'or @Injectable(...tokens).';

function misplaced(site: Site | undefined, kinds: readonly SiteKind[]): string {
  const lead = `it is for ${kinds.map((kind) => PLURALS[kind]).join(' and ')}`;
  if (!site) return `${lead}, and called in the way of neither protocol, legacy or standard. ${COMPILERS}`;
  const isListed = kinds.includes('constructor parameter') && site.kind !== 'parameter';
  const cure = isListed ? LIST : (CURES[site.kind] ?? '');
  return `${lead}, and ${memberName(site.owner, site.at.property) || 'this'} is ${site.kind === 'accessor' ? 'an' : 'a'} ${site.kind}.${cure}`;
}

const COMPILERS =
  "Babel needs { version: '2023-11' }, swc { decoratorVersion: '2022-03' }, TypeScript 5.2 or newer.";

const WITHOUT_METADATA =
  'the compiler gives it no context.metadata. Import obol before the module of the class; where that is so, the compiler ' +
  `is too old: ${COMPILERS}`;
