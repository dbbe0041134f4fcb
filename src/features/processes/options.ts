/** The options of those who run programs. */
import { ObolError, rule, type Rules, withDefaults } from '../../kit.js';
import { type Environment, environmentOf } from './environment.js';
import { type Account, accountOf } from './account.js';
import type { TimeLimits } from './running-program.js';

export interface ProgramOptions {
  /** How many may run at once. Default 16. */
  readonly concurrency?: number | undefined;
  /** How many requests may wait until one has ended; the next is answered 503. Default 256. */
  readonly queue?: number | undefined;
  /** Milliseconds until the first output; 0 for no limit. Default 30,000. */
  readonly startTimeout?: number | undefined;
  /** Milliseconds between two pieces of output; 0 for no limit. Default 30,000. */
  readonly idleTimeout?: number | undefined;
  /** Milliseconds from the start to the end; 0 for no limit. Default 30,000. */
  readonly timeout?: number | undefined;
  /** Variables of a program's environment, which starts empty but for `PATH`, `LANG` and `TZ`. Default none. */
  readonly env?: Environment | undefined;
  /** Names of more variables that the server passes on from its own environment. Default none. */
  readonly passEnv?: readonly string[] | undefined;
  /** The user to run as, which only root can choose. Default 65534, which has no rights, for root, else the server's own. */
  readonly uid?: number | undefined;
  /** The one group to be in. Default 65534 for root, else those of the server. */
  readonly gid?: number | undefined;
}

/** What is decided once. */
export interface ProgramPlan {
  readonly concurrency: number;
  readonly queue: number;
  readonly limits: TimeLimits;
  readonly environment: Environment;
  readonly account: Account;
}

/** Milliseconds that programs have to end, and their silence to count as the end. */
const LINGER = 2_000;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Of variables of an environment, by name. */
export const VARIABLES_RULE = rule.that('a table of variables, such as { LANG: "C.UTF-8" }', isEnvironment);

const DEFAULTS = { concurrency: 16, queue: 256, startTimeout: 30_000, idleTimeout: 30_000, timeout: 30_000 };

/** To be spread into the rules of a feature's own options. */
export const PROGRAM_RULES: Rules<ProgramOptions> = {
  concurrency: rule.whole('programs'),
  queue: rule.whole('requests', { least: 0 }),
  ...rule.each(['startTimeout', 'idleTimeout', 'timeout'], rule.milliseconds(0)),
  env: VARIABLES_RULE,
  passEnv: rule.list('a list of names of variables', rule.text('the name of a variable', NAME)),
  uid: rule.whole('', { least: 0 }),
  gid: rule.whole('', { least: 0 }),
};

/**
 * @param name of the feature, for messages
 * @param options checked already, but for who may run what
 * @throws ObolError E_SETTING for a user that this process may not choose, E_PLATFORM where there is no Unix
 */
export function programPlan(name: string, options: ProgramOptions, platform = process.platform): ProgramPlan {
  if (platform === 'win32')
    throw new ObolError(
      'E_PLATFORM',
      `${name} needs a Unix: it ends programs with all that they have started. Run it on Linux, macOS or in WSL.`,
    );
  const { concurrency, queue, startTimeout, idleTimeout, timeout } = withDefaults(DEFAULTS, options);
  return {
    concurrency,
    queue,
    limits: { startTimeout, idleTimeout, timeout, linger: LINGER, patience: LINGER },
    environment: environmentOf(options.passEnv, options.env),
    account: accountOf(name, options),
  };
}

function isEnvironment(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).every(
    ([name, text]) => NAME.test(name) && typeof text === 'string' && !text.includes('\0'),
  );
}
