/** `scripts()`: scripts by their names, each with a page of its own and guards before it. */
import { resolve } from 'node:path';
import {
  checkOptions,
  escapeHtml,
  type Feature,
  type Handler,
  htmlPage,
  ObolError,
  type Request,
  Response,
  rule,
  type Rules,
} from '../../../kit.js';
import { Groups, MinimumAccess } from '../../auth/access/groups.js';
import type { CsrfOptions } from '../../csrf/options.js';
import { parseConfiguration, readConfiguration } from '../files/configuration.js';
import { CommandRunner } from './command-runner.js';
import {
  checkDeclarations,
  type DeclaredIn,
  runnerOptions,
  type ScriptDeclaration,
  type ScriptDeclarations,
} from './declaration.js';
import { parseIniDeclarations } from './ini-declarations.js';

type FeatureRoute = NonNullable<Feature['routes']>[number];
type Guards = NonNullable<FeatureRoute['guards']>;

export interface ScriptsOptions {
  /** Scripts by their names. Default none. */
  readonly scripts?: ScriptDeclarations | undefined;
  /**
   * A file with more of them, read when the application starts: INI where its name ends with `.ini`, else a JSON object of declarations
   * by name. Its scripts run in its folder. Default none.
   */
  readonly file?: string | URL | undefined;
  /** Folders of the files that `script` names. Default that of `file`; else the working directory. */
  readonly scriptsPath?: readonly string[] | undefined;
  /** The path of the page that lists them, below which they have theirs. Default `/scripts`. */
  readonly path?: string | undefined;
  /** Before all of them, such as `[CheckFormLogin()]`. Default none. */
  readonly guards?: Guards | undefined;
  /** What distinguishes their forms from those of other sites; as for `csrf()`. Default its defaults. */
  readonly csrf?: CsrfOptions | undefined;
}

const RULES: Rules<ScriptsOptions> = {
  // They are checked one by one.
  scripts: rule.that('a table of scripts by their names', (value) => typeof value === 'object'),
  file: rule.that('a path or a file URL', (value) => typeof value === 'string' || value instanceof URL),
  scriptsPath: rule.list('a list of folders', rule.text('the path of a folder'), 1),
  path: rule.text('a path such as "/scripts"', /^(?:\/[\w.~-]+)+$/),
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

/** Declarations, and where they stand. */
export interface ScriptSet {
  readonly declarations: ScriptDeclarations;
  readonly where: DeclaredIn;
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

/** A feature that has a page for each script, and one that lists them. @throws ObolError E_SETTING as {@link scripts} */
export function scriptRoutes(sets: readonly ScriptSet[], options: RoutesOptions): Feature {
  const { path = '/scripts', guards = [] } = options;
  const offered = sets.flatMap(({ declarations, where }) =>
    Object.entries(declarations).map(([name, declaration]) => offer(name, declaration, { where, options })),
  );
  const listScripts = (request: Request): Response => listPage(request, offered);
  const list = { path: `${path}/`, handler: listScripts, guards };
  const isListTaken = offered.some((script) => script.path === list.path);
  return {
    routes: isListTaken ? offered.map(routeOf) : [list, ...offered.map(routeOf)],
    close: async () => {
      await Promise.all(offered.map(({ runner }) => runner.close()));
    },
  };
}

/** What is the same for all scripts of a feature. */
type RoutesOptions = Pick<ScriptsOptions, 'path' | 'guards' | 'csrf'>;

/** A script with its place in an application. */
interface Offered {
  readonly name: string;
  readonly path: string;
  readonly runner: CommandRunner;
  readonly guards: Guards;
}

function offer(
  name: string,
  declaration: ScriptDeclaration,
  { where, options }: { readonly where: DeclaredIn; readonly options: RoutesOptions },
): Offered {
  const { path = '/scripts', guards = [], csrf } = options;
  const runner = new CommandRunner({ title: name, ...runnerOptions(declaration, where), csrf });
  return {
    name,
    path: declaration.path ?? `${path}/${name}`,
    runner,
    guards: [...guards, ...guardsOf(declaration)],
  };
}

function guardsOf({ groups, minimumLevel }: ScriptDeclaration): Guards {
  return [
    ...(groups ? [Groups(...groups)] : []),
    ...(minimumLevel === undefined ? [] : [MinimumAccess(minimumLevel)]),
  ];
}

/** The table shows the name of the function. */
function routeOf({ name, path, runner, guards }: Offered): FeatureRoute {
  const handler: Handler = (request) => runner.handle(request);
  Object.defineProperty(handler, 'name', { value: name });
  // The runner reads the body itself, when it knows where it comes from.
  const body = { json: false, form: false, data: false } as const;
  return { path, handler, methods: ['GET', 'POST'], guards, body };
}

function listPage(request: Request, offered: readonly Offered[]): Response {
  const { baseUrl } = request.application;
  const links = offered.map(({ path, runner: { title, description } }) => {
    const below = description === '' ? '' : `<br><small>${escapeHtml(description)}</small>`;
    return `<li><a href="${escapeHtml(baseUrl + path)}">${escapeHtml(title)}</a>${below}</li>`;
  });
  return new Response(htmlPage({ title: 'Scripts', main: `<ul>\n${links.join('\n')}\n</ul>` }));
}
