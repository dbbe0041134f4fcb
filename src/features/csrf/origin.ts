/** Origins as browsers write them: scheme, host and port (RFC 6454 6.2). */
import { type Request, rule, type Rule } from '../../kit.js';

/** Of one that browsers would send as Origin: it is compared exactly. */
export const ORIGIN_RULE: Rule = (origin, name) => {
  const written = writtenOrigin(origin);
  const right = `an origin as browsers send it; write ${JSON.stringify(written ?? 'https://shop.example.com')}`;
  return rule.that(right, () => written === origin && written !== undefined)(origin, name);
};

function writtenOrigin(text: unknown): string | undefined {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  // A wildcard would look as if it meant something.
  return isWeb && !url.hostname.includes('*') ? url.origin : undefined;
}

/** The origin that pages of this server have, for the client that asks; undefined when it named no host. */
export function ownOrigin({ peer }: Request): string | undefined {
  const { scheme, hostname, hostPort } = peer;
  if (hostname === '') return undefined;
  const port = hostPort === (scheme === 'https' ? 443 : 80) ? '' : `:${String(hostPort)}`;
  return `${scheme}://${hostname.toLowerCase()}${port}`;
}
