/** What `obol serve` takes, and its checked form. */
import { contentTypesBy } from '../http/mime-types.js';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { canonicalHost } from '../http/host.js';
import { isFieldValue, isToken, trimWhitespace } from '../http/grammar.js';
import { parsedArgs, usageError, type Terminal } from './command.js';
import type { Credentials } from './basic-auth.js';
import { cgiPathsOf, withCgiPaths } from './cgi-paths.js';
import type { TlsPaths } from './tls-files.js';

/** What to serve, and how, with everything decided. */
export interface ServeOptions {
  /** An absolute path. */
  readonly directory: string;
  readonly port: number;
  /** An address or a name to listen on. */
  readonly host: string;
  /** HTTP/1.0: one request on each connection. */
  readonly isHttp10: boolean;
  readonly tls: TlsPaths | undefined;
  readonly headers: readonly (readonly [string, string])[];
  readonly contentTypes?: Readonly<Record<string, string>> | undefined;
  readonly credentials: Credentials | undefined;
  /** Whether the password stood among the arguments. */
  readonly tellsPassword: boolean;
  readonly allowedHosts: readonly string[];
  /** URL paths whose files are scripts that run. Undefined for none. */
  readonly cgi?: readonly string[] | undefined;
  readonly cors: boolean;
  readonly spa: boolean;
  readonly listing: boolean;
  readonly compression: boolean;
  readonly quiet: boolean;
  readonly open: boolean;
}

const OPTIONS = {
  port: { type: 'string', short: 'p', default: '8000' },
  bind: { type: 'string', short: 'b', default: '127.0.0.1' },
  directory: { type: 'string', short: 'd' },
  protocol: { type: 'string', default: 'HTTP/1.1' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'tls-password-file': { type: 'string' },
  header: { type: 'string', multiple: true },
  type: { type: 'string', multiple: true },
  'allow-host': { type: 'string', multiple: true },
  auth: { type: 'string' },
  cgi: { type: 'string', multiple: true },
  cors: { type: 'boolean', default: false },
  spa: { type: 'boolean', default: false },
  'no-listing': { type: 'boolean', default: false },
  'no-compression': { type: 'boolean', default: false },
  quiet: { type: 'boolean', short: 'q', default: false },
  open: { type: 'boolean', default: false },
} as const;

const PROTOCOLS: readonly string[] = ['HTTP/1.0', 'HTTP/1.1'];

/** What the host decides, and what is true of one answer only. */
const NOT_FOR_ALL: ReadonlySet<string> = new Set([
  'allow',
  'connection',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'date',
  'etag',
  'keep-alive',
  'last-modified',
  'location',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'www-authenticate',
]);

/** @throws CommandError with 2 for the first thing that is wrong */
export function readServeOptions(args: readonly string[], env: Terminal['env']): ServeOptions {
  const { values, positionals } = parsedArgs(withCgiPaths(args), OPTIONS);
  const { protocol, auth } = values;
  if (!PROTOCOLS.includes(protocol))
    throw usageError(`--protocol: ${JSON.stringify(protocol)} is neither HTTP/1.0 nor HTTP/1.1.`);
  const isHttp10 = protocol === 'HTTP/1.0';
  return {
    directory: directoryOf(positionals, values.directory),
    port: portOf(values.port),
    host: hostOf(values.bind),
    isHttp10,
    tls: tlsOf(values['tls-cert'], values['tls-key'], values['tls-password-file']),
    headers: (values.header ?? []).map(headerOf),
    contentTypes: values.type && contentTypesOf(values.type),
    credentials: auth === undefined ? fromEnvironment(env) : credentialsOf(auth, '--auth'),
    tellsPassword: auth !== undefined,
    allowedHosts: (values['allow-host'] ?? []).map(hostNameOf),
    cgi: values.cgi && cgiPathsOf(values.cgi),
    cors: values.cors,
    spa: values.spa,
    listing: !values['no-listing'],
    // What is compressed may have a length that is not known before, and HTTP/1.0 knows no chunks.
    compression: !values['no-compression'] && !isHttp10,
    quiet: values.quiet,
    open: values.open,
  };
}

function directoryOf(positionals: readonly string[], option: string | undefined): string {
  const given = option === undefined ? positionals : [...positionals, option];
  if (given.length > 1) {
    const list = given.map((path) => JSON.stringify(path)).join(' and ');
    throw usageError(`One directory can be served, not ${list}.`);
  }
  const [path = '.'] = given;
  if (path !== '' && isDirectory(path)) return resolve(path);
  const cure = /^\d{1,5}$/.test(path) ? ` For the port, write --port ${path}.` : '';
  throw usageError(`${JSON.stringify(path)} is no directory.${cure}`);
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function portOf(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65535) return Number(text);
  throw usageError(`--port: ${JSON.stringify(text)} is no port; use 1 to 65535, or 0 for any free one.`);
}

function hostOf(text: string): string {
  const host = /^\[(.*)\]$/.exec(text)?.[1] ?? text;
  if (/^[\w.:%-]+$/.test(host)) return host;
  throw usageError(
    `--bind: ${JSON.stringify(text)} is no address; use 127.0.0.1, or 0.0.0.0 to be reached from elsewhere.`,
  );
}

function hostNameOf(text: string): string {
  const name = canonicalHost(text);
  if (/^[\w.-]+$/.test(name)) return name;
  throw usageError(
    `--allow-host: ${JSON.stringify(text)} is no host name; write it without scheme and port.`,
  );
}

function tlsOf(
  cert: string | undefined,
  key: string | undefined,
  passwordFile: string | undefined,
): TlsPaths | undefined {
  if (cert !== undefined) return { cert, key, passwordFile };
  if (key === undefined && passwordFile === undefined) return undefined;
  const option = key === undefined ? '--tls-password-file' : '--tls-key';
  throw usageError(`${option} needs the certificate that it belongs to: --tls-cert FILE.`);
}

function contentTypesOf(given: readonly string[]): Readonly<Record<string, string>> {
  const table = Object.fromEntries(
    given.map((text) => {
      const equals = text.indexOf('=');
      if (equals < 0)
        throw usageError(
          `--type: ${JSON.stringify(text)} is no content type; write it as '.md=text/markdown'.`,
        );
      return [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
  try {
    contentTypesBy(table, '--type');
    return table;
  } catch (error) {
    throw usageError((error as Error).message);
  }
}

function headerOf(text: string): readonly [string, string] {
  const colon = text.indexOf(':');
  const name = text.slice(0, Math.max(colon, 0));
  const value = trimWhitespace(text.slice(colon + 1));
  if (!isToken(name))
    throw usageError(`--header: ${JSON.stringify(text)} is no header; write it as 'Name: value'.`);
  if (!isFieldValue(value))
    throw usageError(
      `--header: ${name} cannot be ${JSON.stringify(value)}; headers hold Latin-1 without control characters.`,
    );
  if (NOT_FOR_ALL.has(name.toLowerCase()))
    throw usageError(`--header: ${name} is decided for each answer; it cannot be the same for all of them.`);
  return [name, value];
}

function fromEnvironment(env: Terminal['env']): Credentials | undefined {
  const text = env['OBOL_AUTH'];
  return text === undefined || text === '' ? undefined : credentialsOf(text, 'OBOL_AUTH');
}

/** The text is in no message, as it holds a password. */
function credentialsOf(text: string, source: string): Credentials {
  const colon = text.indexOf(':');
  const user = text.slice(0, Math.max(colon, 0));
  const password = text.slice(colon + 1);
  if (user === '' || password === '') throw usageError(`${source}: write it as user:password.`);
  if (/\p{Cc}/u.test(text)) throw usageError(`${source}: there is a control character in it.`);
  if (Buffer.byteLength(text) > 1024) throw usageError(`${source}: it is longer than 1,024 bytes.`);
  return { user, password };
}
