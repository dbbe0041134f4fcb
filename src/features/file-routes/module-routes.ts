/** Modules: what their default export is, as routes. */
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { type Feature, MetadataKey, METHODS, type Middleware, respond } from '../../kit.js';
import { inTime } from './in-time.js';

export type FileRoute = NonNullable<Feature['routes']>[number];
export type PlannedController = NonNullable<Feature['planned']>[number];
type Handler = FileRoute['handler'];

/** What stands around everything in a folder, outermost first. */
export interface Around {
  readonly guards: NonNullable<FileRoute['guards']>;
  readonly middleware: readonly Middleware[];
}

/** Where a module stands. */
export interface FileScope {
  /** The path of the module. */
  readonly file: string;
  /** The template of what it answers. */
  readonly path: string;
  readonly around: Around;
  /** Milliseconds that the module may take. */
  readonly timeout: number;
}

/** What a module may say of its routes, each by an export of that name. */
type Exports = Pick<FileRoute, 'methods' | 'guards' | 'contract'> & {
  readonly default?: unknown;
  readonly middleware?: readonly Middleware[];
};

/** What is recorded by `@Controller()`. */
const CONTROLLER = new MetadataKey<{ readonly prefix: unknown }>('obol.controller');
/** Exports that would do nothing, and leave a route open that was meant to be guarded. */
const MISSPELT: Readonly<Record<string, string>> = {
  guard: 'guards',
  Guards: 'guards',
  method: 'methods',
  middlewares: 'middleware',
  contracts: 'contract',
};
/** Exports that a folder has not. */
const MODULE_EXPORTS: readonly string[] = ['methods', 'contract', 'middleware'];

/** The exports of a module, its default one awaited. @throws Error that says what is wrong with them */
async function importModule(file: string, timeout: number): Promise<Exports> {
  const exports = exportsOf(await inTime(import(pathToFileURL(file).href), timeout));
  for (const [wrong, right] of Object.entries(MISSPELT))
    if (wrong in exports) throw new Error(`it exports "${wrong}", which does nothing: call it "${right}"`);
  const method = METHODS.find((name) => name in exports);
  if (method !== undefined)
    throw new Error(`it exports ${method} by itself, which does nothing: write export default { ${method} }`);
  return { ...exports, default: await inTime(exports.default, timeout) };
}

/** What was compiled to CommonJS has its exports in the default one. */
function exportsOf(imported: unknown): Exports & Record<string, unknown> {
  const exports = imported as Exports & Record<string, unknown>;
  const { default: given } = exports;
  const isCompiled = typeof given === 'object' && given !== null && '__esModule' in given;
  return isCompiled ? given : exports;
}

/** What `_middleware` puts around its folder. @throws Error */
export async function importAround(file: string, timeout: number): Promise<Around> {
  const exports = await importModule(file, timeout);
  const idle = MODULE_EXPORTS.find((name) => name in exports);
  if (idle !== undefined) throw new Error(`it exports "${idle}", which is for a single module`);
  const { default: given = [], guards } = exports;
  if (exports.default === undefined && guards === undefined)
    throw new Error('it has neither a default export, which is middleware, nor guards');
  return {
    guards: guardsOf(guards),
    middleware: middlewareOf('its default export', Array.isArray(given) ? given : [given]),
  };
}

/** @throws Error for what is no list of them; which of them is none is said where routes are made */
function guardsOf(list: unknown = []): Around['guards'] {
  if (Array.isArray(list)) return list as Around['guards'];
  throw new Error('its "guards" must be a list of guards');
}

/** @param what is said to be wrong @throws Error */
function middlewareOf(what: string, list: unknown): readonly Middleware[] {
  if (Array.isArray(list) && list.every((one) => typeof one === 'function')) return list as Middleware[];
  throw new Error(`${what} must be functions (request, next) => response`);
}

/** The routes of a module. @throws Error that says what is wrong with it */
export async function moduleRoutes(
  scope: FileScope,
): Promise<{ routes: FileRoute[]; planned: PlannedController[] }> {
  const exports = await importModule(scope.file, scope.timeout);
  const { default: given } = exports;
  if (given === undefined)
    throw new Error('it has no default export; export a handler, a controller or a value');
  if (typeof given === 'function' && isClassOrController(given as Handler))
    return { routes: [], planned: [planOf(given as PlannedController['controller'], scope, exports)] };
  return { routes: routesOf(given, scope, exports), planned: [] };
}

function isClassOrController(given: (...parameters: never[]) => unknown): boolean {
  return (
    CONTROLLER.ofOwnClass(given as never).length > 0 ||
    /^class\b/.test(Function.prototype.toString.call(given))
  );
}

function planOf(
  controller: PlannedController['controller'],
  { file, path, around }: FileScope,
  exports: Exports,
): PlannedController {
  const [record] = CONTROLLER.ofOwnClass(controller);
  if (!record) throw new Error('its class is not decorated with @Controller()');
  const { prefix } = record.value;
  if (typeof prefix !== 'string') throw new Error('the prefix of its controller must be a text');
  if (exports.methods !== undefined || exports.contract !== undefined)
    throw new Error('the methods and contracts of a controller stand in its decorators');
  return {
    controller,
    place: file,
    prefix: path.replace(/\/$/, '') + prefix,
    ...within(around, exports),
  };
}

/** What stands around a module: first what its folders put there, then its own. */
function within(around: Around, { guards, middleware }: Exports): Around {
  return {
    guards: [...around.guards, ...guardsOf(guards)],
    middleware: [...around.middleware, ...middlewareOf('its "middleware"', middleware ?? [])],
  };
}

function routesOf(given: unknown, { file, path, around }: FileScope, exports: Exports): FileRoute[] {
  const { methods, contract } = exports;
  const general = { path, place: file, ...within(around, exports), ...(contract && { contract }) };
  const byMethod = handlersByMethod(given);
  if (byMethod) {
    if (methods !== undefined) throw new Error('its default export names the methods already');
    return byMethod.map(([method, handler]) => ({ ...general, methods: method, handler }));
  }
  const handler = typeof given === 'function' ? (given as Handler) : sameValue(given);
  return [{ ...general, ...(methods !== undefined && { methods }), handler }];
}

/** The members of `{ GET, POST }`; undefined for anything else. @throws Error for a name that is no method */
function handlersByMethod(given: unknown): [FileRoute['methods'] & string, Handler][] | undefined {
  if (typeof given !== 'object' || given === null || 'toResponse' in given) return undefined;
  if ('handle' in given)
    throw new Error('it is a handler of many paths: mount it, with mount() of obol/composition');
  const members = Object.entries(given);
  if (!members.some(([, value]) => typeof value === 'function')) return undefined;
  const known: readonly string[] = METHODS;
  const wrong = members.find(([name, value]) => typeof value !== 'function' || !known.includes(name));
  if (wrong)
    throw new Error(
      `${inspect(wrong[0])} is no method with a handler; an object of handlers has the names ${known.join(', ')}`,
    );
  return members as [FileRoute['methods'] & string, Handler][];
}

/** @throws Error for what no response can be made of, time after time */
function sameValue(given: unknown): Handler {
  const { body } = respond(given);
  if (body !== null && typeof body !== 'string' && !(body instanceof Uint8Array))
    throw new Error('it exports a stream, which can be sent once: export a function that makes it');
  return () => given;
}
