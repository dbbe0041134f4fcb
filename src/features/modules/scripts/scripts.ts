/** `scripts()`: scripts by their names, each with a page of its own and guards before it. */
import { resolve } from 'node:path';
import { checkOptions, type Feature, ObolError, rule, type Rules } from '../../../kit.js';
import { parseConfiguration, readConfiguration } from '../files/configuration.js';
import { checkDeclarations, DECLARATIONS_RULE, type ScriptDeclarations } from './declaration.js';
import { parseIniDeclarations } from './ini-declarations.js';
import { LIST_PATH_RULE, scriptRoutes, type ScriptRoutesOptions, type ScriptSet } from './script-routes.js';

export interface ScriptsOptions extends ScriptRoutesOptions {
  /** Scripts by their names. Default none. */
  readonly scripts?: ScriptDeclarations | undefined;
  /**
   * A file with more of them, read when the application starts: INI where its name ends with `.ini`, else a JSON object of declarations
   * by name. Its scripts run in its folder. Default none.
   */
  readonly file?: string | URL | undefined;
  /** Folders of the files that `script` names. Default that of `file`; else the working directory. */
  readonly scriptsPath?: readonly string[] | undefined;
}

const RULES: Rules<ScriptsOptions> = {
  // They are checked one by one.
  scripts: DECLARATIONS_RULE,
  file: rule.path,
  scriptsPath: rule.list('a list of folders', rule.text('the path of a folder'), 1),
  path: LIST_PATH_RULE,
  guards: rule.list('a list of guards', rule.any),
  // They are checked where they are used, as those of csrf().
  csrf: rule.any,
};

/**
 * Scripts that users run from a page: the page of the script `greet` is `/scripts/greet`, and `/scripts/` lists them all.
 * @throws ObolError E_SETTING for a wrong option, a file that cannot be read, a script that is not there
 *
 * @example
 * ```ts
 * features: [scripts({ file: 'scripts.json', guards: [CheckFormLogin()] })]
 * ```
 */
export function scripts(options: ScriptsOptions): Feature {
  checkOptions('scripts', options, RULES);
  const { file, scripts: declared = {} } = options;
  const cwd = process.cwd();
  const folders = options.scriptsPath?.map((folder) => resolve(folder));
  checkDeclarations('scripts', declared);
  const own: ScriptSet = { declarations: declared, where: { taker: 'scripts', folders: folders ?? [cwd] } };
  return scriptRoutes(file === undefined ? [own] : [own, declarationsOf(file, folders)], options);
}

function declarationsOf(file: string | URL, folders: readonly string[] | undefined): ScriptSet {
  const read = readConfiguration('scripts', file);
  const taker = `scripts(${JSON.stringify(read.path)})`;
  const declarations = (
    read.path.endsWith('.ini') ? parsedIni(taker, read.text) : parseConfiguration('scripts', read)
  ) as ScriptDeclarations;
  checkDeclarations(taker, declarations);
  return { declarations, where: { taker, folders: folders ?? [read.folder], cwd: read.folder } };
}

function parsedIni(taker: string, text: string): object {
  try {
    return parseIniDeclarations(text);
  } catch (cause) {
    throw new ObolError('E_SETTING', `${taker}: ${(cause as Error).message}.`, { cause });
  }
}
