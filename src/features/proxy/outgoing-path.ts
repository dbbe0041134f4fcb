/** The target that a server is asked for: what the client has sent, without what mounts have taken of it. */
import { HttpError, type Request } from '../../kit.js';

/**
 * A segment that is `.` or `..` for some servers and not for others: beside a slash that is encoded, beside a backslash, or with
 * parameters behind it. Guards and mounts have seen another path than such a server would.
 */
const AMBIGUOUS = /(?:^|[/\\]|%2F|%5C)\.{1,2}(?:;[^/]*)?(?:$|[/\\]|%2F|%5C)/i;

/**
 * Path and query, encoded as they came.
 * @param prefix of the server, without a slash at its end
 * @throws HttpError 400 for a target that is malformed, or that servers take for different ones
 */
export function outgoingPath(request: Request, prefix: string): string {
  const { path, base, target } = request;
  if (path.includes('.') && AMBIGUOUS.test(path))
    throw new HttpError(400, 'The path can be read in two ways');
  if (path === '*') return prefix || '*';
  const rest = base === '' && target.startsWith('/') ? target : below(target, base);
  return prefix + rest;
}

/** A segment of the canonical path is one of the target, as a slash that is encoded parts none in either. */
function below(target: string, base: string): string {
  let rest = target.replace(/^https?:\/\/[^/?]*/i, '');
  for (let taken = base.split('/').length - 1; taken > 0; taken--) rest = rest.replace(/^\/[^/?]*/, '');
  return rest.startsWith('/') ? rest : `/${rest}`;
}
