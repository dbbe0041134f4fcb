/** What every command of the command line has, what it writes to, and how it fails. */
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { didYouMean } from '../ground/errors.js';
import type { Logger } from '../ground/log/log.js';

/** Where a command writes. Lines come without their end; what stands in them may be hostile. */
export interface Terminal {
  /** What was asked for: standard output. */
  print(text: string): void;
  /** What the user should know: standard error. */
  warn(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** One command, such as `serve`. */
export interface Command {
  /** For the list of commands. */
  readonly summary: string;
  /** The whole of `--help`. */
  readonly help: string;
  /** Resolves when there is nothing left to do, or when what goes on keeps the process alive. */
  run(args: readonly string[], terminal: Terminal): Promise<void>;
}

export interface CommandErrorOptions extends ErrorOptions {
  readonly needsHelp?: boolean;
}

/** Ends a command with one line that says what is wrong and what to do. */
export class CommandError extends Error {
  readonly exitCode: 1 | 2;
  /** Whether `--help` helps. */
  readonly needsHelp: boolean;

  /**
   * @param exitCode 2 where the command was written wrongly, 1 where it could not be done
   * @param options.needsHelp default where the exit code is 2
   */
  constructor(message: string, exitCode: 1 | 2, options: CommandErrorOptions = {}) {
    super(message, options);
    this.name = 'CommandError';
    this.exitCode = exitCode;
    this.needsHelp = options.needsHelp ?? exitCode === 2;
  }
}

/** A logger that has a line for each message, and nothing else of it. */
export function messagesTo(print: (text: string) => void): Logger {
  const write = (first: object | string, message = ''): void => {
    print(typeof first === 'string' ? first : message);
  };
  return { warn: write, error: write };
}

/** The options and words of a line. @throws CommandError 2 for what is no option, or has no value or too many */
export function parsedArgs<T extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: T,
): ReturnType<typeof parseArgs<{ options: T; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw parseError(error as NodeJS.ErrnoException, options);
  }
}

/** Node explains at length; the first line says what is wrong. @param options those of the command, for what may be meant */
function parseError({ code, message }: NodeJS.ErrnoException, options: object): CommandError {
  const [line = ''] = message.split('\n');
  if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return usageError(line.endsWith('.') ? line : `${line}.`);
  const name = /^Unknown option '([^']*)/.exec(line)?.[1] ?? '';
  const known = Object.keys(options).map((option) => `--${option}`);
  return usageError(`${JSON.stringify(name)} is no option.${didYouMean(name, known)}`);
}

/** The command was written wrongly. */
export function usageError(message: string): CommandError {
  return new CommandError(message, 2);
}
