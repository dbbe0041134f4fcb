/** Files as responses: by path, opened once, or as a handle or stream that is open already. */
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { cacheControl, type CacheControl } from '../http/cache-control.js';
import { contentDisposition } from '../http/content-disposition.js';
import { fileEtag } from '../http/etag.js';
import { contentTypesBy, type ContentTypes } from '../http/mime-types.js';
import { openFile, openFileSync, type OpenedFile } from '../files/open-file.js';
import { lengthOf, streamOf } from '../files/open-stream.js';
import type { HeadersInit } from './headers.js';
import { Response, type ResponseInit } from './response.js';
import { GeneratorResponse } from './responses.js';

export interface FileResponseInit {
  /** Default 200. With any other, the file is sent whole and without validators. */
  readonly status?: number | undefined;
  /** Default by the ending of the name. */
  readonly contentType?: string | undefined;
  /** Content types by ending, before those that are known: `{ '.md': 'text/markdown' }`. Default none. */
  readonly contentTypes?: ContentTypes | undefined;
  /** Default none. */
  readonly headers?: HeadersInit | undefined;
  /** Makes browsers save the file: under its own name, or under this one. Default false. */
  readonly download?: boolean | string | undefined;
  /** Default one of size and time of modification; `false` for none. */
  readonly etag?: string | false | undefined;
  /** Default that of the file; `false` for none. */
  readonly lastModified?: Date | number | false | undefined;
  /** Default none. */
  readonly cacheControl?: CacheControl | undefined;
}

/**
 * A file: with type, length, ETag and Last-Modified; parts of it and whether it has changed may be asked for.
 *
 * It is opened here and now, one up to 256 KiB is read as well, and what is sent comes from that one handle, whatever
 * happens to the path. On local disks this is the cheapest way; where opening may take its time, as on a network file
 * system, use {@link fileResponse}. A larger file stays open until the response is sent or let go of.
 */
export class FileResponse extends Response {
  /**
   * @param file a path (relative ones to the working directory), or what `openFile()` gave. A path from a request leads
   * anywhere: use static files for a folder.
   * @throws HttpError 404 when there is no regular file that may be read, 503 when no descriptor is left
   */
  constructor(file: string | URL | OpenedFile, init: FileResponseInit = {}) {
    const opened = typeof file === 'string' || file instanceof URL ? openFileSync(pathOf(file)) : file;
    const { status, contentTypes, headers } = init;
    const { contentType = contentTypesBy(contentTypes, 'FileResponse')(opened.path) } = init;
    super(opened.content, { status, contentType, headers, length: opened.size });
    if (this.status === 200) this.#addValidators(opened, init);
    const { download, cacheControl: caching } = init;
    if (caching) this.headers.set('Cache-Control', cacheControl(caching));
    if (download !== undefined && download !== false)
      this.headers.set('Content-Disposition', contentDisposition(download === true ? opened.path : download));
  }

  /** Over what `headers` may say already, so that no field is there twice. */
  #addValidators(file: OpenedFile, { etag, lastModified = file.modified }: FileResponseInit): void {
    this.makePartial();
    if (typeof etag === 'string') this.etag = etag;
    else if (etag !== false && !this.headers.has('etag')) this.headers.append('ETag', fileEtag(file));
    if (lastModified !== false && !this.headers.has('last-modified')) this.lastModified = lastModified;
  }
}

/**
 * The same without holding up other requests while the file is opened and, up to 256 KiB, read.
 * @throws HttpError 404 or 503, as a rejection
 */
export async function fileResponse(path: string | URL, init?: FileResponseInit): Promise<FileResponse> {
  return new FileResponse(await openFile(pathOf(path)), init);
}

export interface FileObjectInit extends ResponseInit {
  /** Where to begin in a file that is given as a handle or descriptor. Default 0. */
  readonly position?: number | undefined;
}

/**
 * A file that is open already, from a position to its end; it is closed when the response is sent or let go of. Its
 * length is known for regular files, and then parts of it may be asked for; any other stream is sent until it ends.
 */
export class FileObjResponse extends GeneratorResponse {
  /**
   * @param file a handle of `node:fs/promises`, a descriptor, or a stream
   * @param init.contentType default `application/octet-stream`
   */
  constructor(file: FileHandle | number | Readable, { position = 0, ...init }: FileObjectInit = {}) {
    const stream = file instanceof Readable ? file : streamOf(file, position);
    const length = init.length ?? lengthOf(stream);
    super(stream, { contentType: 'application/octet-stream', ...init, length });
    if (length !== undefined) this.makePartial();
  }
}

function pathOf(path: string | URL): string {
  return typeof path === 'string' ? path : fileURLToPath(path);
}
