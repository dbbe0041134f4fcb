/** Cookies that were opened or written a moment ago, so that the next request with the same one needs no cryptography. */
import { recordOf } from './codec.js';
import type { SessionRecord } from './record.js';

/** A cookie of ours. Whether it still counts is judged with each use. */
export class OpenedCookie {
  readonly name: string;
  /** Whether it was sealed with a key that is not the first. */
  readonly isOld: boolean;
  readonly isChecked = true;
  #content: string | SessionRecord;

  constructor(name: string, content: string, isOld: boolean) {
    this.name = name;
    this.isOld = isOld;
    this.#content = content;
  }

  /** Read when somebody asks, since many a cookie is written and never comes back. Undefined for what is no session. */
  get record(): SessionRecord | undefined {
    if (typeof this.#content !== 'string') return this.#content;
    const record = recordOf(this.#content);
    if (record) this.#content = record;
    return record;
  }
}

/** Cookies of one generation. */
const MAX_COOKIES = 4000;
/** Characters of all of them together. */
const MAX_LENGTH = 1024 * 1024;

/**
 * Remembers by the very value; a name or a character that differs is another cookie. Only cookies that are good come in, so
 * that no client can fill it with others. There are two generations: when the younger one is full, the older one is
 * forgotten, and what is still in use has moved to the younger one by then. Printing it shows nothing.
 */
export class OpenedCookies {
  #younger = new Map<string, OpenedCookie>();
  #older = new Map<string, OpenedCookie>();
  #length = 0;

  /** How many it remembers. */
  get size(): number {
    return this.#younger.size + this.#older.size;
  }

  /** Undefined for a cookie that it does not know. */
  get(value: string, name: string): OpenedCookie | undefined {
    const young = this.#younger.get(value);
    if (young) return young.name === name ? young : undefined;
    const old = this.#older.get(value);
    if (old?.name !== name) return undefined;
    this.add(value, old);
    return old;
  }

  /** @param value of a cookie that is good; no part of a longer text, which it would keep as a whole */
  add(value: string, cookie: OpenedCookie): void {
    if (this.#younger.size >= MAX_COOKIES || this.#length + value.length > MAX_LENGTH) {
      this.#older = this.#younger;
      this.#younger = new Map();
      this.#length = 0;
    }
    this.#length += value.length;
    this.#younger.set(value, cookie);
  }
}
