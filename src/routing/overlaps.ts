/** Finds routes that match the same URL where only the order of declaration decides between them. */
import { decodeSegment, parseTarget } from '../http/target.js';
import { RouteTree } from './route-tree.js';
import type { RouterEntry } from './router.js';
import { encodePath } from './template-text.js';
import { isTemplate, type Template } from './template.js';

/** Two routes of one method, and a URL that both match: the first takes it. */
export interface Overlap<T> {
  readonly first: TemplateEntry<T>;
  readonly second: TemplateEntry<T>;
  readonly witness: string;
}

type TemplateEntry<T> = RouterEntry<T> & { readonly template: Template };

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
  let compared = 0;
  for (const [first, second] of pairsOf(groupByStart(entries))) {
    if (++compared > MAX_PAIRS) break;
    const witness = commonUrl(first.template, second.template);
    if (witness !== undefined) overlaps.push({ first, second, witness });
  }
  return overlaps;
}

function* pairsOf<E>(groups: readonly (readonly E[])[]): IterableIterator<[E, E]> {
  for (const group of groups) {
    for (const [index, first] of group.entries()) {
      for (const second of group.slice(index + 1)) yield [first, second];
    }
  }
}

/** Entries that the tree distinguishes by neither literals nor weights: inline patterns, own and mixed filters. */
function groupByStart<T>(entries: readonly RouterEntry<T>[]): TemplateEntry<T>[][] {
  const groups = new Map<string, TemplateEntry<T>[]>();
  for (const entry of entries) {
    if (!hasTemplate(entry) || entry.template.parameters.length === 0 || entry.method === 'HEAD') continue;
    const key = `${entry.method} ${literalStart(entry.template)} ${weights(entry.template)}`;
    const group = groups.get(key);
    if (group) group.push(entry);
    else groups.set(key, [entry]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

/** What two expressions have in common cannot be computed. */
function hasTemplate<T>(entry: RouterEntry<T>): entry is TemplateEntry<T> {
  return isTemplate(entry.template);
}

function literalStart(template: Template): string {
  const [first] = template.parts;
  return typeof first === 'string' ? first.slice(0, first.lastIndexOf('/') + 1) : '';
}

function weights(template: Template): string {
  return template.parameters.map(({ filter }) => String(filter.weight)).join();
}

/** A URL that goes to whichever of the two is declared first. */
function commonUrl(a: Template, b: Template): string | undefined {
  const trees = [treeOf(a, b), treeOf(b, a)] as const;
  const orderDecides = (path: string): boolean =>
    trees[0].match(path)?.value === a && trees[1].match(path)?.value === b;
  for (const url of [...exampleUrls(a), ...exampleUrls(b)]) {
    const target = parseTarget(url, 'GET');
    if (target && orderDecides(target.path)) return url;
  }
  return undefined;
}

function treeOf(...templates: readonly Template[]): RouteTree<Template> {
  const tree = new RouteTree<Template>();
  for (const template of templates) tree.add(template, template);
  return tree;
}

/** URLs of a template, its parameters filled with the samples that fit. */
function* exampleUrls({ parts, parameters }: Template): IterableIterator<string> {
  const choices = parameters.map(({ filter }) =>
    SAMPLES.filter((text) => filter.read(text) !== undefined && (filter.spans || !text.includes('/'))),
  );
  if (choices.some((list) => list.length === 0)) return;
  const tries = Math.max(...choices.map((list) => list.length));
  for (let i = 0; i < tries; i++) {
    let next = 0;
    yield parts
      .map((part) => {
        if (typeof part === 'string') return encodePath(decodeSegment(part));
        const list = choices[next++] ?? [];
        return encodePath(list[i % list.length] ?? '');
      })
      .join('');
  }
}
