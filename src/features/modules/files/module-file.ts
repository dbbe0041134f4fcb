/** Modules by file: names and folders in JSON, which an application reads when it starts. */
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkOptions, ObolError, rule, type Rules } from '../../../kit.js';
import { checkDeclarations, DECLARATIONS_RULE, type ScriptDeclarations } from '../scripts/declaration.js';
import { childrenOf } from '../tree.js';
import { WEB_MODULE, type ModuleClass } from '../web-module.js';
import { parseConfiguration, readConfiguration } from './configuration.js';
import { findFile } from './find-file.js';

/** What the file holds. */
interface ModuleNames {
  /** Of the modules, each that of a file or of a folder with an `index` file. Default none. */
  readonly modules?: readonly string[];
  /** Folders in which they are looked for, from the folder of the file. Default that folder. */
  readonly modulesPath?: readonly string[];
  /** Scripts by their names. Default none. */
  readonly scripts?: ScriptDeclarations;
  /** Folders of their files, from the folder of the file. Default that folder. */
  readonly scriptsPath?: readonly string[];
}

/** A file of names that was read and checked. */
export interface ModuleFile {
  readonly path: string;
  readonly folder: string;
  readonly modules: readonly string[];
  /** Absolute paths. */
  readonly modulesPath: readonly string[];
  readonly scripts: ScriptDeclarations;
  /** Absolute paths. */
  readonly scriptsPath: readonly string[];
}

const NAME = /^(?!(?:constructor|prototype)$)[A-Za-z][\w-]*$/;
const FOLDERS = rule.list(
  'a list of folders, such as ["./modules"]',
  rule.text('the path of a folder', /^[^\0]+$/),
  1,
);

const RULES: Rules<ModuleNames> = {
  modules: rule.list(
    'a list of names, such as ["hello"]',
    rule.text('a name of letters, digits, "_" and "-", such as "hello"', NAME),
  ),
  ...rule.each(['modulesPath', 'scriptsPath'], FOLDERS),
  scripts: DECLARATIONS_RULE,
};

const ENDINGS = ['.js', '.mjs', '.ts', '.mts'] as const;

/**
 * Reads a file such as `{ "modules": ["hello"], "modulesPath": ["./modules"] }`.
 * @throws ObolError E_SETTING for a file that cannot be read or is over 1 MiB, for members it cannot have and for wrong values
 */
export function readModuleFile(file: string | URL): ModuleFile {
  const read = readConfiguration('modulesFile', file);
  const { path, folder } = read;
  const names: ModuleNames = parseConfiguration('modulesFile', read);
  const taker = `modulesFile(${JSON.stringify(path)})`;
  checkOptions(taker, names, RULES);
  const { modules = [], scripts = {} } = names;
  checkDeclarations(`${taker}.scripts`, scripts);
  const absolute = (folders: readonly string[] = ['.']): string[] =>
    folders.map((each) => resolve(folder, each));
  return {
    path,
    folder,
    modules,
    scripts,
    modulesPath: absolute(names.modulesPath),
    scriptsPath: absolute(names.scriptsPath),
  };
}

/**
 * Imports the modules of a file, in its order. What stands below another one that the same file exports is reached through that alone.
 * @throws ObolError E_SETTING for a name without a file, for a file that cannot be loaded, and for one that exports no module
 */
export async function importModules({ path, modules, modulesPath }: ModuleFile): Promise<ModuleClass[]> {
  const found: ModuleClass[] = [];
  for (const name of modules) {
    const file = fileOf(name, modulesPath);
    if (file === undefined) throw mistake(path, name, nothingIn(modulesPath, name));
    const exported = Object.values(await importFile(path, name, file)).filter(isModule);
    if (exported.length === 0)
      throw mistake(path, name, `${file} exports no class decorated with @WebModule(); export one`);
    const below = new Set(exported.flatMap(childrenOf));
    found.push(...exported.filter((module) => !below.has(module)));
  }
  return [...new Set(found)];
}

function isModule(value: unknown): value is ModuleClass {
  return typeof value === 'function' && WEB_MODULE.ofOwnClass(value as ModuleClass).length > 0;
}

function fileOf(name: string, folders: readonly string[]): string | undefined {
  const names = ENDINGS.flatMap((ending) => [name + ending, join(name, `index${ending}`)]);
  return findFile(folders, names);
}

async function importFile(path: string, name: string, file: string): Promise<object> {
  try {
    return (await import(pathToFileURL(file).href)) as object;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw mistake(path, name, `${file} could not be loaded: ${why}${cureOf(file)}`, cause);
  }
}

/** Node reads TypeScript only as far as no decorator stands in it. */
function cureOf(file: string): string {
  return /\.m?ts$/.test(file) ? '; start Node with a loader of TypeScript, or name compiled modules' : '';
}

function nothingIn(folders: readonly string[], name: string): string {
  const places = folders.map((folder) => JSON.stringify(folder)).join(', ');
  return `there is no ${name}.js, .mjs or .ts, and no ${name}/index.js, in ${places}; put it there, take the name out, or name its folder in modulesPath`;
}

function mistake(path: string, name: string, what: string, cause?: unknown): ObolError {
  return new ObolError(
    'E_SETTING',
    `modulesFile(${JSON.stringify(path)}): ${JSON.stringify(name)}: ${what}.`,
    {
      cause,
    },
  );
}
