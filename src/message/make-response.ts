/** The one place where a handler's value becomes a response. */
import { isInstance } from '../ground/brand.js';
import { ObolError } from '../ground/errors.js';
import { given } from '../ground/settings.js';
import { withTextCharset } from '../http/media-type.js';
import type { HeadersInit } from './headers.js';
import { Reply, type ReplyOptions } from './reply.js';
import type { Request } from './request.js';
import { GeneratorResponse, JSON_TYPE, NoContentResponse } from './responses.js';
import { HTML, Response, type ChunkStream, type ResponseInit } from './response.js';
import { fromWebResponse, isWebResponse } from './web-response.js';

/** A value that knows how to answer: a file, a template, an error. */
export interface Answer {
  toResponse(request: Request): Response;
}

const NO_OPTIONS: ReplyOptions = {};
const JSON_INIT: ReplyOptions = { contentType: JSON_TYPE };

/**
 * Makes a response of a value: a response stays itself; text and bytes become HTML by default; null and
 * undefined 204; generators, iterables and streams a stream; objects, arrays, numbers and booleans JSON.
 * @throws ObolError E_RESPONSE_TYPE for anything else
 */
export function makeResponse(
  data: unknown,
  contentType?: string,
  headers?: HeadersInit,
  status?: number,
): Response {
  return respond(data, undefined, { contentType, headers, status });
}

/**
 * The same for those who know the request. `fallback` is what the value is sent with where it does not say itself.
 * @throws ObolError E_RESPONSE_TYPE
 */

export function respond(data: unknown, request?: Request, fallback: ReplyOptions = NO_OPTIONS): Response {
  if (typeof data === 'string') return text(data, fallback);
  if (data === null || data === undefined) return empty(fallback);
  if (typeof data !== 'object') return primitive(data, fallback);
  if (data instanceof Response) return data;
  if (data instanceof Reply) return respond(data.data, request, merge(data, fallback));
  if (typeof (data as Partial<Answer>).toResponse === 'function') return answerOf(data, request);
  const prototype: unknown = Object.getPrototypeOf(data);
  if (prototype === Object.prototype || prototype === null) return json(data, fallback);
  return ofOtherCopy(data, request, fallback) ?? respondWithInstance(data, fallback);
}

/** The answer of another copy of Obol, which is as good as one of this copy; undefined for anything else. */
function ofOtherCopy(
  data: object,
  request: Request | undefined,
  fallback: ReplyOptions,
): Response | undefined {
  if (isInstance(data, Response)) return data;
  return isInstance(data, Reply) ? respond(data.data, request, merge(data, fallback)) : undefined;
}

function respondWithInstance(data: object, options: ReplyOptions): Response {
  if (data instanceof Uint8Array) return new Response(data, options);
  if (Array.isArray(data))
    return data[0] instanceof Uint8Array ? stream(data as Uint8Array[], options) : json(data, options);
  if (isWebResponse(data)) return fromWebResponse(data);
  if (ArrayBuffer.isView(data))
    return new Response(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), options);
  if (data instanceof ArrayBuffer) return new Response(new Uint8Array(data), options);
  if (data instanceof Error || data instanceof Map || data instanceof Promise) throw unusable(data);
  if (Symbol.asyncIterator in data || Symbol.iterator in data) return stream(data as ChunkStream, options);
  return json(data, options);
}

function text(data: string, { contentType, headers, status }: ReplyOptions): Response {
  if (contentType === undefined && headers === undefined && status === undefined) return new Response(data);
  const type = contentType === undefined ? HTML : withTextCharset(contentType);
  return new Response(data, { contentType: type, headers, status });
}

function json(data: unknown, options: ReplyOptions): Response {
  let body: unknown;
  try {
    body = JSON.stringify(data);
  } catch (cause) {
    throw new ObolError('E_RESPONSE_TYPE', `the value has no JSON text: ${String(cause)}`, { cause });
  }
  if (typeof body !== 'string') throw unusable(data);
  return new Response(body, options === NO_OPTIONS ? JSON_INIT : jsonInit(options));
}

function jsonInit({ contentType, headers, status }: ReplyOptions): ResponseInit {
  const type = contentType === undefined ? JSON_TYPE : withTextCharset(contentType);
  return { contentType: type, headers, status };
}

function primitive(data: unknown, options: ReplyOptions): Response {
  if (typeof data === 'number' || typeof data === 'boolean') return json(data, options);
  throw unusable(data);
}

function stream(data: ChunkStream, options: ReplyOptions): Response {
  return new GeneratorResponse(data, options);
}

/** null means that there is nothing to send, so 200 becomes 204; any other status is kept. */
function empty(options: ReplyOptions): Response {
  const status = options.status === undefined || options.status === 200 ? 204 : options.status;
  return new NoContentResponse(options.headers ? { status, headers: options.headers } : { status });
}

function merge(own: ReplyOptions, fallback: ReplyOptions): ReplyOptions {
  if (fallback === NO_OPTIONS) return own;
  return { ...fallback, ...given(own) };
}

function answerOf(data: object, request: Request | undefined): Response {
  // Outside a request, as in makeResponse(value), there is none to give.
  const response: unknown = (data as { toResponse(request?: Request): unknown }).toResponse(request);
  if (isInstance(response, Response)) return response;
  throw new ObolError(
    'E_RESPONSE_TYPE',
    `toResponse() of a ${typeName(data)} gave a ${typeName(response)} instead of a Response. ` +
      'Return a Response at once; makeResponse(value) makes one.',
  );
}

function unusable(data: unknown): ObolError {
  return new ObolError('E_RESPONSE_TYPE', `a ${typeName(data)} cannot become a response. ${cure(data)}`);
}

/** `string`, or the name of the class where the value has one. */
function typeName(data: unknown): string {
  if (data === null) return 'null';
  if (typeof data !== 'object') return typeof data;
  const { constructor: known } = data as { readonly constructor?: unknown };
  return typeof known === 'function' ? known.name : 'object';
}

function cure(data: unknown): string {
  if (data instanceof Error) return 'Throw errors instead of returning them.';
  if (data instanceof Map)
    return 'Return Object.fromEntries(map) for a JSON object, or [...map] for a list of pairs.';
  if (data instanceof Promise) return 'Await the promise before you put it into reply().';
  if (typeof data === 'bigint') return 'JSON has no big integers: return String(value) or Number(value).';
  if (typeof data === 'function') return 'Call the function and return what it gives.';
  return 'Return text, bytes, a plain object, an array, a number, a boolean, null, a generator, a stream or reply(...).';
}
