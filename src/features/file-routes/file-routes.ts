/** `fileRoutes(folder)`: modules and pages of a folder, as the routes that their places say. */
import { join } from 'node:path';
import { inspect } from 'node:util';
import { type Feature, ObolError } from '../../kit.js';
import { FolderRoutes } from './folder-routes.js';
import { type FileRoutesOptions, readOptions } from './options.js';
import { readFolder, type ReportFile } from './read-folder.js';

/**
 * Reads a folder of routes, once: `about.md` answers `/about`, `users/[id:int].ts` answers `/users/<id:int>`, `index` its folder,
 * `[...rest]` what is left. The default export of a module is a handler, `{ GET, POST }`, a controller or a value; `_middleware`
 * stands around its folder. What begins with `.` or `_` is never run or sent, and neither is what lies outside.
 * @param folder a relative path is one of the working directory
 * @returns a feature; its mistakes are reported with all others of the application (E_FILE_ROUTE)
 * @throws ObolError E_SETTING for a folder that is none and for a wrong option
 *
 * @example
 * ```ts
 * const site = await fileRoutes(new URL('./site', import.meta.url), { loaders: { '.md': (text) => marked.parse(text) } });
 * await bootstrap({ controllers: [Home], features: [site] });
 * ```
 */
export async function fileRoutes(folder: string | URL, options: FileRoutesOptions = {}): Promise<Feature> {
  const plan = readOptions(folder, options);
  const mistakes: { readonly message: string; readonly cause: unknown }[] = [];
  const report: ReportFile = (file, mistake, cause) => {
    const why = cause === undefined ? '' : `: ${reasonOf(cause)}`;
    mistakes.push({ message: `${join(plan.root, file)}: ${mistake}${why}.`, cause });
  };
  const routes = new FolderRoutes(plan, report);
  const files = readFolder(plan.root, report);
  if (files.length === 0) report('', 'there is no file in it that answers anything');
  for (const file of files) await routes.add(file);
  return {
    ...routes.finish(),
    verify: () => {
      if (mistakes.length === 0) return;
      const message = mistakes.map((mistake) => mistake.message).join('\n');
      throw new ObolError('E_FILE_ROUTE', message, { cause: mistakes[0]?.cause });
    },
  };
}

/** Without a stop at its end. @param cause whatever a file has thrown */
function reasonOf(cause: unknown): string {
  const { message = inspect(cause) } = (cause ?? {}) as Partial<Error>;
  return message.replace(/\.$/, '');
}
