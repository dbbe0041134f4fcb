/** A value, judged by a schema: what it becomes, or all that is wrong with it. */
import { mistakesOf, type SchemaMistake } from './mistakes.js';
import { isSchema, validateThen, type Output, type Schema } from './standard-schema.js';

/** What a schema says of a value. */
export type Checked<O> =
  | { readonly value: O; readonly mistakes?: undefined }
  | { readonly mistakes: readonly SchemaMistake[] };

/** Whether the judgement is there already. */
export function isChecked<O>(checked: Checked<O> | Promise<Checked<O>>): checked is Checked<O> {
  return 'value' in checked || 'mistakes' in checked;
}

/**
 * Judges a value.
 * @returns what the schema made of it, or what is wrong, of which no sentence shows anything of the value; a promise of that
 * where the schema is asynchronous
 * @throws TypeError for no schema
 */
export function checkSchema<S extends Schema>(
  schema: S,
  value: unknown,
): Checked<Output<S>> | Promise<Checked<Output<S>>> {
  if (!isSchema(schema)) throw new TypeError('This is no schema; give one of zod, valibot or arktype');
  return validateThen(schema, value, (result) =>
    result.issues ? { mistakes: mistakesOf(result.issues, value) } : result,
  );
}
