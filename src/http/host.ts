/** The authority of a request: host and port as in the Host header (RFC 9110 7.2, RFC 3986 3.2.2). */
import { isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { canonicalAddress } from './address.js';

/** A host and its port, as written: `name` keeps the brackets of an IPv6 address. */
export interface Authority {
  readonly name: string;
  readonly port: number | undefined;
}

const REG_NAME = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/;

/** Reads `name`, `name:port`, `[v6]` or `[v6]:port`. @returns null when it is anything else, empty included */
export function parseAuthority(text: string): Authority | null {
  const bracket = text.startsWith('[') ? text.indexOf(']') : -1;
  const colon = text.indexOf(':', bracket + 1);
  const name = colon < 0 ? text : text.slice(0, colon);
  const valid =
    bracket > 0 ? name.length === bracket + 1 && isAddress(name.slice(1, -1)) : REG_NAME.test(name);
  if (!valid) return null;
  if (colon < 0) return { name, port: undefined };
  const port = text.slice(colon + 1);
  if (!/^\d{0,5}$/.test(port) || Number(port) > 65535) return null;
  return { name, port: port === '' ? undefined : Number(port) };
}

/** An IPv6 address without a zone, which means something only on the machine that wrote it. */
function isAddress(text: string): boolean {
  return isIPv6(text) && !text.includes('%');
}

/**
 * A host as it is compared: a name in lower case, in ASCII (RFC 5891) and without the dot that may end it, an address in its one
 * spelling, without brackets.
 */
export function canonicalHost(name: string): string {
  if (name.startsWith('[')) return canonicalAddress(name.slice(1, -1));
  const host = name.replace(/\.$/, '');
  return domainToASCII(host) || host.toLowerCase();
}

/** An authority as it is compared: its name as {@link canonicalHost} has it. @returns null when it is malformed */
export function canonicalAuthority(text: string): Authority | null {
  const authority = parseAuthority(text);
  return authority && { name: canonicalHost(authority.name), port: authority.port };
}

/** An origin in one spelling, to be compared. */
export function originOf(scheme: string, { name, port }: Authority): string {
  const usual = scheme === 'https' ? 443 : 80;
  return `${scheme}://${canonicalHost(name)}:${String(port ?? usual)}`;
}

/** The same of an origin as browsers write it (RFC 6454 6.2); undefined for `null` and for what is no origin of the web. */
export function canonicalOrigin(text: string): string | undefined {
  const [, scheme = '', rest = ''] = /^(https?):\/\/(.*)$/i.exec(text) ?? [];
  const authority = parseAuthority(rest);
  return authority ? originOf(scheme.toLowerCase(), authority) : undefined;
}
