/** `fastcgi(options)`: the scripts of a folder, or one for all paths, run by a FastCGI server. */
import { textOfPath } from '../cgi/path-text.js';
import { type ScriptHandler, scriptHandler } from '../cgi/script-handler.js';
import type { Script } from '../cgi/script.js';
import { fastcgiPlan, type FastcgiOptions } from './options.js';
import { Upstream } from './upstream.js';

/**
 * Answers with what scripts give that a FastCGI server runs, such as php-fpm. The first in the path that is no folder is the
 * script, the rest its PATH_INFO. What has not the ending of a script is never run: as a middleware it passes that on, as a handler
 * it answers 404.
 * @throws ObolError E_SETTING for a wrong option, for none of a server, and for a folder that is none
 *
 * @example
 * ```ts
 * const php = fastcgi({ socket: '/run/php/php-fpm.sock', root: 'site' });
 * await bootstrap({ controllers, middleware: [php], documentRoot: 'site' });
 * ```
 */
export function fastcgi(options: FastcgiOptions): ScriptHandler {
  const plan = fastcgiPlan(options);
  const upstream = new Upstream(plan);
  const { folder, remote } = plan;
  if (!folder) return (request) => upstream.run(request, scriptOfAll(remote ?? '', textOfPath(request.path)));
  return scriptHandler(folder, (request, script) => upstream.run(request, seenFromThere(script, remote)));
}

function scriptOfAll(filename: string, pathInfo: string): Script {
  return { file: filename, args: [], cwd: '/', filename, name: '', pathInfo };
}

function seenFromThere(script: Script, remote: string | undefined): Script {
  return remote === undefined ? script : { ...script, filename: remote + script.name };
}
