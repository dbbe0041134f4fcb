/** A guard by address: lets in clients from some addresses, and no others. */
import { Addresses, assertSetting, createGuard, type Guard, HttpError, rule } from '../../../kit.js';

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
    addresses: new Addresses([addressOf(each)]),
    user: typeof each === 'string' ? undefined : each.user,
  }));
  return (request) => {
    const { address } = request.peer;
    const found = compiled.find(({ addresses }) => addresses.has(address));
    if (!found) throw new HttpError(403);
    if (found.user !== undefined && request.user === null) request.user = found.user;
  };
}

const RANGE_RULE = rule.text(
  'an address or a range, such as "10.0.0.0/8", "::1" or "10.0.0.1-10.0.0.9"',
  (text) => Addresses.isRange(text),
);
const RULES_RULE = rule.list(
  'an address or a range, or several',
  (each, name) => RANGE_RULE(addressOf(each as AddressRule), name),
  1,
);

function addressOf(each: AddressRule): string {
  return typeof each === 'object' ? each.address : each;
}
