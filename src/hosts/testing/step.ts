/** One request of a test client on its way: where it goes, and where the client goes from there. */
import { Headers } from '../../kit.js';
import { hasContent, type Content } from './content.js';
import { setOver, withQuery } from './request.js';
import type { CookieTarget } from './stored-cookie.js';
import type { TestRequestInit } from './test-client-options.js';
import type { TestResponse } from './test-response.js';
import { urlOf } from './url.js';

/** One request on its way. */
export interface Step {
  /** As it is sent. */
  readonly target: string;
  readonly method: string;
  /** Those of the client and of the request. */
  readonly headers: Headers;
  readonly content: Content;
  readonly https: boolean;
  /** Of the server, as Host names it. */
  readonly origin: URL;
  /** Of what is asked for; the origin where the target is malformed. */
  readonly url: URL;
  /** Who asks, and what for. */
  readonly init: TestRequestInit;
}

/** What a request begins with. */
interface Beginning {
  readonly init: TestRequestInit;
  readonly headers: Headers;
  readonly https: boolean;
}

/** A request as the test says, still without its content. */
export function firstStep(asked: string, { init, headers, https }: Beginning): Step {
  const target = withQuery(asked, init.query);
  const origin = originOf(headers, https);
  const url = urlOf(target, origin) ?? origin;
  const method = init.method ?? (hasContent(init) ? 'POST' : 'GET');
  return { target, method, headers, content: {}, https, origin, url, init };
}

/** The server that a Host header names. */
export function originOf(headers: Headers, https: boolean): URL {
  const origin = `${https ? 'https' : 'http'}://${headers.get('host') ?? 'localhost'}`;
  return urlOf(origin) ?? new URL('http://localhost');
}

/**
 * 303 goes on with GET, and so does a POST after 301 or 302, as browsers do; all others repeat (RFC 9110 15.4).
 * @returns undefined where the response does not redirect, or to another host
 */
export function afterRedirect({ status, headers }: TestResponse, step: Step): Step | undefined {
  const location = headers.get('location');
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined;
  const url = urlOf(location, step.url);
  if (url?.host !== step.origin.host) return undefined;
  const { method } = step;
  const repeats = status === 303 ? method === 'HEAD' : method !== 'POST' || status > 303;
  const next = {
    ...step,
    ...placeOf(url),
    headers: withoutCookies(step.headers),
    init: { ...step.init, expect: undefined },
  };
  if (repeats) return next;
  for (const name of ['Content-Type', 'Content-Length', 'Transfer-Encoding']) next.headers.delete(name);
  return { ...next, method: 'GET', content: {} };
}

/** What a page asks for, and which headers stand above those of a browser. */
interface Visit {
  readonly method?: string;
  readonly content?: Content;
  readonly defaults: Headers;
}

/** As a link or a form of a page leads on. @throws Error for another host */
export function visitFrom(step: Step, url: URL, { method = 'GET', content = {}, defaults }: Visit): Step {
  const { origin, init } = step;
  if (url.host !== origin.host || !/^https?:$/.test(url.protocol))
    throw new Error(`${url.href} leads away from ${origin.host}, which is all that this client can ask.`);
  const { user, remoteAddress, followRedirects } = init;
  const headers = new Headers(browserHeaders(step, url, method));
  setOver(headers, defaults);
  headers.set('Host', origin.host);
  return {
    ...step,
    ...placeOf(url),
    method,
    content,
    headers,
    init: { user, remoteAddress, followRedirects },
  };
}

/** Where cookies are kept for and sent to. */
export function cookieTargetOf({ url, https, headers }: Step): CookieTarget {
  const proxied = /^\s*https\b/i.test(headers.get('x-forwarded-proto') ?? '');
  const isSecure =
    https ||
    proxied ||
    /\bproto="?https\b/i.test(headers.get('forwarded') ?? '') ||
    isThisMachine(url.hostname);
  return { host: url.hostname, path: url.pathname, isSecure };
}

/** What browsers trust as they trust https. */
function isThisMachine(hostname: string): boolean {
  return /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

function placeOf(url: URL): Pick<Step, 'target' | 'url' | 'https' | 'origin'> {
  const origin = new URL(url.origin);
  return { target: url.pathname + url.search, url, https: url.protocol === 'https:', origin };
}

function withoutCookies(headers: Headers): Headers {
  const copy = new Headers(headers);
  copy.delete('cookie');
  return copy;
}

/** What browsers say of themselves and of the page that they come from. */
function browserHeaders(step: Step, url: URL, method: string): [string, string][] {
  const isSame = url.origin === step.url.origin;
  const headers: [string, string][] = [
    ['Accept', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'],
    ['Referer', isSame ? step.url.href.replace(/#.*/, '') : `${step.url.origin}/`],
  ];
  if (method !== 'GET') headers.push(['Origin', step.url.origin]);
  // Plain http to another machine is not worth that much.
  if (cookieTargetOf(step).isSecure) headers.push(['Sec-Fetch-Site', isSame ? 'same-origin' : 'cross-site']);
  return headers;
}
