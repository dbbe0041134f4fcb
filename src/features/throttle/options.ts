/** The options of a throttle, checked. */
import { checkOptions, rule, type Rules } from '../../kit.js';
import type { ThrottleStore } from './store.js';

export interface ThrottleOptions {
  /** How many failures block an account for one address. Default 5. */
  readonly failures?: number | undefined;
  /** How many block an address, which many people may share. Default four times as many. */
  readonly addressFailures?: number | undefined;
  /** How many block an account for all addresses: many, since it is in the hands of others. Default twenty times as many. */
  readonly accountFailures?: number | undefined;
  /** Seconds within which they count, from the first. Default 900: 15 minutes. */
  readonly window?: number | undefined;
  /** Seconds that a block lasts, from the last failure. Default 900: 15 minutes. */
  readonly block?: number | undefined;
  /** Where they are counted. Default the memory of this process. */
  readonly store?: ThrottleStore | undefined;
  /** The clock of the default store, in milliseconds. */
  readonly now?: (() => number) | undefined;
}

/** How many failures, and for how many milliseconds: see {@link ThrottleOptions}. */
export type ThrottleLimits = Readonly<Record<Exclude<keyof ThrottleOptions, 'store' | 'now'>, number>>;

const RULES: Rules<ThrottleOptions> = {
  ...rule.each(['failures', 'addressFailures', 'accountFailures'], rule.whole('failures')),
  ...rule.each(['window', 'block'], rule.whole('seconds')),
  store: rule.methods(
    ['get', 'increment', 'decrement', 'expire', 'reset'],
    'a ThrottleStore, such as redisThrottleStore(connection)',
  ),
  now: rule.callable('() => number'),
};

/** Of options that are a throttle. */
export const THROTTLE_RULE = rule.orFalse(rule.methods(['attempt'], 'new Throttle({ ... }), or false'));

const QUARTER_HOUR = 15 * 60;

/** @throws ObolError E_SETTING for a wrong option */
export function limitsOf(options: ThrottleOptions): ThrottleLimits {
  checkOptions('Throttle', options, RULES);
  const { failures = 5, window = QUARTER_HOUR, block = QUARTER_HOUR } = options;
  const { addressFailures = 4 * failures, accountFailures = 20 * failures } = options;
  return { failures, addressFailures, accountFailures, window: window * 1000, block: block * 1000 };
}
