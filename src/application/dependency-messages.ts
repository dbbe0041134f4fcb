/** What is said to a developer whose dependencies cannot be injected. */
import { inspect } from 'node:util';
import { CONTROLLER } from '../decorators/controller.js';
import { INJECT } from '../decorators/inject.js';
import { injectionToken, type AnyToken, type Descriptor } from '../ground/token.js';
import { classNameOf, isClass, lineage, type Class } from '../metadata/class.js';
import { isDelayed } from '../metadata/lazy.js';
import { providerOf } from '../metadata/provided-by.js';
import type { MetadataRecord } from '../metadata/records.js';
import { constructorOwner, dependencyList, parameterType, type DependencyList } from '../metadata/reflect.js';
import { standardMetadata } from '../metadata/standard.js';
import { isNative, looksAbstract } from './injectable-class.js';
import { wayToMetadata } from './way-to-metadata.js';

const PROVIDE =
  'Pass providers: [{ provide: ..., useValue: ... }] to bootstrap, or register it in the container.';

/** What one `@Inject` left. */
type InjectRecord = MetadataRecord<Descriptor>;

/** What compilers write down for types that mean nothing at run time. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ['Object', 'an interface, a plain object or a class that comes by `import type`'],
  ['Function', 'a function or a class that comes by `import type`'],
]);

/** A token that stands for nothing. */
export function notProvided(token: unknown): string {
  const feature = typeof token === 'function' ? providerOf(token) : undefined;
  if (feature !== undefined)
    return `${nameOf(token)} is provided by a feature that this application does not have: add features: [${feature}] to bootstrap.`;
  return looksAbstract(token) ? abstractClass(token) : `${nameOf(token)} is not provided. ${PROVIDE}`;
}

/**
 * A token that a constructor asks for in vain.
 * @param parameter its index in the constructor of `owner`
 */
export function unresolvable(token: unknown, owner: Class, parameter: number): string {
  if (typeof token === 'function' && providerOf(token) !== undefined) return notProvided(token);
  const lead = parameterOf(owner, parameter);
  if (token === undefined) {
    const isInjected = INJECT.ofParameters(owner).some((record) => record.parameter === parameter);
    const way = isInjected ? 'as @Inject(lazy(() => X))' : `in the list: ${listOf(owner, 'lazy(() => X)')}`;
    return (
      `${lead} has no type at run time: its module is still loading because of a circular import. Name it ${way}` +
      ', and import the type of the parameter with `import type`.'
    );
  }
  if (isNative(token) && dependencyList(owner)) {
    const name = nameOf(token);
    return `${lead} asks for ${name}, which comes with the language and is not provided. List a Token in its place, or pass providers: [{ provide: ${name}, useValue: ... }] to bootstrap.`;
  }
  if (isNative(token)) {
    const meaning = MEANINGS.get(nameOf(token));
    const cure = meaning ? 'Import the class without `type`, or name' : 'Name';
    return `${lead} is ${meaning ?? `of type ${nameOf(token)}`}, which says nothing about what to inject. ${cure} it in the list: ${listOf(owner, 'TOKEN')}, or with @Inject(TOKEN).`;
  }
  return looksAbstract(token)
    ? `${lead} asks for ${abstractClass(token)}`
    : `${lead} asks for ${nameOf(token)}, which is not provided. ${PROVIDE}`;
}

/** A class that wants something, and what is unknown, since its decorator was forgotten or its metadata dropped. */
export function missingMetadata(target: Class): string {
  const owner = constructorOwner(target) ?? target;
  const isInherited = owner !== target;
  const what = isInherited
    ? `inherits the constructor of ${nameOf(owner)}, which has parameters`
    : 'has constructor parameters';
  const isPartly = INJECT.ofParameters(owner).length > 0;
  const which = isPartly ? 'those without @Inject' : 'them';
  const cure = isPartly
    ? 'Put @Inject(TOKEN) before each, or list in place of it what it takes'
    : 'List what it takes';
  const list = `${cure}: ${listOf(owner, 'A, B')}${isInherited ? ` before ${nameOf(owner)}` : ''}`;
  const isController = CONTROLLER.ofOwnClass(target).length > 0;
  const object = isController
    ? ''
    : `, or give bootstrap an object: providers: [{ provide: ${nameOf(target)}, useValue: ... }]`;
  const isStandard = lineage(target).some(standardMetadata);
  return `${nameOf(target)} ${what} but no metadata about ${which}. ${list}${object}. ${wayToMetadata(isStandard)}`;
}

/** What is wrong with a list of dependencies, as far as the compiler may not have seen it. */
export function mistakesInList(target: Class, { dependencies, emitted, isTwice }: DependencyList): string[] {
  const name = nameOf(target);
  const mistakes: string[] = [];
  if (isTwice)
    mistakes.push(
      `The dependencies of ${name} are named twice. Keep one list, and neither @Inject nor @inject beside it.`,
    );
  if (target.length > dependencies.length) {
    const taken = `The constructor of ${name} takes ${String(target.length)} parameters, but its list names ${String(dependencies.length)}`;
    mistakes.push(`${taken}. List one dependency for each: ${listOf(target, 'A, B')}.`);
  }
  for (const [index, dependency] of dependencies.entries()) {
    const unfit = unfitClass(dependency, emitted?.[index]);
    if (unfit)
      mistakes.push(
        `${parameterOf(target, index)} ${unfit} List the dependencies in the order of the parameters.`,
      );
  }
  return mistakes;
}

/** What is wrong with what stands before a parameter, as far as the compiler may not have seen it. */
export function mistakesAtParameter(owner: Class, { parameter = 0, value, place }: InjectRecord): string[] {
  const unfit = unfitClass(value, parameterType(owner, parameter));
  return unfit
    ? [`${parameterOf(owner, parameter)} ${unfit} Inject another (${String(place)}), or change its type.`]
    : [];
}

/** A parameter before which two decorators stand. */
export function namedTwice(owner: Class, { parameter = 0, value, place }: InjectRecord): string {
  return `${parameterOf(owner, parameter)} is named twice: @Inject(${nameOf(value.token)}) (${String(place)}) has another @Inject, or one of tsyringe's decorators, beside it. Keep one of them.`;
}

/** A singleton that takes something of a request. @param isRegistered whether a provider or tsyringe says that it is one */
export function keepsFirstRequest(token: unknown, isRegistered: boolean): string {
  const cure = isRegistered
    ? 'Provide it with requestProviders, make it @injectable() or @scoped(Lifecycle.ContainerScoped) in place of @singleton()'
    : "Write @Injectable({ scope: 'request' }, ...) before it";
  return (
    `The singleton ${nameOf(token)} takes an object that exists once per request, so it would keep that of the first ` +
    `request for ever. ${cure}, or pass the object to its methods.`
  );
}

/** @param circle from a token back to itself */
export function circleOf(circle: readonly unknown[]): string {
  return `The constructors go in a circle: ${circle.map(nameOf).join(' -> ')}. Inject one of them with lazy(() => X), or with delay().`;
}

/** What tsyringe keeps of a provider that has no value, no class and no factory. */
export function givesNothing(token: unknown, provider: unknown): string {
  return (
    `The provider of ${nameOf(token)} is ${inspect(provider, { depth: 0, breakLength: Infinity })}, which gives nothing. Give it a ` +
    'value, a class or a factory; what may be missing is left out and taken with Token.optional().'
  );
}

/** A class that is given for a token, and cannot do what it says. */
export function abstractProvider(token: unknown, given: Class): string {
  return `The provider of ${nameOf(token)} is the class ${classNameOf(given)}, which looks abstract: it calls what it does not have. Give one that extends it.`;
}

/** A token as a developer knows it. */
export function nameOf(given: unknown): string {
  const token: unknown = injectionToken(given as AnyToken);
  if (typeof token === 'function') return isClass(token) ? classNameOf(token) : token.name || 'a function';
  if (typeof token === 'string') return `"${token}"`;
  return inspect(token, { depth: 0, breakLength: Infinity });
}

function abstractClass(token: unknown): string {
  const name = nameOf(token);
  return `${name}, which looks abstract: it has no members, or calls what it does not have. Pass providers: [{ provide: ${name}, useClass: ... }] to bootstrap; an empty class that is meant stands under @Injectable().`;
}

/** The list that stands before a class. */
function listOf(owner: Class, entries: string): string {
  return CONTROLLER.ofOwnClass(owner).length > 0
    ? `@Controller(path, ${entries})`
    : `@Injectable(${entries})`;
}

/** How messages call a parameter. */
function parameterOf(owner: Class, index: number): string {
  return `Parameter ${String(index + 1)} of the constructor of ${nameOf(owner)}`;
}

function unfitClass({ token: given, multiple }: Descriptor, type: unknown): string | undefined {
  const token = isDelayed(given) ? given.wrap() : given;
  if (multiple || !isOther(token, type)) return undefined;
  return `is of class ${nameOf(type)}, but its dependency is ${nameOf(token)}, which does not extend it.`;
}

/** Whether a parameter has a class, and its dependency is another one; both fit where the types are of one structure. */
function isOther(token: unknown, type: unknown): boolean {
  if (typeof token !== 'function' || typeof type !== 'function' || isNative(type)) return false;
  const { prototype } = type as Class;
  return lineage(token as Class).every((owner) => owner.prototype !== prototype);
}
