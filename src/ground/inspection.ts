/** Looking at applications without serving them, as commands do with modules that listen when they are loaded. */

/** All copies of Obol in a process meet here. */
const INSPECTION: unique symbol = Symbol.for('obol.inspection.v1');

type Inspected = typeof globalThis & { [INSPECTION]?: unknown[] | undefined };

/** From now on nothing in this process listens. @returns what would have, one after the other */
export function beginInspection(): readonly unknown[] {
  const inspected = inspection() ?? [];
  (globalThis as Inspected)[INSPECTION] = inspected;
  return inspected;
}

/** Where what would listen goes in its place; undefined in programs that serve. */
export function inspection(): unknown[] | undefined {
  return (globalThis as Inspected)[INSPECTION];
}
