/** Values that can only be text where they come from, judged by a schema that may want numbers, flags or lists. */
import type { Checked } from './check-schema.js';
import { firstKey, mistakesOf, type SchemaMistake } from './mistakes.js';
import { validateThen, type Output, type Schema, type SchemaIssue } from './standard-schema.js';

/** By name; a list where a name was given several times. */
export type Texts = Readonly<Record<string, unknown>>;

/** What a text may be meant as where the schema does not take it as it is, in the order in which that is tried. */
const READINGS: readonly ((text: unknown) => unknown)[] = [
  scalar,
  (text) => [text],
  (text) => [scalar(text)],
];

/**
 * Judges texts: as they are, and where a schema refuses one, as the number, the flag or the list of one that it may be meant as.
 * @returns of what fits in no way, the mistake that the text itself is; a promise of it all where the schema is asynchronous
 */
export function checkTexts<S extends Schema>(
  schema: S,
  texts: Texts,
): Checked<Output<S>> | Promise<Checked<Output<S>>> {
  const steps = readings(texts);
  steps.next();
  return judge(schema, texts, steps);
}

/** Goes through readings until one fits. */
function judge<S extends Schema>(
  schema: S,
  texts: Texts,
  steps: Readings,
): Checked<Output<S>> | Promise<Checked<Output<S>>> {
  return validateThen(schema, texts, (result) => {
    if (!result.issues) return withoutRepeated(schema, texts, result);
    const step = steps.next(result.issues);
    return step.done ? { mistakes: step.value } : judge(schema, step.value, steps);
  });
}

/**
 * Schemas that coerce take a list for the text that JavaScript makes of it, `a,b`: what gives the same for both is one value, and was
 * given more than once.
 */
function withoutRepeated<S extends Schema>(
  schema: S,
  texts: Texts,
  accepted: { readonly value: Output<S> },
): Checked<Output<S>> | Promise<Checked<Output<S>>> {
  const lists = Object.keys(texts).filter(
    (name) => Array.isArray(texts[name]) && isScalar(memberOf(accepted.value, name)),
  );
  if (lists.length === 0) return accepted;
  const joined = withChanged(texts, lists, (name) => String(texts[name]));
  return validateThen(schema, joined, (other) => {
    if (other.issues) return accepted;
    const [one, same] = [accepted.value, other.value];
    const repeated = lists.filter((name) => String(memberOf(one, name)) === String(memberOf(same, name)));
    if (repeated.length === 0) return accepted;
    return { mistakes: repeated.map((name) => ({ path: [name], detail: 'It is given more than once' })) };
  });
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Texts)[name] : undefined;
}

/** Without a prototype: names are the client's. */
function withChanged(texts: Texts, names: Iterable<string>, change: (name: string) => unknown): Texts {
  const changed = Object.assign(Object.create(null) as Record<string, unknown>, texts);
  for (const name of names) changed[name] = change(name);
  return changed;
}

function isScalar(value: unknown): boolean {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value) || value instanceof Date;
}

/** Gives texts to judge, and takes what is wrong with them. */
type Readings = Generator<Texts, readonly SchemaMistake[], readonly SchemaIssue[]>;

function* readings(texts: Texts): Readings {
  const first = yield texts;
  let current = texts;
  let last = first;
  for (const read of READINGS) {
    const failing = namesIn(last, texts);
    if (failing.size === 0) break;
    current = withChanged(current, failing, (name) => readingOf(texts[name], read));
    last = yield current;
  }
  return mistakesOf(reported(first, last, texts), texts);
}

/** What is wrong in the end; with a text, what is wrong with it as it is. Of a list the members that fit are numbers by then. */
function reported(first: readonly SchemaIssue[], last: readonly SchemaIssue[], texts: Texts): SchemaIssue[] {
  const failing = namesIn(last, texts);
  const isOfText = (issue: SchemaIssue): boolean => {
    const name = firstKey(issue);
    return name !== undefined && failing.has(name) && !Array.isArray(texts[name]);
  };
  const ofTexts = [...first].filter(isOfText);
  const known = namesIn(ofTexts, texts);
  return [...ofTexts, ...[...last].filter((issue) => !known.has(firstKey(issue) ?? ''))];
}

/** A list is one already. */
function readingOf(value: unknown, read: (text: unknown) => unknown): unknown {
  return Array.isArray(value) ? value.map(scalar) : read(value);
}

/** The names of texts that something is wrong with. */
function namesIn(issues: readonly SchemaIssue[], texts: Texts): Set<string> {
  return new Set(
    [...issues].flatMap((issue) => {
      const name = firstKey(issue);
      return name !== undefined && Object.hasOwn(texts, name) ? name : [];
    }),
  );
}

/** A text as the number or flag that it is written as. */
function scalar(value: unknown): unknown {
  if (value === 'true' || value === 'false') return value === 'true';
  if (typeof value !== 'string' || !/^-?\d{1,400}(?:\.\d{1,400})?(?:[eE][+-]?\d{1,3})?$/.test(value))
    return value;
  const number = Number(value);
  return Number.isFinite(number) ? number : value;
}
