/** The routes of one method: a map of static paths, a tree of segments for templates with parameters, and expressions. */
import { ObolError } from '../ground/errors.js';
import { HttpError } from '../http/http-error.js';
import { decodeSegment } from '../http/target.js';
import type { CompiledFilter } from './built-in-filters.js';
import { costOf, MAX_TEXT } from './pattern-cost.js';
import { isTemplate, type Parameter, type Part, type RoutePath, type WholePath } from './template.js';

/** A route found for a path, and the converted values of its parameters in order. */
export interface Match<T> {
  readonly value: T;
  readonly values: readonly unknown[];
}

/** A way from one node of the tree to the next: reads one segment and appends the values it holds. */
interface Edge<T> {
  readonly key: string;
  readonly weight: number;
  readonly node: Node<T>;
  /** Appends the converted values. @returns whether the text fits */
  read(text: string, values: unknown[]): boolean;
}

/** A route that reads all the rest of the path at once, because a parameter of it may span segments. */
interface Tail<T> {
  readonly key: string;
  readonly weight: number;
  readonly value: T;
  read(text: string, values: unknown[]): boolean;
}

interface Node<T> {
  value: T | undefined;
  readonly literals: Map<string, Node<T>>;
  readonly edges: Edge<T>[];
  readonly tails: Tail<T>[];
}

const NO_VALUES: readonly unknown[] = [];

/**
 * Finds the most specific route: static, then by the weight of the filters, then in the order of declaration; expressions
 * are tried after all templates.
 */
export class RouteTree<T> {
  readonly #statics = new Map<string, Match<T>>();
  readonly #root: Node<T> = createNode();
  #wholePaths: WholePaths<T> | undefined;

  /** Adds a route. @returns the route that already stands there, in which case nothing is changed */
  add(template: RoutePath, value: T): T | undefined {
    if (!isTemplate(template)) return (this.#wholePaths ??= new WholePaths()).add(template, value);
    if (template.parameters.length === 0) return this.#addStatic(literalText(template.parts), value);
    const { segments, tail } = splitSegments(template.parts);
    let node = this.#root;
    for (const segment of segments) node = childOf(node, segment);
    if (tail) return addTail(node, tail, value);
    if (node.value !== undefined) return node.value;
    node.value = value;
    return undefined;
  }

  /** Finds the route of a canonical path. */
  match(path: string): Match<T> | undefined {
    const found = this.#statics.get(path);
    if (found) return found;
    const values: unknown[] = [];
    const value = find(this.#root, path, 1, values);
    return value === undefined ? this.#wholePaths?.match(path) : { value, values };
  }

  #addStatic(path: string, value: T): T | undefined {
    const existing = this.#statics.get(path);
    if (existing) return existing.value;
    this.#statics.set(path, { value, values: NO_VALUES });
    return undefined;
  }
}

/** Expressions, which are tried one after the other. */
class WholePaths<T> {
  readonly #routes: { readonly path: WholePath; readonly value: T }[] = [];

  add(path: WholePath, value: T): T | undefined {
    const existing = this.#routes.find((other) => other.path.key === path.key);
    if (!existing) this.#routes.push({ path, value });
    return existing?.value;
  }

  match(path: string): Match<T> | undefined {
    for (const { path: expression, value } of this.#routes) {
      const values = expression.read(path);
      if (values) return { value, values };
    }
    return undefined;
  }
}

function createNode<T>(): Node<T> {
  return { value: undefined, literals: new Map(), edges: [], tails: [] };
}

// oxlint-disable-next-line complexity -- every request passes here: one function instead of several
function find<T>(node: Node<T>, path: string, start: number, values: unknown[]): T | undefined {
  if (start > path.length) return node.value;
  const slash = path.indexOf('/', start);
  const end = slash < 0 ? path.length : slash;
  const segment = path.slice(start, end);
  const literal = node.literals.get(segment);
  if (literal) {
    const value = find(literal, path, end + 1, values);
    if (value !== undefined) return value;
  }
  if (node.edges.length > 0) {
    const text = segment.includes('%') ? decodeSegment(segment) : segment;
    const kept = values.length;
    for (const edge of node.edges) {
      const value = edge.read(text, values) ? find(edge.node, path, end + 1, values) : undefined;
      if (value !== undefined && text !== segment) assertText(text);
      if (value !== undefined) return value;
      values.length = kept;
    }
  }
  return node.tails.length > 0 ? readTails(node.tails, path.slice(start), values) : undefined;
}

/** An encoded slash is no separator and no text of a spanning parameter either: such a path has no tail. */
function readTails<T>(tails: readonly Tail<T>[], rest: string, values: unknown[]): T | undefined {
  if (rest.includes('%2F')) return undefined;
  const text = decodeSegment(rest);
  const kept = values.length;
  for (const tail of tails) {
    if (tail.read(text, values)) {
      if (text !== rest) assertText(text);
      return tail.value;
    }
    values.length = kept;
  }
  return undefined;
}

/** What parameters have taken must be text. @throws HttpError 400 for octets that are no UTF-8 */
export function assertText(taken: string): void {
  if (!taken.isWellFormed()) throw new HttpError(400, 'A parameter in the path is not valid utf-8');
}

/** Cuts the parts of a template into segments; `tail` is all from the first segment that holds a spanning parameter. */
export function splitSegments(parts: readonly Part[]): { segments: Part[][]; tail: Part[] | undefined } {
  const segments: Part[][] = [];
  for (const [index, part] of parts.entries()) {
    if (typeof part !== 'string') {
      const current = segments.at(-1) ?? [];
      current.push(part);
      if (!part.filter.spans) continue;
      segments.pop();
      return { segments, tail: [...current, ...parts.slice(index + 1)] };
    }
    const [first = '', ...more] = part.split('/');
    if (first !== '') segments.at(-1)?.push(first);
    for (const text of more) segments.push(text === '' ? [] : [text]);
  }
  return { segments, tail: undefined };
}

function childOf<T>(node: Node<T>, segment: readonly Part[]): Node<T> {
  const [only = ''] = segment;
  if (segment.length <= 1 && typeof only === 'string') {
    let child = node.literals.get(only);
    if (!child) node.literals.set(only, (child = createNode()));
    return child;
  }
  const key = shapeOf(segment);
  const existing = node.edges.find((edge) => edge.key === key);
  if (existing) return existing.node;
  const edge: Edge<T> = { key, weight: weightOf(segment), node: createNode(), read: readerOf(segment) };
  insertByWeight(node.edges, edge);
  return edge.node;
}

function addTail<T>(node: Node<T>, parts: readonly Part[], value: T): T | undefined {
  const key = shapeOf(parts);
  const existing = node.tails.find((tail) => tail.key === key);
  if (existing) return existing.value;
  insertByWeight(node.tails, { key, weight: weightOf(parts), value, read: readerOf(parts) });
  return undefined;
}

function insertByWeight<E extends { readonly weight: number }>(list: E[], item: E): void {
  const index = list.findIndex((other) => other.weight > item.weight);
  list.splice(index < 0 ? list.length : index, 0, item);
}

/** The text of parts that hold no parameter. */
export function literalText(parts: readonly Part[]): string {
  return parts.filter((part) => typeof part === 'string').join('');
}

/** What two stretches have in common when no text could distinguish them: literals and filters, not names. */
export function shapeOf(parts: readonly Part[]): string {
  return JSON.stringify(parts.map((part) => (typeof part === 'string' ? part : [part.definition])));
}

/** The least specific filter decides; each literal character makes the stretch a little more specific. */
function weightOf(parts: readonly Part[]): number {
  let weight = 0;
  let literal = 0;
  for (const part of parts) {
    if (typeof part === 'string') literal += part.length;
    else weight = Math.max(weight, part.filter.weight);
  }
  return weight - Math.min(literal, 99) / 100;
}

/** How a stretch reads decoded text: all of it, or not at all. */
export function readerOf(parts: readonly Part[]): (text: string, values: unknown[]) => boolean {
  const [only] = parts;
  return parts.length === 1 && typeof only === 'object' ? readerOfOne(only.filter) : readerOfSeveral(parts);
}

function readerOfOne(filter: CompiledFilter): (text: string, values: unknown[]) => boolean {
  return (text, values) => {
    const value = filter.read(text);
    if (value === undefined) return false;
    values.push(value);
    return true;
  };
}

/** Longer stretches are not cut: the cost grows with a power of the length, and no honest URL is that long. */
const MAX_SEGMENT = 255;

/** Literal text around parameters: one expression cuts the stretch, then each filter reads its piece. */
function readerOfSeveral(parts: readonly Part[]): (text: string, values: unknown[]) => boolean {
  const expression = stretchExpression(parts);
  const ignoresCase = expression.ignoreCase;
  const parameters = parts.filter((part): part is Parameter => typeof part !== 'string');
  const limit = limitOf(parameters, expression);
  return (text, values) => {
    const groups = text.length > limit ? undefined : expression.exec(text)?.groups;
    if (!groups || (ignoresCase && !hasLiterals(parts, groups, text))) return false;
    for (const [index, { filter }] of parameters.entries()) {
      const value = filter.read(groups[`p${String(index)}`] ?? '');
      if (value === undefined) return false;
      values.push(value);
    }
    return true;
  };
}

/** How long a stretch may be. @throws ObolError E_PATTERN_COST for inline patterns that leave open where the first of them ends */
function limitOf(parameters: readonly Parameter[], { source, flags }: RegExp): number {
  if (!parameters.some(({ filter }) => filter.isOwn)) {
    const spanning = parameters.filter(({ filter }) => filter.spans).length;
    return spanning === 1 || spanning === 2 ? MAX_TEXT : MAX_SEGMENT;
  }
  const why = costOf(source, flags);
  if (why === undefined) return MAX_TEXT;
  const inline = parameters.filter(({ filter }) => filter.name === 're');
  if (inline.length < 2) return MAX_SEGMENT;
  const names = inline.map(({ name }) => `"${name}"`).join(' and ');
  throw new ObolError(
    'E_PATTERN_COST',
    `The parameters ${names} stand in one stretch, and where one of them ends may take more than linear time to find: ${why}. ` +
      'Put a text between them that neither of them can match.',
  );
}

/** A stretch of a template as one anchored expression with the groups `p0`, `p1` ... over decoded text. */
function stretchExpression(parts: readonly Part[]): RegExp {
  let index = 0;
  let flags = '';
  const sources = parts.map((part) => {
    if (typeof part === 'string') return escapeRegExp(decodeSegment(part));
    flags += part.filter.flags;
    return `(?<p${String(index++)}>${part.filter.source})`;
  });
  const unicode = flags.includes('v') ? 'v' : flags.includes('u') ? 'u' : '';
  try {
    return new RegExp(`^${sources.join('')}$`, `${flags.includes('i') ? 'i' : ''}s${unicode}`);
  } catch (cause) {
    const names = parts.filter((part) => typeof part !== 'string').map(({ filter }) => `"${filter.name}"`);
    throw new ObolError(
      'E_FILTER',
      `The path filters ${names.join(' and ')} cannot stand together: ${String(cause)}`,
      { cause },
    );
  }
}

/** Whether the literals are spelled as in the template, where a filter that ignores case made the match. */
function hasLiterals(
  parts: readonly Part[],
  groups: Readonly<Record<string, string>>,
  text: string,
): boolean {
  let index = 0;
  const spelled = parts.map((part) =>
    typeof part === 'string' ? decodeSegment(part) : (groups[`p${String(index++)}`] ?? ''),
  );
  return spelled.join('') === text;
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
