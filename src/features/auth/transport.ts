/** Where secrets may travel as they are: over HTTPS, and within one machine. */
import { Addresses, HttpError, type Request } from '../../kit.js';

/** Whether what is sent to a URL cannot be read or changed on the way: it is https, or http to this very machine. */
export function isPrivateUrl({ protocol, hostname }: URL): boolean {
  if (protocol === 'https:') return true;
  const host = hostname.replace(/^\[|[\].]$/g, '');
  return protocol === 'http:' && (host === 'localhost' || Addresses.LOOPBACK.has(host));
}

/**
 * For guards whose credentials are good for any client that reads them.
 * @param what needs them, for the message
 * @throws HttpError 403, without a challenge that would make the client send them once more
 */
export function assertPrivate({ peer }: Request, what: string): void {
  const isPrivate = peer.scheme === 'https' || Addresses.LOOPBACK.has(peer.address);
  if (!isPrivate) throw new HttpError(403, `${what} needs HTTPS`);
}
