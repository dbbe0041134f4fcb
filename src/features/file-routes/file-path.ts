/** The path that a file answers, by its place in the folder: `users/[id:int].ts` answers `/users/<id:int>`. */
import { basename, dirname, extname } from 'node:path';

/** `[id]`, `[id:int]` or `[...rest]`. */
const HOLE = /\[(\.\.\.)?([A-Za-z_]\w*)(?::([A-Za-z_]\w*))?\]/g;

/** Endings of two parts that say what is left out. */
const LEFT_OUT = /\.(?:d\.[cm]?ts|map|(?:test|spec)\.[cm]?[jt]sx?)$/;

/** Whether a file is about another: types, source maps, tests. */
export function isLeftOut(file: string): boolean {
  return LEFT_OUT.test(file);
}

/** The ending of a name, in lower case and with its dot. */
export function endingOf(file: string): string {
  return extname(file).toLowerCase();
}

/** The name of a file without its ending. */
export function stemOf(file: string): string {
  return basename(file, extname(file));
}

/**
 * The template of what answers for a file. `index` answers for its folder, with a slash at the end.
 * @param file its path in the folder
 * @throws Error that says what is wrong with a name
 */
export function pathOf(file: string): string {
  const stem = stemOf(file);
  const folder = folderPathOf(dirname(file));
  return `${folder}/${stem === 'index' ? '' : segmentOf(stem)}`;
}

/** The template of one of several pages of a path, which has its ending. @throws Error */
export function variantPathOf(file: string): string {
  return `${folderPathOf(dirname(file))}/${segmentOf(stemOf(file))}${extname(file)}`;
}

/** The template of a file under its whole name, which has no parameters. @throws Error */
export function namedPathOf(file: string): string {
  const name = basename(file);
  if (/[[\]<>?#]/.test(name))
    throw new Error(`"${name}" is sent as it is, so its name has no parameters, no "?" and no "#"`);
  return `${folderPathOf(dirname(file))}/${name}`;
}

/** Without a slash at the end; `''` for the folder itself. @throws Error */
function folderPathOf(folder: string): string {
  return folder === '.' ? '' : folder.split('/').reduce((path, name) => `${path}/${segmentOf(name)}`, '');
}

function segmentOf(name: string): string {
  if (/[?#]/.test(name)) throw new Error(`"${name}" has "?" or "#", which no path has`);
  if (/[<>]/.test(name)) throw new Error(`"${name}" has "<" or ">"; a parameter is written "[name]"`);
  const rest = name.replace(HOLE, '');
  if (/[[\]]/.test(rest))
    throw new Error(
      `"${name}" has a bracket that belongs to no parameter; write "[name]", "[name:filter]" or "[...name]", the filter by its name`,
    );
  return name.replace(HOLE, (hole: string, dots: string | undefined, parameter: string, filter?: string) => {
    if (dots === undefined) return filter === undefined ? `<${parameter}>` : `<${parameter}:${filter}>`;
    if (hole !== name || filter !== undefined)
      throw new Error(`"${name}": "[...${parameter}]" is a name of its own, without a filter`);
    return `<${parameter}:path>`;
  });
}
