/** A folder of files as a handler: finds what a path names, or answers as if nothing were there. */
import type { Stats } from 'node:fs';
import {
  absent,
  ConfinedFolder,
  decodeSegment,
  fileEtag,
  FileResponse,
  MethodNotAllowed,
  NoContentResponse,
  RedirectResponse,
  type Request,
  type Response,
} from '../../kit.js';
import { Codings, ENDINGS, type Precompressed } from './codings.js';
import { DirectoryListing } from './directory-listing.js';
import { hasEnding, isServable, type NameRules } from './names.js';
import type { StaticSettings } from './options.js';
import { readDirectory } from './read-directory.js';
import { type OpenedFile, SmallFiles } from './small-files.js';

const METHODS = ['GET', 'HEAD', 'OPTIONS'];

/** What a request may be answered with; undefined when there is nothing. */
type Found = Response | Promise<Response> | undefined;

/** One folder that is served. */
export class StaticFolder {
  readonly #settings: StaticSettings;
  readonly #rules: NameRules;
  readonly #folder: ConfinedFolder;
  readonly #smallFiles: SmallFiles;
  readonly #codings: Codings | undefined;

  constructor(settings: StaticSettings) {
    const { root, followSymlinks, exclude, showHidden, memory, precompressed } = settings;
    this.#settings = settings;
    this.#rules = { showHidden, platform: process.platform };
    this.#folder = ConfinedFolder.of(root, followSymlinks, exclude);
    this.#smallFiles = new SmallFiles(memory);
    this.#codings = precompressed.length > 0 ? new Codings(precompressed) : undefined;
  }

  /** Answers with what the path of the request leads to. @throws HttpError 404, 405 or 503 */
  readonly handle = (request: Request): Response | Promise<Response> =>
    this.answer(request, decodeSegment(request.path.slice(1)));

  /** Answers with what a path in the folder leads to. @throws HttpError 404, 405 or 503 */
  readonly answer = (request: Request, path: string): Response | Promise<Response> => {
    const { method } = request;
    if (method !== 'GET' && method !== 'HEAD') return answerOther(method);
    // Decoded, an encoded slash would separate names here that were one name to guards and routes.
    if (request.path.includes('%2F') || !isServable(path, this.#rules)) throw absent();
    return this.#find(request, path) ?? this.#fallBack(request, path);
  };

  #find(request: Request, path: string): Found {
    if (path === '' || path.endsWith('/')) return this.#directory(request, path.slice(0, -1));
    const stats = this.#folder.stat(path);
    return stats?.isDirectory() ? this.#directory(request, path) : stats && this.#file(request, path, stats);
  }

  #file(request: Request, path: string, stats: Stats): Response | undefined {
    const compressed = this.#codings && this.#compressed(request, path, this.#codings);
    return compressed ?? this.#representation(path, stats);
  }

  #compressed(request: Request, path: string, codings: Codings): Response | undefined {
    for (const coding of codings.likedBy(request.headers.get('accept-encoding'))) {
      const stats = this.#folder.stat(path + ENDINGS[coding]);
      const response = stats?.isFile() ? this.#representation(path, stats, coding) : undefined;
      if (response) return response;
    }
    return undefined;
  }

  /** The file as it is, or compressed. */
  #representation(path: string, stats: Stats, coding?: Precompressed): Response | undefined {
    const key = coding === undefined ? path : `${path}\0${coding}`;
    return this.#smallFiles.get(key, stats) ?? this.#open(path, key, coding);
  }

  #open(path: string, key: string, coding: Precompressed | undefined): Response | undefined {
    const held = this.#folder.hold(coding === undefined ? path : path + ENDINGS[coding]);
    if (!held) return undefined;
    try {
      const file = this.#folder.open(held);
      const response = this.#respond(path, file, coding);
      this.#smallFiles.add(key, file, response.headers);
      return response;
    } finally {
      held.release();
    }
  }

  #respond(path: string, file: OpenedFile, coding: Precompressed | undefined): Response {
    const response = new FileResponse(file, {
      contentType: this.#settings.typeOf(path),
      headers: this.#settings.headersOf(path.toWellFormed()),
      etag: coding && fileEtag(file).replace(/"$/, `-${coding}"`),
    });
    if (coding !== undefined) response.headers.set('Content-Encoding', coding);
    if (this.#codings) response.headers.appendToList('Vary', 'Accept-Encoding');
    return response;
  }

  /** @param path without a slash at its end */
  #directory(request: Request, path: string): Found {
    if (!request.path.endsWith('/')) return this.#redirect(request, path);
    for (const name of this.#settings.index) {
      const file = path === '' ? name : `${path}/${name}`;
      const stats = this.#folder.stat(file);
      const response = stats?.isFile() ? this.#file(request, file, stats) : undefined;
      if (response) return response;
    }
    return this.#settings.listing ? this.#list(request, path) : undefined;
  }

  /** Relative links in a directory need the slash at its end. */
  #redirect(request: Request, path: string): Response | undefined {
    if (!this.#folder.statInside(path)?.isDirectory()) return undefined;
    const headers = { 'Cache-Control': 'no-cache' };
    return RedirectResponse.toSlash(request, { status: 301, headers });
  }

  #list(request: Request, path: string): Found {
    const held = this.#folder.hold(path);
    if (!held?.stats.isDirectory()) {
      held?.release();
      return undefined;
    }
    const { showHidden } = this.#settings;
    return readDirectory({ folder: this.#folder, path, held, showHidden }).then((content) =>
      new DirectoryListing(content).toResponse(request),
    );
  }

  #fallBack(request: Request, path: string): Response {
    const { fallback } = this.#settings;
    if (fallback === undefined || hasEnding(path) || !request.acceptHtml) throw absent();
    const stats = this.#folder.stat(fallback);
    const response = stats && this.#file(request, fallback, stats);
    if (!response) throw absent();
    response.headers.appendToList('Vary', 'Accept');
    return response;
  }
}

/** @throws HttpError 405 */
function answerOther(method: string): Response {
  if (method === 'OPTIONS') return new NoContentResponse({ headers: { Allow: METHODS.join(', ') } });
  throw new MethodNotAllowed({ method, allow: METHODS });
}
