/** What a request says of itself, by the names that CGI gives (RFC 3875 4.1). */
import { attempt, type Request } from '../../kit.js';
import { fieldVariables } from '../cgi/meta-variables.js';

/** Texts by name, which cannot be changed. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What stands before the path of a whole URL (RFC 9112 3.2.2). */
const ORIGIN = /^[a-z]+:\/\/[^/?]*/i;

/** Where a request goes. */
type Target = Pick<Request, 'path' | 'query'>;

/** Both are `''` of a target that cannot be read, which has a page, too. */
export function targetOf(request: Request): Target {
  const read = ({ path, query }: Request): Target => ({ path, query });
  return attempt(
    () => read(request),
    () => ({ path: '', query: '' }),
  ) as Target;
}

/** Nothing of the process is among it, and neither credentials nor cookies of the client. */
export function environmentOf(request: Request): Environment {
  const { method, base, httpVersion, peer, headers } = request;
  const { path, query } = targetOf(request);
  const fields = fieldVariables(headers);
  delete fields['HTTP_COOKIE'];
  const type = headers.get('content-type');
  // Texts alone: a name that is not there must not find what every object has.
  const environment = Object.assign(Object.create(null) as Record<string, string>, {
    ...fields,
    ...(type !== undefined && { CONTENT_TYPE: type }),
    // That of the target wins, where it names one (RFC 9112 3.2.2).
    ...(peer.host !== '' && { HTTP_HOST: peer.host }),
    REQUEST_METHOD: method,
    URL_PATH: request.target.replace(ORIGIN, '').split('?', 1)[0] ?? '',
    SCRIPT_NAME: base,
    PATH_INFO: path,
    QUERY_STRING: query,
    SERVER_PROTOCOL: `HTTP/${httpVersion}`,
    SERVER_NAME: peer.hostname,
    SERVER_PORT: String(peer.hostPort),
    REMOTE_ADDR: peer.address,
    REMOTE_IP: peer.address,
    REMOTE_PORT: String(peer.port ?? 0),
    SUB_DIRECTORIES_NUMBER: String(path.split('/').length - 2),
  });
  return Object.freeze(environment);
}
