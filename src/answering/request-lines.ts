/** The lines in the log that are about one request: what its crash was, and why it was refused. */
import type { HttpError } from '../http/http-error.js';
import type { Request } from '../message/request.js';

/** Statuses that are part of how clients and servers talk, and say nothing about who asks: they are for debugging only. */
const ORDINARY: ReadonlySet<number> = new Set([401, 404, 405, 406, 409, 410, 412, 416, 426, 428, 429, 499]);

type Named = Pick<Request, 'method' | 'target'> & { readonly route?: { readonly name: string } | undefined };

/** How lines call a request: by method, path and handler. Query and user information are left out, for they may be secret. */
export function requestName({ method, target, route }: Named): string {
  const [path = ''] = target.slice(0, 2048).split('?', 1);
  const shown = path.replace(/^(\w+:\/\/)[^/@]*@/, '$1').slice(0, 256);
  return `${method.slice(0, 32)} ${shown}${route ? ` (${route.name})` : ''}`;
}

/** The one line that a crash is. */
export function logCrash(error: unknown, request: Request): void {
  // As a field it would be none.
  const thrown = error === undefined ? ': thrown undefined' : '';
  request.log.error({ err: error, ...placeOf(request) }, `${requestName(request)}${thrown}`);
}

/** The one line that a refusal is: of a body, a forged request, a malformed one. What is of status 500 and more is no refusal. */
export function logRefusal(
  error: Pick<HttpError, 'status' | 'message'> & { readonly hint?: string | undefined },
  request: Request,
): void {
  const { status, message, hint } = error;
  if (status < 400 || status >= 500) return;
  const level = ORDINARY.has(status) || (request.hasBody && request.isCut) ? 'debug' : 'info';
  const { log } = request;
  if (!log.isLevelEnabled(level)) return;
  const reason = hint === undefined ? message : `${message.replace(/\.$/, '')}. ${hint}`;
  log[level]({ status, ...placeOf(request) }, `${requestName(request)}: ${String(status)} ${reason}`);
}

/** What machines search for. */
function placeOf({ route }: Request): { readonly route?: string } {
  return route ? { route: route.name } : {};
}
