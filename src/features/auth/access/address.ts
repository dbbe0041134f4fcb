/** A guard by address: who asks from where is let in, and nobody else. */
import { BlockList, isIP } from 'node:net';
import { ObolError } from '../../../ground/errors.js';
import { createGuard } from '../../../decorators/wrapping.js';
import type { Guard } from '../../../message/guard.js';
import { HttpError } from '../../../http/http-error.js';

/**
 * An address, a range in CIDR notation such as `10.0.0.0/8`, or one with both ends such as `10.0.0.1-10.0.0.9`; with
 * `user`, whoever comes from there is logged in so, unless somebody is logged in already.
 */
export type AddressRule = string | { readonly address: string; readonly user: unknown };

/**
 * Lets in who comes from one of these addresses, and answers 403 to everyone else. Behind proxies, the addresses they
 * tell count only as far as the setting `trustProxy` goes.
 *
 * @example @GrantAddress('10.0.0.0/8', '::1')
 */
export const GrantAddress = createGuard('GrantAddress', (_setup, ...rules: AddressRule[]) =>
  addressGuard(rules),
);

/** The check of {@link GrantAddress} by itself. @throws ObolError E_SETTING for a wrong address or range */
export function addressGuard(rules: readonly AddressRule[]): Guard {
  if (rules.length === 0)
    throw new ObolError('E_SETTING', 'GrantAddress: name at least one address or range.');
  const compiled = rules.map((rule) => ({
    addresses: listOf(typeof rule === 'string' ? rule : rule.address),
    user: typeof rule === 'string' ? undefined : rule.user,
  }));
  return (request) => {
    const { address } = request.peer;
    const found = compiled.find(({ addresses }) => contains(addresses, address));
    if (!found) throw new HttpError(403);
    if (found.user !== undefined && request.user === null) request.user = found.user;
  };
}

/** Addresses of one family, so that a rule for all of IPv6 lets no IPv4 in. */
interface AddressList {
  readonly version: number;
  readonly list: BlockList;
}

function contains({ version, list }: AddressList, address: string): boolean {
  return version === isIP(address) && list.check(address, version === 4 ? 'ipv4' : 'ipv6');
}

function listOf(rule: string): AddressList {
  const ends = rule.split('-');
  if (ends.length > 1) return listOfRange(rule, ends);
  const [address = '', bits, ...more] = rule.split('/');
  const version = versionOf(address, rule);
  const most = version === 4 ? 32 : 128;
  const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : NaN;
  if (more.length > 0 || !(prefix <= most)) throw wrong(rule);
  const list = new BlockList();
  list.addSubnet(address, prefix, version === 4 ? 'ipv4' : 'ipv6');
  return { version, list };
}

function listOfRange(rule: string, [start = '', end = '', ...more]: readonly string[]): AddressList {
  const version = versionOf(start, rule);
  if (more.length > 0 || versionOf(end, rule) !== version) throw wrong(rule);
  const list = new BlockList();
  try {
    list.addRange(start, end, version === 4 ? 'ipv4' : 'ipv6');
  } catch {
    throw wrong(rule);
  }
  return { version, list };
}

/** Clients with an IPv4 address within IPv6 count as IPv4, so a rule for it would match nobody; nor would one with a zone. */
function versionOf(address: string, rule: string): number {
  const version = isIP(address);
  if (version === 0 || address.includes('%') || /^::ffff:.*\./i.test(address)) throw wrong(rule);
  return version;
}

function wrong(rule: string): ObolError {
  return new ObolError(
    'E_SETTING',
    `GrantAddress: ${JSON.stringify(rule)} is no address or range, such as "10.0.0.0/8", "::1" or "10.0.0.1-10.0.0.9".`,
  );
}
