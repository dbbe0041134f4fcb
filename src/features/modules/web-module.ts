/** `@WebModule` and `@Expose`: which classes are modules, and which of their methods can be reached. */
import { checkOptions, MetadataKey, type METHODS, ObolError, rule, type Rules } from '../../kit.js';
import type { ModuleContext, PageContext } from './context.js';

/** Any class. */
export type ModuleClass = abstract new (...given: never[]) => object;

/** What may be said of a module besides its name. */
export interface WebModuleOptions {
  /** Modules below this one. Default none. */
  readonly children?: readonly ModuleClass[] | undefined;
  /**
   * Which errors the `page_404` and the like of the module answer: those of the whole application, or those below the module,
   * whose pages come before all others there. Default `'everywhere'`.
   */
  readonly pages?: 'everywhere' | 'below' | undefined;
}

/** What `@WebModule` records. */
export interface WebModuleRecord extends WebModuleOptions {
  readonly name: string;
}

/** A request method. */
type Method = (typeof METHODS)[number];

/** What `@Expose` records. */
export interface ExposeRecord {
  readonly methods: Method | readonly Method[];
  readonly arguments: boolean;
}

/** How an exposed method is called. */
export interface ExposeOptions {
  /**
   * Whether a body is read as arguments and inputs, and any other refused. Default true; false leaves it to the method, as in
   * `await context.request.readJson()`.
   */
  readonly arguments?: boolean;
}

const WEB_MODULE_RULES: Rules<WebModuleOptions> = {
  children: rule.list('a list of classes', rule.any),
  pages: rule.oneOf('everywhere', 'below'),
};

export const WEB_MODULE = new MetadataKey<WebModuleRecord>('obol.web-module');

export const EXPOSE = new MetadataKey<ExposeRecord>('obol.expose');

/** The context of any method, whatever the application knows of its users. */
interface AnyUser {
  readonly user: never;
}

type AnyContext = Omit<ModuleContext, 'user'> & AnyUser;
type AnyPageContext = Omit<PageContext, 'user'> & AnyUser;

/* oxlint-disable typescript/no-invalid-void-type -- what a decorator returns, one way or the other */

/** Says in a message of the compiler what is wrong with a class or a method. */
interface Mistake<Message extends unknown[]> {
  readonly __mistake__: Message;
}

/** `void` for a class whose pages take what pages are given, else a {@link Mistake} that names one that does not. */
type PagesVerdict<C> = C extends abstract new (...given: never[]) => infer Module
  ? [WrongPage<Module>] extends [never]
    ? void
    : Mistake<['a page takes its PageContext and nothing else:', WrongPage<Module>]>
  : never;

type WrongPage<Module> = {
  [Name in keyof Module]: Name extends `page_${number}`
    ? Module[Name] extends (context: AnyPageContext) => unknown
      ? never
      : Name
    : never;
}[keyof Module];

/** `void` for a method that takes what methods are given, else a {@link Mistake}. */
type MethodVerdict<M> = M extends (context: AnyContext) => unknown
  ? void
  : Mistake<['an exposed method takes its ModuleContext and nothing else']>;

/** A decorator of modules, in both protocols. */
type WebModuleDecorator = <C extends ModuleClass>(
  target: C,
  context?: { readonly kind: 'class'; readonly name: string | undefined },
) => PagesVerdict<C>;

/** A decorator of methods that take the context of a module, in both protocols. */
interface ExposeDecorator {
  <M>(target: object, property: string, descriptor: TypedPropertyDescriptor<M>): MethodVerdict<M>;
  <M>(
    method: M,
    context: { readonly kind: 'method'; readonly name: string | symbol; readonly static: boolean },
  ): MethodVerdict<M>;
}

/**
 * Makes a class a module: its exposed methods answer at `/name/method/filename`, or below the modules that have it among their
 * children. It is injected as a controller is; `@Injectable(...)` lists what its constructor takes.
 *
 * Methods called `page_404`, or after any other error status, make the pages of that status.
 * @param name as it stands in the URL: letters, digits, `.`, `-` and `_`, which it does not begin with
 * @throws ObolError E_DECORATOR without parentheses, E_SETTING for a wrong option
 */
export function WebModule(name: string, options: WebModuleOptions = {}): WebModuleDecorator {
  if (typeof name !== 'string') throw withoutParentheses('WebModule', "'hello'");
  checkOptions('WebModule', options, WEB_MODULE_RULES);
  return WEB_MODULE.classDecorator({ ...options, name }, WebModule) as WebModuleDecorator;
}

/**
 * Lets a method be reached by its name: `/module/method/filename`, where the name of the file may be empty. No method can be
 * without it.
 * @param methods that it answers. Default GET and POST, and HEAD, which comes with GET
 * @throws ObolError E_DECORATOR without parentheses, E_SETTING for a wrong option
 */
export function Expose(
  methods: ExposeRecord['methods'] = ['GET', 'POST'],
  options: ExposeOptions = {},
): ExposeDecorator {
  if (typeof methods !== 'string' && !Array.isArray(methods)) throw withoutParentheses('Expose', '');
  checkOptions('Expose', options, { arguments: rule.flag });
  return EXPOSE.methodDecorator({ methods, arguments: options.arguments ?? true }, Expose);
}

function withoutParentheses(name: string, option: string): ObolError {
  return new ObolError('E_DECORATOR', `@${name} stands without parentheses; write @${name}(${option}).`);
}
