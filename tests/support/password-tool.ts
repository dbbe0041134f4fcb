/** A command that keeps a password file, run in this process. */
import { Readable, Writable } from 'node:stream';
import { CommandError, type Terminal } from '../../src/cli/command.js';
import { passwordSource, type PasswordSource } from '../../src/cli/password-prompt.js';

/** Its two halves: what reads a line, and what does what the line says. */
export interface PasswordTool<Order> {
  readonly read: (args: readonly string[]) => Order | 'version';
  readonly carryOut: (order: Order, terminal: Terminal, passwords: PasswordSource) => Promise<void>;
}

/** Runs it with some standard input. @returns exit code and everything printed */
export async function runTool<Order>(
  { read, carryOut }: PasswordTool<Order>,
  args: readonly string[],
  input = '',
): Promise<[number, string]> {
  let output = '';
  const print = (text: string): void => void (output += `${text}\n`);
  const sink = new Writable({ write: (chunk: Buffer) => void (output += chunk.toString()) });
  try {
    const order = read(args);
    if (order === 'version') throw new Error('not an order');
    const passwords = passwordSource(Readable.from(input === '' ? [] : [Buffer.from(input)]), sink);
    await carryOut(order, { print, warn: print, env: {} }, passwords);
    return [0, output];
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const help = error.needsHelp ? ' See --help.' : '';
    return [error.exitCode, `${output}${error.message}${help}\n`];
  }
}
