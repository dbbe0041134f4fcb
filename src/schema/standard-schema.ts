/** Schemas of any library that follows Standard Schema (https://standardschema.dev): what Obol looks at of them. */

/** A schema: zod's, valibot's, arktype's, or any other of that interface. It takes an `I` and gives an `O`. */
export interface Schema<I = unknown, O = I> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown, ...rest: never[]) => unknown;
    /** For the compiler alone. */
    readonly types?: { readonly input: I; readonly output: O } | undefined;
  };
}

/** What a schema takes. */
export type Input<S extends Schema> = NonNullable<S['~standard']['types']>['input'];

/** What a schema gives. */
export type Output<S extends Schema> = NonNullable<S['~standard']['types']>['output'];

/** What is wrong with a value, in the words of the library. */
export interface SchemaIssue {
  readonly message: string;
  /** Where in the value; members by name or index. Default the value itself. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
  /** What it is about, which is not what was given where the schema has changed that before: of valibot, and of arktype. */
  readonly input?: unknown;
  readonly data?: unknown;
  /** What kind of mistake it is: of zod and arktype, and of valibot. */
  readonly code?: string | undefined;
  readonly kind?: string | undefined;
  /** Of zod, what a number should be, such as a whole one. */
  readonly format?: string | undefined;
  /** What it is answered with, by schemas of Obol itself. Default 422. */
  readonly status?: number | undefined;
}

/** What a schema says of a value. */
export type Validated<O> = { readonly value: O; readonly issues?: undefined } | Refused;

interface Refused {
  readonly issues: readonly SchemaIssue[];
}

/** Whether a value is a schema. Those of some libraries are functions. */
export function isSchema(value: unknown): value is Schema {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const standard = (value as Partial<Schema>)['~standard'] as Partial<Schema['~standard']> | undefined;
  return typeof standard?.validate === 'function';
}

/** Whether the judgement is there already. */
export function isValidated<O>(result: Validated<O> | Promise<Validated<O>>): result is Validated<O> {
  return 'value' in result || 'issues' in result;
}

/** Goes on with what the schema says of a value: at once, or later where the schema is asynchronous. */
export function validateThen<S extends Schema, R>(
  schema: S,
  value: unknown,
  next: (result: Validated<Output<S>>) => R | Promise<R>,
): R | Promise<R> {
  const result = schema['~standard'].validate(value) as Validated<Output<S>> | Promise<Validated<Output<S>>>;
  return isValidated(result) ? next(result) : result.then(next);
}
