/** An argument of a script: an option, or one by its position; a field of its form. */

/** What a script is asked with: an option, or an argument by its position; a field of the form. */
export interface ScriptArgument {
  /**
   * Such as `--count` or `-c` for an option, `file` for an argument by its position. Fields of the form and members of JSON
   * bodies have the same name.
   */
  readonly name: string;
  /** `text` of one line (the default) or `multiline`, `number`, `flag` (an option without a value), one `choice` of several, or `password`. */
  readonly kind?: 'text' | 'multiline' | 'number' | 'flag' | 'choice' | 'password' | undefined;
  /** What stands before the field. Default the name without its dashes. */
  readonly label?: string | undefined;
  /** What stands below the field. Default nothing. */
  readonly description?: string | undefined;
  /** What the field holds at first, and what counts where a program leaves it out. Default nothing. */
  readonly default?: string | number | boolean | readonly string[] | undefined;
  /** Default false: what is empty is left out. */
  readonly required?: boolean | undefined;
  /** What there is to choose from. */
  readonly choices?: readonly string[] | undefined;
  /** Whether there may be several values: several choices, or a text with a value in each line. Default false. */
  readonly several?: boolean | undefined;
  /**
   * Whether its values are lines of the standard input. The command line, where all others are, can be read by every user of
   * the machine. Default false; passwords always are.
   */
  readonly input?: boolean | undefined;
  /** Characters of a value. Default 1,000; of several lines 16,384. */
  readonly maxLength?: number | undefined;
  /** The least number. Default none. */
  readonly min?: number | undefined;
  /** The greatest number. Default none. */
  readonly max?: number | undefined;
}

/** Characters of a value. */
const MAX_LENGTH = 1_000;
const MAX_MULTILINE = 16_384;

/** Whether an argument is an option, as its name says. */
export function isOption({ name }: ScriptArgument): boolean {
  return name.startsWith('-');
}

/** Whether its values go to the standard input. */
export function isInput({ input, kind }: ScriptArgument): boolean {
  return input ?? kind === 'password';
}

/** Characters that a value may have. */
export function lengthOf({ kind, maxLength }: ScriptArgument): number {
  return maxLength ?? (kind === 'multiline' ? MAX_MULTILINE : MAX_LENGTH);
}

/** The values of an argument where none are given; of a flag that is set `true`. */
export function defaultValues({ default: given }: ScriptArgument): readonly string[] {
  if (given === undefined || given === false || given === '') return [];
  return typeof given === 'object' ? given : [String(given)];
}
