/** `cgiDirectory(folder)`: the scripts in a folder; `cgiDirectories(root)`: those below `/cgi-bin` and `/htbin`. */
import { join } from 'node:path';
import { ConfinedFolder, type Middleware, parsePrefix, rule, type Rules } from '../../kit.js';
import { mount } from '../composition/mount.js';
import { Gateway } from './gateway.js';
import { CGI_RULES, type CgiOptions, cgiPlan, pathOf } from './options.js';
import { programPath } from './program-path.js';
import type { ScriptRules } from './script-folder.js';
import {
  ENDING,
  FOLDER_RULES,
  type FolderOptions,
  type ScriptHandler,
  scriptHandler,
  scriptRules,
} from './script-handler.js';

export interface CgiDirectoryOptions extends CgiOptions, FolderOptions {
  /**
   * Endings of files that are scripts and run by themselves, such as `['.cgi']`; other paths are left to the next handler then.
   * Default every file is a script.
   */
  readonly extensions?: readonly string[] | undefined;
  /** Programs that run files by their ending: `{ '.php': 'php-cgi' }`; other files as with `extensions`. Default none. */
  readonly interpreters?: Readonly<Record<string, string | URL>> | undefined;
}

export interface CgiDirectoriesOptions extends CgiDirectoryOptions {
  /** Paths of the server, and of folders below the root. Default `/cgi-bin` and `/htbin`. */
  readonly paths?: readonly string[] | undefined;
}

const DEFAULT_PATHS = ['/cgi-bin', '/htbin'];

const RULES: Rules<CgiDirectoryOptions> = {
  ...CGI_RULES,
  ...FOLDER_RULES,
  extensions: rule.list('a list of endings', ENDING),
  interpreters: rule.that('a table of programs by ending, such as { ".php": "php-cgi" }', isTable),
};

const PATHS_RULES: Rules<CgiDirectoriesOptions> = {
  ...RULES,
  paths: rule.list('a list of paths', rule.text('a path such as "/cgi-bin"', /^(?:\/[^/<>\0]+)+$/), 1),
};

/** What `cgiDirectory` gives: a handler, and a middleware that passes on what is no script where only some files are. */
export type CgiDirectory = ScriptHandler;

/**
 * Runs the scripts in a folder and in the folders below it, by CGI (RFC 3875). The first in the path that is no folder is the
 * script, the rest its PATH_INFO. What is not there is 404; what is there and is no script that may be run, folders among it,
 * is 403, and never shown.
 * @param folder one that exists; a relative path is one of the working directory
 * @throws ObolError E_SETTING for a folder that is none and for a wrong option, E_PLATFORM on Windows
 *
 * @example
 * ```ts
 * await bootstrap({ controllers, middleware: [mount('/cgi-bin', cgiDirectory('cgi-bin'))] });
 * await listen(cgiDirectory('site', { interpreters: { '.php': 'php-cgi' } }), { port: 8080 });
 * ```
 */
export function cgiDirectory(folder: string | URL, options: CgiDirectoryOptions = {}): CgiDirectory {
  const root = pathOf(folder);
  const gateway = new Gateway(cgiPlan('cgiDirectory', options, { rules: RULES, folder: root }));
  return handlerOf(gateway, rulesOf('cgiDirectory', ConfinedFolder.rootOf('cgiDirectory', root), options));
}

/**
 * Runs the scripts below some paths, which are those of folders below a root, too; other paths go on to the next handler.
 * @param root a relative path is one of the working directory. Default that directory
 * @throws ObolError E_SETTING for a wrong option, E_PLATFORM on Windows
 *
 * @example
 * ```ts
 * await bootstrap({ controllers, middleware: [cgiDirectories('site')], documentRoot: 'site/public' });
 * ```
 */
export function cgiDirectories(root: string | URL = '.', options: CgiDirectoriesOptions = {}): Middleware {
  const folder = pathOf(root);
  const gateway = new Gateway(cgiPlan('cgiDirectories', options, { rules: PATHS_RULES, folder }));
  const places = (options.paths ?? DEFAULT_PATHS).map((path) => {
    const rules = rulesOf('cgiDirectories', join(folder, path), options);
    return { prefix: parsePrefix(path), handle: mount(path, handlerOf(gateway, rules)) };
  });
  return (request, next) => {
    const place = places.find(({ prefix }) => prefix.covers(request.path));
    return place ? place.handle(request) : next(request);
  };
}

function handlerOf(gateway: Gateway, rules: ScriptRules): ScriptHandler {
  return scriptHandler(rules, (request, script) => gateway.run(request, script));
}

function rulesOf(name: string, root: string, options: CgiDirectoryOptions): ScriptRules {
  const { extensions, interpreters } = options;
  const programs = Object.entries(interpreters ?? {}).map(
    ([ending, program]) =>
      [ending, programPath(`${name}.interpreters[${JSON.stringify(ending)}]`, program)] as const,
  );
  const plain = (extensions ?? []).map((ending) => [ending, undefined] as const);
  const endings = extensions || interpreters ? new Map([...plain, ...programs]) : undefined;
  return scriptRules(name, root, options, endings);
}

function isTable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).every(
    ([ending, program]) =>
      ENDING(ending, '') === undefined && (typeof program === 'string' || program instanceof URL),
  );
}
