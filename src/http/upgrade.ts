/** Upgrade and Connection: the protocols a client would rather speak from here on (RFC 9110 7.6.1, 7.8). */
import { isToken, splitList } from './grammar.js';

/**
 * HTTP/2 has given up this way of its own (RFC 9113 3.1), and proxies that pass it on open a tunnel around their own
 * rules. Clients still ask for it with every request, Java's among them.
 */
const GIVEN_UP = 'h2c';

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
