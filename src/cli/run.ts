/** Finds the command that a line names, and turns what goes wrong into a line and an exit code. */
import { didYouMean } from '../ground/errors.js';
import { oneLine } from '../ground/log/one-line.js';
import { VERSION } from '../ground/version.js';
import { CommandError, usageError, type Command, type Terminal } from './command.js';
import { digestCommand } from './digest-command.js';
import { newCommand } from './new-command.js';
import { openapiCommand } from './openapi-command.js';
import { passwordCommand } from './password-command.js';
import { routesCommand } from './routes-command.js';
import { serveCommand } from './serve-command.js';

const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['digest', digestCommand],
  ['new', newCommand],
  ['openapi', openapiCommand],
  ['password', passwordCommand],
  ['routes', routesCommand],
  ['serve', serveCommand],
]);
const HELP: ReadonlySet<string> = new Set(['--help', '-h']);

/**
 * Runs one line.
 * @param args what follows `obol`
 * @returns the exit code: 0, 1 for what could not be done, 2 for a line that was written wrongly
 */
export async function runObol(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name = '', ...rest] = args;
  const command = COMMANDS.get(name);
  try {
    if (command) await runCommand(command, rest, terminal);
    else if (HELP.has(name) || name === 'help') terminal.print(help());
    else if (name === '--version') terminal.print(VERSION);
    else throw unknown(name);
    return 0;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const cure = error.needsHelp ? ` See obol ${command ? `${name} ` : ''}--help.` : '';
    terminal.warn(oneLine(`obol${command ? ` ${name}` : ''}: ${error.message}${cure}`));
    return error.exitCode;
  }
}

async function runCommand(command: Command, args: readonly string[], terminal: Terminal): Promise<void> {
  const end = args.indexOf('--');
  const options = end < 0 ? args : args.slice(0, end);
  if (options.some((option) => HELP.has(option))) terminal.print(command.help);
  else await command.run(args, terminal);
}

function unknown(name: string): CommandError {
  const commands = [...COMMANDS.keys()];
  if (name === '') return usageError(`Say what to do: ${commands.join(', ')}.`);
  const kind = name.startsWith('-') ? 'option' : 'command';
  return usageError(`${JSON.stringify(name)} is no ${kind}.${didYouMean(name, commands)}`);
}

function help(): string {
  const commands = [...COMMANDS].map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`);
  return [
    'Usage: obol <command> [options]',
    '',
    ...commands,
    '',
    'obol <command> --help shows what a command takes; obol --version, which Obol this is.',
  ].join('\n');
}
