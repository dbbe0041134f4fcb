/** How a server learns of the client: Forwarded (RFC 7239), or the fields that came before it. */
import { isIPv6 } from 'node:net';
import type { Request } from '../../kit.js';

/** Fields that only proxies write: what a client says there is not passed on, whichever of them are written here. */
const OF_PROXIES = new RegExp(
  `^(?:${[
    '(?:x-)?forwarded(?:-.*)?',
    '(?:x-)?client-ip',
    '(?:x-(?:real|cluster-client|originating|remote)|true-client|cf-connecting|fastly-client)-ip',
    'x-(?:remote-addr|host|scheme|url-scheme|original-.*|rewrite-url)',
    'front-end-https',
  ].join('|')})$`,
);

/** With what their names begin. */
const FIRST: ReadonlySet<number> = new Set(Buffer.from('cftx'));

/** @param name in lower case */
export function isOfProxies(name: string): boolean {
  return FIRST.has(name.charCodeAt(0)) && OF_PROXIES.test(name);
}

/** Adds them to fields, names and values in turns. */
export function addForwarded(fields: string[], request: Request, form: 'x-forwarded' | 'forwarded'): void {
  const { host, scheme, socketAddress } = request.peer;
  if (form === 'forwarded') {
    fields.push('Forwarded', forwarded(request));
    return;
  }
  const before = request.forwardedFor;
  const own = socketAddress || 'unknown';
  fields.push('X-Forwarded-For', before === undefined ? own : `${before}, ${own}`);
  if (host !== '') fields.push('X-Forwarded-Host', host);
  fields.push('X-Forwarded-Proto', scheme);
}

/** What trusted proxies have said comes first, in their words where they write the same field. */
function forwarded(request: Request): string {
  const { peer, settings, forwardedFor } = request;
  const own = [
    `for=${node(peer.socketAddress)}`,
    ...(peer.host === '' ? [] : [`host=${quoted(peer.host)}`]),
    `proto=${peer.scheme}`,
  ];
  if (forwardedFor === undefined) return own.join(';');
  const isSame = settings.proxyHeader === 'forwarded';
  const before = isSame
    ? request.headers.get('forwarded')
    : forwardedFor
        .split(',')
        .map((address) => `for=${node(address.trim())}`)
        .join(', ');
  return `${before ?? ''}, ${own.join(';')}`;
}

/** An address as Forwarded has it (RFC 7239 6). */
function node(address: string): string {
  if (address === '') return 'unknown';
  return quoted(isIPv6(address) ? `[${address}]` : address);
}

function quoted(text: string): string {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
}
