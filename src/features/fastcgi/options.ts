/** The options of FastCGI, and what is decided once from them. */
import { isIPv6 } from 'node:net';
import { checkOptions, ConfinedFolder, ObolError, rule, type Rules, withDefaults } from '../../kit.js';
import { SCRIPT_RULES, scriptPlan, type ScriptOptions, type ScriptPlan } from '../cgi/options.js';
import type { ScriptRules } from '../cgi/script-folder.js';
import { ENDING, FOLDER_RULES, type FolderOptions, scriptRules } from '../cgi/script-handler.js';
import { VARIABLES_RULE } from '../processes/options.js';
import type { Address } from './connect.js';
import type { ServerPlan } from './server.js';

export interface FastcgiOptions extends ScriptOptions, FolderOptions {
  /** The Unix socket of the server, such as `/run/php/php-fpm.sock`. Default none: it has a port. */
  readonly socket?: string | undefined;
  /** The port of the server, where it has no Unix socket. Default none. */
  readonly port?: number | undefined;
  /** The host of that port. Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** The folder of the scripts; a relative path is one of the working directory. Default none: `script` gets every path. */
  readonly root?: string | URL | undefined;
  /** The same folder, or the one script, as the server sees it, where that is in a container or on another machine. Default `root`. */
  readonly remoteRoot?: string | undefined;
  /** The one script, as the server sees it, that gets every path as its PATH_INFO; in place of `root`. Default none. */
  readonly script?: string | undefined;
  /** Endings of files that are scripts; nothing else is ever run. Default `['.php']`. */
  readonly extensions?: readonly string[] | undefined;
  /** Further variables for scripts, which win over all others. Default none. */
  readonly params?: Readonly<Record<string, string>> | undefined;
  /** How many requests the server gets at once, each on a connection. Default 16. */
  readonly connections?: number | undefined;
  /** How many requests may wait until one has ended; the next is answered 503. Default 256. */
  readonly queue?: number | undefined;
  /** How many connections without a request are kept for the next one; 0 for none. Default 4. */
  readonly keptConnections?: number | undefined;
  /** Milliseconds that one is kept; php-fpm has a process for each. Default 1,000. */
  readonly keepTimeout?: number | undefined;
  /** Milliseconds until a connection stands; 0 for no limit. Default 5,000. */
  readonly connectTimeout?: number | undefined;
  /** Milliseconds until the first of an answer; 0 for no limit. Default 30,000. */
  readonly startTimeout?: number | undefined;
  /** Milliseconds between two pieces of an answer; 0 for no limit. Default 30,000. */
  readonly idleTimeout?: number | undefined;
  /** Milliseconds from the start of a request to the end of its answer; 0 for no limit. Default 30,000. */
  readonly timeout?: number | undefined;
}

/** What is decided once. */
export interface FastcgiPlan {
  readonly server: ServerPlan;
  readonly scripts: ScriptPlan;
  /** Undefined where one script gets all paths. */
  readonly folder: ScriptRules | undefined;
  /** Of that script, or the folder as the server sees it; undefined where that is the same. */
  readonly remote: string | undefined;
  readonly params: Readonly<Record<string, string>>;
}

const DEFAULTS = {
  host: '127.0.0.1',
  extensions: ['.php'],
  params: {},
  connections: 16,
  queue: 256,
  keptConnections: 4,
  keepTimeout: 1_000,
  connectTimeout: 5_000,
  startTimeout: 30_000,
  idleTimeout: 30_000,
  timeout: 30_000,
};
const INDEX = 'index.php';
const OF_A_FOLDER = ['extensions', 'index', 'followSymlinks', 'allowWorldWritable'] as const;
/** Bytes of the path of a Unix socket that every system takes; a longer one is cut without a word. */
const MAX_SOCKET_PATH = 103;

const FULL_PATH = rule.text('a path from the root, such as "/srv/site"', /^\/[^\0]*$/);

const RULES: Rules<FastcgiOptions> = {
  ...SCRIPT_RULES,
  ...FOLDER_RULES,
  socket: rule.text(
    'the path of a Unix socket, such as "/run/php/php-fpm.sock", of at most 103 bytes',
    (text) => /^(?!unix:|\w+:\/\/)[^\0]+(?<!:\d+)$/.test(text) && Buffer.byteLength(text) <= MAX_SOCKET_PATH,
  ),
  port: rule.whole('', { most: 65_535 }),
  host: rule.text(
    'the name or address of a host, without its port',
    (text) => /^[^\s/\0:]+$/.test(text) || isIPv6(text),
  ),
  root: rule.path,
  remoteRoot: FULL_PATH,
  script: FULL_PATH,
  extensions: rule.list('a list of endings', ENDING, 1),
  params: VARIABLES_RULE,
  connections: rule.whole('connections'),
  queue: rule.whole('requests', { least: 0 }),
  keptConnections: rule.whole('connections', { least: 0 }),
  keepTimeout: rule.milliseconds(),
  ...rule.each(['connectTimeout', 'startTimeout', 'idleTimeout', 'timeout'], rule.milliseconds(0)),
};

/** @throws ObolError E_SETTING for a wrong option, for none of a server, and for a folder that is none */
export function fastcgiPlan(options: FastcgiOptions): FastcgiPlan {
  checkOptions('fastcgi', options, RULES);
  const { params, extensions, ...rest } = withDefaults(DEFAULTS, options);
  const { startTimeout, idleTimeout, timeout } = rest;
  const root = rootOf(options);
  return {
    server: { ...rest, address: addressOf(options), limits: { startTimeout, idleTimeout, timeout } },
    scripts: scriptPlan(options, options.remoteRoot ?? root ?? '/'),
    folder: root === undefined ? undefined : folderOf(root, options, extensions),
    remote: root === undefined ? options.script : options.remoteRoot?.replace(/\/$/, ''),
    params,
  };
}

function addressOf({ socket, host, port }: FastcgiOptions): Address {
  if (socket !== undefined && host !== undefined)
    throw mistake('a socket has no host; leave out one of them');
  if (socket !== undefined && port === undefined) return { path: socket };
  if (socket === undefined && port !== undefined) return { host: host ?? DEFAULTS.host, port };
  throw mistake(
    socket === undefined
      ? 'it has no server; give socket: "/run/php/php-fpm.sock", or port: 9000'
      : 'it has two servers; leave out socket or port',
  );
}

function rootOf(options: FastcgiOptions): string | undefined {
  const { root, script, remoteRoot } = options;
  if (root !== undefined && script !== undefined)
    throw mistake('it has a folder and one script; leave out root or script');
  if (root === undefined) {
    if (remoteRoot !== undefined) throw mistake('remoteRoot is where the server has root, which is missing');
    const idle = OF_A_FOLDER.find((name) => options[name] !== undefined);
    if (idle !== undefined) throw mistake(`${idle} is for the scripts of a folder, and there is no root`);
    return undefined;
  }
  return ConfinedFolder.rootOf('fastcgi', root);
}

function mistake(what: string): ObolError {
  return new ObolError('E_SETTING', `fastcgi: ${what}.`);
}

function folderOf(root: string, options: FastcgiOptions, extensions: readonly string[]): ScriptRules {
  const index = options.index ?? (extensions.includes('.php') ? [INDEX] : []);
  // The server runs them, be they executable or not.
  const endings = new Map(extensions.map((ending) => [ending, 'FastCGI'] as const));
  return scriptRules('fastcgi', root, { ...options, index }, endings);
}
