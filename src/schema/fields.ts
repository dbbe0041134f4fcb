/** `fields()`: a schema for named values, of which each has a schema of its own, of whatever library. */
import { inspect } from 'node:util';
import { ObolError } from '../ground/errors.js';
import {
  isSchema,
  isValidated,
  validateThen,
  type Input,
  type Output,
  type Schema,
  type SchemaIssue,
  type Validated,
} from './standard-schema.js';

/** Schemas by name. */
export type Shape = Readonly<Record<string, Schema>>;

type Values<T, Lacking> = { readonly [K in Exclude<keyof T, Lacking>]: T[K] } & {
  readonly [K in Extract<keyof T, Lacking>]?: T[K];
};
type Flat<T> = { [K in keyof T]: T[K] };
type Inputs<S extends Shape> = Flat<Values<{ [K in keyof S]: Input<S[K]> }, Lacking<S, 'in'>>>;
type Outputs<S extends Shape> = Flat<Values<{ [K in keyof S]: Output<S[K]> }, Lacking<S, 'out'>>>;

/** The names that may be left out. Without strictNullChecks `undefined` fits all types, and what the schema is has to say it. */
type Lacking<S extends Shape, Way extends 'in' | 'out'> = {
  [K in keyof S]: undefined extends string
    ? MarkedOptional<S[K], Way> extends true
      ? K
      : never
    : undefined extends (Way extends 'in' ? Input<S[K]> : Output<S[K]>)
      ? K
      : never;
}[keyof S];

/** How zod and valibot mark what is optional. */
type MarkedOptional<S, Way extends 'in' | 'out'> = S extends {
  readonly _zod: Readonly<Record<`opt${Way}`, 'optional' | 'defaulted'>>;
}
  ? true
  : S extends {
        readonly kind: 'schema';
        readonly type: 'optional' | 'exact_optional' | 'nullish' | 'undefinedable';
      }
    ? true
    : false;

/** A schema of named values, which says what they are. */
export interface FieldsSchema<S extends Shape> extends Schema<Inputs<S>, Outputs<S>> {
  readonly shape: S;
}

/**
 * Names and their schemas, for forms with files: `form: fields({ caption: z.string().optional(), photo: file({ types: ['image/png'] }) })`.
 * Names that it does not have are left out of what it gives.
 * @throws ObolError E_CONTRACT for what is no schema
 */
export function fields<const S extends Shape>(shape: S): FieldsSchema<S> {
  assertShape(shape);
  const members = Object.entries(shape);
  const judge = (value: unknown): Validated<unknown> | Promise<Validated<unknown>> => {
    if (typeof value !== 'object' || value === null) return { issues: [{ message: 'Fields are wanted' }] };
    const judged = members.map(([name, schema]) =>
      validateThen<Schema, Validated<unknown>>(schema, memberOf(value, name), (result) => result),
    );
    const ready = judged.filter(isValidated);
    return ready.length === judged.length
      ? joined(members, ready)
      : Promise.all(judged.map((result) => Promise.resolve(result))).then((settled) =>
          joined(members, settled),
        );
  };
  return { shape, '~standard': { version: 1, vendor: 'obol', validate: judge } };
}

function assertShape(shape: unknown): void {
  if (typeof shape !== 'object' || shape === null || Array.isArray(shape) || isSchema(shape))
    throw new ObolError('E_CONTRACT', 'fields(): its argument is no object of schemas by name.');
  const wrong = Object.entries(shape).find(([, schema]) => !isSchema(schema));
  if (wrong)
    throw new ObolError(
      'E_CONTRACT',
      `fields(): ${wrong[0]} is no schema, but ${inspect(wrong[1], { depth: 0 })}; give one of zod, valibot or arktype.`,
    );
}

function memberOf(values: object, name: string): unknown {
  return Object.hasOwn(values, name) ? (values as Readonly<Record<string, unknown>>)[name] : undefined;
}

function joined(
  members: readonly (readonly [string, Schema])[],
  judged: readonly Validated<unknown>[],
): Validated<unknown> {
  const issues: SchemaIssue[] = [];
  const values: Record<string, unknown> = {};
  judged.forEach((result, index) => {
    const name = members[index]?.[0] ?? '';
    if (result.issues) issues.push(...issuesOf(name, result.issues));
    else if (result.value !== undefined) values[name] = result.value;
  });
  return issues.length > 0 ? { issues } : { value: values };
}

/** What is wrong with one, as it is said of all. What is refused without a word is refused all the same. */
function issuesOf(name: string, issues: readonly SchemaIssue[]): SchemaIssue[] {
  if (issues.length === 0) return [{ message: '', path: [name] }];
  return [...issues].map((issue) => {
    const { message, path = [], status, code, kind, format } = issue;
    const input = 'data' in issue ? issue.data : issue.input;
    return { message, path: [name, ...path], status, code, kind, format, input };
  });
}
