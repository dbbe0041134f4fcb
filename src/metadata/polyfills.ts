/** Loaded before all that decorates: reflect-metadata, and `Symbol.metadata`, the key of what standard decorators record. */
import 'reflect-metadata';

/** What esbuild and swc fall back to, where there is no `Symbol.metadata`; tsc has no metadata then. */
const REGISTERED: unique symbol = Symbol.for('Symbol.metadata') as never;

if (!('metadata' in Symbol)) Object.defineProperty(Symbol, 'metadata', { value: REGISTERED });

/** The keys under which a class may have the metadata of its standard decorators. */
export const METADATA_KEYS: readonly symbol[] = [
  ...new Set([(Symbol as unknown as { readonly metadata: symbol }).metadata, REGISTERED]),
];
