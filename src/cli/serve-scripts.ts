/** `obol serve --cgi`: the scripts below some paths run, and no other path leads to what they are made of. */
import { realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { cgiDirectories } from '../features/cgi/cgi-directory.js';
import { absent, decodeSegment, type Handler } from '../kit.js';

/**
 * Scripts in front of files.
 * @param paths of URLs, and of folders below the directory
 * @throws ObolError E_PLATFORM on Windows
 */
export function withScripts(files: Handler, directory: string, paths: readonly string[]): Handler {
  // Which files the user of the command lets others change is not decided here.
  const scripts = cgiDirectories(directory, { paths, allowWorldWritable: true });
  const folders = paths.map((path) => join(directory, path));
  const others: Handler = async (request) => {
    if (await leadsInto(folders, join(directory, decodeSegment(request.path)))) throw absent();
    return files(request);
  };
  return (request) => scripts(request, others);
}

/** Links lead there, and other letters where the disk does not care for case. */
async function leadsInto(folders: readonly string[], path: string): Promise<boolean> {
  const real = await realOf(path);
  if (real === undefined) return false;
  const places = await Promise.all(folders.map(realOf));
  return places.some((place) => place !== undefined && `${real}${sep}`.startsWith(`${place}${sep}`));
}

/** The path without links; undefined for what is not there. */
async function realOf(path: string): Promise<string | undefined> {
  return realpath(path).catch(() => undefined);
}
