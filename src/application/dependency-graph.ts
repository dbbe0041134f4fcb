/** What classes need, and what that needs in turn; every mistake on the way, before anything is made. */
import { CONTROLLER } from '../decorators/controller.js';
import { INJECT } from '../decorators/inject.js';
import { INJECTABLE } from '../decorators/injectable.js';
import type { Problem } from '../ground/errors.js';
import { isClass, type Class } from '../metadata/class.js';
import { isDelayed } from '../metadata/lazy.js';
import {
  constructorOwner,
  constructorParameters,
  dependencyList,
  makeInjectable,
  nameParameter,
  type ConstructorParameter,
} from '../metadata/reflect.js';
import {
  abstractProvider,
  circleOf,
  givesNothing,
  keepsFirstRequest,
  mistakesAtParameter,
  mistakesInList,
  namedTwice,
  missingMetadata,
  notProvided,
  unresolvable,
} from './dependency-messages.js';
import {
  isInjectableClass,
  isMakeable,
  isOfFeature,
  lacksMethod,
  looksAbstract,
} from './injectable-class.js';
import type { Registration } from './registration.js';
import { Lifecycle } from 'tsyringe';

/** Something that is injected. */
export interface Need {
  readonly token: unknown;
  /** The class that objects are made of; undefined for values, aliases and factories. */
  readonly target?: Class;
  /** Undefined for a class under which nothing is registered. */
  readonly registration?: Registration;
  /** How long it lives; undefined where that follows from what it needs. */
  readonly lifetime: 'application' | 'request' | 'transient' | undefined;
  /** What its constructor takes. */
  readonly needs: readonly Need[];
  /** What is looked up only when it is used. */
  readonly later: readonly Need[];
  /** Whether it must be made anew for each request; undefined until all that it needs is known. */
  readonly isOfRequest?: boolean;
}

/** A need that is still being looked at. */
type Open = Mutable<Need> & { needs: Need[]; later: Need[] };

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Which controller asks, and where it stands. */
export type Asker = Pick<Problem, 'member' | 'place'>;

/** What is known already, and where the rest is found. */
export interface Known {
  readonly needs: Map<unknown, Need>;
  /** Whether a token stands for something that exists once per request. */
  isOfRequest(token: unknown): boolean;
  /** All that is registered under a token. */
  registrations(token: unknown): readonly Registration[];
  /** Optional dependencies that are abstract classes: they are missing. */
  readonly absent: Set<unknown>;
}

type Message = (token: unknown) => string;

const OF_REQUEST: Need = { token: undefined, lifetime: 'request', needs: [], later: [] };

/** Whether what is asked for must be made anew for each request. */
export function needsRequest(need: Need, seen = new Set<Need>()): boolean {
  const { lifetime, isOfRequest } = need;
  if (lifetime === 'application' || lifetime === 'request') return lifetime === 'request';
  return isOfRequest ?? takesRequest(need, seen);
}

/** Whether anything that it takes must be. */
function takesRequest({ needs, later }: Need, seen = new Set<Need>()): boolean {
  return [...needs, ...later].some((need) => {
    if (seen.has(need)) return false;
    seen.add(need);
    return needsRequest(need, seen);
  });
}

/** One look at what a controller, or what resolves a token, asks for. */
export class Examination {
  readonly problems: Problem[] = [];
  /** Dependencies first. */
  readonly #found: Open[] = [];
  readonly #known: Known;
  readonly #asker: Asker;

  constructor(known: Known, asker: Asker) {
    this.#known = known;
    this.#asker = asker;
  }

  /** What has not been known before, dependencies first. */
  get found(): readonly Need[] {
    return this.#found;
  }

  /** What a class needs, whatever is registered under it. */
  ofClass(target: Class): Need {
    const known = this.#known.needs.get(target);
    if (known) return known;
    const lifetime = scopeOf(target);
    return this.#look(target, { token: target, target, lifetime, needs: [], later: [] });
  }

  /** What a token stands for; nothing where there is none. An empty class that is asked for like this is meant. */
  ofToken(token: unknown): readonly Need[] {
    if (isMakeable(token) && this.#known.registrations(token).length === 0) return [this.ofClass(token)];
    return this.#find({ token, isOptional: true, isMultiple: false }, notProvided);
  }

  /** Decides what each request needs, and reports circles and singletons that would keep a request: now all is known. */
  finish(): void {
    for (const need of this.#found) {
      need.isOfRequest = needsRequest(need);
      if (need.lifetime === 'application' && takesRequest(need))
        this.#report('E_DEPENDENCY_SCOPE', keepsFirstRequest(need.token, need.registration !== undefined));
    }
    const open = new Set(this.#found);
    for (const need of this.#found.toReversed()) this.#findCircle(need, [], open);
  }

  #look(key: unknown, need: Open): Need {
    this.#known.needs.set(key, need);
    const { target, registration } = need;
    if (target) this.#lookAtClass(target, need);
    else if (registration?.provider.useToken !== undefined)
      this.#add({ token: registration.provider.useToken, isOptional: false, isMultiple: false }, need);
    this.#found.push(need);
    return need;
  }

  #lookAtClass(target: Class, need: Open): void {
    const owner = constructorOwner(target) ?? target;
    for (const message of mistakesInNames(owner)) this.#report('E_DEPENDENCY', message);
    const parameters = constructorParameters(target);
    if (parameters === null) {
      this.#report('E_METADATA', missingMetadata(target));
      return;
    }
    makeInjectable(target);
    for (const [index, parameter] of parameters.entries()) {
      this.#add(parameter, need, (token) => unresolvable(token, owner, index));
      if (parameter.transform !== undefined)
        this.#add({ token: parameter.transform, isOptional: false, isMultiple: false }, need);
    }
  }

  /**
   * A stand-in is there, even where nothing is behind it: so what is looked up later cannot be missing.
   * @param message what is said of a token that stands for nothing
   */
  #add(parameter: ConstructorParameter, need: Open, message: Message = notProvided): void {
    if (!isDelayed(parameter.token)) need.needs.push(...this.#find(parameter, message));
    else
      need.later.push(
        ...this.#find({ ...parameter, token: parameter.token.wrap(), isOptional: false }, message),
      );
  }

  #find({ token, isOptional, isMultiple }: ConstructorParameter, message: Message): readonly Need[] {
    const known = this.#known;
    if (known.isOfRequest(token)) return [OF_REQUEST];
    if (isDelayed(token)) return this.#find({ token: token.wrap(), isOptional, isMultiple }, message);
    const registrations = known.absent.has(token) ? [] : known.registrations(token);
    if (registrations.length > 0)
      return (isMultiple ? registrations : registrations.slice(-1)).map((each) =>
        this.#ofRegistration(token, each),
      );
    if (isInjectableClass(token)) return [this.ofClass(token)];
    if (!isOptional || isOfFeature(token)) this.#report('E_DEPENDENCY', message(token));
    else if (looksAbstract(token)) known.absent.add(token);
    return [];
  }

  #ofRegistration(token: unknown, registration: Registration): Need {
    const known = this.#known.needs.get(registration);
    if (known) return known;
    const { provider, options } = registration;
    const lifetime = LIFETIMES.get(options.lifecycle) ?? 'transient';
    const need: Open = { token, registration, lifetime, needs: [], later: [] };
    const made: unknown = provider.useClass;
    if (isClass(made)) need.target = made;
    if (isClass(made) && lacksMethod(made)) this.#report('E_DEPENDENCY', abstractProvider(token, made));
    if (made !== undefined && !isClass(made)) this.#report('E_DEPENDENCY', givesNothing(token, made));
    return this.#look(registration, need);
  }

  /** @param open what has not been looked at; what was known before is in no circle */
  #findCircle(need: Need, path: readonly Need[], open: Set<Need>): void {
    const start = path.indexOf(need);
    if (start >= 0) {
      const circle = [...path.slice(start), need].map(({ token }) => token);
      this.#report('E_DEPENDENCY_CYCLE', circleOf(circle));
    }
    if (!open.delete(need)) return;
    for (const next of need.needs) this.#findCircle(next, [...path, need], open);
  }

  #report(code: Problem['code'], message: string): void {
    this.problems.push({ code, message, ...this.#asker });
  }
}

const LIFETIMES: ReadonlyMap<Lifecycle, Need['lifetime']> = new Map([
  [Lifecycle.Singleton, 'application'],
  [Lifecycle.ContainerScoped, 'request'],
]);

/** What is wrong with a list of dependencies, or with what stands before the parameters. */
function mistakesInNames(owner: Class): string[] {
  const list = dependencyList(owner);
  if (list) return mistakesInList(owner, list);
  return INJECT.ofParameters(owner).flatMap((record) => {
    const isOnce = nameParameter(owner, record.parameter ?? 0, record.value);
    return isOnce ? mistakesAtParameter(owner, record) : namedTwice(owner, record);
  });
}

/** What `@Injectable({ scope })` says of a class, or of the nearest that it extends. A controller is never transient. */
function scopeOf(target: Class): Need['lifetime'] {
  const scope = INJECTABLE.ofClass(target).findLast(({ value }) => value.scope !== undefined)?.value.scope;
  if (scope === 'transient' && CONTROLLER.ofOwnClass(target).length > 0) return 'request';
  return scope === 'singleton' ? 'application' : scope;
}
