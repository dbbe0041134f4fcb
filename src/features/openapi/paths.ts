/** Paths of routes as documents have them, and the parameters in them. */
import { present, type Json } from './json.js';
import type { Route } from './route.js';
import { freeName } from './schema-store.js';

type Parameter = Route['parameters'][number];

/** What each of Obol's own filters lets through. */
const FILTERS: Readonly<Record<string, Json>> = {
  '': { type: 'string', minLength: 1 },
  int: { type: 'integer' },
  float: { type: 'number' },
  uuid: { type: 'string', format: 'uuid' },
  hex: { type: 'string', pattern: '^[\\da-fA-F]+$' },
  word: { type: 'string', pattern: '^[\\p{L}\\p{M}\\p{N}_]+$' },
  path: { type: 'string', minLength: 1 },
};
const SPANNING = 'May hold slashes.';
/** A parameter in the path of a mount, of which the application inside knows nothing. */
const ABOVE = /<(\w+)(?::\w+)?>/;

/** A path, taken apart. */
export interface DocumentPath {
  /** `/notes/{id}` */
  readonly text: string;
  readonly parameters: readonly Parameter[];
}

/** The path of a route as documents write it: no two of its parameters have one name, though that of a mount and one inside may. */
export function documentPath({ path, base = '', parameters }: Route): DocumentPath {
  const all: Parameter[] = [];
  const taken = new Set<string>();
  let text = '';
  let rest = base;
  const take = (parameter: Parameter, at: number, length: number): void => {
    const name = freeName(parameter.name, taken);
    taken.add(name);
    text += `${encodeURI(rest.slice(0, at))}{${name}}`;
    rest = rest.slice(at + length);
    all.push({ ...parameter, name });
  };
  for (let found = ABOVE.exec(rest); found; found = ABOVE.exec(rest))
    take({ name: found[1] ?? '', filter: '' }, found.index, found[0].length);
  text += encodeURI(rest);
  rest = path.slice(base.length);
  for (const parameter of parameters) {
    const { name, filter } = parameter;
    const marker = `<${name}${filter && `:${filter}`}>`;
    take(parameter, rest.indexOf(marker), marker.length);
  }
  return { text: text + encodeURI(rest), parameters: all };
}

/** Equal for two paths that are the same to a document, since only the names of their parameters differ. */
export function shapeOf({ text }: DocumentPath): string {
  return text.replace(/\{\w+\}/g, '{}');
}

/** A parameter as an operation has it. @param name in the path that it shares with other operations */
export function pathParameter(parameter: Parameter, name: string, description?: string): Json {
  const { filter, pattern } = parameter;
  const spans =
    filter === 'path' || (pattern !== undefined && filter.startsWith('re:') && pattern.includes('/'));
  return present({
    name,
    in: 'path',
    required: true,
    description: description ?? (spans ? SPANNING : undefined),
    schema:
      pattern === undefined
        ? (FILTERS[filter] ?? FILTERS[''])
        : { type: 'string', pattern: `^(?:${pattern})$` },
  });
}
