/** Finds routes that match the same URL where only the order of declaration decides between them. */
import { parseTarget } from '../http/target.js';
import type { RouterEntry } from './router.js';
import { stretchExpression } from './route-tree.js';
import { fillTemplate, type Parameter, type Template } from './template.js';

/** Two routes of one method, and a URL that both match: the first takes it. */
export interface Overlap<T> {
  readonly first: RouterEntry<T>;
  readonly second: RouterEntry<T>;
  readonly witness: string;
}

/** More pairs than this are not compared: the list is a hint, not a proof. */
const MAX_PAIRS = 20_000;
const SAMPLES = [
  '1',
  'a',
  'a1',
  '1.5',
  'abc',
  'A',
  'x-y',
  'x_y',
  'x.y',
  'a@b.cd',
  '2026-01-31',
  'a/b',
  'ab12',
  '%',
];

/** Compares the routes whose literal beginning is the same and whose filters leave the order to decide. */
export function findOverlaps<T>(entries: readonly RouterEntry<T>[]): Overlap<T>[] {
  const overlaps: Overlap<T>[] = [];
  let pairs = 0;
  for (const group of groupByStart(entries)) {
    for (const [index, first] of group.entries()) {
      for (const second of group.slice(index + 1)) {
        if (++pairs > MAX_PAIRS) return overlaps;
        const witness = commonUrl(first.template, second.template);
        if (witness !== undefined) overlaps.push({ first, second, witness });
      }
    }
  }
  return overlaps;
}

/** Entries that the tree tells apart by neither literals nor weights: inline patterns, own and mixed filters. */
function groupByStart<T>(entries: readonly RouterEntry<T>[]): RouterEntry<T>[][] {
  const groups = new Map<string, RouterEntry<T>[]>();
  for (const entry of entries) {
    if (entry.template.parameters.length === 0 || entry.method === 'HEAD') continue;
    const key = `${entry.method} ${literalStart(entry.template)} ${weights(entry.template)}`;
    const group = groups.get(key);
    if (group) group.push(entry);
    else groups.set(key, [entry]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

function literalStart(template: Template): string {
  const [first] = template.parts;
  return typeof first === 'string' ? first.slice(0, first.lastIndexOf('/') + 1) : '';
}

function weights(template: Template): string {
  return template.parameters.map(({ filter }) => String(filter.weight)).join();
}

function commonUrl(a: Template, b: Template): string | undefined {
  return exampleUrl(a, b) ?? exampleUrl(b, a);
}

/** A URL of the one template that the other matches too. */
function exampleUrl(template: Template, other: Template): string | undefined {
  const reader = templateReader(other);
  const choices = template.parameters.map((parameter) => SAMPLES.filter((text) => fits(parameter, text)));
  const tries = Math.max(0, ...choices.map((list) => list.length));
  for (let i = 0; i < tries; i++) {
    const values = template.parameters.map(({ filter }, index) => {
      const list = choices[index] ?? [];
      return filter.read(list[i % list.length] ?? '');
    });
    const url = tryFill(template, values);
    const path = url && parseTarget(url, 'GET')?.path;
    if (path && reader(path)) return url;
  }
  return undefined;
}

function fits(parameter: Parameter, text: string): boolean {
  return parameter.filter.read(text) !== undefined;
}

function tryFill(template: Template, values: readonly unknown[]): string | undefined {
  try {
    return fillTemplate(template, values);
  } catch {
    return undefined;
  }
}

function templateReader(template: Template): (path: string) => boolean {
  const expression = stretchExpression(template.parts);
  return (path) => {
    const groups = expression.exec(path)?.groups;
    return (
      groups !== undefined && template.parameters.every((p, i) => fits(p, groups[`p${String(i)}`] ?? ''))
    );
  };
}
