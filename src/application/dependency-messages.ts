/** What is said to a developer whose dependencies cannot be injected. */
import type { Class } from '../metadata/class.js';
import { providerOf } from '../metadata/provided-by.js';

/** Types that the compiler writes down where a type means nothing at run time. */
export const PRIMITIVES: readonly unknown[] = [
  Object,
  String,
  Number,
  Boolean,
  Array,
  Function,
  Symbol,
  Promise,
  undefined,
];

/** A token that stands for nothing. */
export function notProvided(token: unknown): string {
  const feature = typeof token === 'function' ? providerOf(token) : undefined;
  return feature === undefined
    ? `${nameOf(token)} is not provided. ${PROVIDE}`
    : `${nameOf(token)} is provided by a feature that this application does not have: add features: [${feature}] to bootstrap.`;
}

const PROVIDE =
  'Pass providers: [{ provide: ..., useValue: ... }] to bootstrap, or register it in the container.';

/**
 * A token that a constructor asks for in vain.
 * @param parameter its index in the constructor of `owner`
 */
export function unresolvable(token: unknown, owner: unknown, parameter: number): string {
  if (typeof token === 'function' && providerOf(token) !== undefined) return notProvided(token);
  const lead = `Parameter ${String(parameter + 1)} of the constructor of ${nameOf(owner)}`;
  if (token === undefined) {
    return `${lead} has no type at run time: its module is still loading because of a circular import. Use @inject(delay(() => X)).`;
  }
  if (PRIMITIVES.includes(token)) {
    return `${lead} is ${nameOf(token) === 'Object' ? 'an interface or a plain object' : `of type ${nameOf(token)}`}, which says nothing about what to inject. Name it: @inject(token).`;
  }
  return `${lead} asks for ${nameOf(token)}, which is not provided. ${PROVIDE}`;
}

/** A class that wants something, and what is unknown, since its decorator was forgotten or its metadata dropped. */
export function missingMetadata(target: Class): string {
  return (
    `${nameOf(target)} has constructor parameters but no metadata about them. Decorate the class with @injectable(), ` +
    '@singleton() or @Controller(), turn on emitDecoratorMetadata, and compile with tsc or swc: esbuild and tsx drop ' +
    'the metadata. Two copies of reflect-metadata have the same effect (npm ls reflect-metadata).'
  );
}

/** A singleton that takes something of a request. */
export function keepsFirstRequest(token: unknown): string {
  return (
    `The singleton ${nameOf(token)} takes an object that exists once per request, so it would keep that of the first ` +
    'request for ever. Make it @injectable() or @scoped(Lifecycle.ContainerScoped), or pass the object to its methods.'
  );
}

/** A token as a developer knows it. */
export function nameOf(token: unknown): string {
  if (typeof token === 'function') return token.name || 'an anonymous class';
  return typeof token === 'string' ? `"${token}"` : String(token);
}
