/** The settings that are addresses of servers: absolute, without a query or a password, and safe from whoever is on the way. */
import { ObolError } from '../../ground/errors.js';
import { isPrivateUrl } from '../auth/transport.js';

/** @throws ObolError E_SETTING for what is no such URL, and for one that is not https, unless it is of this machine */
export function serverUrl(setting: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.search + url.hash + url.username + url.password !== '')
    throw wrong(setting, text, 'is no URL, such as "https://id.example.org"');
  if (!isPrivateUrl(url)) throw wrong(setting, text, 'is not https, so that anybody on the way could log in');
  return url;
}

function wrong(setting: string, text: string, why: string): ObolError {
  return new ObolError('E_SETTING', `${setting}: ${JSON.stringify(text)} ${why}.`);
}

/** So that what is resolved against it is added to its path. */
export function withSlash(url: URL): URL {
  const base = new URL(url);
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return base;
}
