/** The copies of Obol in this process: a library may bring its own, and test runners and hot reload load it anew. */
import { resolve } from 'node:path';
import { VERSION } from './version.js';

/** One copy that was loaded. */
export interface Copy {
  readonly version: string;
  /** Its folder. */
  readonly place: string;
}

const OWN: Copy = { version: VERSION, place: resolve(import.meta.dirname, '../..') };

/** Says that this copy is there; a folder that is loaded anew counts once. */
export function signIn(): void {
  const copies = signedIn();
  const isKnown = copies.some(({ version, place }) => version === OWN.version && place === OWN.place);
  if (!isKnown) copies.push(OWN);
}

/** This copy, and those of another major version, whose decorators and values it does not know. */
export function foreignCopies(): { readonly own: Copy; readonly foreign: readonly Copy[] } {
  return { own: OWN, foreign: signedIn().filter(({ version }) => majorOf(version) !== majorOf(VERSION)) };
}

/**
 * An object that all copies have together.
 * @param name with a version in it that counts up when the object changes
 */
export function shared<T extends object>(name: string, make: () => T): T {
  const common = globalThis as unknown as Record<symbol, T | undefined>;
  return (common[Symbol.for(name)] ??= make());
}

/** The list of all copies, whatever their version. */
function signedIn(): Copy[] {
  return shared<Copy[]>('obol.copies', () => []);
}

function majorOf(version: string): string {
  return version.split('.', 1)[0] ?? '';
}
