/** `client()`: the methods of a controller, called from elsewhere. */
import type { Class } from '../metadata/class.js';
import { PendingCall, type Exchange } from './call.js';
import { contentOf, cookieOf, headersOf, queryOf } from './input.js';
import { mistake } from './mistake.js';
import {
  callableRoutes,
  type CallableRoute,
  type CallableRoutes,
  type ClientRoute,
  type ClientRoutes,
} from './routes.js';
import { once, transportTo, type ClientBase, type Fetch } from './transport.js';
import type { Client, ControllerClass, PlainInput } from './types.js';

/** The routes of a class, by those of its members that have some: one at least, so `{}` is a compile error. */
export type RoutesOf<T extends ControllerClass> = Table<InstanceType<T>> & OneAtLeast<InstanceType<T>>;

type Table<I> = { readonly [K in keyof I]?: readonly ClientRoute[] };
type OneAtLeast<I> = { [K in keyof I]: Readonly<Record<K, readonly ClientRoute[]>> }[keyof I];

/** What a client is made of. */
export type ClientOptions<T extends ControllerClass> = SharedOptions &
  (
    | {
        /** Its routes, from the module that `obol routes --client` writes. */
        readonly routes: RoutesOf<T>;
      }
    | {
        /** The class itself, where it is at hand, as in tests and on servers: its decorators say the routes. */
        readonly from: T;
      }
  );

interface SharedOptions {
  /** Header fields of every call, or a function that gives them for each. Default none. */
  readonly headers?: Fields | (() => Fields | Promise<Fields>) | undefined;
  /** Sends the requests to a URL: `(url, init) => fetch(url, { ...init, credentials: 'include' })`. Default the `fetch` of the platform. */
  readonly fetch?: Fetch | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * A client of a controller: a method for each of its handlers, which takes the parameters of the path, then what else is sent.
 * @param base where requests go: a URL; an application or any other handler, in process; or a `TestClient`, whose cookies are kept
 * @throws TypeError E_SETTING where neither `routes` nor `from` is given, or no route in `routes`
 *
 * @example
 * ```ts
 * const api = client<typeof IssuesController>('https://tracker.example', { routes: routes.IssuesController });
 * const comment = await api.add(1, { body: { text: 'Mine, too' } });
 * const answer = await api.add(1, { body: { text: 'Mine, too' } }).result();
 * if (answer.status === 404) console.log(answer.data);
 * ```
 */
export function client<T extends ControllerClass>(base: ClientBase, options: ClientOptions<T>): Client<T> {
  const caller = new Caller(base, options);
  const get = (_: object, name: string | symbol): unknown =>
    typeof name === 'string' && caller.knows(name)
      ? (...args: unknown[]) => new PendingCall(caller.call(name, args))
      : undefined;
  return new Proxy({}, { get }) as Client<T>;
}

class Caller {
  readonly #routes: () => CallableRoutes | Promise<CallableRoutes>;
  /** What has the names of its methods. */
  readonly #named: object;
  readonly #fetch: Fetch;
  readonly #headers: SharedOptions['headers'];

  constructor(base: ClientBase, options: ClientOptions<ControllerClass>) {
    checkOptions(options);
    const { routes, from } = options as { readonly routes?: ClientRoutes; readonly from?: Class };
    if (routes) {
      this.#named = routes;
      this.#routes = once(() => callableRoutes(routes));
    } else if (from) {
      this.#named = from.prototype as object;
      this.#routes = once(() => routesOfClass(from, base));
    } else throw withoutPaths();
    this.#fetch = transportTo(base, options.fetch);
    this.#headers = options.headers;
  }

  /**
   * Whether there is such a method. What every object has is none, unless the controller has its own, and a client is no promise,
   * even where it is awaited.
   */
  knows(name: string): boolean {
    if (name === 'then' || name === 'constructor') return false;
    return name in Object.prototype ? hasBelowRoot(this.#named, name) : name in this.#named;
  }

  async call(name: string, args: readonly unknown[]): Promise<Exchange> {
    const { route, values, input } = chosen(await this.#routes(), name, args);
    checkNames(input, INPUT_NAMES, `client(): "${name}"`);
    const path = route.fill(values);
    const { body, type } = contentOf(input, route.bodyType);
    const own = typeof this.#headers === 'function' ? await this.#headers() : this.#headers;
    const headers = headersOf({ 'content-type': type, cookie: cookieOf(input.cookies) }, own, input.headers);
    const response = await this.#fetch(path + queryOf(input.query), {
      method: route.method,
      headers,
      ...(body !== undefined && { body }),
      ...(isStream(body) && { duplex: 'half' }),
      ...(input.signal && { signal: input.signal }),
    });
    return { route, asked: `${route.method} ${path}`, response, signal: input.signal };
  }
}

async function routesOfClass(from: Class, base: ClientBase): Promise<CallableRoutes> {
  return (await import('./in-process.js')).routesOf(from, base);
}

/** Whether an object, or one that it comes from, has a member that is not that of every object. */
function hasBelowRoot(object: object, name: string): boolean {
  const above = Object.getPrototypeOf(object) as object | null;
  return above !== null && (Object.hasOwn(object, name) || hasBelowRoot(above, name));
}

const OPTION_NAMES = ['routes', 'from', 'headers', 'fetch'];
const INPUT_NAMES = ['body', 'query', 'form', 'headers', 'cookies', 'signal'];
/** What each option is, where it is given. */
const RIGHT: readonly (readonly [name: string, what: string, isRight: (value: unknown) => boolean])[] = [
  ['routes', 'the table of one controller, such as routes.IssuesController', isTable],
  ['from', 'the class of a controller', (value) => typeof value === 'function'],
  ['fetch', 'a function', (value) => typeof value === 'function'],
  ['headers', 'fields by name, or a function that gives them', (value) => Object(value) === value],
];

/** @throws TypeError E_SETTING for what is no option, and for none at all */
function checkOptions(options: ClientOptions<ControllerClass>): void {
  if (Object(options) !== options) throw withoutPaths();
  checkNames(options, OPTION_NAMES, 'client()');
  const given = new Map<string, unknown>(Object.entries(options));
  for (const [name, what, isRight] of RIGHT)
    if (given.get(name) !== undefined && !isRight(given.get(name)))
      throw mistake('E_SETTING', `client(): as ${name}, give ${what}.`);
  const lists = Object.values(Object(given.get('routes')) as ClientRoutes);
  if (given.get('routes') !== undefined && !lists.some((list) => list !== undefined && list.length > 0))
    throw mistake('E_SETTING', NO_ROUTES);
}

const NO_ROUTES =
  'client(): its routes are a table without any, so it would have no methods; give that of a controller which has some, such as ' +
  'routes.IssuesController of the module that "obol routes --client" writes, or { from: TheController }.';

function isTable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).every((list) => list === undefined || Array.isArray(list));
}

function checkNames(given: object, known: readonly string[], where: string): void {
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw mistake(
      'E_SETTING',
      `${where}: there is no ${JSON.stringify(unknown)}; it takes ${known.join(', ')}.`,
    );
}

function withoutPaths(): TypeError {
  return mistake(
    'E_SETTING',
    'client(): it knows no paths; give { routes }, as "obol routes --client" writes them, or { from: TheController }.',
  );
}

/** What a call is made of. */
interface Chosen {
  readonly route: CallableRoute;
  readonly values: readonly unknown[];
  readonly input: PlainInput;
}

/** The route of a method that takes so many values, and what else the call sends. */
function chosen(routes: CallableRoutes, name: string, args: readonly unknown[]): Chosen {
  const list = routes.get(name) ?? [];
  if (list.length === 0) throw mistake('E_ROUTE_MISSING', `client(): "${name}" has no route with a path.`);
  const taking = (count: number): CallableRoute | undefined =>
    list.find(({ parameters }) => parameters === count);
  const last = args.at(-1);
  if (args.length > 0 && (last === undefined || isPlainObject(last))) {
    const route = taking(args.length - 1);
    if (route) return { route, values: args.slice(0, -1), input: last ?? {} };
  }
  const route = taking(args.length);
  if (route) return { route, values: args, input: {} };
  const wanted = list.map(({ path }) => `"${path}"`).join(' and ');
  throw mistake('E_URL_PARAMETER', `client(): "${name}" was called with other values than ${wanted} takes.`);
}

function isPlainObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function isStream(body: unknown): boolean {
  return Object.prototype.toString.call(body) === '[object ReadableStream]';
}
