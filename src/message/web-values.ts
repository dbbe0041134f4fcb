/** Values of the web that handlers may return, known by their shape: those of a package or another realm are the same. */
import { parseMediaType } from '../http/media-type.js';
import type { ChunkStream } from './chunks.js';
import type { ReplyOptions } from './reply.js';
import { Response, type Body } from './response.js';

/** A Response of the Fetch standard. */
export interface WebResponse {
  readonly status: number;
  readonly type?: string;
  readonly url?: string;
  readonly headers: Iterable<[string, string]> & { get(name: string): string | null };
  readonly body: unknown;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** A Blob; a File has a name besides. */
interface WebBlob {
  readonly size: number;
  readonly type: string;
  readonly name?: unknown;
  stream(): ChunkStream;
}

type Shape = Readonly<Record<string, unknown>>;

/** Whether a value is a Response of the Fetch standard. */
export function isWebResponse(data: object): data is WebResponse & object {
  const { status, headers, arrayBuffer, text } = data as Shape;
  if (typeof status !== 'number' || typeof arrayBuffer !== 'function' || typeof text !== 'function')
    return false;
  return typeof headers === 'object' && headers !== null && Symbol.iterator in headers;
}

/** Whether a value is a Blob or a File. */
function isBlob(data: object): data is WebBlob & object {
  const { size, type, stream, arrayBuffer } = data as Shape;
  const isSized = typeof size === 'number' && typeof type === 'string';
  return isSized && typeof stream === 'function' && typeof arrayBuffer === 'function';
}

/** Whether a value is a ReadableStream. */
function isWebStream(data: object): data is ChunkStream {
  const { getReader, cancel } = data as Shape;
  return typeof getReader === 'function' && typeof cancel === 'function';
}

/** Whether a value is a URLSearchParams. */
function isSearchParams(data: object): data is URLSearchParams {
  return Object.prototype.toString.call(data) === '[object URLSearchParams]';
}

/** What a value of the web is as an answer; undefined for any other. */
export function fromWeb(data: object, options: ReplyOptions): Response | undefined {
  if (isWebResponse(data)) return fromWebResponse(data);
  if (isBlob(data)) return fromBlob(data, options);
  if (isWebStream(data)) return new Response(data, options);
  if (!isSearchParams(data)) return undefined;
  const { contentType = 'application/x-www-form-urlencoded' } = options;
  return new Response(data.toString(), { ...options, contentType });
}

/** The same answer as ours; its body stays a stream. */
export function fromWebResponse(response: WebResponse): Response {
  // What fetch() gave is decoded already, so its encoding is not that of the body any more.
  const fetched = (response.type ?? 'default') !== 'default' || !!response.url;
  const headers = [...response.headers].filter(
    ([name]) => name !== 'content-type' && !(fetched && name === 'content-encoding'),
  );
  return new Response((response.body ?? null) as Body, {
    status: response.status,
    contentType: response.headers.get('content-type') ?? '',
    headers,
  });
}

/** The content of a blob, with its type and its length; it can be read in parts of no file. */
function fromBlob(blob: WebBlob, { contentType, headers, status, early }: ReplyOptions): Response {
  const type = contentType ?? (parseMediaType(blob.type) ? blob.type : 'application/octet-stream');
  return new Response(blob.stream(), {
    contentType: type,
    headers,
    status,
    early,
    length: blob.size,
  });
}
