/** The answers of an operation: those of its contract, and those that Obol gives itself. */
import { HttpError } from '../../kit.js';
import { exampleOf, type Description } from './describe.js';
import { memberOf, type Json } from './json.js';
import { problemContent, type ProblemKind } from './problems.js';
import { takesBody } from './request-body.js';
import type { Entry, Route } from './route.js';
import type { SchemaStore } from './schema-store.js';

/** The refusals of Obol that the operations of a document have in common. */
export class Refusals {
  readonly #store: SchemaStore;
  /** What any operation may be refused with. */
  readonly #kinds: readonly ProblemKind[];
  readonly #used = new Map<string, Json>();

  constructor(store: SchemaStore, kinds: readonly ProblemKind[] = []) {
    this.#store = store;
    this.#kinds = kinds;
  }

  /** Those that any operation has, by name. */
  get used(): ReadonlyMap<string, Json> {
    return this.#used;
  }

  /** A reference to that of a status. */
  refer(status: number): Json {
    const description = phraseOf(status);
    return this.#refer(description.replace(/\W+/g, ''), description, []);
  }

  /** What stands for all statuses that an operation does not name, by the range of 4XX and the default. */
  get others(): Json {
    const isRefusal = ({ status }: ProblemKind): boolean => status < 500;
    const failures = this.#kinds.filter((kind) => !isRefusal(kind));
    return {
      '4XX': this.#refer('Refused', 'Any other refusal', this.#kinds.filter(isRefusal)),
      default: this.#refer('Failed', 'A failure of the server', failures),
    };
  }

  #refer(name: string, description: string, kinds: readonly ProblemKind[]): Json {
    this.#used.set(name, { description, content: problemContent(this.#store, kinds) });
    return { $ref: `#/components/responses/${name}` };
  }
}

/** What answers are made of. */
export interface ResponseParts {
  readonly route: Route;
  readonly description: Description;
  readonly store: SchemaStore;
  readonly refusals: Refusals;
  readonly hint: string;
}

/** The answers by status. */
export function responsesOf(parts: ResponseParts): Json {
  const { route, description, refusals } = parts;
  const all = answersOf(parts);
  const own = new Set([...refusalsOf(route), ...(Object.hasOwn(all, 101) ? [426] : [])]);
  const kinds = description.problems?.map(({ status }) => status) ?? [];
  const said = describedIn(description).filter((status) => status >= 400 && !Object.hasOwn(all, status));
  for (const status of new Set([...own, ...kinds, ...said]))
    all[status] = refusal(status, { given: all[status], isOwn: own.has(status) }, parts);
  return Object.hasOwn(all, 'default') ? all : { ...all, ...refusals.others };
}

/** Those of the contract, and those that only words say. */
function answersOf(parts: ResponseParts): Record<string, Json> {
  const { route, description } = parts;
  const declared = route.contract?.returns;
  const all: Record<string, Json> = {};
  for (const [status, entry] of declared ?? []) all[status] = response(status, entry, parts);
  const described = describedIn(description).filter((status) => status < 400 && !declared?.has(status));
  for (const status of described) all[status] = inWords(status, description);
  if (!declared && described.length === 0) all['default'] = { description: 'Any answer.' };
  return all;
}

function describedIn({ responses = {} }: Description): number[] {
  return Object.keys(responses).map(Number);
}

function inWords(status: number, description: Description): Json {
  const { responses = {}, produces } = description;
  const type = status < 300 ? produces : undefined;
  const content = type !== undefined && { content: { [type]: exampleOf(description, status) } };
  return { description: responses[status], ...content };
}

/** @param what `given` is what a contract has of the status, `isOwn` whether Obol answers with it in place of the handler */
function refusal(
  status: number,
  { given, isOwn }: { readonly given: Json | undefined; readonly isOwn: boolean },
  { description, store, refusals }: ResponseParts,
): Json {
  const text = memberOf(description.responses, status);
  const kinds = description.problems?.filter((kind) => kind.status === status) ?? [];
  if (!given && text === undefined && kinds.length === 0) return refusals.refer(status);
  const content = problemContent(store, kinds, isOwn || kinds.length === 0);
  return {
    description: text ?? phraseOf(status),
    ...given,
    content: { ...(given?.['content'] as Json | undefined), ...content },
  };
}

function response(status: number, entry: Entry, { description, store, hint }: ResponseParts): Json {
  const text = memberOf(description.responses, status) ?? phraseOf(status);
  if (entry === null) return { description: text };
  const isList = 'each' in entry;
  const item = store.refer(isList ? entry.each : entry, {
    direction: 'output',
    hint: `${hint}_${String(status)}`,
  });
  const schema = isList ? { type: 'array', items: item } : item;
  const type =
    (status < 300 ? description.produces : undefined) ??
    (schema['type'] === 'string' ? 'text/html' : 'application/json');
  return { description: text, content: { [type]: { schema, ...exampleOf(description, status) } } };
}

/** What Obol answers in place of the handler. */
function refusalsOf({ contract, credentials = [], guards, parameters }: Route): number[] {
  const known = contract?.contract;
  const hasBody = takesBody(known);
  const isValidated = contract?.isTaking === true;
  return [
    ...(hasBody ? [400] : []),
    ...(credentials.length > 0 ? [401] : []),
    ...(guards.length > 0 ? [403] : []),
    ...(parameters.length > 0 ? [404] : []),
    ...(hasBody ? [413, 415] : []),
    ...(isValidated ? [422] : []),
  ];
}

function phraseOf(status: number): string {
  return new HttpError(status).message;
}
