/** After any sequence of additions and removals an application is as one that was bootstrapped with what is left. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  AfterResponse,
  BeforeResponse,
  Controller,
  createGuard,
  Default,
  ErrorHandler,
  HttpState,
  Route,
  Use,
  type Feature,
  type Method,
  type Middleware,
  type Request,
  type Response,
} from 'obol';
import { createLayer } from '../../src/decorators/wrapping.js';
import { ObolError } from '../../src/ground/errors.js';
import type { Table } from '../../src/application/table.js';
import { TestClient } from '../../src/hosts/testing/test-client.js';
import { start } from '../support/client.js';

const METHODS: readonly Method[] = ['GET', 'HEAD', 'POST', 'PUT'];
const PREFIXES = ['', '/a', '/a/<n:int>'] as const;
const ERRORS = { RangeError, Error } as const;

/** One entry of a table. */
interface Entry {
  readonly kind: 'routes' | 'states' | 'errors' | 'defaults' | 'before' | 'after' | 'filters';
  /** Path, status, name of an error, of a hook, of a filter. */
  readonly key: string | RegExp;
  readonly prefix: (typeof PREFIXES)[number];
  readonly methods: readonly Method[];
  readonly isWrapped: boolean;
  /** Declared by a decorator, as a member of the controller with the prefix. */
  readonly isDeclared: boolean;
  /** Names its handler. */
  readonly id: string;
}

const Passing = createGuard('Passing', () => (request) => {
  if (request.args.has('stop')) throw new RangeError('stopped by a guard');
});
const stamp: Middleware = async (request, next) => {
  const response = await next(request);
  response.headers.append('X-Stamp', 'yes');
  return response;
};

/** What a handler answers: who it is, and what it was given. */
function handlerOf({ kind, id }: Entry): (request: Request, ...rest: never[]) => unknown {
  const act = {
    [id](request: Request, ...rest: unknown[]): unknown {
      if (kind === 'before') request.db = [request.db, id].join(' ');
      if (kind === 'after') return void (rest[0] as Response).headers.append('X-After', id);
      if (request.args.has('throw') && kind === 'routes') throw new RangeError('thrown');
      return `${id} ${JSON.stringify([rest.filter((value) => !(value instanceof Error)), request.params])} ${String(request.db)}`;
    },
  };
  return act[id] as (request: Request) => unknown;
}

const Layered = createLayer('Layered', () => async (request, next) => {
  const response = await next(request);
  response.headers.append('X-Layer', 'yes');
  return response;
});

const around = { guards: [Passing()], middleware: [stamp], layers: [Layered()] };
const DAY = { pattern: /\d{4}-\d\d/, convert: (text: string) => [text] };

/** The entries as a feature. */
function featureOf(entries: readonly Entry[]): Feature {
  const of = (kind: Entry['kind']) => entries.filter((entry) => !entry.isDeclared && entry.kind === kind);
  const hook = (entry: Entry) => ({ handler: handlerOf(entry) as () => unknown, prefix: entry.prefix });
  const scoped = (entry: Entry) => ({ ...hook(entry), methods: entry.methods });
  const wrapped = (entry: Entry) => (entry.isWrapped ? around : {});
  return {
    routes: of('routes').map((entry) => ({
      path: entry.key,
      handler: handlerOf(entry),
      methods: entry.methods,
      ...wrapped(entry),
    })),
    states: of('states').map((entry) => ({ status: Number(entry.key), ...scoped(entry) })),
    errors: of('errors').map((entry) => ({ errorClass: ERRORS[entry.key as 'Error'], ...scoped(entry) })),
    defaults: of('defaults').map((entry) => ({ ...scoped(entry), ...wrapped(entry) })),
    before: of('before').map(hook),
    after: of('after').map(hook),
    filters: Object.fromEntries(of('filters').map(({ key }) => [String(key), DAY] as const)),
  };
}

/** The declared entries as members of a controller for each prefix. */
function controllersOf(entries: readonly Entry[]) {
  return PREFIXES.map((prefix) => {
    class Declared {}
    const members = entries.filter((entry) => entry.isDeclared && entry.prefix === prefix);
    for (const entry of members) {
      Object.defineProperty(Declared.prototype, entry.id, { value: handlerOf(entry), configurable: true });
      const decorate = (decorator: unknown): void => {
        (decorator as MethodDecorator)(Declared.prototype, entry.id, { configurable: true });
      };
      for (const decorator of decoratorsOf(entry)) decorate(decorator);
    }
    Controller(prefix)(Declared);
    return Declared;
  });
}

function decoratorsOf({ kind, key, methods, isWrapped }: Entry): unknown[] {
  const wrapping =
    isWrapped && (kind === 'routes' || kind === 'defaults') ? [Passing(), Use(stamp), Layered()] : [];
  if (kind === 'routes') return [Route(key as RegExp, methods), ...wrapping];
  if (kind === 'states') return [HttpState(Number(key), methods)];
  if (kind === 'errors') return [ErrorHandler(ERRORS[key as 'Error'], methods)];
  if (kind === 'defaults') return [Default(methods), ...wrapping];
  return [kind === 'before' ? BeforeResponse() : AfterResponse()];
}

function add(table: Table, entry: Entry): void {
  const { kind, key, methods, prefix, isWrapped } = entry;
  const handler = handlerOf(entry) as () => unknown;
  const scope = { methods, prefix };
  const wrapping = isWrapped ? around : {};
  if (kind === 'routes') table.routes.add(key, handler, { methods, ...wrapping });
  else if (kind === 'states') table.states.add(Number(key), handler, scope);
  else if (kind === 'errors') table.errors.add(ERRORS[key as 'Error'], handler, scope);
  else if (kind === 'defaults') table.defaults.add(handler, { ...scope, ...wrapping });
  else if (kind === 'filters') table.filters.add(key as string, DAY);
  else table[kind].add(handler, { prefix });
}

function remove(table: Table, { kind, key, methods, prefix, id, isDeclared }: Entry): void {
  if (kind === 'routes')
    table.routes.remove(isDeclared && typeof key === 'string' ? prefix + key : key, methods);
  else if (kind === 'states') table.states.remove(Number(key), { methods, prefix });
  else if (kind === 'errors') table.errors.remove(ERRORS[key as 'Error'], { methods, prefix });
  else if (kind === 'defaults') table.defaults.remove({ methods, prefix });
  else if (kind === 'filters') table.filters.remove(key as string);
  else table[kind].remove(isDeclared ? `Declared.${id}` : id);
}

/** What is left when the methods of an entry, or all of it, are removed. */
function without(entries: readonly Entry[], removed: Entry): Entry[] {
  const isSame = (entry: Entry): boolean => {
    if (entry.kind !== removed.kind) return false;
    if (entry.kind === 'routes') return pathOf(entry) === pathOf(removed);
    if (entry.kind === 'before' || entry.kind === 'after')
      return entry.id === removed.id && entry.isDeclared === removed.isDeclared;
    return (
      String(entry.key) === String(removed.key) &&
      (entry.kind === 'filters' || entry.prefix === removed.prefix)
    );
  };
  return entries.flatMap((entry) => {
    if (!isSame(entry)) return entry;
    if (['before', 'after', 'filters'].includes(entry.kind)) return [];
    const methods = entry.methods.filter((method) => !removedMethods(removed).includes(method));
    return methods.length === 0 ? [] : { ...entry, methods };
  });
}

/** HEAD goes with GET, but for routes, where it is the router that gives HEAD the route of GET. */
function removedMethods({ kind, methods }: Entry): readonly Method[] {
  return kind !== 'routes' && methods.includes('GET') ? [...methods, 'HEAD'] : methods;
}

function pathOf({ key, prefix, isDeclared }: Entry): string {
  return typeof key === 'string' ? `template ${isDeclared ? prefix : ''}${key}` : String(key);
}

const methodLists = fc.constantFrom<readonly Method[]>(
  ['GET'],
  ['POST'],
  ['PUT', 'GET'],
  ['HEAD'],
  ['POST', 'PUT'],
);
const paths = [
  '/a',
  '/a/<x:int>',
  '/a/<y:word>',
  '/<x>/<y>',
  '/a/<rest:path>',
  '/on/<d:day>',
  /\/a\/(\d+)x?/,
  /\/(?<x>.*)/,
];
const keys: Readonly<Record<Entry['kind'], readonly (string | RegExp)[]>> = {
  routes: paths,
  states: ['404', '405', '500'],
  errors: ['RangeError', 'Error'],
  defaults: ['default'],
  before: ['hook'],
  after: ['hook'],
  filters: ['day', 'word'],
};

let ids = 0;
const entries = (isDeclared: boolean): fc.Arbitrary<Entry> =>
  fc
    .record({
      kind: fc.constantFrom<Entry['kind']>(
        'routes',
        'routes',
        'routes',
        'states',
        'errors',
        'defaults',
        'before',
        'after',
        'filters',
      ),
      pick: fc.nat(100),
      prefix: fc.constantFrom(...PREFIXES),
      methods: methodLists,
      isWrapped: fc.boolean(),
      hook: fc.nat(2),
    })
    .filter(({ kind }) => !(isDeclared && kind === 'filters'))
    .map(({ kind, pick, prefix, methods, isWrapped, hook }) => {
      const key = keys[kind][pick % keys[kind].length] ?? '';
      const id = kind === 'before' || kind === 'after' ? `${kind}${String(hook)}` : `${kind}${String(ids++)}`;
      // A function that is a route is given its whole path.
      const own = kind === 'routes' && !isDeclared ? '' : prefix;
      return { kind, key, prefix: own, methods, isWrapped, isDeclared, id };
    });

/** Without what bootstrap would refuse: the same twice, and paths with a filter that is not there. */
function sound(candidates: readonly Entry[]): Entry[] {
  const hasDay = candidates.some(({ kind, key }) => kind === 'filters' && key === 'day');
  const kept = new Map<string, Entry>();
  for (const entry of candidates) {
    const { kind, key, prefix, id, isDeclared } = entry;
    if (kind === 'routes' && String(key).includes(':day') && !hasDay) continue;
    const isHook = kind === 'before' || kind === 'after';
    kept.set(
      isHook
        ? `${id} ${String(isDeclared)}`
        : `${kind} ${kind === 'routes' ? pathOf(entry) : `${String(key)} ${prefix}`}`,
      entry,
    );
  }
  return [...kept.values()];
}

async function bootstrapped(given: readonly Entry[]) {
  const { app } = await start(controllersOf(given), { features: [featureOf(given)] });
  return app;
}

function tableOf(app: { readonly table: Table }): unknown {
  const text = JSON.stringify(app.table, (key, value: unknown) => (key === 'place' ? undefined : value));
  return JSON.parse(text);
}

const TARGETS = [
  '/',
  '/a',
  '/a/7',
  '/a/x',
  '/a/7x',
  '/a/7/b',
  '/on/2026-01',
  '/a?throw=1',
  '/a/7?throw=1',
  '/a/7?stop=1',
  '/b/c',
];

async function answersOf(app: Awaited<ReturnType<typeof bootstrapped>>): Promise<string[]> {
  const client = new TestClient(app);
  const answers: string[] = [];
  for (const target of TARGETS) {
    for (const method of [...METHODS, 'OPTIONS']) {
      const response = await client.request(target, { method });
      const { headers } = response;
      const shown = ['allow', 'x-after', 'x-stamp', 'x-layer'].map((name) => headers.get(name));
      answers.push([method, target, response.status, shown.join(), await response.text()].join(' '));
    }
  }
  return answers;
}

type Change = readonly ['add' | 'remove', Entry];

/** Makes changes, those that are mistakes left out. @returns what is left */
function changed(table: Table, given: readonly Entry[], changes: readonly Change[]): Entry[] {
  let left = [...given];
  for (const [what, entry] of changes) {
    try {
      if (what === 'add') add(table, entry);
      else remove(table, entry);
    } catch (error) {
      if (error instanceof ObolError) continue;
      throw error;
    }
    left = what === 'add' ? [...left, entry] : without(left, entry);
  }
  return left;
}

test('is as one that was bootstrapped with what is left', async () => {
  const initial = fc.array(fc.oneof(entries(true), entries(false)), { maxLength: 8 });
  const fresh = fc.array(entries(false), { maxLength: 12 });
  const order = fc.array(fc.tuple(fc.boolean(), fc.nat(100)), { maxLength: 20 });
  let made = 0;
  const property = fc.asyncProperty(initial, fresh, order, async (candidates, others, steps) => {
    const given = sound(candidates);
    const pool = [...given, ...others];
    const plan = steps.flatMap(([isRemoval, pick]): Change[] => {
      const from = isRemoval ? pool : others;
      const entry = from[pick % Math.max(1, from.length)];
      return entry ? [[isRemoval ? 'remove' : 'add', entry]] : [];
    });
    const app = await bootstrapped(given);
    const left = changed(app.table, given, plan);
    made += left.filter((entry) => !given.includes(entry)).length;
    const other = await bootstrapped(left);
    expect(tableOf(app)).toEqual(tableOf(other));
    expect(await answersOf(app)).toEqual(await answersOf(other));
  });
  await fc.assert(property, { numRuns: 40 });
  // Sequences that change nothing would show nothing.
  expect(made).toBeGreaterThan(20);
}, 60_000);
