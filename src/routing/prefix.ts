/** Prefixes: which paths and which templates lie below one. */
import { inspect } from 'node:util';
import { ObolError } from '../ground/errors.js';
import { decodeSegment } from '../http/target.js';
import { FilterRegistry } from './filters.js';
import { textOf, type Path } from './path.js';
import { assertText, literalText, readerOf, shapeOf, splitSegments } from './route-tree.js';
import {
  isTemplate,
  parseTemplate,
  type Parameter,
  type Part,
  type RoutePath,
  type Template,
} from './template.js';

/** How a template lies to a prefix: every path it matches is below it, none is, or that depends on the path. */
export type Relation = 'always' | 'never' | 'sometimes';

/** The beginning of a path that a prefix has taken. */
export interface PrefixMatch {
  /** As it stands in the path. */
  readonly part: string;
  /** Undefined where there are none. */
  readonly params?: Readonly<Record<string, unknown>>;
}

/**
 * The prefix of a template.
 * @param filters those of an application; default the built-in ones
 * @throws ObolError E_PATH_TEMPLATE or E_ROUTE_FILTER for text that is none, or that may take the whole path
 */
export function parsePrefix(path: string | Path, filters?: FilterRegistry): Prefix {
  const text = textOf(path, filters);
  const template = parseTemplate(
    text.endsWith('/') ? text.slice(0, -1) : text,
    filters ?? new FilterRegistry(),
  );
  const spanning = template.parameters.find(({ filter }) => filter.spans);
  if (!spanning) return new Prefix(template);
  throw new ObolError(
    'E_PATH_TEMPLATE',
    `The prefix ${inspect(text)} has a parameter "${spanning.name}" that may span several segments, so that nothing is left ` +
      'below it; use a filter of one segment, or put it into a route.',
  );
}

/** A prefix of paths, such as that of a controller. */
export class Prefix {
  readonly template: Template;
  /** The canonical path that it is; undefined where that has parameters. */
  readonly literal: string | undefined;
  readonly #segments: readonly (readonly Part[])[];
  readonly #read: (path: string, values: unknown[]) => boolean;

  /** @param template one without parameters that span segments, and without a slash at its end */
  constructor(template: Template) {
    this.template = template;
    this.#segments = splitSegments(template.parts).segments;
    this.literal = template.parameters.length === 0 ? literalText(template.parts) : undefined;
    this.#read = this.literal === undefined ? segmentTest(this.#segments) : literalTest(this.literal);
  }

  get text(): string {
    return this.template.text;
  }

  get parameters(): readonly Parameter[] {
    return this.template.parameters;
  }

  /** Number of segments: the deeper, the nearer. */
  get depth(): number {
    return this.#segments.length;
  }

  /** Whether a canonical path is the prefix itself or below it. */
  covers(path: string): boolean {
    return this.#read(path, []);
  }

  /**
   * The part of a canonical path that is the prefix, as it stands there; undefined when the path is not below it.
   * @param values takes those of its parameters
   */
  partOf(path: string, values: unknown[]): string | undefined {
    if (!this.#read(path, values)) return undefined;
    let end = 0;
    for (let left = this.depth; left > 0; left--) end = path.indexOf('/', end + 1);
    return end < 0 ? path : path.slice(0, end);
  }

  /**
   * That part with the parameters by name; undefined when the path is not below the prefix.
   * @throws HttpError 400 for a parameter that is no UTF-8
   */
  match(path: string): PrefixMatch | undefined {
    if (this.literal !== undefined) return this.#read(path, []) ? { part: this.literal } : undefined;
    const values: unknown[] = [];
    const part = this.partOf(path, values);
    if (part === undefined) return undefined;
    for (const value of values) if (typeof value === 'string') assertText(value);
    return {
      part,
      params: Object.fromEntries(this.parameters.map(({ name }, index) => [name, values[index]])),
    };
  }

  relationTo(path: RoutePath): Relation {
    if (isTemplate(path)) return this.#relationTo(path);
    const isAbove = path.below !== undefined && this.#relationTo(path.below) === 'always';
    return isAbove ? 'always' : 'sometimes';
  }

  #relationTo({ parts }: Template): Relation {
    const { segments, tail } = splitSegments(parts);
    let relation: Relation = 'always';
    for (const [index, own] of this.#segments.entries()) {
      const other = segments[index];
      if (!other) return tail ? 'sometimes' : 'never';
      if (shapeOf(own) === shapeOf(other)) continue;
      if (isLiteral(own) && isLiteral(other)) return 'never';
      relation = 'sometimes';
    }
    return relation;
  }
}

function isLiteral(segment: readonly Part[]): boolean {
  return segment.every((part) => typeof part === 'string');
}

function literalTest(text: string): (path: string) => boolean {
  return (path) => path.startsWith(text) && (path.length === text.length || path[text.length] === '/');
}

/** Reads segment by segment, exactly as the routes do. */
function segmentTest(segments: readonly (readonly Part[])[]): (path: string, values: unknown[]) => boolean {
  const tests = segments.map((segment) => {
    if (isLiteral(segment)) return (text: string) => text === literalText(segment);
    const read = readerOf(segment);
    return (text: string, values: unknown[]) => read(decodeSegment(text), values);
  });
  return (path, values) => {
    const [, ...texts] = path.split('/', tests.length + 1);
    return texts.length === tests.length && tests.every((test, index) => test(texts[index] ?? '', values));
  };
}
