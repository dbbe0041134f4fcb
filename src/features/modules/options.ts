/** The options of module trees, checked. */
import { checkOptions, rule, type Feature, type Rules } from '../../kit.js';
import { ORIGIN_RULE } from '../csrf/origin.js';
import type { CsrfOptions } from '../csrf/options.js';
import type { LogSettings, ServerDescription, SwitchOptions } from './configuration.js';
import type { UsersOf } from './user.js';
import type { ModuleClass } from './web-module.js';

export interface ModulesOptions extends SwitchOptions {
  /** The modules at the top; their `children` come with them. */
  readonly modules: readonly ModuleClass[];
  /**
   * What the application knows of a login. With it, `@Groups` and `@MinimumAccess` of obol/auth go by the groups of these users, so
   * that `access()` is left out. Default: the name of the login, as a user of id 1.
   */
  readonly users?: UsersOf | undefined;
  /** Guards before all methods, such as `[CheckBasic('Staff', users)]`. Default none. */
  readonly guards?: Plan['guards'] | undefined;
  /**
   * The origins whose pages may send something, such as `['https://tools.example.com']`, whatever Host a client names. Default the
   * address that the connection has reached, and `localhost` for this machine. Browsers that send Sec-Fetch-Site, as all do over HTTPS, need none.
   */
  readonly origins?: readonly string[] | undefined;
  /** How tokens are made; only clients that report no origin need them. Default as for `csrf()`. */
  readonly csrf?: Pick<CsrfOptions, 'key' | 'secretOf'> | undefined;
  /** What modules read of the server in their configuration. Default nothing but what is set here. */
  readonly server?: ServerDescription | undefined;
  /** Whether the configuration says that the application is being debugged. Default what the application itself says. */
  readonly debug?: boolean | undefined;
}

/** What a feature plans. */
export type Plan = NonNullable<Feature['planned']>[number];

const TEXTS = rule.list('a list of texts', rule.text('a text'));

const LOG_RULES: Rules<LogSettings> = rule.each(
  ['level', 'file', 'format', 'dateFormat', 'encoding'],
  rule.text('a text'),
);

const SERVER_RULES: Rules<ServerDescription> = {
  interface: rule.text('an address, such as "127.0.0.1"'),
  port: rule.whole('', { least: 0, most: 65535 }),
  security: rule.flag,
  ...rule.each(['loginMethods', 'modulesPath', 'scriptsPath'], TEXTS),
  log: rule.options(LOG_RULES),
  ...rule.each(['failuresToBlock', 'blockSeconds'], rule.whole('')),
};

const RULES: Rules<ModulesOptions> = {
  modules: rule.needed(rule.list('a list of classes decorated with @WebModule()', rule.any)),
  users: rule.callable('(login, request) => user'),
  guards: rule.list('a list of guards', rule.any),
  origins: rule.list('a list of origins, such as ["https://tools.example.com"]', ORIGIN_RULE, 1),
  // They are checked where they are used, as those of csrf().
  csrf: rule.any,
  server: rule.options(SERVER_RULES),
  ...rule.each(['acceptUnauthenticatedUser', 'acceptUnknownUser', 'debug'], rule.flag),
};

/** @throws ObolError E_SETTING for a wrong option */
export function assertOptions(options: ModulesOptions): void {
  checkOptions('modules', options, RULES);
}
