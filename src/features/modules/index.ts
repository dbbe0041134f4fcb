/** `obol/modules`: trees of classes whose marked methods can be reached by their names, and scripts that are run from pages. */
export {
  Expose,
  WebModule,
  type ExposeOptions,
  type ModuleClass,
  type WebModuleOptions,
} from './web-module.js';
export { modules } from './modules.js';
export type { ModulesOptions } from './options.js';
export { moduleContext, type GivenContext } from './module-context.js';
export type { ModuleContext, PageContext } from './context.js';
export type { LogSettings, ModuleConfiguration, ServerDescription, SwitchOptions } from './configuration.js';
export type { Environment } from './environment.js';
export type { Group, KnownUser, ModuleUser, UsersOf } from './user.js';
export type { Call } from './call.js';
export type { Triple } from './answer.js';
export { modulesFile, type ModulesFileOptions } from './files/modules-file.js';
export { CommandRunner } from './scripts/command-runner.js';
export type { ScriptArgument } from './scripts/argument.js';
export type { ScriptDeclaration, ScriptDeclarations } from './scripts/declaration.js';
export type { ScriptOptions, ScriptSettings } from './scripts/script.js';
export type { ScriptRoutesOptions } from './scripts/script-routes.js';
export { scripts, type ScriptsOptions } from './scripts/scripts.js';
