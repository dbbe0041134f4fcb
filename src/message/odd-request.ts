/** What is wrong with a request, or with what is asked of one. */
import { inspect } from 'node:util';
import { ObolError } from '../ground/errors.js';
import { HttpError } from '../http/http-error.js';

/** @throws HttpError 400 for a target that cannot be read */
export function malformed(): never {
  throw new HttpError(400, 'The request target is malformed');
}

/** @throws ObolError E_BASE for a view whose prefix is none of the path */
export function notBelow(path: string, prefix: string): never {
  throw new ObolError(
    'E_BASE',
    `below(${inspect(prefix)}): the path ${inspect(path)} does not begin with these segments. Give some of its own, ` +
      'without a slash at their end; mount(prefix, handler) does.',
  );
}

/** How many handlers may stand one below another. */
export const MAX_MOUNTS = 16;

/** @throws HttpError 508 for a handler below more than {@link MAX_MOUNTS} others, as one that is mounted in itself would be */
export function tooDeep(target: string): never {
  throw new HttpError(
    508,
    `More than ${String(MAX_MOUNTS)} mounts one below another lead to ${inspect(target)}`,
  );
}

/** @throws ObolError E_SUBREQUEST for a request within one that nothing but a test has */
export function noEntry(target: string): never {
  throw new ObolError(
    'E_SUBREQUEST',
    `A request for ${inspect(target)} was made within one that neither a host nor an application has, so nothing can answer it. ` +
      'In a test, send the outer request by a TestClient.',
  );
}

/** The status. @throws ObolError E_STATUS for one of no interim response, and for 100 and 101, which hosts send (RFC 9110 15.2) */
export function checkInterimStatus(status: unknown): number {
  if (Number.isInteger(status) && (status as number) >= 102 && (status as number) <= 199)
    return status as number;
  throw new ObolError(
    'E_STATUS',
    `${String(status)} is not a status that an interim answer can have; use 102 to 199, such as 103 for early hints.`,
  );
}
