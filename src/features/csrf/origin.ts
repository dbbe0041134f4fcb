/** Origins as browsers write them: scheme, host and port (RFC 6454 6.2). */
import { inspect } from 'node:util';
import { ObolError } from '../../ground/errors.js';
import type { Request } from '../../message/request.js';

/** The set of them. @throws ObolError E_SETTING for anything that no browser would send as Origin */
export function originSet(origins: readonly string[]): ReadonlySet<string> {
  if (!Array.isArray(origins)) throw wrong(origins, 'a list of origins such as ["https://shop.example.com"]');
  for (const origin of origins as readonly unknown[]) {
    const written = writtenOrigin(origin);
    if (written === undefined || written !== origin)
      throw wrong(
        origin,
        `an origin as browsers send it; write ${JSON.stringify(written ?? 'https://shop.example.com')}`,
      );
  }
  return new Set(origins);
}

function writtenOrigin(text: unknown): string | undefined {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  // A wildcard would look as if it meant something.
  return isWeb && !url.hostname.includes('*') ? url.origin : undefined;
}

function wrong(value: unknown, right: string): ObolError {
  return new ObolError('E_SETTING', `trustedOrigins: ${inspect(value, { depth: 0 })} is not ${right}.`);
}

/** The origin that pages of this server have, for the client that asks; undefined when it named no host. */
export function ownOrigin({ peer }: Request): string | undefined {
  const { scheme, hostname, hostPort } = peer;
  if (hostname === '') return undefined;
  const port = hostPort === (scheme === 'https' ? 443 : 80) ? '' : `:${String(hostPort)}`;
  return `${scheme}://${hostname.toLowerCase()}${port}`;
}
