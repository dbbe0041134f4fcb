/** A folder of scripts as a handler, whatever runs them: the options that say which these are, and what goes on to the next. */
import {
  absent,
  type Handler,
  ObolError,
  RedirectResponse,
  type Request,
  type Response,
  rule,
  type Rules,
} from '../../kit.js';
import type { Script } from './script.js';
import { endingOf, ScriptFolder, type ScriptRules } from './script-folder.js';

/** Options of a folder of scripts. */
export interface FolderOptions {
  /** Names of scripts that answer for their folder, such as `['index.php']`; the first that is there. Default none; of FastCGI `index.php`. */
  readonly index?: readonly string[] | undefined;
  /** Whether links may lead out of the folder. Default false. */
  readonly followSymlinks?: boolean | undefined;
  /** Whether a script is run that every user of the machine may change. Default false. */
  readonly allowWorldWritable?: boolean | undefined;
}

/** A handler, and a middleware that passes on all that has not the ending of a script where only some files are. */
export type ScriptHandler = (request: Request, next?: Handler) => Response | Promise<Response>;

export const ENDING = rule.text('the ending of a file name, such as ".cgi"', /^\.[^./\0]+$/);

/** To be spread into the rules of a handler's own options. */
export const FOLDER_RULES: Rules<FolderOptions> = {
  index: rule.list(
    'a list of names',
    rule.text('the name of a file, such as "index.php"', /^[^./\0][^/\0]*$/),
  ),
  followSymlinks: rule.flag,
  allowWorldWritable: rule.flag,
};

/**
 * @param name of the handler, for messages
 * @throws ObolError E_SETTING for an index that would be no script
 */
export function scriptRules(
  name: string,
  root: string,
  { index = [], followSymlinks = false, allowWorldWritable = false }: FolderOptions,
  endings: ScriptRules['endings'],
): ScriptRules {
  for (const file of endings ? index : [])
    if (!endings?.has(endingOf(file)))
      throw new ObolError(
        'E_SETTING',
        `${name}.index: ${JSON.stringify(file)} has the ending of no script; other files are for the handler behind.`,
      );
  return { root, index, endings, followSymlinks, allowWorldWritable };
}

/** Runs what a path names; other paths are for the next handler, or 404. */
export function scriptHandler(
  rules: ScriptRules,
  run: (request: Request, script: Script) => Promise<Response>,
): ScriptHandler {
  const scripts = new ScriptFolder(rules);
  return (request, next) => {
    const found = scripts.find(request.path);
    if (found === 'folder') return RedirectResponse.toSlash(request);
    if (found) return run(request, found);
    if (next) return next(request);
    throw absent();
  };
}
