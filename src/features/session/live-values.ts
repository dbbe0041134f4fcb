/** The values of a session while a request uses them: read from their texts one by one, when somebody asks for them. */
import { textOf, valueOf } from './values.js';

/** Values by name. */
export type Values = Record<string, unknown>;

/** Texts that are new or other than before, and keys that are gone. */
export interface TextChanges {
  readonly set: Map<string, string>;
  readonly deleted: string[];
}

/**
 * The values of one kind. Each request has its own, read from texts, so that no request sees what another does to them. What
 * nobody asked for cannot have changed.
 */
export class LiveValues {
  readonly #kind: string;
  readonly #texts: ReadonlyMap<string, string>;
  /** What was read or set; undefined stands for what was deleted. */
  #live = Object.create(null) as Values;
  /** Whether all that there is stands in `#live`. */
  #isWhole = false;
  #isClosed = false;

  /** @param kind the first character of the keys of its texts */
  constructor(kind: string, texts: ReadonlyMap<string, string>) {
    this.#kind = kind;
    this.#texts = texts;
  }

  get(name: string): unknown {
    const live = this.#live;
    const value = live[name];
    if (value !== undefined || this.#isWhole || name in live) return value;
    const text = this.#texts.get(this.#kind + name);
    return text === undefined ? undefined : (live[name] = valueOf(name, text));
  }

  /** `undefined` deletes. */
  set(name: string, value: unknown): void {
    if (value === undefined && this.#isWhole) Reflect.deleteProperty(this.#live, name);
    else this.#live[name] = value;
  }

  clear(): void {
    for (const name of Object.keys(this.all())) Reflect.deleteProperty(this.#live, name);
  }

  /**
   * One object with all of them, to read and to change.
   * @throws SyntaxError or ObolError for a text that holds no value of a session
   */
  all(): Values {
    if (this.#isWhole) return this.#live;
    const whole = Object.create(null) as Values;
    for (const key of this.#texts.keys()) {
      if (!key.startsWith(this.#kind)) continue;
      const name = key.slice(1);
      const value = this.get(name);
      if (value !== undefined) whole[name] = value;
    }
    for (const [name, value] of Object.entries(this.#live)) if (value !== undefined) whole[name] = value;
    this.#isWhole = true;
    return (this.#live = this.#isClosed ? Object.freeze(whole) : whole);
  }

  /** From now on nothing can change. */
  close(): void {
    this.#isClosed = true;
    if (this.#isWhole) Object.freeze(this.#live);
  }

  /** Adds what is other than in the texts. @throws ObolError E_SESSION_DATA for a value that is no JSON */
  collect({ set, deleted }: TextChanges): void {
    for (const name of Object.keys(this.#live)) {
      const value = this.#live[name];
      const key = this.#kind + name;
      if (value === undefined) {
        if (this.#texts.has(key)) deleted.push(key);
        continue;
      }
      const text = textOf(name, value);
      if (this.#texts.get(key) !== text) set.set(key, text);
    }
    if (this.#isWhole) this.#collectGone(deleted);
  }

  #collectGone(deleted: string[]): void {
    for (const key of this.#texts.keys())
      if (key.startsWith(this.#kind) && !(key.slice(1) in this.#live)) deleted.push(key);
  }
}
