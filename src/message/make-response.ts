/** The one place where a handler's value becomes a response. */
import { isInstance } from '../ground/brand.js';
import { ObolError } from '../ground/errors.js';
import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import { types } from 'node:util';
import { isDevelopment } from '../ground/development.js';
import { isError } from '../ground/realms.js';
import { given } from '../ground/settings.js';
import { kindOf } from '../ground/wording.js';
import type { HeadersInit } from './headers.js';
import { Reply, type ReplyOptions } from './reply.js';
import { checkMembers, isOpaque, withoutText } from './json-text.js';
import type { Request } from './request.js';
import { GeneratorResponse, JSON_TYPE, NoContentResponse } from './responses.js';
import { Response, type ChunkStream } from './response.js';
import { fromWeb } from './web-values.js';

/** A value that knows how to answer: a file, a template, an error. */
export interface Answer {
  toResponse(request: Request): Response;
}

/** Whether a value knows how to answer. */
export function isAnswer(value: object): value is Answer {
  return typeof (value as Partial<Answer>).toResponse === 'function';
}

const NO_OPTIONS: ReplyOptions = {};
const JSON_INIT: ReplyOptions = { contentType: JSON_TYPE };

/**
 * Makes a response of a value: a response stays itself; text and bytes become HTML by default; null and
 * undefined 204; generators, iterables and streams a stream; objects, arrays, sets, numbers and booleans JSON; what a
 * browser knows (Response, Blob, ReadableStream, URLSearchParams) what it would be there.
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
// oxlint-disable-next-line complexity -- every value passes here: one function instead of several
export function respond(data: unknown, request?: Request, fallback: ReplyOptions = NO_OPTIONS): Response {
  if (typeof data === 'string') return text(data, fallback);
  if (data === null || data === undefined) return empty(fallback);
  if (typeof data !== 'object') return primitive(data, fallback);
  if (data instanceof Response) return data;
  if (data instanceof Reply) return respond(data.data, request, merge(data, fallback));
  if (typeof (data as Partial<Answer>).toResponse === 'function') return answerOf(data, request);
  const prototype: unknown = Object.getPrototypeOf(data);
  const isIterable = Symbol.iterator in data || Symbol.asyncIterator in data;
  if (!isIterable && (prototype === Object.prototype || prototype === null))
    return json(data, fallback, request);
  return ofOtherCopy(data, request, fallback) ?? respondWithInstance(data, fallback, request);
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

function respondWithInstance(data: object, options: ReplyOptions, request?: Request): Response {
  if (Array.isArray(data))
    return types.isUint8Array(data[0]) ? stream(data as Uint8Array[], options) : json(data, options, request);
  const bytes = bytesOf(data);
  if (bytes) return new Response(bytes, options);
  if (types.isDate(data) && Number.isNaN(data.getTime())) throw unusable(data);
  if (typeof (data as { toJSON?: unknown }).toJSON === 'function') return json(data, options, request);
  return fromWeb(data, options) ?? respondWithMembers(data, options, request);
}

/** By what it has in it, when it is iterated or as JSON. */
function respondWithMembers(data: object, options: ReplyOptions, request?: Request): Response {
  if (types.isSet(data)) return json([...data], options, request);
  if (types.isBoxedPrimitive(data)) return respond(data.valueOf(), request, options);
  if (isError(data) || hasMembersOfItsOwn(data)) throw unusable(data);
  if (isStream(data)) return stream(data, options);
  if (isOldStream(data)) return stream(new Readable().wrap(data), options);
  if (data instanceof EventEmitter || isOpaque(data)) throw unusable(data);
  return json(data, options, request);
}

function isStream(data: object): data is ChunkStream {
  return Symbol.asyncIterator in data || Symbol.iterator in data;
}

/** A stream to be read, of a package that is older than those that can be iterated. */
function isOldStream(data: object): data is NodeJS.ReadableStream {
  const { on, pipe, resume } = data as Record<string, unknown>;
  return [on, pipe, resume].every((member) => typeof member === 'function');
}

function bytesOf(data: object): Uint8Array | undefined {
  if (data instanceof Uint8Array) return data;
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return types.isAnyArrayBuffer(data) ? new Uint8Array(data) : undefined;
}

/** What gives something else than chunks when it is iterated, or would be taken for something else. */
function hasMembersOfItsOwn(data: object): boolean {
  const tag = Object.prototype.toString.call(data).slice(8, -1);
  return ['FormData', 'Headers', 'Map'].includes(tag);
}

function text(data: string, { contentType, headers, status }: ReplyOptions): Response {
  if (contentType === undefined && headers === undefined && status === undefined) return new Response(data);
  return new Response(data, { contentType, headers, status });
}

function json(data: unknown, options: ReplyOptions, request: Request | undefined): Response {
  let body: unknown;
  try {
    body = JSON.stringify(data);
  } catch (cause) {
    throw withoutText(data, cause);
  }
  if (typeof body !== 'string') throw withoutText(data);
  if (request?.settings.development ?? isDevelopment(false)) checkMembers(data);
  return new Response(body, options === NO_OPTIONS ? JSON_INIT : jsonInit(options));
}

function jsonInit({ contentType = JSON_TYPE, headers, status }: ReplyOptions): ReplyOptions {
  return { contentType, headers, status };
}

function primitive(data: unknown, options: ReplyOptions): Response {
  if (typeof data === 'boolean' || Number.isFinite(data)) return json(data, options, undefined);
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
    `toResponse() of ${kindOf(data)} gave ${kindOf(response)} instead of a Response. ` +
      'Return a Response at once; makeResponse(value) makes one.',
  );
}

function unusable(data: unknown): ObolError {
  const what = typeof data === 'number' ? String(data) : kindOf(data);
  return new ObolError('E_RESPONSE_TYPE', `${what} cannot become a response. ${cure(data)}`);
}

/** By what Object.prototype.toString calls a value. */
const CURES: Readonly<Record<string, string>> = {
  BigInt: 'JSON has no big integers: return String(value) or Number(value).',
  Date: 'Its time is NaN: look where it was made, or return null.',
  FormData:
    'Return Object.fromEntries(form) for a JSON object, or new globalThis.Response(form) to send it as a form.',
  Function: 'Call the function and return what it gives.',
  Headers: 'Return Object.fromEntries(headers) for a JSON object.',
  Number: 'JSON has no such number: return null, or String(value).',
  Map: 'Return Object.fromEntries(map) for a JSON object, or [...map] for a list of pairs.',
  Promise: 'Await the promise before you put it into reply().',
  RegExp: 'Return String(value).',
};

function cure(data: unknown): string {
  if (isError(data)) return 'Throw errors instead of returning them.';
  return (
    CURES[Object.prototype.toString.call(data).slice(8, -1)] ??
    'Return text, bytes, a plain object, an array, a number, a boolean, null, a generator, a stream or reply(...).'
  );
}
