/** Where secrets may travel as they are: over HTTPS, and within one machine. */
import { isIP } from 'node:net';
import { HttpError, type Request } from '../../kit.js';

/** Whether an address is of this very machine: 127.0.0.0/8 and ::1. */
export function isLoopback(address: string): boolean {
  const version = isIP(address);
  return version === 4 ? address.startsWith('127.') : version === 6 && /^(?:0*:){2,7}0*1$/.test(address);
}

/** Whether what is sent to a URL cannot be read or changed on the way: it is https, or http to this very machine. */
export function isPrivateUrl({ protocol, hostname }: URL): boolean {
  if (protocol === 'https:') return true;
  return protocol === 'http:' && (hostname === 'localhost' || isLoopback(hostname.replace(/^\[|\]$/g, '')));
}

/**
 * For guards whose credentials are good for any client that reads them.
 * @param what needs them, for the message
 * @throws HttpError 403, without a challenge that would make the client send them once more
 */
export function assertPrivate({ peer }: Request, what: string): void {
  const isPrivate = peer.scheme === 'https' || isLoopback(peer.address);
  if (!isPrivate) throw new HttpError(403, `${what} needs HTTPS`);
}
