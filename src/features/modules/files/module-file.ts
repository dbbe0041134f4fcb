/** Modules by file: names and folders in JSON, which an application reads when it starts. */
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { assertSetting, checkOptions, ObolError, rule, type Rules, variableName } from '../../../kit.js';
import { config } from '../../config/config.js';
import { checkDeclarations, DECLARATIONS_RULE, type ScriptDeclarations } from '../scripts/declaration.js';
import { childrenOf } from '../tree.js';
import { WEB_MODULE, type ModuleClass } from '../web-module.js';
import { checkedBy } from './checked.js';
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

const NAMES = checkedBy<ModuleNames>((name, names) => {
  checkOptions(name, names, RULES);
  checkDeclarations(`${name}.scripts`, names.scripts ?? {});
});

/**
 * Reads a file such as `{ "modules": ["hello"], "modulesPath": ["./modules"] }`, and over it the environment.
 * @param env what the names of variables begin with; undefined for none
 * @throws ObolError E_SETTING for what is no file, E_CONFIG for one that cannot be read or is over 1 MiB, and for all members it
 * cannot have and all wrong values at once, each with its place
 */
export function readModuleFile(file: string | URL, env?: string): ModuleFile {
  assertSetting('modulesFile.file', file, rule.path);
  const path = resolve(typeof file === 'string' ? file : fileURLToPath(file));
  const folder = dirname(path);
  const variables = Object.keys(RULES).map((name) => [variableName([name], env), name] as const);
  const given = class modulesFile extends config(NAMES, {
    files: [path],
    variables: env === undefined ? {} : Object.fromEntries(variables),
  }) {};
  const names = given.read();
  const { modules = [], scripts = {} } = names;
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
 * @throws ObolError E_CONFIG for all names without a file, all files that cannot be loaded, and all that export no module
 */
export async function importModules({ path, modules, modulesPath }: ModuleFile): Promise<ModuleClass[]> {
  const found = new Set<ModuleClass>();
  const mistakes: string[] = [];
  for (const name of modules) {
    const exported = await exportedAs(name, modulesPath);
    if (typeof exported === 'string')
      mistakes.push(`modulesFile.modules: ${JSON.stringify(name)}: ${exported} (${path}).`);
    else for (const module of exported) found.add(module);
  }
  if (mistakes.length > 0) throw new ObolError('E_CONFIG', mistakes.join('\n'));
  return [...found];
}

/** The modules of a file that stand below no other one of it, or why there are none. */
async function exportedAs(name: string, folders: readonly string[]): Promise<ModuleClass[] | string> {
  const file = fileOf(name, folders);
  if (file === undefined) return nothingIn(folders, name);
  try {
    const exported = Object.values((await import(pathToFileURL(file).href)) as object).filter(isModule);
    if (exported.length === 0) return `${file} exports no class decorated with @WebModule(); export one`;
    const below = new Set(exported.flatMap(childrenOf));
    return exported.filter((module) => !below.has(module));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return `${file} could not be loaded: ${why}${cureOf(file)}`;
  }
}

function isModule(value: unknown): value is ModuleClass {
  return typeof value === 'function' && WEB_MODULE.ofOwnClass(value as ModuleClass).length > 0;
}

function fileOf(name: string, folders: readonly string[]): string | undefined {
  const names = ENDINGS.flatMap((ending) => [name + ending, join(name, `index${ending}`)]);
  return findFile(folders, names);
}

/** Node reads TypeScript only as far as no decorator stands in it. */
function cureOf(file: string): string {
  return /\.m?ts$/.test(file) ? '; start Node with a loader of TypeScript, or name compiled modules' : '';
}

function nothingIn(folders: readonly string[], name: string): string {
  const places = folders.map((folder) => JSON.stringify(folder)).join(', ');
  return `there is no ${name}.js, .mjs or .ts, and no ${name}/index.js, in ${places}; put it there, take the name out, or name its folder in modulesPath`;
}
