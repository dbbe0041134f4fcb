/** The fields of the request that a server gets. */
import { HttpError, ObolError, type Request } from '../../kit.js';
import { addForwarded, isOfProxies } from './forwarded-fields.js';
import { isFieldText } from './field-text.js';
import { connectionNames, isHopByHop } from './hop-by-hop.js';
import type { Message } from './message.js';
import type { ProxyPlan } from './options.js';
import type { Upstream } from './upstream.js';

/** Made anew for each server, or not passed on. */
const OWN: ReadonlySet<string> = new Set(['content-length', 'expect', 'host', 'via']);
const PLAIN = /^[a-z0-9-]+$/;
/** Methods that say nothing of a body where there is none (RFC 9110 8.6). */
const BODILESS: ReadonlySet<string> = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'TRACE']);
/** What goes before the names of cookies (RFC 6265bis 4.1.3). */
const COOKIE_PREFIX = /^__(?:Host-Http|Host|Http|Secure)-/i;
/** How often a request may come through proxies of one name. */
const MAX_PASSES = 8;

/** Names and values in turns. @throws HttpError 508 for a request that comes back again and again */
export function outgoingFields(
  request: Request,
  message: Message,
  { upstream, plan }: { readonly upstream: Upstream; readonly plan: ProxyPlan },
): string[] {
  const host = request.peer.host;
  const fields = ['Host', (plan.hostOfClient && host) || upstream.server.authority];
  const via = addPassed(fields, request, plan);
  if (message.maxForwards !== undefined) fields.push('Max-Forwards', message.maxForwards);
  for (const [name, value] of plan.headers) {
    const text = typeof value === 'string' ? value : value(request);
    if (text !== undefined) fields.push(name, fieldText(name, text));
  }
  if (plan.forwarded !== false) addForwarded(fields, request, plan.forwarded);
  fields.push('Via', withOwn(via, `${request.httpVersion} ${plan.via}`));
  addFraming(fields, request.method, message);
  return fields;
}

/** @throws ObolError E_HEADER_VALUE for what no field can hold, where an author has no types to say so */
function fieldText(name: string, text: unknown): string {
  if (isFieldText(text)) return text;
  // Of a promise nothing is heard any more, whatever becomes of it.
  Promise.resolve(text).catch(() => undefined);
  const given = typeof text === 'string' ? 'a text with other characters' : `${typeof text}, and no text`;
  throw new ObolError(
    'E_HEADER_VALUE',
    `proxy.headers: the function for ${name} has given ${given}; give what a field can hold, printable ISO 8859-1, or undefined.`,
  );
}

/** Those of the client that are for the server. @returns what its Via says */
function addPassed(fields: string[], request: Request, plan: ProxyPlan): string {
  const { flat } = request.headers;
  const nominated = connectionNames(flat);
  let via = '';
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] ?? '';
    const value = flat[i + 1] ?? '';
    const key = name.toLowerCase();
    if (key === 'via') via = withOwn(via, value);
    else if (nominated.has(key) || !isPassed(key, request, plan)) continue;
    else if (key === 'cookie') addCookies(fields, value, plan.withoutCookies);
    else fields.push(name, value);
  }
  if (via !== '') refuseLoop(via, plan.via);
  return via;
}

/** A name with other characters than letters, digits and hyphens is that of another field for servers that make variables of names. */
function isPassed(key: string, request: Request, plan: ProxyPlan): boolean {
  const name = PLAIN.test(key) ? key : key.replace(/[^a-z0-9]/g, '-');
  if (OWN.has(name) || isHopByHop(name) || plan.headerNames.has(name)) return false;
  if (name === 'max-forwards') return request.method !== 'OPTIONS' && request.method !== 'TRACE';
  return !isOfProxies(name) || (plan.forwarded === false && request.forwardedFor !== undefined);
}

function addCookies(fields: string[], sent: string, without: ReadonlySet<string>): void {
  const isKept = (pair: string): boolean => {
    const name = pair.split('=', 1)[0]?.trim() ?? '';
    return !without.has(name) && !without.has(name.replace(COOKIE_PREFIX, ''));
  };
  const kept = without.size === 0 ? sent : sent.split(';').filter(isKept).join(';').trim();
  if (kept !== '') fields.push('Cookie', kept);
}

function addFraming(
  fields: string[],
  method: string,
  { body, length, isExpecting, protocols }: Message,
): void {
  if (body && length === undefined) fields.push('Transfer-Encoding', 'chunked');
  else if (length !== undefined || !BODILESS.has(method)) fields.push('Content-Length', String(length ?? 0));
  if (isExpecting) fields.push('Expect', '100-continue');
  if (protocols.length > 0) fields.push('Connection', 'Upgrade', 'Upgrade', protocols.join(', '));
}

/** A list of Via, longer by one. */
export function withOwn(via: string, own: string): string {
  return via === '' ? own : `${via}, ${own}`;
}

function refuseLoop(via: string, name: string): void {
  const passes = via.split(',').filter((entry) => entry.trim().split(/[ \t]+/)[1] === name);
  if (passes.length >= MAX_PASSES)
    throw new HttpError(508, `The request has come through ${name} again and again`);
}
