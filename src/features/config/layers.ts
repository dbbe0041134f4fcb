/** The layers of a configuration, laid one over the other, and where each value of the result came from. */
import type { Path } from './names.js';

/** One value of a layer, or all of a file. */
export interface Entry {
  readonly path: Path;
  readonly value: unknown;
  /** Where it stands, such as `SHOP_PORT in the environment`. */
  readonly origin: string;
  /** Whether it can only be text there, so that `8080` may be meant as a number. */
  readonly isText: boolean;
}

/** An object that JSON, or a program, may hold. */
export type Plain = Record<string, unknown>;

/** All that stands in one place, as the lowest of its layers. */
export function wholeOf(value: unknown, origin: string): Entry {
  return { path: [], value, origin, isText: false };
}

/** Whether a value is an object whose members are merged, one by one. */
export function isPlain(value: unknown): value is Plain {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** What is laid together: later entries stand over earlier ones, member by member; lists are replaced whole. */
export class Layers {
  readonly values: Plain = {};
  /** The values that count, by path. */
  readonly #entries = new Map<string, Entry>();

  constructor(entries: readonly Entry[]) {
    for (const entry of entries) this.#lay(entry);
  }

  /** Where a value came from: its own entry, one of what it holds, or that of the list that it stands in. */
  entryAt(path: Path): Entry | undefined {
    return this.#below(path)[0] ?? [...this.#entries.values()].find((entry) => isBelow(path, entry.path));
  }

  /** The texts at a path and below it. */
  textsBelow(path: Path): Entry[] {
    return this.#below(path).filter(({ isText }) => isText);
  }

  /** The values, of which some are others. */
  with(changes: ReadonlyMap<Path, unknown>): Plain {
    const changed = (entry: Entry): Entry =>
      changes.has(entry.path) ? { ...entry, value: changes.get(entry.path) } : entry;
    return new Layers([...this.#entries.values()].map(changed)).values;
  }

  #lay(entry: Entry): void {
    const { path, value } = entry;
    if (isPlain(value)) {
      for (const [name, member] of Object.entries(value))
        if (member !== undefined) this.#lay({ ...entry, path: [...path, name], value: member });
      return;
    }
    this.#forget(path);
    this.#entries.set(keyOf(path), entry);
    put(this.values, path, value);
  }

  /** What a value stands over: one that held it, or those that it held. */
  #forget(path: Path): void {
    for (let length = 0; length < path.length; length++) this.#entries.delete(keyOf(path.slice(0, length)));
    const isObject = isPlain(path.reduce<unknown>(memberOf, this.values));
    const inner = isObject ? this.#below(path) : [];
    for (const entry of inner) this.#entries.delete(keyOf(entry.path));
  }

  #below(path: Path): Entry[] {
    return [...this.#entries.values()].filter((entry) => isBelow(entry.path, path));
  }
}

/** Whether a path leads to the same value as another, or to one in it. */
export function isBelow(path: Path, above: Path): boolean {
  return above.every((name, index) => path[index] === name);
}

function keyOf(path: Path): string {
  return JSON.stringify(path);
}

function memberOf(value: unknown, name: string): unknown {
  return isPlain(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function put(values: Plain, path: Path, value: unknown): void {
  const [name = '', ...rest] = path;
  if (rest.length === 0) {
    own(values, name, value);
    return;
  }
  const held = memberOf(values, name);
  const inner: Plain = isPlain(held) ? held : {};
  own(values, name, inner);
  put(inner, rest, value);
}

/** A member whatever its name is, `__proto__` too. */
function own(values: Plain, name: string, value: unknown): void {
  Object.defineProperty(values, name, { value, enumerable: true, configurable: true, writable: true });
}
