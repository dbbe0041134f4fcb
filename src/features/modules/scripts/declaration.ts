/** A script as `scripts()` and files declare it: what a runner takes, its file by name, and who may run it. */
import { resolve } from 'node:path';
import { checkOptions, ObolError, rule, type Rules } from '../../../kit.js';
import { findFile } from '../files/find-file.js';
import { COMMAND_RULE, type ScriptOptions, type ScriptSettings, SETTINGS_RULES } from './script.js';

/** A script, and who may run it. */
export interface ScriptDeclaration extends ScriptSettings {
  /** The program and what always comes first of its arguments, as for a {@link ScriptOptions}. Either this or `script`. */
  readonly command?: readonly string[] | undefined;
  /** The name of a file in one of the folders of scripts. Either this or `command`. */
  readonly script?: string | undefined;
  /** What runs that file, such as `["python3"]`. Default nothing: the file is a program itself. */
  readonly launcher?: readonly string[] | undefined;
  /** Groups of users who may run it, by `@Groups`. Default all. */
  readonly groups?: readonly string[] | undefined;
  /** Who may run it, by `@MinimumAccess`. Default all. */
  readonly minimumLevel?: number | undefined;
  /** The path of its page in the application. Default its name below the path of all. */
  readonly path?: string | undefined;
}

/** Scripts by their names. */
export type ScriptDeclarations = Readonly<Record<string, ScriptDeclaration>>;

/** Where scripts are declared. */
export interface DeclaredIn {
  /** What stands in messages, such as `scripts("scripts.json")`. */
  readonly taker: string;
  /** Folders of the files that `script` names, as absolute paths. */
  readonly folders: readonly string[];
  /** The folder that scripts run in where they do not say it. */
  readonly cwd?: string | undefined;
}

const NAME = /^[A-Za-z0-9][\w-]*$/;
const FILE = /^[A-Za-z0-9][\w.-]*$/;

const RULES: Rules<ScriptDeclaration> = {
  ...SETTINGS_RULES,
  command: COMMAND_RULE,
  script: rule.text('the name of a file, such as "greet.sh"', FILE),
  launcher: COMMAND_RULE,
  groups: rule.list('a list of groups', rule.text('the name of a group'), 1),
  minimumLevel: rule.that('a number', Number.isFinite),
  path: rule.text('a path such as "/greet"', /^(?:\/(?!\.\.?(?:\/|$))[\w.~-]+)*\/?$/),
};

/** Of a table whose declarations are still to be checked one by one. */
export const DECLARATIONS_RULE = rule.that(
  'a table of scripts by their names',
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);

/** @throws ObolError E_SETTING for a name that is no part of a path, and for wrong declarations, all mistakes of one at once */
export function checkDeclarations(taker: string, declarations: ScriptDeclarations): void {
  for (const [name, declaration] of Object.entries(declarations)) {
    if (!NAME.test(name) || name === 'constructor' || name === 'prototype')
      throw new ObolError(
        'E_SETTING',
        `${taker}: ${JSON.stringify(name)} is no name of a script; use letters, digits, "_" and "-".`,
      );
    checkOptions(`${taker}.${name}`, declaration, RULES);
    if ((declaration.command === undefined) === (declaration.script === undefined))
      throw new ObolError(
        'E_SETTING',
        `${taker}.${name}: give either "command" or "script", and one of them.`,
      );
  }
}

/** What a runner takes. @throws ObolError E_SETTING where there is no such file */
export function runnerOptions(declaration: ScriptDeclaration, where: DeclaredIn): ScriptOptions {
  const settings = Object.entries(declaration).filter(([name]) => Object.hasOwn(SETTINGS_RULES, name));
  const cwd = resolve(where.cwd ?? '.', declaration.cwd ?? '.');
  return { ...Object.fromEntries(settings), cwd, command: commandOf(declaration, where) };
}

function commandOf(
  { command, script = '', launcher = [] }: ScriptDeclaration,
  where: DeclaredIn,
): readonly string[] {
  if (command) return command;
  const file = findFile(where.folders, [script]);
  if (file !== undefined) return [...launcher, file];
  const folders = where.folders.map((folder) => JSON.stringify(folder)).join(', ');
  throw new ObolError(
    'E_SETTING',
    `${where.taker}: there is no file ${JSON.stringify(script)} in ${folders}; put it there, or name its folder in scriptsPath.`,
  );
}
