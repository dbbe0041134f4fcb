/** Who the client is behind proxies: forwarded headers, believed only as far as the proxies are trusted. */
import { isIP } from 'node:net';
import { assertSetting, rule } from '../ground/settings.js';
import { Addresses, canonicalAddress } from './address.js';
import { isQuotedString, isToken, splitList, trimWhitespace, unquote } from './grammar.js';

/**
 * Which peers may speak for others: none (`false`, the default), so many hops counted from this server, or the
 * addresses and ranges of the proxies, in CIDR notation or with both ends (`10.0.0.1-10.0.0.9`).
 */
export type TrustProxy = false | number | readonly string[];

/** Whether the peer `hop` steps away (0 is the socket's own) is a trusted proxy. */
export type Trust = (address: string, hop: number) => boolean;

/** The default: what proxies say counts for nothing. */
export const TRUST_NOBODY: Trust = () => false;

const RANGES = rule.list(
  'a number of hops or a list of addresses and CIDR ranges, such as 1 or ["10.0.0.0/8"]',
  rule.text('an address or a CIDR range, such as "10.0.0.0/8"', (entry) => Addresses.isRange(entry)),
);
const HOPS = rule.whole('hops', { least: 0 });

/** What may be given as `trustProxy`. */
export const TRUST_RULE = rule.orFalse((setting, name) =>
  (typeof setting === 'number' ? HOPS : RANGES)(setting, name),
);

/** Compiles the setting. @throws ObolError E_SETTING for a wrong address or range */
export function compileTrust(setting: TrustProxy): Trust {
  assertSetting('trustProxy', setting, TRUST_RULE);
  if (setting === false) return TRUST_NOBODY;
  if (typeof setting === 'number') return (_, hop) => hop < setting;
  const proxies = new Addresses(setting);
  return (address) => proxies.has(address);
}

/** An address as compared and shown: without brackets and port, in its one spelling. */
export function plainAddress(text: string): string {
  let address = trimWhitespace(text);
  if (address.startsWith('[')) address = address.slice(1, Math.max(1, address.indexOf(']')));
  else if (/^[\d.]+:\d+$/.test(address)) address = address.slice(0, address.indexOf(':'));
  return canonicalAddress(address);
}

/** Which header the trusted proxies write. Only one is read, for a client can send the other itself. */
export type ProxyHeader = 'x-forwarded' | 'forwarded';

/** One hop as in Forwarded (RFC 7239 4): parameters by lower-case name. */
export type ForwardedElement = ReadonlyMap<string, string>;

/** Reads a Forwarded header, the client's hop first. @returns nothing at all when it is malformed */
export function parseForwarded(header: string): ForwardedElement[] {
  const elements = splitList(header, ',').map(parseElement);
  return elements.every((element) => element !== null) ? elements : [];
}

function parseElement(text: string): ForwardedElement | null {
  const element = new Map<string, string>();
  for (const pair of splitList(text, ';')) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals).toLowerCase();
    const value = pair.slice(equals + 1);
    if (equals < 1 || !isToken(name) || element.has(name)) return null;
    if (!isToken(value) && !isQuotedString(value)) return null;
    element.set(name, unquote(value));
  }
  return element;
}

/** Where following the hops has led. */
export interface Client {
  readonly address: string;
  /** How many hops were believed. */
  readonly hops: number;
}

/** The first address, seen from this server, that is not a trusted proxy. @param hops addresses, the client's first */
export function findClient(peer: string, hops: readonly string[], trust: Trust): Client {
  let address = plainAddress(peer);
  let believed = 0;
  while (believed < hops.length && trust(address, believed)) {
    const next = plainAddress(hops[hops.length - ++believed] ?? '');
    if (isIP(next) === 0) break;
    address = next;
  }
  return { address, hops: believed };
}

/**
 * What the outermost trusted proxy was asked with, of a list to which each proxy has added, the client's first: as many elements
 * from its end as proxies are trusted. A list of one was written anew by the last.
 * @param hops addresses as for {@link findClient}
 * @returns undefined where the peer is not trusted
 */
export function ofTrustedHop<T>(
  list: readonly T[],
  { peer, hops, trust }: { readonly peer: string; readonly hops: readonly string[]; readonly trust: Trust },
): T | undefined {
  let believed = 0;
  for (let address = plainAddress(peer); believed < list.length && trust(address, believed);)
    address = plainAddress(hops[hops.length - ++believed] ?? '');
  return believed === 0 ? undefined : list[list.length - believed];
}
