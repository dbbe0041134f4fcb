/** Typed slots by which a feature attaches a value to a request without a field on it. */

/** Names a slot of a request and the type of what stands in it. Two keys of one name are still two slots, unless they are shared. */
export class ContextKey<T> {
  /** The id of a request: one for log, error pages and client; undefined where no feature gives ids. */
  static readonly REQUEST_ID = new ContextKey<string>('obol.request-id', { shared: true });
  /** How the client has proven who `request.user` is, as HTTP calls it: `Basic`, `Digest`, `Bearer`; undefined for another way. */
  static readonly AUTH_SCHEME = new ContextKey<string>('obol.auth-scheme', {
    ofApplication: true,
    shared: true,
  });
  /** What an application has answered an error of this request for; undefined where a handler has given the answer. */
  static readonly ERROR = new ContextKey<unknown>('obol.error', { ofApplication: true, shared: true });

  readonly name: string;
  /** Whether each application that sees a request has a slot of its own. */
  readonly ofApplication: boolean;
  /** What requests keep the value under. */
  readonly slot: unknown;
  /** Only there for the type checker: keys of different types are not interchangeable. */
  declare protected readonly type: T;

  /**
   * @param name shown in error messages and when the key is printed
   * @param options.ofApplication an application inside another does not see what stands in the outer one's slot, nor the reverse:
   * for what an application decides about a request, such as who is logged in. Default false: one slot for all of them
   * @param options.shared all copies of a package in the process have one slot of that name, which begins with the package's. Default false
   */
  constructor(
    name: string,
    {
      ofApplication = false,
      shared = false,
    }: { readonly ofApplication?: boolean; readonly shared?: boolean } = {},
  ) {
    this.name = name;
    this.ofApplication = ofApplication;
    this.slot = shared ? Symbol.for(`obol.context.v1.${name}`) : this;
  }
}
