/** What Node says of options that it cannot read, as one line for the user of a command. */
import { didYouMean } from '../ground/errors.js';
import { usageError, type CommandError } from './command.js';

/** Node explains at length; the first line says what is wrong. @param options those of the command, for what may be meant */
export function parseError({ code, message }: NodeJS.ErrnoException, options: object): CommandError {
  const [line = ''] = message.split('\n');
  if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return usageError(line.endsWith('.') ? line : `${line}.`);
  const name = /^Unknown option '([^']*)/.exec(line)?.[1] ?? '';
  const known = Object.keys(options).map((option) => `--${option}`);
  return usageError(`${JSON.stringify(name)} is no option.${didYouMean(name, known)}`);
}
