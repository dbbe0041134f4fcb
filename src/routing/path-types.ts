/** What a path template says, read by the compiler: the types of its parameters, checked against a handler. */

/**
 * The type that each filter converts to. Register the types of your own filters by augmentation:
 *
 * @example
 * ```ts
 * declare module 'obol' { interface PathFilters { date: Date } }
 * ```
 */
export interface PathFilters {
  int: number;
  float: number;
  word: string;
  hex: string;
  uuid: string;
  path: string;
  re: string;
}

/** A type no handler has: the compiler prints what it is about where a template is wrong. */
export interface RouteError<Message extends unknown[]> {
  readonly __route_error__: Message;
}

/** How often the character `C` stands in `S`. */
type Count<S extends string, C extends string, N extends 1[] = []> = S extends `${string}${C}${infer Rest}`
  ? Count<Rest, C, [...N, 1]>
  : N['length'];

/** `[parameter, rest]` at the `>` that closes the parameter: inside an inline pattern `<` and `>` balance. */
type Close<T extends string, Read extends string = ''> = T extends `${infer Head}>${infer Rest}`
  ? Count<`${Read}${Head}`, '<'> extends Count<`${Read}${Head}`, '>'>
    ? [`${Read}${Head}`, Rest]
    : Close<Rest, `${Read}${Head}>`>
  : [];

/**
 * The next parameter and what follows it; `[]` when none is left. Not `never`, which would recurse without end, nor `null`,
 * which without `strictNullChecks` fits everything and recurses likewise.
 */
type Next<Template extends string> = Template extends `${string}<${infer Rest}` ? Close<Rest> : [];

type FilterName<Parameter extends string> = Parameter extends `${string}:${infer Name}:${string}`
  ? Name
  : Parameter extends `${string}:${infer Name}`
    ? Name
    : '';

type Converted<Parameter extends string> = Parameter extends `${string}:${string}`
  ? FilterName<Parameter> extends keyof PathFilters
    ? PathFilters[FilterName<Parameter>]
    : // The names one by one, so that the compiler prints them.
      RouteError<
        [
          `there is no path filter '${FilterName<Parameter>}'; there are`,
          { [Name in keyof PathFilters]: Name }[keyof PathFilters],
        ]
      >
  : string;

/**
 * The types of the parameters of a template, in order: `'/<name>/<age:int>'` gives `[string, number]`. A template that is
 * wrong gives what is wrong with it; one that the compiler does not know gives unknown ones.
 */
export type PathParameters<Template extends string> = string extends Template
  ? unknown[]
  : Colons<Template> extends infer Wrong extends RouteError<unknown[]>
    ? [Wrong]
    : Listed<Template>;

type Listed<Template extends string, Read extends unknown[] = []> =
  Next<Template> extends [infer Parameter extends string, infer Rest extends string]
    ? Listed<Rest, [...Read, Converted<Parameter>]>
    : Read;

/** What is wrong among the parameters of a path; never, when nothing is. */
export type Faults<Parameters extends unknown[]> = Extract<Parameters[number], RouteError<unknown[]>>;

/** What is wrong with the colons of a template: it has a segment such as `:id`, as other frameworks write a parameter. */
type Colons<Template extends string> = Template extends `${string}:${string}`
  ? ColonSegment<`/${Literals<Template>}`>
  : [];

/** A template with its parameters left empty. */
type Literals<
  Template extends string,
  Read extends string = '',
> = Template extends `${infer Head}<${infer Rest}`
  ? Close<Rest> extends [string, infer More extends string]
    ? Literals<More, `${Read}${Head}<>`>
    : Read
  : `${Read}${Template}`;

type ColonSegment<Text extends string> = Text extends `${string}/:${infer Rest}`
  ? Rest extends `${infer First}${string}`
    ? Uppercase<First> extends Lowercase<First>
      ? ColonSegment<Rest>
      : RouteError<[`write '<${Word<Rest>}>' in place of ':${Word<Rest>}'`]>
    : []
  : [];

/** The letters, digits and underscores at the beginning. */
type Word<Text extends string, Read extends string = ''> = Text extends `${infer First}${infer Rest}`
  ? First extends '_' | `${number}`
    ? Word<Rest, `${Read}${First}`>
    : Uppercase<First> extends Lowercase<First>
      ? Read
      : Word<Rest, `${Read}${First}`>
  : Read;

/** The parameters of a path and of what is below it. */
export type JoinedParameters<Base extends unknown[], Rest extends unknown[]> = number extends
  | Base['length']
  | Rest['length']
  ? unknown[]
  : [...Base, ...Rest];

/** A template below another one, where `/` adds nothing. */
export type JoinedPath<Base extends string, Rest extends string> = string extends Base | Rest
  ? string
  : Rest extends '' | '/'
    ? Whole<WithoutSlash<Base>>
    : `${WithoutSlash<Base>}${WithSlash<Rest>}`;

type Whole<Template extends string> = Template extends '' ? '/' : Template;
type WithoutSlash<Template extends string> = Template extends `${infer Start}/` ? Start : Template;
type WithSlash<Template extends string> = Template extends `/${string}` ? Template : `/${Template}`;
