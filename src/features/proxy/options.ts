/** The options of a proxy, and what is decided once from them. */
import type { ConnectionOptions } from 'node:tls';
import { Addresses, checkOptions, METHODS, ObolError, type Request, rule, type Rules } from '../../kit.js';
import { AllowedTargets, isTarget } from './allowed-targets.js';
import { isFieldText } from './field-text.js';
import { Targets } from './targets.js';
import { Server, Upstream, type ServerOptions } from './upstream.js';
import { upstreamUrl } from './upstream-url.js';

export interface ProxyOptions {
  /**
   * The servers that answer, as URLs; a path in one is put before that of the request. The first that can be reached answers, and
   * one that could not is asked last for 10 seconds. Default none: then there is a `target`.
   */
  readonly upstreams?: string | URL | readonly (string | URL)[] | undefined;
  /**
   * In place of `upstreams`: the server for each request, as a URL. One that is not in `allow`, or whose address is not one of the
   * internet, is answered 403; undefined is answered 404. It may be looked up, as a promise. Default none.
   */
  readonly target?:
    | ((request: Request) => string | URL | undefined | Promise<string | URL | undefined>)
    | undefined;
  /** Hosts that `target` may give: `example.org`, `*.example.org` for those below it, `example.org:8080`. Default none; `target` needs it. */
  readonly allow?: readonly string[] | undefined;
  /** Private addresses and ranges that the hosts of `target` may have, such as `10.1.0.0/16`. Default none. */
  readonly allowAddresses?: readonly string[] | undefined;
  /** The Host that a server gets: that of the client, or that of the server's URL. Default `client`. */
  readonly host?: 'client' | 'upstream' | undefined;
  /** The fields by which a server learns of the client; `false` for none. Those of other proxies stay where these are trusted. Default `x-forwarded`. */
  readonly forwarded?: 'x-forwarded' | 'forwarded' | false | undefined;
  /**
   * Fields for the server, such as who has logged in; those of the client by these names never reach it, also where undefined is given.
   * Default none.
   */
  readonly headers?:
    | Readonly<Record<string, string | ((request: Request) => string | undefined)>>
    | undefined;
  /** Names of cookies that no server gets: those of the application's own sessions and logins. Default none. */
  readonly withoutCookies?: readonly string[] | undefined;
  /** How the proxy calls itself in Via (RFC 9110 7.6.3). Default `obol`. */
  readonly via?: string | undefined;
  /** Other methods are answered 405. Default all. */
  readonly methods?: readonly string[] | undefined;
  /** Whether connections may change to another protocol, as those of WebSockets do. Default true. */
  readonly upgrades?: boolean | undefined;
  /** Bytes of a body; a longer one is answered 413. Default 32 MiB. */
  readonly maxBody?: number | undefined;
  /** Milliseconds until a server has begun its answer, and that it may not take more of the body; then 504. Default 30,000. */
  readonly timeout?: number | undefined;
  /** Milliseconds until a server is reached. Default 5,000. */
  readonly connectTimeout?: number | undefined;
  /** Milliseconds that an answer may stand still before it is cut. Default 60,000. */
  readonly idleTimeout?: number | undefined;
  /** Requests that one server is asked at once; for more, 503. Default 1,000. */
  readonly maxRequests?: number | undefined;
  /** Of `https` servers: `ca`, `cert`, `key` and what else `tls.connect()` of Node takes. Default as Node does. */
  readonly tls?: ConnectionOptions | undefined;
}

/** What is decided once. */
export interface ProxyPlan {
  readonly targets: Targets;
  readonly hostOfClient: boolean;
  readonly forwarded: 'x-forwarded' | 'forwarded' | false;
  readonly headers: readonly (readonly [
    name: string,
    value: string | ((request: Request) => string | undefined),
  ])[];
  /** In lower case, with a hyphen for each character that is no letter or digit. */
  readonly headerNames: ReadonlySet<string>;
  readonly withoutCookies: ReadonlySet<string>;
  readonly via: string;
  readonly methods: readonly string[] | undefined;
  readonly upgrades: boolean;
  readonly maxBody: number;
  readonly timeout: number;
  readonly connectTimeout: number;
  readonly idleTimeout: number;
}

const MAX_BODY = 32 * 1024 * 1024;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** What the proxy alone decides on. */
const OWN =
  /^(?:host|connection|content-length|transfer-encoding|upgrade|expect|te|trailer|keep-alive|via)$/i;

const URL_RULE = rule.that(
  'a URL of a server, such as "http://127.0.0.1:3000"',
  (value) => upstreamUrl(value) !== undefined,
);

const HEADERS_RULE = rule.that(
  'a table of fields by name, each a text or a function (request) => text, without those that the proxy makes',
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    !(Symbol.iterator in value) &&
    Object.entries(value).every(
      ([name, field]) =>
        TOKEN.test(name) && !OWN.test(name) && (typeof field === 'function' || isFieldText(field)),
    ),
);

const RULES: Rules<ProxyOptions> = {
  upstreams: rule.oneOrMore('a list of URLs', URL_RULE),
  target: rule.callable('(request) => a URL or undefined, or a promise of one'),
  allow: rule.list(
    'a list of hosts',
    rule.text('a host such as "example.org" or "*.example.org"', isTarget),
    1,
  ),
  allowAddresses: rule.list(
    'a list of addresses',
    rule.text('an address or a CIDR range, such as "10.0.0.0/8"', (text) => Addresses.isRange(text)),
  ),
  host: rule.oneOf('client', 'upstream'),
  forwarded: rule.orFalse(rule.oneOf('x-forwarded', 'forwarded')),
  headers: HEADERS_RULE,
  withoutCookies: rule.list('a list of names of cookies', rule.text('the name of a cookie', TOKEN)),
  via: rule.text('a name without spaces, such as "edge-1"', TOKEN),
  methods: rule.list('a list of methods', rule.oneOf(...METHODS), 1),
  upgrades: rule.flag,
  maxBody: rule.whole('bytes', { least: 0 }),
  ...rule.each(['timeout', 'connectTimeout', 'idleTimeout'], rule.milliseconds()),
  maxRequests: rule.whole('requests'),
  tls: rule.secret('an object of options of tls.connect()', (tls) => typeof tls === 'object' && tls !== null),
};

/** @throws ObolError E_SETTING for a wrong option */
export function proxyPlan(options: ProxyOptions): ProxyPlan {
  checkOptions('proxy', options, RULES);
  const { headers = {}, withoutCookies = [], methods } = options;
  return {
    targets: targetsOf(options),
    hostOfClient: options.host !== 'upstream',
    forwarded: options.forwarded ?? 'x-forwarded',
    headers: Object.entries(headers),
    headerNames: new Set(Object.keys(headers).map((name) => name.toLowerCase().replace(/[^a-z0-9]/g, '-'))),
    withoutCookies: new Set(withoutCookies),
    via: options.via ?? 'obol',
    methods: methods && [...methods],
    upgrades: options.upgrades ?? true,
    maxBody: options.maxBody ?? MAX_BODY,
    timeout: options.timeout ?? 30_000,
    connectTimeout: options.connectTimeout ?? 5_000,
    idleTimeout: options.idleTimeout ?? 60_000,
  };
}

function targetsOf({
  upstreams,
  target,
  allow,
  allowAddresses,
  tls,
  maxRequests = 1_000,
}: ProxyOptions): Targets {
  const shared: ServerOptions = { tls, maxRequests };
  if (upstreams !== undefined) {
    if (target ?? allow ?? allowAddresses)
      throw wrong(
        'target, allow and allowAddresses are for servers that each request chooses; leave them out, or upstreams.',
      );
    const urls = [upstreams].flat().flatMap((url) => upstreamUrl(url) ?? []);
    const servers = new Map<string, Server>();
    const all = urls.map((url) => {
      const server = servers.get(url.origin) ?? new Server(url, shared);
      servers.set(url.origin, server);
      return new Upstream(url, server);
    });
    return new Targets(all);
  }
  if (!target) throw wrong('there are no upstreams; give the URLs of one server or more.');
  if (!allow) throw wrong('target needs allow: the hosts that it may give, such as ["*.example.org"].');
  return new Targets({ target, allowed: new AllowedTargets(allow, allowAddresses), shared });
}

function wrong(text: string): ObolError {
  return new ObolError('E_SETTING', `proxy: ${text}`);
}
