/** Which target of this server a URL names, as forward() and include() take one. */
import { encodeCanonical, HttpError, type Request } from '../../kit.js';

/**
 * The target, as the client would send it: a path from the first slash of the host, or relative to the URL of the request; of
 * an absolute URL what follows the host, where that is this server as the client calls it. A URL may come from the network: it
 * is not changed, `.` and `..` are no way out, and what is no target by the rules for those of clients is refused as theirs are.
 * @throws HttpError 400 for a URL of another server, or of another scheme
 */
export function targetOf(request: Request, url: string): string {
  const [origin] = /^https?:\/\/[^/?#]*/i.exec(url) ?? [];
  if (origin !== undefined) return belowOrigin(request, origin, url);
  if (/^(?:\/\/|[a-z][\w+.-]*:)/i.test(url)) throw elsewhere();
  if (url.startsWith('/')) return url;
  const own = pathOf(request);
  return url === '' || url.startsWith('?') ? own + url : own.slice(0, own.lastIndexOf('/') + 1) + url;
}

/** The path of a request as the client sees it, percent-encoded. */
function pathOf({ baseUrl, path }: Request): string {
  return baseUrl + encodeCanonical(path);
}

function belowOrigin({ peer }: Request, origin: string, url: string): string {
  if (!peer.isOrigin(origin)) throw elsewhere();
  const rest = url.slice(origin.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function elsewhere(): HttpError {
  return new HttpError(
    400,
    'The URL leads elsewhere; only what this server answers itself can be part of an answer',
  );
}
