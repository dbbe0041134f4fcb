/** Trees of routes for tests, with filters of every kind that users may register. */
import { parseTarget } from '../../src/http/target.js';
import { FilterRegistry } from '../../src/routing/filters.js';
import { RouteTree } from '../../src/routing/route-tree.js';
import { parseTemplate } from '../../src/routing/template.js';

export const filters = new FilterRegistry();
filters.add('year', { pattern: /(?<y>\d{4})/, convert: Number });
filters.add('month', { pattern: '0?([1-9])|1([0-2])', convert: (text) => Number(text) });
filters.add('loose', { pattern: /[a-z]+/i });
filters.add('letters', { pattern: /\p{L}+/u });
filters.add('nested', { pattern: new RegExp('[\\p{L}--[a-c]]+', 'v') });
filters.add('loosely', { pattern: /\-+/ });
filters.add('any', { pattern: /.+/ });
filters.add('all', { pattern: /.+/, spans: true });
filters.add('refusing', { pattern: /\d+/, convert: (text) => (text === '13' ? undefined : text) });
filters.add('rare', { pattern: /x.*/, weight: 95 });

/** A tree of templates, each its own value. */
export function treeOf(...templates: readonly string[]): RouteTree<string> {
  const tree = new RouteTree<string>();
  for (const text of templates) tree.add(parseTemplate(text, filters), text);
  return tree;
}

/** `template value value ...` of what a target matches. */
export function find(tree: RouteTree<string>, target: string): string | undefined {
  const path = parseTarget(target, 'GET')?.path;
  const found = path === undefined ? undefined : tree.match(path);
  return found && [found.value, ...found.values].join(' ');
}
