/** Reads what a directory holds, as far as clients may see it: bounded, and a few things at a time. */
import type { Stats } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import {
  absent,
  type ConfinedFolder,
  decodeSegment,
  encodeCanonical,
  refuseUnlessAbsent,
} from '../../kit.js';
import { isHidden, isPlain } from './names.js';

/** A file or a directory in a listing. */
export interface ListedEntry {
  /** Octets that are no UTF-8 are shown as U+FFFD. */
  readonly name: string;
  /** The name as it stands in a URL, percent-encoded, whatever octets it has. */
  readonly segment: string;
  /** Whether a URL can name it; on Windows none names a device, for one. */
  readonly isReachable: boolean;
  readonly isDirectory: boolean;
  /** In bytes; 0 for a directory. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly modified: number;
}

export interface DirectoryContent {
  readonly entries: readonly ListedEntry[];
  /** Whether there are more than these. */
  readonly isCut: boolean;
}

/** What is read, and how. */
export interface DirectoryQuestion {
  readonly folder: ConfinedFolder;
  /** In the folder, without a slash at its end. */
  readonly path: string;
  readonly held: NonNullable<ReturnType<ConfinedFolder['hold']>>;
  readonly showHidden: boolean;
  /** Default {@link MAX_ENTRIES}. */
  readonly limit?: number;
}

export const MAX_ENTRIES = 10_000;
/** Hidden names count here too: a directory of nothing else must come to an end. */
const MAX_READ = 10 * MAX_ENTRIES;
const CONCURRENCY = 64;

/** Lets go of the directory in the end. @throws HttpError 404 when it may not be read, 503 */
export async function readDirectory(question: DirectoryQuestion): Promise<DirectoryContent> {
  const { held, limit = MAX_ENTRIES } = question;
  try {
    const names = await readNames(held.path, question.showHidden, limit);
    const entries = await mapConcurrently(names.slice(0, limit), (name) => entryOf(name, question));
    return { entries: entries.filter((entry) => entry !== undefined), isCut: names.length > limit };
  } catch (error) {
    refuseUnlessAbsent(error);
    throw absent();
  } finally {
    held.release();
  }
}

/** Names as Latin-1, which keeps every byte; at most one more than the limit. */
async function readNames(directory: string | Buffer, showHidden: boolean, limit: number): Promise<string[]> {
  const names: string[] = [];
  let read = 0;
  for await (const { name } of await opendir(directory, { encoding: 'latin1', bufferSize: 256 })) {
    if (showHidden || !isHidden(name)) names.push(name);
    if (names.length > limit || ++read >= MAX_READ) break;
  }
  return names;
}

async function entryOf(bytes: string, question: DirectoryQuestion): Promise<ListedEntry | undefined> {
  const raw = Buffer.from(bytes, 'latin1');
  const canonical = canonicalName(raw);
  const name = decodeSegment(canonical);
  const isReachable = isPlain(name, process.platform);
  const stats = await statsOf(raw, isReachable ? name : undefined, question);
  if (!stats?.isFile() && !stats?.isDirectory()) return undefined;
  const isDirectory = stats.isDirectory();
  return {
    name: name.toWellFormed(),
    segment: encodeCanonical(canonical),
    isReachable,
    isDirectory,
    size: isDirectory ? 0 : stats.size,
    modified: stats.mtimeMs,
  };
}

/** Of a link, those of what it leads to. What is not inside, or has gone in the meantime, is nothing. */
async function statsOf(
  raw: Buffer,
  name: string | undefined,
  { held, folder, path }: DirectoryQuestion,
): Promise<Stats | undefined> {
  try {
    const stats = await lstat(Buffer.concat([octetsOf(held.path), Buffer.from('/'), raw]));
    const mayBeOutside = stats.isSymbolicLink() || folder.isPartial;
    if (name === undefined) return stats.isSymbolicLink() ? undefined : stats;
    return mayBeOutside ? folder.statInside(path === '' ? name : `${path}/${name}`) : stats;
  } catch (error) {
    refuseUnlessAbsent(error);
    return undefined;
  }
}

/** A name as it stands in the canonical path of a request. */
function canonicalName(raw: Buffer): string {
  const octets = raw.toString('latin1');
  return octets.replace(/[%\x80-\xff]/g, (octet) => `%${octet.charCodeAt(0).toString(16).toUpperCase()}`);
}

function octetsOf(path: string | Buffer): Buffer {
  return typeof path === 'string' ? Buffer.from(path) : path;
}

async function mapConcurrently<T, R>(items: readonly T[], map: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const rest = items.entries();
  const work = async (): Promise<void> => {
    for (const [i, item] of rest) results[i] = await map(item);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return results;
}
