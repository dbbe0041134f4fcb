/** A script as it is declared: what is run, how, and with which arguments. */
import { ObolError, rule, type Rules } from '../../../kit.js';
import type { CsrfOptions } from '../../csrf/options.js';
import { PROGRAM_RULES, type ProgramOptions } from '../../processes/options.js';
import { defaultValues, isInput, isOption, type ScriptArgument } from './argument.js';
import { mistakeIn } from './values.js';

/**
 * What may be said of any script. Its time is limited as a whole (`timeout`); its silence (`startTimeout`, `idleTimeout`) only where
 * that is said.
 */
export interface ScriptSettings extends ProgramOptions {
  /** In the order in which they are given to the program, options first. Default none. */
  readonly arguments?: readonly ScriptArgument[] | undefined;
  /** The heading of its page. Default its name, or that of the program. */
  readonly title?: string | undefined;
  /** What stands below it. Default nothing. */
  readonly description?: string | undefined;
  /**
   * Whether `--` stands before the first argument by position, after which no program takes anything for an option. Without
   * it, for programs that do not know it, a value that begins with `-` is refused. Default true.
   */
  readonly separator?: boolean | undefined;
  /** The folder it runs in. Default that of the server; of one that is declared in a file, the folder of the file. */
  readonly cwd?: string | undefined;
  /** Bytes of standard output after which it is ended. Default 1 MiB. */
  readonly maxOutput?: number | undefined;
  /** Whether a line that ends with a percentage, such as `Copying 40 %`, says how far it is. Default false. */
  readonly progress?: boolean | undefined;
}

/** What a {@link CommandRunner} takes. */
export interface ScriptOptions extends ScriptSettings {
  /**
   * The program and what always comes first of its arguments. The program is a path, of which a relative one begins in `cwd`,
   * or a name without a slash, which is looked for in the folders of PATH. No shell reads any of it.
   */
  readonly command: readonly string[];
  /**
   * What distinguishes its form from those of other sites; as for `csrf()`. Default its defaults, but that without `origins` only
   * the address counts that the connection has reached: behind a proxy, name them.
   */
  readonly csrf?: CsrfOptions | undefined;
}

const NAME = /^(?:--?[A-Za-z][\w-]*|[A-Za-z][\w-]*)$/;
const NO_NUL = /^[^\0]*$/;
const ONE_LINE = /^[^\0\r\n]+$/;
const WORDS = rule.text('a text', NO_NUL);

const ARGUMENT_RULES: Rules<ScriptArgument> = {
  name: rule.needed(rule.text('a name such as "--count", "-c" or "file"', NAME)),
  kind: rule.oneOf('text', 'multiline', 'number', 'flag', 'choice', 'password'),
  ...rule.each(['label', 'description'], WORDS),
  default: rule.that('a text, a number, true, false or a list of texts', isDefault),
  ...rule.each(['required', 'several', 'input'], rule.flag),
  choices: rule.list('a list of choices', rule.text('a text of one line', ONE_LINE), 1),
  maxLength: rule.whole('characters'),
  ...rule.each(['min', 'max'], rule.that('a number', Number.isFinite)),
};

function isDefault(value: unknown): boolean {
  const isText = (each: unknown): boolean => typeof each === 'string';
  return Array.isArray(value) ? value.every(isText) : ['string', 'number', 'boolean'].includes(typeof value);
}

/** Of the words that begin every command line. */
export const COMMAND_RULE = rule.list(
  'a program and its arguments, such as ["node", "greet.js"]',
  rule.text('a text without NUL', NO_NUL),
  1,
);

export const SETTINGS_RULES: Rules<ScriptSettings> = {
  arguments: rule.list('a list of arguments, such as [{ name: "--count" }]', rule.options(ARGUMENT_RULES)),
  ...rule.each(['title', 'description'], WORDS),
  ...rule.each(['separator', 'progress'], rule.flag),
  cwd: rule.text('the path of a folder', ONE_LINE),
  ...PROGRAM_RULES,
  maxOutput: rule.whole('bytes'),
};

export const SCRIPT_RULES: Rules<ScriptOptions> = {
  command: rule.needed(COMMAND_RULE),
  ...SETTINGS_RULES,
  // They are checked where they are used, as those of csrf().
  csrf: rule.any,
};

/** @throws ObolError E_SETTING for arguments that contradict themselves or each other, all at once */
export function assertArguments(name: string, given: readonly ScriptArgument[]): void {
  const mistakes = given.flatMap((argument, index) => {
    const mistake = mistakeOf(argument, given.slice(0, index));
    return mistake === undefined ? [] : [`${name}.arguments: ${JSON.stringify(argument.name)} ${mistake}.`];
  });
  if (mistakes.length > 0) throw new ObolError('E_SETTING', mistakes.join('\n'));
}

/** What an argument can contradict itself in, and what stands behind its name then. */
const CONTRADICTIONS: readonly (readonly [isIn: (argument: ScriptArgument) => boolean, what: string])[] = [
  [
    (argument) => argument.kind === 'flag' && (!isOption(argument) || hasValues(argument)),
    'is a flag: it needs a name such as "--all", and has no value that were required, several or input',
  ],
  [
    ({ kind, choices }) => (kind === 'choice') !== (choices !== undefined),
    'is a choice where it has choices, and has choices where it is a choice: give both or neither',
  ],
  [
    ({ kind, input }) => kind === 'password' && input === false,
    'is a password: it goes to the standard input, since all users of the machine can read command lines',
  ],
  [
    ({ several, kind = 'text' }) => several === true && kind !== 'text' && kind !== 'choice',
    'has several values: its kind is "text" or "choice"',
  ],
];

function hasValues({ required, several, input }: ScriptArgument): boolean {
  return [required, several, input].includes(true);
}

/** @param before the arguments that come before it @returns what stands behind its name; undefined when nothing is wrong */
function mistakeOf(argument: ScriptArgument, before: readonly ScriptArgument[]): string | undefined {
  if (before.some(({ name }) => name === argument.name)) return 'is there twice';
  const [, contradiction] = CONTRADICTIONS.find(([isIn]) => isIn(argument)) ?? [];
  return contradiction ?? misplacedAmong(argument, before) ?? defaultMistake(argument);
}

/** An argument that may be left out, and several values, would give all behind them other positions. */
function misplacedAmong(argument: ScriptArgument, before: readonly ScriptArgument[]): string | undefined {
  if (isOption(argument) || isInput(argument)) return undefined;
  const last = before.findLast((other) => !isOption(other) && !isInput(other));
  if (last?.several) return `stands behind ${JSON.stringify(last.name)}, which takes all that come`;
  if (argument.required && last && !last.required)
    return `is required and stands behind ${JSON.stringify(last.name)}, which may be left out`;
  return undefined;
}

function defaultMistake(argument: ScriptArgument): string | undefined {
  const { default: given, kind } = argument;
  if (given === undefined) return undefined;
  if (kind === 'password') return 'has a default, which its page would show: leave it out';
  const isFitting = kind === 'flag' ? typeof given === 'boolean' : typeof given !== 'boolean';
  if (!isFitting) return 'has a default that its kind cannot have';
  const mistake = mistakeIn(argument, defaultValues(argument));
  return mistake && `has a default that is no value of it: ${mistake}`;
}
