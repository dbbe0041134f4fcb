/** A guard by address: lets in clients from some addresses, and no others. */
import { BlockList, isIP } from 'node:net';
import { assertSetting, createGuard, type Guard, HttpError, rule } from '../../../kit.js';

/**
 * An address, a range in CIDR notation such as `10.0.0.0/8`, or one with both ends such as `10.0.0.1-10.0.0.9`; with
 * `user`, a client from there is logged in so, unless it is logged in already.
 */
export type AddressRule = string | { readonly address: string; readonly user: unknown };

/**
 * `@GrantAddress('10.0.0.0/8', '::1')` lets in who comes from one of these addresses, and answers 403 to all others.
 * Behind proxies, the addresses they report count only as far as the setting `trustProxy` goes.
 */
export const GrantAddress = createGuard('GrantAddress', (_setup, ...rules: AddressRule[]) =>
  addressGuard(rules),
);

/** The check of {@link GrantAddress} by itself. @throws ObolError E_SETTING for a wrong address or range */
export function addressGuard(rules: readonly AddressRule[]): Guard {
  assertSetting('GrantAddress', rules, RULES_RULE);
  const compiled = rules.map((each) => ({
    addresses: listOf(addressOf(each)),
    user: typeof each === 'string' ? undefined : each.user,
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

function contains(addresses: AddressList | undefined, address: string): boolean {
  const version = isIP(address);
  return addresses?.version === version && addresses.list.check(address, familyOf(version));
}

const RANGE_RULE = rule.text(
  'an address or a range, such as "10.0.0.0/8", "::1" or "10.0.0.1-10.0.0.9"',
  (text) => listOf(text) !== undefined,
);
const RULES_RULE = rule.list(
  'an address or a range, or several',
  (each, name) => RANGE_RULE(addressOf(each as AddressRule), name),
  1,
);

function addressOf(each: AddressRule): string {
  return typeof each === 'object' ? each.address : each;
}

/** @returns undefined for what is no address and no range */
function listOf(text: string): AddressList | undefined {
  const [, start = '', bits, end = start] = /^([^-/]+)(?:\/(\d{1,3})|-([^-/]+))?$/.exec(text) ?? [];
  const version = versionOf(start);
  if (version === 0 || version !== versionOf(end)) return undefined;
  const list = new BlockList();
  try {
    if (bits === undefined) list.addRange(start, end, familyOf(version));
    else list.addSubnet(start, Number(bits), familyOf(version));
  } catch {
    return undefined;
  }
  return { version, list };
}

function familyOf(version: number): 'ipv4' | 'ipv6' {
  return version === 4 ? 'ipv4' : 'ipv6';
}

/** Clients with an IPv4 address within IPv6 count as IPv4, so a rule for it would match none; nor would one with a zone. */
function versionOf(address: string): number {
  return address.includes('%') || /^::ffff:.*\./i.test(address) ? 0 : isIP(address);
}
