/** Values that can only be text where they come from, judged by a schema that may want numbers, flags or lists. */
import { checkSchema, isChecked, type Checked } from './check-schema.js';
import type { SchemaMistake } from './mistakes.js';
import type { Output, Schema } from './standard-schema.js';

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
  const checked = checkSchema(schema, texts);
  if (!isChecked(checked)) return checked.then((first) => readAgainLater(schema, texts, first));
  return checked.mistakes ? readAgain(schema, texts, checked.mistakes) : checked;
}

/** One way through the readings: each step gives texts to judge, and takes the judgement. */
function* readings(
  texts: Texts,
  first: readonly SchemaMistake[],
): Generator<Texts, readonly SchemaMistake[], readonly SchemaMistake[]> {
  let current = texts;
  let last = first;
  for (const read of READINGS) {
    const failing = [...namesIn(last, texts)];
    if (failing.length === 0) break;
    const tried = Object.fromEntries(failing.map((name) => [name, readingOf(texts[name], read)]));
    current = Object.assign(Object.create(null) as object, current, tried);
    last = yield current;
  }
  const failing = namesIn(last, texts);
  // Of a list the members that fit are numbers by now; of all else the text itself is what is wrong.
  const isOf = (name: string | undefined): boolean => name !== undefined && Array.isArray(texts[name]);
  const own = first.filter(
    ({ path: [name] }) =>
      !isOf(name) && (name === undefined || !Object.hasOwn(texts, name) || failing.has(name)),
  );
  return [...own, ...last.filter(({ path: [name] }) => isOf(name))];
}

function readAgain<S extends Schema>(
  schema: S,
  texts: Texts,
  first: readonly SchemaMistake[],
): Checked<Output<S>> {
  const steps = readings(texts, first);
  let step = steps.next();
  while (!step.done) {
    const checked = checkSchema(schema, step.value) as Checked<Output<S>>;
    if (!checked.mistakes) return checked;
    step = steps.next(checked.mistakes);
  }
  return { mistakes: step.value };
}

async function readAgainLater<S extends Schema>(
  schema: S,
  texts: Texts,
  first: Checked<Output<S>>,
): Promise<Checked<Output<S>>> {
  if (!first.mistakes) return first;
  const steps = readings(texts, first.mistakes);
  let step = steps.next();
  while (!step.done) {
    const checked = await checkSchema(schema, step.value);
    if (!checked.mistakes) return checked;
    step = steps.next(checked.mistakes);
  }
  return { mistakes: step.value };
}

/** A list is one already. */
function readingOf(value: unknown, read: (text: unknown) => unknown): unknown {
  return Array.isArray(value) ? value.map(scalar) : read(value);
}

/** The names of texts that mistakes are about. */
function namesIn(mistakes: readonly SchemaMistake[], texts: Texts): Set<string> {
  return new Set(
    mistakes.flatMap(({ path: [name] }) => (name !== undefined && Object.hasOwn(texts, name) ? name : [])),
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
