/** Typed slots by which a feature attaches a value to a request without a field on it. */

/** Names a slot of a request and the type of what stands in it. Two keys of one name are still two slots. */
export class ContextKey<T> {
  readonly name: string;
  /** Only there for the type checker: keys of different types are not interchangeable. */
  declare protected readonly type: T;

  /** @param name shown in error messages and when the key is printed */
  constructor(name: string) {
    this.name = name;
  }
}
