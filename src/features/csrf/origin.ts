/** Origins as browsers write them: scheme, host and port (RFC 6454 6.2). */
import { rule, type Rule } from '../../kit.js';

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

/** One as it is compared: a name is the same with the dot that may end it. */
export function comparable(origin: string): string {
  return origin.replace(/\.(?=(?::\d+)?$)/, '');
}
