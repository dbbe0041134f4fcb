/** The variables that a script learns of its request by (RFC 3875 4.1). */
import { ContextKey, decodeSegment, type Headers, type Request, VERSION } from '../../kit.js';
import { OF_CONNECTION } from './connection-fields.js';
import type { ScriptPlan } from './options.js';
import type { Script } from './script.js';

/** What is known besides the request. */
export interface Circumstances {
  readonly script: Script;
  /** Bytes of the body; undefined for none. */
  readonly length: number | undefined;
  readonly plan: Pick<ScriptPlan, 'documentRoot' | 'passAuthorization' | 'remoteUser'>;
}

type Variables = Record<string, string>;

/** The variables by name; those that have no value are left out. */
export function metaVariables(request: Request, { script, length, plan }: Circumstances): Variables {
  const { documentRoot, passAuthorization, remoteUser } = plan;
  const { pathInfo } = script;
  return {
    ...fieldVariables(request.headers, passAuthorization),
    ...serverVariables(request),
    ...clientVariables(request, remoteUser(request)),
    ...contentVariables(request, length),
    REQUEST_METHOD: request.method,
    REQUEST_URI: request.target.replace(/^[a-z]+:\/\/[^/?]*/i, ''),
    SCRIPT_NAME: decodeSegment(request.base) + script.name,
    SCRIPT_FILENAME: script.filename,
    PATH_INFO: pathInfo,
    ...(pathInfo !== '' && { PATH_TRANSLATED: documentRoot.replace(/\/$/, '') + pathInfo }),
    QUERY_STRING: request.query,
    DOCUMENT_ROOT: documentRoot,
  };
}

function serverVariables({ peer, httpVersion }: Request): Variables {
  const { hostname, localAddress, host, scheme } = peer;
  return {
    GATEWAY_INTERFACE: 'CGI/1.1',
    SERVER_SOFTWARE: `Obol/${VERSION}`,
    SERVER_PROTOCOL: `HTTP/${httpVersion}`,
    SERVER_NAME: hostname || bracketed(localAddress),
    SERVER_PORT: String(peer.hostPort),
    SERVER_ADDR: localAddress,
    REQUEST_SCHEME: scheme,
    ...(scheme === 'https' && { HTTPS: 'on' }),
    // That of the target wins, where it names one (RFC 9112 3.2.2).
    ...(host !== '' && { HTTP_HOST: host }),
    // php-cgi runs nothing without it: it says that a server has decided what is run.
    REDIRECT_STATUS: '200',
  };
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** The user comes from the application alone: what a client claims to be is not said here (RFC 3875 4.1.11). */
function clientVariables(request: Request, user: string | undefined): Variables {
  const { address, port } = request.peer;
  const scheme = request.get(ContextKey.AUTH_SCHEME);
  return {
    REMOTE_ADDR: address,
    REMOTE_HOST: address,
    ...(port !== undefined && { REMOTE_PORT: String(port) }),
    ...(user !== undefined && { REMOTE_USER: user }),
    ...(user !== undefined && scheme !== undefined && { AUTH_TYPE: scheme }),
  };
}

function contentVariables({ headers }: Request, length: number | undefined): Variables {
  const type = headers.get('content-type');
  return {
    ...(type !== undefined && { CONTENT_TYPE: asText(type) }),
    ...(length !== undefined && { CONTENT_LENGTH: String(length) }),
  };
}

/**
 * Fields that are no HTTP_* variable: those with a variable of their own, what concerns the connection, credentials, and
 * `Proxy`, which as HTTP_PROXY would lead the script's own requests elsewhere (CVE-2016-5385).
 */
const LEFT_OUT: ReadonlySet<string> = new Set([
  ...OF_CONNECTION,
  ...['authorization', 'content-length', 'content-type', 'proxy', 'proxy-authorization'],
]);

/** With any other character in them, two names could become one variable. */
const PLAIN_NAME = /^[a-z0-9-]+$/;

/** Header fields as HTTP_* variables. */
export function fieldVariables(headers: Headers, passAuthorization = false): Variables {
  const variables: Variables = {};
  const names = new Set([...headers].map(([name]) => name.toLowerCase()));
  for (const name of names) {
    const isLeftOut = LEFT_OUT.has(name) && !(passAuthorization && name === 'authorization');
    if (isLeftOut || !PLAIN_NAME.test(name)) continue;
    variables[`HTTP_${name.toUpperCase().replaceAll('-', '_')}`] = asText(headers.get(name) ?? '');
  }
  return variables;
}

/** A field value, which is octets, as the text that becomes the same octets again; Latin-1 where it is no UTF-8. */
function asText(value: string): string {
  const text = Buffer.from(value, 'latin1').toString();
  return text.includes('\ufffd') ? value : text;
}
