/** What becomes of the value that a method of a module returns. */
import { andThen, HttpError, type Middleware, type Request, respond, type Response } from '../../kit.js';
import { isPlain } from '../config/layers.js';

/** Status, headers, and a body, as modules of WebScripts return them. */
export type Triple = readonly [
  status: number | string,
  headers: Readonly<Record<string, string>> | null,
  body: unknown,
];

/** The response of `[status, headers, body]`; any other value stays as it is, to be sent as those of controllers are. */
export function answerOf(value: unknown, request: Request): unknown {
  if (!isTriple(value)) return value;
  const [status, headers, body] = value;
  return respond(body, request, { status: codeOf(status), headers: headers ?? {} });
}

/** Exactly three members, a status first, and a plain object or null second: any other list is data. */
function isTriple(value: unknown): value is Triple {
  if (!Array.isArray(value) || value.length !== 3) return false;
  const [status, headers] = value as unknown[];
  const code = typeof status === 'number' || typeof status === 'string' ? codeOf(status) : NaN;
  return code >= 200 && code <= 599 && (headers === null || isPlain(headers));
}

/** Of `404` and of `404 Not Found`; NaN for what is no status. */
function codeOf(status: number | string): number {
  if (typeof status === 'number') return Number.isInteger(status) ? status : NaN;
  return /^\d{3}(?: .*)?$/.test(status) ? Number(status.slice(0, 3)) : NaN;
}

/** An error status without a body is answered by the page of that status, with the headers that it has. */
export const withPages: Middleware = (request, next) => andThen(next(request), assertBody);

/** Makes a response of what a page has returned. That throws HttpError where there is nothing to be shown. */
export function pageOfStatus(status: number, request: Request): (value: unknown) => Response {
  return (value) => assertBody(respond(answerOf(value, request), request, { status }));
}

function assertBody(response: Response): Response {
  const { status, isStream, body } = response;
  if (status < 400 || isStream || (body !== null && (body as string | Uint8Array).length > 0))
    return response;
  const headers = response.headers.toJSON();
  delete headers['Content-Type'];
  throw new HttpError(status, undefined, { headers });
}
