/** What a request says of itself, by the names that CGI gives (RFC 3875 4.1). */
import type { Request } from '../../kit.js';

/** Texts by name. An object without a prototype that cannot be changed. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Headers that no module needs to see here: credentials, and what programs take for settings of their own. */
const HIDDEN: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy', 'proxy-authorization']);

/** Nothing of the process is among it. A header whose name has a `_` is left out, since it would pass for another one. */
export function environmentOf(request: Request): Environment {
  const { method, path, query, base, httpVersion, peer, headers } = request;
  const environment = Object.assign(Object.create(null) as Record<string, string>, {
    REQUEST_METHOD: method,
    URL_PATH: request.target.split('?', 1)[0] ?? '',
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
  for (const name of new Set([...headers].map(([each]) => each.toLowerCase())))
    if (!HIDDEN.has(name) && !name.includes('_')) environment[variableOf(name)] = headers.get(name) ?? '';
  return Object.freeze(environment);
}

function variableOf(name: string): string {
  const variable = name.toUpperCase().replaceAll('-', '_');
  return ['content-type', 'content-length'].includes(name) ? variable : `HTTP_${variable}`;
}
