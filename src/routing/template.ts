/** Path templates such as `/people/<surname:word>/<age:int>`, taken apart. */
import { inspect } from 'node:util';
import { ObolError } from '../ground/errors.js';
import { encodeSegment } from '../http/target.js';
import type { CompiledFilter } from './built-in-filters.js';
import type { FilterRegistry } from './filters.js';
import { fillParts, isReachable, namedBy, piecesOf, type Hole } from './template-text.js';

/** One parameter of a template. */
export interface Parameter {
  readonly name: string;
  /** As written after the colon: `int`, `re:[a-z]+`, or `''`. */
  readonly definition: string;
  readonly filter: CompiledFilter;
}

/** A stretch of a template: literal text in canonical form, or a parameter. */
export type Part = string | Parameter;

/** A path template that has been read and found good. */
export interface Template {
  readonly text: string;
  readonly parts: readonly Part[];
  readonly parameters: readonly Parameter[];
}

/** A path without a template, matched as a whole. */
export interface WholePath {
  readonly text: string;
  readonly parameters: readonly { readonly name: string; readonly definition: string }[];
  /** The prefix that it never leaves. */
  readonly below: Template | undefined;
  /** Equal for two that no path could distinguish. */
  readonly key: string;
  /** The values of a canonical path. @returns undefined when the path does not match */
  read(path: string): unknown[] | undefined;
}

/** What a route answers. */
export type RoutePath = Template | WholePath;

/** Whether a path is made of segments. */
export function isTemplate(path: RoutePath): path is Template {
  return 'parts' in path;
}

const NAME = /^[A-Za-z_]\w*$/;

/**
 * Reads a template.
 * @throws ObolError E_PATH_TEMPLATE or E_ROUTE_FILTER that quotes the template and says what to write instead
 */
export function parseTemplate(text: string, filters: FilterRegistry): Template {
  refuseColons(text, /^:(\p{L}[\p{L}\w]*)/u);
  if (text === '' || !text.startsWith('/')) throw bad(text, 'it must start with "/"');
  const pieces = piecesOf(text, (position) =>
    bad(text, `the "<" at position ${String(position)} is never closed`),
  );
  const parts = pieces.map((piece) =>
    typeof piece === 'string' ? parseLiteral(text, piece) : parseParameter(text, piece, filters),
  );
  const parameters = parts.filter((part) => typeof part !== 'string');
  checkParts(text, parts, parameters);
  return { text, parts, parameters };
}

function parseLiteral(text: string, literal: string): string {
  refuseColons(literal, /\/:(\p{L}[\p{L}\w]*)/u, text);
  if (/[?#]/.test(literal)) throw bad(text, 'a path has no "?" and no "#"; read the query from req.args');
  return encodeSegment(literal);
}

/** A segment such as `:id` is how other frameworks write a parameter; here it would be text that no client ever sends. */
function refuseColons(literal: string, segment: RegExp, text = literal): void {
  const [, name] = literal.includes(':') ? (segment.exec(literal) ?? []) : [];
  if (name !== undefined) throw bad(text, `a parameter is written "<${name}>", not ":${name}"`);
}

function parseParameter(text: string, hole: Hole, filters: FilterRegistry): Parameter {
  const { inside } = hole;
  const { name, definition } = namedBy(hole);
  if (!NAME.test(name)) throw bad(text, `"${name}" cannot name a parameter; use letters, digits and "_"`);
  if (inside.includes(':') && (definition === '' || definition === 're:' || definition === 're')) {
    throw bad(text, `<${inside}> names no filter after the colon`);
  }
  return { name, definition, filter: findFilter(text, definition, filters) };
}

function findFilter(text: string, definition: string, filters: FilterRegistry): CompiledFilter {
  try {
    return filters.get(definition);
  } catch (error) {
    if (!(error instanceof ObolError)) throw error;
    const how = error.code === 'E_ROUTE_FILTER' ? 'uses an' : 'cannot be read:';
    throw new ObolError(error.code, `The path "${text}" ${how} ${error.message}`, { cause: error });
  }
}

function checkParts(text: string, parts: readonly Part[], parameters: readonly Parameter[]): void {
  const seen = new Set<string>();
  for (const { name } of parameters) {
    if (seen.has(name)) throw bad(text, `the parameter "${name}" stands there twice`);
    seen.add(name);
  }
  const neighbours = parts.findIndex(
    (part, index) => index > 0 && typeof part !== 'string' && typeof parts[index - 1] !== 'string',
  );
  if (neighbours >= 0) throw bad(text, 'two parameters stand side by side; put text between them');
}

function bad(text: string, why: string): ObolError {
  return new ObolError('E_PATH_TEMPLATE', `The path "${text}" is not a template: ${why}.`);
}

/** The template of a controller's route: its prefix and the route's own path, where `/` adds nothing to a prefix. */
export function joinPaths(prefix: string, path: string): string {
  const base = prefix.endsWith('/') ? prefix.slice(0, -1) : prefix;
  if (base === '') return path === '' ? '/' : path;
  if (path === '' || path === '/') return base;
  return path.startsWith('/') ? base + path : `${base}/${path}`;
}

/**
 * The path with its parameters filled in, percent-encoded.
 * @throws ObolError E_URL_PARAMETER when a value does not fit, or when no request could have the path
 */
export function fillTemplate(template: Template, values: readonly unknown[]): string {
  const parts = template.parts.map((part) => (typeof part === 'string' ? part.replaceAll('%25', '%') : part));
  const path = fillParts(parts, values, (part, value) => cannotFill(template, misfit(part, value)));
  if (isReachable(path)) return path;
  throw cannotFill(template, `"${path}" has "//" at its start, a segment "." or "..", or a NUL`);
}

function misfit({ name, definition }: Parameter, value: unknown): string {
  const parameter = `<${name}${definition === '' ? '' : `:${definition}`}>`;
  if (value === undefined) return `the parameter ${parameter} is missing`;
  const shown = typeof value === 'string' ? JSON.stringify(value) : inspect(value, { depth: 0 });
  return `${shown} does not fit ${parameter}`;
}

function cannotFill(template: Template, what: string): ObolError {
  return new ObolError('E_URL_PARAMETER', `No URL can be built for "${template.text}": ${what}.`);
}
