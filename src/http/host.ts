/** The authority of a request: host and port as in the Host header (RFC 9110 7.2, RFC 3986 3.2.2). */
import { isIPv6 } from 'node:net';

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
