/** Modules: what their default export is, as routes. */
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { type Feature, MetadataKey, METHODS, type Middleware, respond } from '../../kit.js';
import { inTime } from './in-time.js';

export type FileRoute = NonNullable<Feature['routes']>[number];
export type PlannedController = NonNullable<Feature['planned']>[number];
type Handler = FileRoute['handler'];

/** What stands around everything in a folder. */
export interface FileScope {
  /** The path of the module. */
  readonly file: string;
  /** The template of what it answers. */
  readonly path: string;
  /** Outermost first. */
  readonly middleware: readonly Middleware[];
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
/** Of those, what a folder has not. */
const MODULE_EXPORTS: readonly string[] = ['guards', 'methods', 'contract', 'middleware'];

/** The exports of a module, its default one awaited. @throws Error that says what is wrong with it */
async function importModule(file: string, timeout: number): Promise<Exports> {
  const exports = exportsOf(await inTime(import(pathToFileURL(file).href), timeout));
  for (const [wrong, right] of Object.entries(MISSPELT))
    if (wrong in exports) throw new Error(`it exports "${wrong}", which does nothing: call it "${right}"`);
  const method = METHODS.find((name) => name in exports);
  if (method !== undefined)
    throw new Error(`it exports ${method} by itself, which does nothing: write export default { ${method} }`);
  const given = await inTime(exports.default, timeout);
  if (given === undefined)
    throw new Error('it has no default export; export a handler, a controller or a value');
  return { ...exports, default: given };
}

/** What was compiled to CommonJS has its exports in the default one. */
function exportsOf(imported: unknown): Exports & Record<string, unknown> {
  const exports = imported as Exports & Record<string, unknown>;
  const { default: given } = exports;
  const isCompiled = typeof given === 'object' && given !== null && '__esModule' in given;
  return isCompiled ? given : exports;
}

/** Middleware of a folder: what `_middleware` exports. @throws Error */
export async function importMiddleware(file: string, timeout: number): Promise<readonly Middleware[]> {
  const { default: given, ...others } = await importModule(file, timeout);
  const idle = MODULE_EXPORTS.find((name) => name in others);
  if (idle !== undefined) throw new Error(`it exports "${idle}", which is for a single module`);
  return middlewareOf('its default export', Array.isArray(given) ? given : [given]);
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
  { file, path, middleware }: FileScope,
  { guards = [], middleware: own, ...exports }: Exports,
): PlannedController {
  const [record] = CONTROLLER.ofOwnClass(controller);
  if (!record) throw new Error('its class is not decorated with @Controller()');
  const { prefix } = record.value;
  if (typeof prefix !== 'string') throw new Error('the prefix of its controller must be a text');
  if (exports.methods !== undefined || exports.contract !== undefined)
    throw new Error('the methods and contracts of a controller stand in its decorators');
  const around = [...middleware, ...middlewareOf('its "middleware"', own ?? [])];
  return { controller, place: file, prefix: path.replace(/\/$/, '') + prefix, guards, middleware: around };
}

function routesOf(
  given: unknown,
  { file, path, middleware }: FileScope,
  { methods, guards, contract, middleware: own }: Exports,
): FileRoute[] {
  const general = {
    path,
    place: file,
    middleware: [...middleware, ...middlewareOf('its "middleware"', own ?? [])],
    ...(guards && { guards }),
    ...(contract && { contract }),
  };
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
