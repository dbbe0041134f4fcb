/** `obol serve --cgi`: the scripts below some paths, which only pages of this server may send anything to. */
import { cgiDirectories } from '../features/cgi/cgi-directory.js';
import { isSafe, refuseForeign } from '../features/csrf/judge.js';
import type { Middleware } from '../kit.js';

/**
 * A page of another site can make the browser of this computer send a form here, which for a script is as good as one of its own.
 * @param paths of URLs, and of folders below the directory
 * @throws ObolError E_PLATFORM on Windows
 */
export function scriptsBelow(directory: string, paths: readonly string[]): Middleware {
  // Which files the user of the command lets others change is not decided here.
  const scripts = cgiDirectories(directory, { paths, allowWorldWritable: true });
  return (request, next) => {
    if (!isSafe(request.method)) refuseForeign(request);
    return scripts(request, next);
  };
}
