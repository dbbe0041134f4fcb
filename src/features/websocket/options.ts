/** The options of WebSockets, checked. */
import { checkOptions, rule, withDefaults, type Request, type Rule, type Rules } from '../../kit.js';
import { ORIGIN_RULE } from '../csrf/origin.js';

/** Chooses one of the protocols that a client offers; undefined for none. */
export type ChooseProtocol = (offered: readonly string[], request: Request) => string | undefined;

export interface WebSocketOptions {
  /**
   * Origins whose pages may open a connection, such as `https://shop.example.com`, beside those of this server, which always
   * may; compared exactly. `'*'` for all, where no cookie decides who may do what. Default none.
   */
  readonly origins?: '*' | readonly string[] | undefined;
  /**
   * The subprotocols that are spoken here, best first, or a function that chooses of those that a client offers. Without one in
   * common the connection is opened and has none, which browsers that offer some do not accept. Default none.
   */
  readonly protocols?: readonly string[] | ChooseProtocol | undefined;
  /** Whether messages may be compressed, which costs memory for each connection (RFC 7692). Default false. */
  readonly deflate?: boolean | undefined;
  /** Bytes of a message that a client may send; for more the connection is closed with 1009. Default 1 MiB. */
  readonly maxMessageSize?: number | undefined;
  /** Pieces that a client may send a message in; for more the connection is closed with 1008. Default 1024. */
  readonly maxFragments?: number | undefined;
  /**
   * Bytes that may wait for a client which does not read: what is sent on top of more closes the connection with 1008. What
   * awaits `send()` never gets there. Default 1 MiB.
   */
  readonly maxQueued?: number | undefined;
  /** Milliseconds between pings, at most half of `timeout`; 0 for none, and then no client is cut. Default 30 seconds. */
  readonly pingInterval?: number | undefined;
  /** Milliseconds after which a client that is not heard, not even by a pong, is cut. Default 60 seconds. */
  readonly timeout?: number | undefined;
}

/** What is decided before a request comes: all options, with their defaults. */
export type WebSocketPlan = {
  readonly [K in keyof WebSocketOptions]-?: Exclude<WebSocketOptions[K], undefined>;
};

const MIB = 2 ** 20;
/** A token (RFC 6455 4.1, item 10). */
export const PROTOCOL = /^[\w!#$%&'*+.^`|~-]+$/;

const DEFAULTS: WebSocketPlan = {
  origins: [],
  protocols: [],
  deflate: false,
  maxMessageSize: MIB,
  maxFragments: 1024,
  maxQueued: MIB,
  pingInterval: 30_000,
  timeout: 60_000,
};

const ORIGINS = rule.list('"*" or a list of origins, such as ["https://shop.example.com"]', ORIGIN_RULE);
const ORIGINS_RULE: Rule = (value, name) => (value === '*' ? undefined : ORIGINS(value, name));
const PROTOCOLS = rule.list(
  'a list of protocols, such as ["chat.v2"], or a function (offered, request) => protocol',
  rule.text('the name of a protocol, such as "chat.v2"', PROTOCOL),
);
const PROTOCOLS_RULE: Rule = (value, name) =>
  typeof value === 'function' ? undefined : PROTOCOLS(value, name);

const RULES: Rules<WebSocketOptions> = {
  origins: ORIGINS_RULE,
  protocols: PROTOCOLS_RULE,
  deflate: rule.flag,
  maxMessageSize: rule.whole('bytes', { most: 2 ** 31 - 1 }),
  maxFragments: rule.whole('', { most: 2 ** 31 - 1 }),
  maxQueued: rule.whole('bytes'),
  pingInterval: rule.milliseconds(0),
  timeout: rule.milliseconds(),
};

/** @throws ObolError E_SETTING for a wrong option */
export function planOf(options: WebSocketOptions): WebSocketPlan {
  checkOptions('webSocket', options, RULES);
  const plan = withDefaults<WebSocketOptions, keyof WebSocketOptions>(DEFAULTS, options);
  const { pingInterval, timeout } = plan;
  // A client that says nothing by itself is asked before it is cut.
  const mostBetween = Math.max(1, Math.floor(timeout / 2));
  return pingInterval > mostBetween ? { ...plan, pingInterval: mostBetween } : plan;
}
