/** Values that can only be text where they come from, judged by a schema that may want numbers, flags or lists. */
import type { Checked } from './check-schema.js';
import { firstKey, GENERAL, isOfType, mistakesOf, type SchemaMistake } from './mistakes.js';
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
 * @returns of what fits in no way, what is wrong with it as what it may be meant as; a promise of it all where the schema is asynchronous
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
    if (!result.issues) return withoutCoerced(schema, texts, result);
    const step = steps.next(result.issues);
    return step.done ? { mistakes: step.value } : judge(schema, step.value, steps);
  });
}

/** What a schema may have coerced: what it would take for the same then, and what is wrong with it. */
interface Suspicion {
  readonly other: unknown;
  readonly detail: string;
}

/**
 * Schemas that coerce take a list for the text that JavaScript makes of it, `a,b`, and `true` for the number 1. What gives the
 * same for both is one value that was given more than once, or a flag where none is wanted.
 */
function withoutCoerced<S extends Schema>(
  schema: S,
  texts: Texts,
  accepted: { readonly value: Output<S> },
): Checked<Output<S>> | Promise<Checked<Output<S>>> {
  const suspicions = new Map<string, Suspicion>();
  for (const name of Object.keys(texts)) {
    const suspicion = suspicionOf(texts[name], memberOf(accepted.value, name));
    if (suspicion) suspicions.set(name, suspicion);
  }
  return judgeCoerced(schema, texts, accepted, suspicions);
}

function suspicionOf(given: unknown, taken: unknown): Suspicion | undefined {
  if (typeof given === 'string' || ![taken].flat().every(isScalar)) return undefined;
  if (Array.isArray(given) && !Array.isArray(taken))
    return { other: String(given), detail: 'It is given more than once' };
  if (!hasFlag(given) || hasFlag(taken)) return undefined;
  return { other: Array.isArray(given) ? given.map(unflagged) : unflagged(given), detail: GENERAL };
}

/** Those that the schema refuses otherwise are cleared, one after the other. */
function judgeCoerced<S extends Schema>(
  schema: S,
  texts: Texts,
  accepted: { readonly value: Output<S> },
  suspicions: ReadonlyMap<string, Suspicion>,
): Checked<Output<S>> | Promise<Checked<Output<S>>> {
  if (suspicions.size === 0) return accepted;
  const others = withChanged(texts, suspicions.keys(), (name) => suspicions.get(name)?.other);
  return validateThen(schema, others, (result) => {
    if (!result.issues) return withoutSame(accepted, result.value, suspicions);
    const cleared = namesIn(result.issues, texts);
    const left = [...suspicions].filter(([name]) => !cleared.has(name));
    return left.length < suspicions.size ? judgeCoerced(schema, texts, accepted, new Map(left)) : accepted;
  });
}

function withoutSame<O>(
  accepted: { readonly value: O },
  other: O,
  suspicions: ReadonlyMap<string, Suspicion>,
): Checked<O> {
  const mistakes = [...suspicions].flatMap(([name, { detail }]) =>
    String(memberOf(accepted.value, name)) === String(memberOf(other, name)) ? { path: [name], detail } : [],
  );
  return mistakes.length > 0 ? { mistakes } : accepted;
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

function hasFlag(value: unknown): boolean {
  return [value].flat().some((each) => typeof each === 'boolean');
}

function unflagged(value: unknown): unknown {
  return typeof value === 'boolean' ? Number(value) : value;
}

/** Gives texts to judge, and takes what is wrong with them. */
type Readings = Generator<Texts, readonly SchemaMistake[], readonly SchemaIssue[]>;

function* readings(texts: Texts): Readings {
  let current = texts;
  let last = yield current;
  const rounds = [last];
  for (const read of READINGS) {
    const failing = namesIn(last, texts);
    if (failing.size === 0) break;
    current = withChanged(current, failing, (name) => readingOf(texts[name], read));
    last = yield current;
    rounds.push(last);
  }
  return mistakesOf(reported(rounds, texts), texts);
}

/** What is wrong in the end. Of a list the members that fit are numbers by then. */
function reported(rounds: readonly (readonly SchemaIssue[])[], texts: Texts): SchemaIssue[] {
  const last = rounds.at(-1) ?? [];
  const failing = namesIn(last, texts);
  const byName = rounds.map(issuesByName);
  const ofNames = [...failing].flatMap((name) => {
    const ofName = byName.map((issues) => issues.get(name) ?? []).filter(({ length }) => length > 0);
    return Array.isArray(texts[name]) ? (ofName.at(-1) ?? []) : reasonOf(ofName, texts[name]);
  });
  return [...ofNames, ...[...last].filter((issue) => !failing.has(firstKey(issue) ?? ''))];
}

/** What is wrong with a text as what it may be meant as: where it is of the type that is wanted, or else as a number if it is one. */
function reasonOf(ofName: readonly SchemaIssue[][], text: unknown): SchemaIssue[] {
  const ofMeaning = ofName.find((issues) => !issues.some(isOfType));
  return ofMeaning ?? ofName[scalar(text) === text ? 0 : 1] ?? ofName[0] ?? [];
}

function issuesByName(issues: readonly SchemaIssue[]): ReadonlyMap<string, SchemaIssue[]> {
  const byName = new Map<string, SchemaIssue[]>();
  for (const issue of issues) {
    const name = firstKey(issue) ?? '';
    const same = byName.get(name);
    if (same) same.push(issue);
    else byName.set(name, [issue]);
  }
  return byName;
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
