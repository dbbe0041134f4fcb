/** The standard protocol, TC39 stage 3: a context says what a decorator stands on, and has the metadata of the class to be. */
import { METADATA_KEYS } from './polyfills.js';
import type { Site, SiteKind } from './site.js';

/** What a decorator gets second; https://github.com/tc39/proposal-decorators and proposal-decorator-metadata. */
interface Context {
  readonly kind: keyof typeof KINDS;
  readonly name: string | symbol | undefined;
  readonly static?: boolean;
  readonly private?: boolean;
  /** Undefined when the compiler keeps none. */
  readonly metadata?: object;
}

const KINDS = {
  class: 'class',
  method: 'method',
  field: 'field',
  getter: 'accessor',
  setter: 'accessor',
  accessor: 'accessor',
} as const satisfies Readonly<Record<string, SiteKind>>;

/** Whether a value is what a standard decorator gets second. */
export function isContext(value: unknown): value is Context {
  return (
    typeof value === 'object' && value !== null && 'kind' in value && 'name' in value && isKind(value.kind)
  );
}

/** What the context of a decorator is about. */
export function standardSite({ kind, name, metadata: owner, ...context }: Context): Site {
  if (kind === 'class') return { owner, kind, at: {} };
  const at = { property: name ?? '', isStatic: context.static === true };
  return { owner, kind: context.private === true ? 'private member' : KINDS[kind], at };
}

/** What carries the records of standard decorators; undefined when a class has none besides that of the class it extends. */
export function standardMetadata(target: object): object | undefined {
  const key = METADATA_KEYS.find((known) => Object.hasOwn(target, known));
  return key === undefined ? undefined : (target as Readonly<Record<symbol, object | undefined>>)[key];
}

function isKind(value: unknown): value is keyof typeof KINDS {
  return typeof value === 'string' && Object.hasOwn(KINDS, value);
}
