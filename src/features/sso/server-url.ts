/** The settings that are addresses of servers: absolute, without a query or a password, and safe from attackers on the way. */
import type { Rule } from '../../kit.js';
import { isPrivateUrl } from '../auth/transport.js';

/** Of such an address. A password in it is never shown. */
export const SERVER_URL_RULE: Rule = (value, name) => {
  const text = JSON.stringify(value);
  if (typeof value !== 'string' || !URL.canParse(value))
    return `${name}: ${text} is not a URL, such as "https://id.example.org".`;
  const url = new URL(value);
  if (url.username + url.password !== '') return `${name}: it may hold no user and no password.`;
  if (url.search + url.hash !== '') return `${name}: ${text} may have no query and no fragment.`;
  if (!isPrivateUrl(url))
    return `${name}: ${text} is not https, so that an attacker on the way could log in.`;
  return undefined;
};

/** The address, so that what is resolved against it is added to its path. */
export function withSlash(address: string): URL {
  const base = new URL(address);
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return base;
}
