/** What a client gives a script, by form or as JSON: values by the names of its arguments, each checked. */
import { type Request, HttpError } from '../../../kit.js';
import { CSRF_FIELD } from '../../csrf/sent-token.js';
import type { Entry, NamedCall } from '../call.js';
import { defaultValues, lengthOf, type ScriptArgument } from './argument.js';

/** Values by the names of arguments; of a flag that is set `true`. An argument that is left out has none. */
export type Values = ReadonlyMap<string, readonly string[]>;

type Form = Request['form'];
type Kind = NonNullable<ScriptArgument['kind']>;

/** Values of one argument. */
const MAX_VALUES = 100;
/** Characters of a name that a message quotes. */
const MAX_QUOTED = 100;
const NUMBER = /^[-+]?\d{1,20}(?:\.\d{1,20})?(?:e[-+]?\d{1,3})?$/i;

/** The values of arguments where none are given, as the fields of a form hold them at first. */
export function firstValues(known: readonly ScriptArgument[]): Values {
  return new Map(known.map((argument) => [argument.name, defaultValues(argument)]));
}

/**
 * The values of a form. Browsers send no checkbox that is not checked, and no list of which nothing is chosen; what else is
 * missing has its default.
 * @throws HttpError 400 for what is no field of the form
 */
export function formValues(form: Form, known: readonly ScriptArgument[]): Values {
  if (form.files.length > 0) throw new HttpError(400, 'The script takes no files');
  refuseUnknown(form.names(), [CSRF_FIELD, ...known.map(({ name }) => name)]);
  return new Map(
    known.map((argument) => {
      const { name, kind, several } = argument;
      const isMarked = kind === 'flag' || several;
      const values = form.has(name) || isMarked ? form.getList(name) : defaultValues(argument);
      return [name, values.flatMap((value) => written(value, argument)).filter((value) => value !== '')];
    }),
  );
}

/** A value as it was meant: the lines of a text area end as its browser ends them. */
function written(value: string, { kind, several }: ScriptArgument): readonly string[] {
  if (kind === 'flag') return [value === 'on' ? 'true' : value];
  if (several) return value.split(/\r\n|\r|\n/);
  return [kind === 'multiline' ? value.replace(/\r\n?/g, '\n') : value];
}

/**
 * The values of a body of JSON. Whether a value is one of the standard input is said by the script, not by the body.
 * @throws HttpError 400 for what is no argument of the script
 */
export function jsonValues({ entries }: NamedCall, known: readonly ScriptArgument[]): Values {
  refuseUnknown(
    entries.keys(),
    known.map(({ name }) => name),
  );
  return new Map(known.map((argument) => [argument.name, textsOf(entries.get(argument.name), argument)]));
}

function textsOf(entry: Entry | undefined, argument: ScriptArgument): readonly string[] {
  if (!entry) return defaultValues(argument);
  if (!entry.isSet) return entry.values ?? [];
  if (argument.kind === 'flag') return ['true'];
  throw new HttpError(400, `${JSON.stringify(argument.name)} is no flag, and has a value`);
}

function refuseUnknown(given: Iterable<string>, known: readonly string[]): void {
  const unknown = [...given].find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new HttpError(400, `The script has no argument ${JSON.stringify(unknown.slice(0, MAX_QUOTED))}`);
}

/** @throws HttpError 400 that says what is wrong with each value */
export function checkValues(values: Values, known: readonly ScriptArgument[]): void {
  const mistakes = known.flatMap((argument) => {
    const mistake = mistakeIn(argument, values.get(argument.name) ?? []);
    return mistake === undefined ? [] : [`${argument.label ?? argument.name}: ${mistake}.`];
  });
  if (mistakes.length > 0) throw new HttpError(400, mistakes.join(' '));
}

/** What is wrong with the values of an argument; undefined when nothing is. */
export function mistakeIn(argument: ScriptArgument, values: readonly string[]): string | undefined {
  if (values.length === 0) return argument.required ? 'it is needed' : undefined;
  if (values.length > 1 && !argument.several) return 'it has one value only';
  if (values.length > MAX_VALUES) return `it has at most ${String(MAX_VALUES)} values`;
  return values.map((value) => wrongWith(value, argument)).find((mistake) => mistake !== undefined);
}

function wrongWith(value: string, argument: ScriptArgument): string | undefined {
  const length = lengthOf(argument);
  if (value.length > length) return `it has at most ${String(length)} characters`;
  if (value.includes('\0') || !value.isWellFormed()) return 'it is no text';
  return WRONG[argument.kind ?? 'text'](value, argument);
}

/** What is wrong with a text as a value of each kind. */
const WRONG: Readonly<Record<Kind, (value: string, argument: ScriptArgument) => string | undefined>> = {
  text: wrongLine,
  password: wrongLine,
  multiline: () => undefined,
  number: wrongNumber,
  choice: (value, { choices = [] }) => (choices.includes(value) ? undefined : 'it is none of the choices'),
  flag: (value) => (value === 'true' ? undefined : 'it is there or not, and has no value'),
};

function wrongLine(value: string): string | undefined {
  return /[\r\n]/.test(value) ? 'it is one line' : undefined;
}

function wrongNumber(value: string, { min = -Infinity, max = Infinity }: ScriptArgument): string | undefined {
  const number = Number(value);
  if (!NUMBER.test(value) || !Number.isFinite(number)) return 'it is no number';
  if (number < min) return `it is ${String(min)} or more`;
  return number > max ? `it is ${String(max)} or less` : undefined;
}
