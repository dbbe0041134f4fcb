/** Scopes: the hooks, state and error handlers that apply to a path, nearest prefix first. */
import type { HttpError } from '../http/http-error.js';
import type { Handler } from '../message/handler.js';
import type { Response } from '../message/response.js';
import type { Class } from '../metadata/class.js';
import type { Prefix } from '../routing/prefix.js';
import type { Method } from '../routing/router.js';
import type { Template } from '../routing/template.js';
import type { Call } from './action.js';

interface Named {
  /** `Controller.method`. */
  readonly name: string;
  readonly place: string;
}

export interface BeforeHook extends Named {
  readonly call: Call;
}

export interface AfterHook extends Named {
  readonly call: Call<[Response]>;
}

export interface StateHandler extends Named {
  readonly status: number;
  readonly methods: readonly Method[];
  readonly call: Call<[HttpError]>;
}

export interface ErrorClassHandler extends Named {
  readonly errorClass: Class<object>;
  readonly methods: readonly Method[];
  readonly call: Call<[unknown]>;
}

export interface DefaultHandler extends Named {
  readonly methods: readonly Method[];
  readonly answer: Handler;
}

/** What applies to a request, in the order in which it is asked. */
export interface Scope {
  readonly before: readonly BeforeHook[];
  readonly after: readonly AfterHook[];
  readonly states: readonly StateHandler[];
  readonly errors: readonly ErrorClassHandler[];
  readonly defaults: readonly DefaultHandler[];
}

/** What one controller brings; without a prefix it applies everywhere. */
export interface ScopeEntry extends Scope {
  readonly prefix: Prefix | undefined;
}

/** All scopes of an application. */
export class Scopes {
  /** Nearest first: the deeper prefix; of equals the one declared first. */
  readonly #entries: readonly ScopeEntry[];
  readonly #hasPrefixes: boolean;
  /** Merged scopes by the entries in them, so that routes of one scope share one object. */
  readonly #merged = new Map<string, Scope>();
  /** What applies to a request whose path cannot even be read. */
  readonly whole: Scope;

  constructor(entries: readonly ScopeEntry[]) {
    const depth = (entry: ScopeEntry): number => entry.prefix?.depth ?? 0;
    this.#entries = entries.filter(isUseful).sort((a, b) => depth(b) - depth(a));
    this.#hasPrefixes = this.#entries.some(({ prefix }) => prefix !== undefined);
    this.whole = this.#merge((entry) => entry.prefix === undefined);
  }

  /** The scope of every path that a template matches; undefined when it depends on the path. */
  ofTemplate(template: Template): Scope | undefined {
    const relations = new Map(
      this.#entries.map((entry) => [entry, entry.prefix?.relationTo(template) ?? 'always']),
    );
    if ([...relations.values()].includes('sometimes')) return undefined;
    return this.#merge((entry) => relations.get(entry) === 'always');
  }

  /** The scope of a canonical path. */
  ofPath(path: string): Scope {
    if (!this.#hasPrefixes) return this.whole;
    return this.#merge((entry) => entry.prefix?.covers(path) ?? true);
  }

  #merge(applies: (entry: ScopeEntry) => boolean): Scope {
    const flags = this.#entries.map(applies);
    const key = flags.map(Number).join('');
    let scope = this.#merged.get(key);
    if (!scope) {
      const chosen = this.#entries.filter((_, index) => flags[index]);
      scope = {
        before: chosen.flatMap((entry) => entry.before),
        after: chosen.flatMap((entry) => entry.after),
        states: chosen.flatMap((entry) => entry.states),
        errors: chosen.flatMap((entry) => entry.errors),
        defaults: chosen.flatMap((entry) => entry.defaults),
      };
      this.#merged.set(key, scope);
    }
    return scope;
  }
}

function isUseful(entry: ScopeEntry): boolean {
  return [entry.before, entry.after, entry.states, entry.errors, entry.defaults].some(
    (list) => list.length > 0,
  );
}
