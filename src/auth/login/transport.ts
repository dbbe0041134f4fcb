/** Where secrets may travel as they are: over HTTPS, and within one machine. */
import { isIP } from 'node:net';
import { HttpError } from '../../http/http-error.js';
import type { Request } from '../../message/request.js';

/** Whether an address is of this very machine: 127.0.0.0/8 and ::1. */
export function isLoopback(address: string): boolean {
  const version = isIP(address);
  return version === 4 ? address.startsWith('127.') : version === 6 && /^(?:0*:){2,7}0*1$/.test(address);
}

/** Whether nobody on the way can read what the client sends. */
export function isPrivate(request: Request): boolean {
  return request.peer.scheme === 'https' || isLoopback(request.peer.address);
}

/**
 * For guards whose credentials are good for whoever reads them.
 * @throws HttpError 403, without a challenge that would make the client send them once more
 */
export function assertPrivate(request: Request, what: string): void {
  if (!isPrivate(request)) throw new HttpError(403, `${what} needs HTTPS`);
}
