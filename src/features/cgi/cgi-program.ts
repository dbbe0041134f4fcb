/** `cgiProgram(program)`: one program that answers every path. */
import { dirname } from 'node:path';
import { type Request, type Response, rule, type Rules } from '../../kit.js';
import { Gateway } from './gateway.js';
import { CGI_RULES, type CgiOptions, cgiPlan, pathOf } from './options.js';
import { textOfPath } from './path-text.js';
import { programPath } from './program-path.js';

export interface CgiProgramOptions extends CgiOptions {
  /** The arguments that it always gets. Default none. */
  readonly args?: readonly string[] | undefined;
  /** Its working directory. Default the folder that it is in. */
  readonly cwd?: string | URL | undefined;
}

const RULES: Rules<CgiProgramOptions> = {
  ...CGI_RULES,
  args: rule.list(
    'a list of arguments',
    rule.that('text', (value) => typeof value === 'string' && !value.includes('\0')),
  ),
  cwd: rule.path,
};

/**
 * Answers with what one program gives, by CGI (RFC 3875): the whole path is its PATH_INFO. It gets every method.
 * @param program a path, or a name that is looked for in `PATH` once, at the start
 * @throws ObolError E_SETTING for a program that there is not and for a wrong option, E_PLATFORM on Windows
 *
 * @example
 * ```ts
 * const git = cgiProgram('git', { args: ['http-backend'], env: { GIT_PROJECT_ROOT: root }, ...ownerOf(root) });
 * await bootstrap({ controllers, middleware: [mount('/git', git)] });
 * ```
 */
export function cgiProgram(
  program: string | URL,
  options: CgiProgramOptions = {},
): (request: Request) => Promise<Response> {
  const file = programPath('cgiProgram', program);
  const cwd = pathOf(options.cwd ?? dirname(file));
  const gateway = new Gateway(cgiPlan('cgiProgram', options, { rules: RULES, folder: cwd }));
  const script = { file, args: options.args ?? [], cwd, filename: file, name: '' };
  return (request) => gateway.run(request, { ...script, pathInfo: textOfPath(request.path) });
}
