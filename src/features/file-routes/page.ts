/** Pages: files that a loader makes a value of, once, and in development whenever they have changed. */
import { createHash } from 'node:crypto';
import { readFileSync, realpathSync, statSync, type Stats } from 'node:fs';
import { HttpError, type Request, respond, Response } from '../../kit.js';
import { inTime } from './in-time.js';

/** A file that is loaded. */
export interface PageFile {
  /** Its path. */
  readonly file: string;
  /** The template of the path that it answers. */
  readonly path: string;
  readonly modified: Date;
}

/**
 * Makes a value of a file, as handlers give it: text or bytes, which are kept; what becomes JSON; or a function, which is called
 * with each request and the parameters of its path.
 */
export type LoaderFunction = (text: string, page: PageFile) => unknown;

/** A loader of HTML, or one with the content type of what it gives. */
export type Loader = LoaderFunction | { readonly type: string; readonly load: LoaderFunction };

export const HTML = 'text/html; charset=utf-8';

/** Answers each request. */
type Answer = (request: Request, ...parameters: unknown[]) => unknown;

/** Where a page is. */
interface PagePlace {
  /** The path of its file. */
  readonly file: string;
  /** The template of what it answers. */
  readonly path: string;
  /** Milliseconds that its loader may take. */
  readonly timeout: number;
}

/** One file that is a page. */
export class Page {
  readonly contentType: string;
  readonly file: string;
  readonly #place: PagePlace;
  /** Where it was at the start: a link that comes in its place may lead anywhere. */
  readonly #real: string;
  readonly #load: LoaderFunction;
  #version = '';
  #answer: Answer | undefined;

  constructor(place: PagePlace, loader: Loader) {
    this.file = place.file;
    this.#place = place;
    this.#real = realpathSync(place.file);
    this.contentType = typeof loader === 'function' ? HTML : loader.type;
    this.#load = typeof loader === 'function' ? loader : loader.load;
  }

  /** Reads the file. @throws what the loader throws; Error for a value that no response can be made of, time after time */
  async load(stats: Stats = statSync(this.file)): Promise<Answer> {
    const { file, path, timeout } = this.#place;
    const page = { file, path, modified: stats.mtime };
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
    const value = await inTime(this.#load(text, page), timeout);
    if (value === undefined) throw new Error('the loader gave nothing');
    this.#answer = typeof value === 'function' ? (value as Answer) : kept(value, this.contentType, page);
    this.#version = versionOf(stats);
    return this.#answer;
  }

  /** Answers with what was loaded. @throws HttpError 404 where the file is gone, in development */
  readonly handle: Answer = (request, ...parameters) =>
    this.#answer && !request.settings.development
      ? this.#answer(request, ...parameters)
      : this.#answerAnew(request, parameters);

  async #answerAnew(request: Request, parameters: readonly unknown[]): Promise<unknown> {
    const stats = statSync(this.file, { throwIfNoEntry: false });
    if (!stats || realpathSync(this.file) !== this.#real) throw new HttpError(404);
    const isSame = this.#answer !== undefined && versionOf(stats) === this.#version;
    const answer = isSame ? this.#answer : await this.load(stats);
    return answer?.(request, ...parameters);
  }
}

function versionOf({ mtimeMs, size, ino }: Stats): string {
  return [mtimeMs, size, ino].join(' ');
}

/** The same response for every request, with validators. */
function kept(value: unknown, contentType: string, { modified }: PageFile): Answer {
  const response = value instanceof Response ? value : respond(value, undefined, { contentType });
  const { body } = response;
  if (body !== null && typeof body !== 'string' && !(body instanceof Uint8Array))
    throw new Error(
      'the loader gave a stream, which can be sent once: let it give a function of the request',
    );
  if (response.etag === undefined && body !== null) response.etag = tagOf(body);
  response.lastModified ??= modified;
  return () => response.with({});
}

function tagOf(body: string | Uint8Array): string {
  return `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
}
