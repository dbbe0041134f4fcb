/** Typed slots by which a feature attaches a value to a request without a field on it. */

/** Names a slot of a request and the type of what stands in it. Two keys of one name are still two slots. */
export class ContextKey<T> {
  readonly name: string;
  /** Whether each application that sees a request has a slot of its own. */
  readonly ofApplication: boolean;
  /** Only there for the type checker: keys of different types are not interchangeable. */
  declare protected readonly type: T;

  /**
   * @param name shown in error messages and when the key is printed
   * @param options.ofApplication an application inside another does not see what stands in the outer one's slot, nor the reverse:
   * for what an application decides about a request, such as who is logged in. Default false: one slot for all of them
   */
  constructor(name: string, { ofApplication = false }: { readonly ofApplication?: boolean } = {}) {
    this.name = name;
    this.ofApplication = ofApplication;
  }
}
