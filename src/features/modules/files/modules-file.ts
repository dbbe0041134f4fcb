/** `modulesFile()`: modules and scripts by the names in a file, mounted without a change of code. */
import { assertSetting, type Feature, rule } from '../../../kit.js';
import { admissionGuards } from '../admission.js';
import { modules } from '../modules.js';
import type { ModulesOptions } from '../options.js';
import { LIST_PATH_RULE, scriptRoutes } from '../scripts/script-routes.js';
import type { ModuleClass } from '../web-module.js';
import { importModules, readModuleFile } from './module-file.js';

export interface ModulesFileOptions extends Omit<ModulesOptions, 'modules'> {
  /** Modules besides those of the file. Default none. */
  readonly modules?: readonly ModuleClass[] | undefined;
  /** The path of the page that lists the scripts of the file, below which they have theirs. Default `/scripts`. */
  readonly scriptsAt?: string | undefined;
  /**
   * What the names of variables in the environment begin with that win over members of the file: with `SITE_`,
   * `SITE_MODULES=["hello"]`, `SITE_MODULES_PATH`, `SITE_SCRIPTS` and `SITE_SCRIPTS_PATH`. Default none are read.
   */
  readonly env?: string | undefined;
}

const PREFIX_RULE = rule.text('what names of variables begin with, such as "SITE_"', /^[A-Za-z_]\w*$/);

/**
 * Mounts what a file names, as `modules()` and `scripts()` do: `{ "modules": ["hello"], "modulesPath": ["./modules"] }`. The file is read when
 * this is called, so that a name which is put in or taken out counts from the next start on. Scripts stand under `scripts`, with files in the
 * folders of `scriptsPath`; the guards and switches of modules are theirs as well.
 * @throws ObolError, as a rejection, E_SETTING for a wrong option or a script that is not there, E_CONFIG for all mistakes of the file and
 * all modules that are not there, E_MODULE as `modules()`
 *
 * @example
 * ```ts
 * await bootstrap({ controllers, features: [await modulesFile('modules.json')] });
 * ```
 */
export async function modulesFile(
  file: string | URL,
  { scriptsAt, env, modules: more = [], ...options }: ModulesFileOptions = {},
): Promise<Feature> {
  if (scriptsAt !== undefined) assertSetting('modulesFile.scriptsAt', scriptsAt, LIST_PATH_RULE);
  if (env !== undefined) assertSetting('modulesFile.env', env, PREFIX_RULE);
  const names = readModuleFile(file, env);
  const { path, folder, modulesPath, scriptsPath, scripts } = names;
  const found = await importModules(names);
  const server = { modulesPath, scriptsPath, ...options.server };
  const tree = modules({ ...options, modules: [...more, ...found], server });
  if (Object.keys(scripts).length === 0) return tree;
  const where = { taker: `modulesFile(${JSON.stringify(path)})`, folders: scriptsPath, cwd: folder };
  const offered = scriptRoutes([{ declarations: scripts, where }], {
    path: scriptsAt,
    guards: admissionGuards(options),
    csrf: { ...options.csrf, origins: options.origins },
  });
  // Neither has a member of the other.
  return { ...tree, ...offered };
}
