/** Upgrade and Connection: the protocols a client would rather speak from here on (RFC 9110 7.6.1, 7.8). */
import { isToken, splitList } from './grammar.js';

/**
 * HTTP/2 has given up this way of its own (RFC 9113 3.1), and proxies that pass it on open a tunnel around their own
 * rules. Clients still ask for it with every request, Java's among them.
 */
const GIVEN_UP = 'h2c';

/** As much of a request as says whether another protocol may follow it. */
export interface UpgradableRequest {
  readonly method: string;
  readonly httpVersion: string;
  readonly headers: { get(name: string): string | undefined; has(name: string): boolean };
}

/**
 * The protocols that a client asks to change to, best first and in lower case. None where that cannot be: in HTTP/1.0, with
 * content or `Expect`, for HEAD, and for `h2c`.
 */
export function requestedProtocols(request: UpgradableRequest): string[] {
  const { method, headers } = request;
  if (method === 'HEAD' || !mayUpgrade(request)) return [];
  return upgradeProtocols(headers.get('connection'), headers.get('upgrade'));
}

/** For hosts: whether another protocol could begin right behind the request. Java's WebSocket announces an empty content. */
export function mayUpgrade({ httpVersion, headers }: Omit<UpgradableRequest, 'method'>): boolean {
  const isEmpty = /^0*$/.test(headers.get('content-length') ?? '') && !headers.has('transfer-encoding');
  return httpVersion === '1.1' && isEmpty && !headers.has('expect');
}

/** The options of Connection, in lower case. */
export function connectionOptions(connection: string | undefined): string[] {
  return splitList((connection ?? '').toLowerCase(), ',');
}

/** The protocols that Upgrade names, best first and in lower case; none where Connection does not name Upgrade. */
export function upgradeProtocols(connection: string | undefined, upgrade: string | undefined): string[] {
  if (upgrade === undefined || !connectionOptions(connection).includes('upgrade')) return [];
  return splitList(upgrade.toLowerCase(), ',').filter(isUpgradeProtocol);
}

/** Whether the text names a protocol that a connection may change to: `name` or `name/version`. */
export function isUpgradeProtocol(text: string): boolean {
  const [name = '', version, ...rest] = text.split('/');
  const isWellFormed = isToken(name) && (version === undefined || isToken(version)) && rest.length === 0;
  return isWellFormed && name.toLowerCase() !== GIVEN_UP;
}
