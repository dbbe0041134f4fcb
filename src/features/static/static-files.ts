/** `staticFiles(root)`: a folder of files that can be served, mounted, or asked by a controller. */
import type { Request, Response } from '../../kit.js';
import { readOptions, type StaticFilesOptions } from './options.js';
import { StaticFolder } from './static-folder.js';

/** A handler of the files in a folder. */
export interface StaticFiles {
  /** Answers with what the path of the request names. @throws HttpError 404, 405 or 503 */
  (request: Request): Response | Promise<Response>;
  /**
   * Answers with what a path in the folder leads to, for controllers that decide themselves.
   * @param path relative and decoded, as `<file:path>` gives it; nothing leads out of the folder
   * @throws HttpError 404, 405 or 503
   */
  answer(request: Request, path: string): Response | Promise<Response>;
}

/**
 * Serves the files of a folder: GET and HEAD with validators, ranges and types; 404 for what is missing, hidden,
 * forbidden or outside, which look all the same. Files are opened where they are asked for: meant for local disks.
 * @param root a folder that exists; a relative path is one of the working directory
 * @throws ObolError E_SETTING for a folder that is none and for a wrong option
 *
 * @example
 * ```ts
 * await listen(staticFiles('public', { listing: true }), { port: 8080 });
 * await bootstrap({ controllers, middleware: [mount('/assets', staticFiles('public'))] });
 *
 * const assets = staticFiles(new URL('../assets', import.meta.url));
 * return assets.answer(req, file); // in a method with `@Get('/assets/<file:path>')`
 * ```
 */
export function staticFiles(root: string | URL, options: StaticFilesOptions = {}): StaticFiles {
  const { handle, answer } = new StaticFolder(readOptions(root, options));
  return Object.assign(handle, { answer });
}
