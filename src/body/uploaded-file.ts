/** A file that comes with a form: in memory while small, on disk while large, or wherever the application sends it. */
import { readFile, writeFile } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { branded } from '../ground/brand.js';
import { ObolError } from '../ground/errors.js';
import { ContentTooLarge } from '../http/errors.js';
import { HttpError } from '../http/http-error.js';
import { DiskTarget, sinkTarget, type FileContent, type FileSink, type FileTarget } from './file-targets.js';
import { charsetOf } from '../http/charset.js';
import { NO_OPTIONS } from './odd-head.js';
import { textOf, UNNAMED, type PartInfo } from './part.js';
import { removeSpoolFile } from './spool.js';

/** What is known of a file when it begins. */
export interface FileInfo extends PartInfo {
  /** Base name as sent, without control characters; never a path. */
  readonly filename: string;
}

/** What a file is made with: the parameters are none unless they are given. */
export type FileGiven = Omit<FileInfo, keyof PartOptions> & Partial<PartOptions>;

type PartOptions = Pick<FileInfo, 'typeOptions' | 'dispositionOptions'>;

/** A complete file. It is gone when the request is over, unless it was saved. */
export class UploadedFile implements FileInfo {
  static {
    branded(this, 'UploadedFile');
  }

  readonly name: string;
  readonly filename: string;
  /** The media type the client claims, in lower case and without parameters. */
  readonly type: string;
  /** Bytes. */
  readonly length: number;
  /** Whether it is a file that has to be removed. */
  readonly isOnDisk: boolean;
  readonly #info: FileGiven;
  readonly #content: FileContent;

  constructor(info: FileGiven, content: FileContent, length: number) {
    this.name = info.name;
    this.filename = info.filename;
    this.type = info.type;
    this.length = length;
    this.isOnDisk = content.kind === 'disk';
    this.#info = info;
    this.#content = content;
  }

  /**
   * A file in memory, for tests of what takes one: `UploadedFile.of('photo', bytes, { filename: 'me.png', type: 'image/png' })`.
   * @param name of the form field
   * @param content text is taken as UTF-8
   * @param info default `unnamed`, and `application/octet-stream`
   */
  static of(
    name: string,
    content: string | Uint8Array,
    { filename = UNNAMED, type = 'application/octet-stream' }: Partial<Omit<FileInfo, 'name'>> = {},
  ): UploadedFile {
    const bytes = Buffer.from(content);
    return new UploadedFile({ name, filename, type }, { kind: 'memory', bytes }, bytes.length);
  }

  /** The parameters of its media type, by lower-case name. */
  get typeOptions(): ReadonlyMap<string, string> {
    return this.#info.typeOptions ?? NO_OPTIONS;
  }

  /** The parameters of its Content-Disposition, by lower-case name. */
  get dispositionOptions(): ReadonlyMap<string, string> {
    return this.#info.dispositionOptions ?? NO_OPTIONS;
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

  /**
   * The whole content as text in the charset that its type names, by default UTF-8; a byte order mark is no part of it.
   * @throws HttpError 415 for a charset that is not known, 400 for bytes that are no text of it
   * @throws ObolError E_FILE_SINK when a sink took it
   */
  async text(): Promise<string> {
    const charset = charsetOf(this.typeOptions.get('charset') ?? 'utf-8');
    if (!charset) throw new HttpError(415, 'A file of the form has an unknown charset');
    return textOf(await this.bytes(), charset).replace(/^\uFEFF/, '');
  }

  /** Puts the file where it shall stay, replacing what is there. @throws ObolError E_FILE_SINK when a sink took it */
  async saveTo(path: string): Promise<void> {
    const content = this.#stored();
    // Written anew, for copying or renaming would keep the mode of temporary files, which no one else can read.
    await writeFile(path, content.kind === 'memory' ? content.bytes : createReadStream(content.path));
  }

  /** The same file, of a type that its content shows. */
  ofType(type: string): UploadedFile {
    return new UploadedFile({ ...this.#info, type }, this.#content, this.length);
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

/** What bounds a file, and where it goes. */
export interface StoreOptions {
  readonly fileSize: number;
  readonly memoryFileSize: number;
  /** Asked when the file has content or a name, once; nothing returned means memory or disk. */
  readonly fileCallback?: ((filename: string, info: FileInfo) => FileSink | undefined) | undefined;
}

/** One file that is arriving. Either it is finished, or abandoned, which leaves nothing behind. */
export class FileStore {
  readonly #info: FileInfo;
  readonly #options: StoreOptions;
  readonly #signal: AbortSignal;
  #isOpen = false;
  /** Where it goes, unless it stays in memory. */
  #target: FileTarget | undefined;
  #chunks: Buffer[] = [];
  #length = 0;
  #pending: Promise<void> | undefined;
  #finished: Promise<UploadedFile> | undefined;

  /** @param signal aborted when the form has failed: no sink is waited for any more */
  constructor(info: FileInfo, options: StoreOptions, signal: AbortSignal) {
    this.#info = info;
    this.#options = options;
    this.#signal = signal;
  }

  /**
   * Takes the next piece.
   * @returns what to wait for before more is written; undefined when more may come at once
   * @throws HttpError 413 over `fileSize`, 507 when the disk is full, now or by the promise
   */
  write(chunk: Buffer): Promise<void> | undefined {
    const { fileSize } = this.#options;
    this.#length += chunk.length;
    if (this.#length > fileSize) throw new ContentTooLarge(fileSize);
    try {
      return (this.#pending = this.#put(chunk)?.catch(rethrow));
    } catch (error) {
      rethrow(error);
    }
  }

  /** The file is complete. @throws HttpError 507 when the disk is full, and what a sink of the application throws */
  finish(): Promise<UploadedFile> {
    return (this.#finished = this.#finish().catch(rethrow));
  }

  /** The file will never be complete, or is not wanted any more. */
  async abandon(error: unknown): Promise<void> {
    const file = await this.#finished?.catch(() => undefined);
    // What a sink has made of a complete file is the sink's to undo.
    if (!file || file.sink) await this.#target?.abandon(this.#signal.aborted ? this.#signal.reason : error);
    else await file.dispose();
  }

  #put(chunk: Buffer): Promise<void> | undefined {
    if (!this.#isOpen) this.#open();
    if (this.#target) return this.#target.write(chunk);
    this.#chunks.push(chunk);
    if (this.#length <= this.#options.memoryFileSize) return undefined;
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [];
    return (this.#target = new DiskTarget()).write(all);
  }

  async #finish(): Promise<UploadedFile> {
    await this.#pending;
    // What browsers send for a file input where nothing was chosen is no file, and needs no sink.
    if (!this.#isOpen && this.#info.filename !== UNNAMED) this.#open();
    const content = await this.#target?.finish();
    const inMemory = { kind: 'memory', bytes: Buffer.concat(this.#chunks) } as const;
    return new UploadedFile(this.#info, content ?? inMemory, this.#length);
  }

  #open(): void {
    const { fileCallback } = this.#options;
    const sink = fileCallback?.(this.#info.filename, this.#info);
    if (sink) this.#target = sinkTarget(sink, this.#signal);
    this.#isOpen = true;
  }
}

function rethrow(error: unknown): never {
  throw isDiskFull(error) ? new HttpError(507, 'There is no room for the upload', { cause: error }) : error;
}

function isDiskFull(error: unknown): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  return code === 'ENOSPC' || code === 'EDQUOT';
}
