/** Where a program is that an application names. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ObolError } from '../../kit.js';
import { pathOf } from './options.js';

/**
 * The path of a program. One that is named without a slash is looked for in `PATH`, once: what is run is decided at the start.
 * @param where names the option, for the message
 * @throws ObolError E_SETTING where there is no such program, or it may not be run
 */
export function programPath(
  where: string,
  program: string | URL,
  searched = process.env['PATH'] ?? '',
): string {
  const isName = typeof program === 'string' && !program.includes('/');
  const paths = isName ? searched.split(delimiter).map((folder) => join(folder, program)) : [pathOf(program)];
  const found = paths.find(isProgram);
  if (found !== undefined) return found;
  const place = isName ? ` in PATH; for a file in the working directory, write "./${program}"` : '';
  throw new ObolError(
    'E_SETTING',
    `${where}: there is no program ${JSON.stringify(String(program))} that may be run${place}.`,
  );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
