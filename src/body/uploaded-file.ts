/** A file that came with a form: in memory while small, on disk while large, or wherever the application sent it. */
import { readFile, writeFile } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { ObolError } from '../ground/errors.js';
import { removeSpoolFile } from './spool.js';

/** What a file without a usable name is called. */
export const UNNAMED = 'unnamed';

const MAX_BYTES = 255;

/** Takes a file piece by piece, where the application wants it: its own storage, a hash, a stream. */
export interface FileSink {
  /** The next piece. A promise, or `false` with a `drain` event later as Node's writables do, holds the client back. */
  write(chunk: Buffer): unknown;
  /** The file is complete. */
  end?(): unknown;
  /** The file is not wanted: the client left, or broke a limit, maybe with a later part when this one was complete. */
  destroy?(error?: Error): unknown;
}

/** What is known of a file when it begins. */
export interface FileInfo {
  /** Of the form field. */
  readonly name: string;
  /** Base name as sent, without control characters; never a path. */
  readonly filename: string;
  /** The media type the client claims. */
  readonly type: string;
}

/** Where the content of a file ended up. */
export type FileContent =
  | { readonly kind: 'memory'; readonly bytes: Buffer }
  | { readonly kind: 'disk'; readonly path: string }
  | { readonly kind: 'sink'; readonly sink: FileSink };

/** A complete file. It is gone when the request is over, unless it was saved. */
export class UploadedFile implements FileInfo {
  readonly name: string;
  readonly filename: string;
  readonly type: string;
  /** Bytes. */
  readonly length: number;
  readonly #content: FileContent;

  constructor(info: FileInfo, content: FileContent, length: number) {
    this.name = info.name;
    this.filename = info.filename;
    this.type = info.type;
    this.length = length;
    this.#content = content;
  }

  /** The sink that took the file; undefined when there was none. */
  get sink(): FileSink | undefined {
    return this.#content.kind === 'sink' ? this.#content.sink : undefined;
  }

  /** The content as a stream of bytes. @throws ObolError E_FILE_SINK when a sink took it */
  stream(): Readable {
    const content = this.#stored();
    return content.kind === 'memory' ? Readable.from([content.bytes]) : createReadStream(content.path);
  }

  /** The whole content. @throws ObolError E_FILE_SINK when a sink took it */
  async bytes(): Promise<Buffer> {
    const content = this.#stored();
    return content.kind === 'memory' ? content.bytes : readFile(content.path);
  }

  /** The whole content as UTF-8 text. @throws ObolError E_FILE_SINK when a sink took it */
  async text(): Promise<string> {
    return (await this.bytes()).toString();
  }

  /** Puts the file where it shall stay, replacing what is there. @throws ObolError E_FILE_SINK when a sink took it */
  async saveTo(path: string): Promise<void> {
    const content = this.#stored();
    // Written anew, for copying or renaming would keep the mode of temporary files, which no one else can read.
    await writeFile(path, content.kind === 'memory' ? content.bytes : createReadStream(content.path));
  }

  /** Removes what is on disk. Done for you when the request is over. */
  async dispose(): Promise<void> {
    if (this.#content.kind === 'disk') await removeSpoolFile(this.#content.path);
  }

  #stored(): Exclude<FileContent, { kind: 'sink' }> {
    if (this.#content.kind !== 'sink') return this.#content;
    const name = JSON.stringify(this.filename);
    throw new ObolError(
      'E_FILE_SINK',
      `The file ${name} went to the sink that fileCallback gave; read it there.`,
    );
  }
}

/**
 * The last segment of a name, without control characters, in at most 255 bytes.
 * @returns `unnamed` when nothing is left that could name a file
 */
export function sanitizeFileName(name: string): string {
  const base = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  const clean = base
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '')
    .trim();
  return clean === '' || clean === '.' || clean === '..' ? UNNAMED : shorten(clean);
}

/** Cuts whole characters off the end of the stem, so that the extension stays. */
function shorten(name: string): string {
  if (Buffer.byteLength(name) <= MAX_BYTES) return name;
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && name.length - dot <= 16 ? name.slice(dot) : '';
  let room = MAX_BYTES - Buffer.byteLength(extension);
  let stem = '';
  for (const character of name) {
    room -= Buffer.byteLength(character);
    if (room < 0) break;
    stem += character;
  }
  return stem + extension;
}
