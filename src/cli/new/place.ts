/** Where a new project goes, and how its package is called. */
import { readdirSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { basename, resolve } from 'node:path';
import { CommandError, usageError } from '../command.js';
import { PACKAGES } from './packages.js';

export interface Place {
  /** An absolute path. */
  readonly folder: string;
  /** The name of the package. */
  readonly name: string;
}

/** What npm allows: letters, digits, `-`, `_`, `.` and `~`, in small letters, with a scope in front or without. */
const NAME = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;
const MAX_NAME = 214;

/** What npm refuses, and what would stand in the way of a package of the project. */
const TAKEN: ReadonlySet<string> = new Set([
  ...builtinModules,
  'node_modules',
  'favicon.ico',
  ...Object.keys(PACKAGES),
]);

/** What may be there before: a folder that was cloned, or looked at. */
const HARMLESS: ReadonlySet<string> = new Set(['.git', '.DS_Store']);

/**
 * @param text a name, with a scope or without, or the path of a folder, whose last part is the name
 * @throws CommandError 2 for a name that npm refuses, 1 where there is something already
 */
export function placeOf(text: string): Place {
  if (text === '') throw usageError('The name is empty.');
  const isScoped = /^@[^/\\]+\/[^/\\]+$/.test(text);
  const folder = resolve(isScoped ? basename(text) : text);
  const name = isScoped ? text : basename(folder);
  checkName(name);
  checkFolder(folder);
  return { folder, name };
}

function checkName(name: string): void {
  if (TAKEN.has(name))
    throw usageError(`A package cannot be called ${JSON.stringify(name)}: that is something else already.`);
  if (NAME.test(name) && name.length <= MAX_NAME) return;
  const better = nameLike(name);
  const cure = better === '' || better === name ? '' : ` What about ${JSON.stringify(better)}?`;
  throw usageError(
    `${JSON.stringify(name)} is no name of a package: those are of a-z, 0-9, "-", "." and "_", ` +
      `begin with a letter or digit, and have ${String(MAX_NAME)} characters at most.${cure}`,
  );
}

/** The closest that npm allows, which may be nothing. */
function nameLike(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const like = plain.replace(/[^a-z0-9._-]+/g, '-').replace(/^[-._]+|[-._]+$/g, '');
  return TAKEN.has(like) ? '' : like.slice(0, MAX_NAME);
}

function checkFolder(folder: string): void {
  const found = entriesOf(folder).filter((name) => !HARMLESS.has(name));
  if (found.length === 0) return;
  const some = found.slice(0, 3).map((name) => JSON.stringify(name));
  const rest = found.length > some.length ? ` and ${String(found.length - some.length)} more` : '';
  throw new CommandError(`${folder} is not empty: it has ${some.join(', ')}${rest}. Take another name.`, 1);
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    const why = code === 'ENOTDIR' ? 'there is a file of that name, or on the way' : message;
    throw new CommandError(`${folder} cannot be the folder: ${why}. Take another name.`, 1, { cause: error });
  }
}
