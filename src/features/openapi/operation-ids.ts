/** Names of operations for programs: the same as long as the method and its routes are. */
import { METHODS } from '../../kit.js';
import { freeName } from './schema-store.js';

/** Names of functions that say nothing of what they do, such as those of modules that are routes. */
const NAMELESS: ReadonlySet<string> = new Set(['anonymous', 'default', 'handle', 'handler', ...METHODS]);

/** What a name is made of. */
export interface Nameable {
  readonly controller: string;
  readonly handler: string;
  /** In lower case. */
  readonly method: string;
  readonly path: string;
  /** What `@Describe` says. */
  readonly given: string | undefined;
}

/**
 * A unique name for each: `Controller_method`, of a function its own or else that of HTTP and the path; where a method has several operations, with that of HTTP behind it, and where
 * these are several, with the path.
 */
export function operationIds(operations: readonly Nameable[]): string[] {
  const choices = [short, withMethod, withPath].map((name) =>
    operations.map((each) => each.given ?? name(each)),
  );
  const taken = new Set<string>();
  return operations.map((_, index) => {
    const names = choices.find((list) => isUnique(list, index)) ?? choices.at(-1);
    const free = freeName(names?.[index] ?? '', taken);
    taken.add(free);
    return free;
  });
}

function isUnique(names: readonly string[], index: number): boolean {
  return names.filter((name) => name === names[index]).length === 1;
}

function short({ controller, handler, method, path }: Nameable): string {
  if (controller !== '') return `${controller}_${handler}`;
  return NAMELESS.has(handler) ? `${method}${slugOf(path)}` : handler;
}

function withMethod(operation: Nameable): string {
  return `${short(operation)}_${operation.method}`;
}

function withPath(operation: Nameable): string {
  return `${withMethod(operation)}${slugOf(operation.path)}`;
}

function slugOf(path: string): string {
  return path.replace(/[^\w]+/g, '_').replace(/_$/, '');
}
