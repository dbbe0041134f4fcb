/** Loads the application of a module, in a process of its own, and says what it is. */
import { fork } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { CommandError, usageError } from './command.js';

/** What is known of an application. */
export interface Inspection {
  readonly routes: readonly object[];
  /** The routes as lines. */
  readonly table: string;
  /** The module that typed clients in browsers take. */
  readonly client: string;
  /** Undefined where the application has no `openapi()`. */
  readonly document: { readonly json: object; readonly yaml: string } | undefined;
}

/** What is looked for where no module is named. */
const MODULES = ['src/app', 'src/main', 'app', 'main'].flatMap((name) =>
  ['.ts', '.js', '.mjs'].map((ending) => name + ending),
);
const LOADERS = ['@oxc-node/core/register', 'tsx'];
/** Milliseconds for a module to load. */
const PATIENCE = 60_000;

/**
 * The application of a module.
 * @param module a path, relative to the working directory. Default the first of `src/app.ts`, `src/main.ts` and the like
 * @throws CommandError 2 where there is no such module, 1 where it gives no application
 */
export async function inspectModule(module: string | undefined): Promise<Inspection> {
  const path = resolve(module ?? MODULES.find((name) => existsSync(name)) ?? '');
  if (module === undefined && path === process.cwd())
    throw usageError(`Name the module of the application; there is none of ${MODULES.join(', ')}.`);
  if (!isFile(path)) throw usageError(`There is no file ${JSON.stringify(module)}.`);
  const loader = loaderOf(path);
  const answer = await answerOf(path, loader === undefined ? [] : ['--import', loader]);
  if ('error' in answer) throw new CommandError(`${JSON.stringify(path)}: ${answer.error}`, 1);
  return answer;
}

/** What the module itself prints goes where messages go. */
function answerOf(
  path: string,
  options: readonly string[],
): Promise<Inspection | { readonly error: string }> {
  const program = fileURLToPath(new URL(`./inspect-child${extname(import.meta.url)}`, import.meta.url));
  const child = fork(program, [path], {
    execArgv: [...process.execArgv, ...options],
    stdio: ['ignore', 2, 2, 'ipc'],
    timeout: PATIENCE,
  });
  return new Promise((settle, fail) => {
    child.once('message', (message) => {
      settle(message as Inspection);
    });
    child.once('error', fail);
    child.once('exit', (code, signal) => {
      settle({ error: `it could not be loaded; its process ended with ${String(signal ?? code)}` });
    });
  });
}

/** The module that `package.json` names; by default, for TypeScript, the first that is installed. */
function loaderOf(path: string): string | undefined {
  const folders = foldersAbove(dirname(path));
  const home = folders.find((folder) => existsSync(join(folder, 'package.json')));
  const named = home === undefined ? undefined : loaderIn(join(home, 'package.json'));
  if (named !== undefined)
    return named.startsWith('.') ? pathToFileURL(resolve(home ?? '', named)).href : named;
  if (!/\.[cm]?ts$/.test(path)) return undefined;
  return LOADERS.find((loader) => {
    const name = loader.replace('/register', '');
    return folders.some((folder) => existsSync(join(folder, 'node_modules', name)));
  });
}

function foldersAbove(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...foldersAbove(above)];
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** @throws CommandError 1 for a file that is no JSON, and a loader that is no text */
function loaderIn(file: string): string | undefined {
  const loader = loaderOfPackage(file);
  if (loader === undefined || typeof loader === 'string') return loader;
  throw new CommandError(`${JSON.stringify(file)}: "obol.loader" names a module, such as "tsx".`, 1);
}

function loaderOfPackage(file: string): unknown {
  try {
    const { obol } = JSON.parse(readFileSync(file, 'utf8')) as { obol?: { loader?: unknown } };
    return obol?.loader;
  } catch (cause) {
    throw new CommandError(`${JSON.stringify(file)} is no JSON object.`, 1, { cause });
  }
}
