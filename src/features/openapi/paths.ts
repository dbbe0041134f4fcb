/** Paths of routes as documents have them, and the parameters in them. */
import { present, type Json } from './json.js';
import type { Route } from './route.js';

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

/** The path of a route as documents write it. */
export function documentPath({ path, base = '', parameters }: Route): DocumentPath {
  const above: Parameter[] = [];
  let text = '';
  let rest = base;
  for (let found = ABOVE.exec(rest); found; found = ABOVE.exec(rest)) {
    const [marker, name = ''] = found;
    text += `${encodeURI(rest.slice(0, found.index))}{${name}}`;
    rest = rest.slice(found.index + marker.length);
    above.push({ name, filter: '' });
  }
  text += encodeURI(rest);
  rest = path.slice(base.length);
  for (const { name, filter } of parameters) {
    const marker = `<${name}${filter && `:${filter}`}>`;
    const at = rest.indexOf(marker);
    text += `${encodeURI(rest.slice(0, at))}{${name}}`;
    rest = rest.slice(at + marker.length);
  }
  return { text: text + encodeURI(rest), parameters: [...above, ...parameters] };
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
