/** `obol password`: the users of Basic authentication and of forms, and slow hashes of their passwords, in a file. */
import { existsSync } from 'node:fs';
import { PasswordHashMap } from '../features/auth/passwords/password-hash-map.js';
import {
  hashPassword,
  verifyPassword,
  type PasswordHashOptions,
} from '../features/auth/passwords/password-hash.js';
import { ObolError } from '../ground/errors.js';
import { oneLine } from '../ground/log/one-line.js';
import { VERSION } from '../ground/version.js';
import { CommandError, messagesTo, parsedArgs, usageError, type Command, type Terminal } from './command.js';
import { newPassword, passwordSource, type PasswordSource } from './password-prompt.js';

const HELP = `Usage: obol password [-c] [--algorithm <name>] [-D | -v] <passwordfile> <username>
       obol password -n [--algorithm <name>] <username>

Adds a user to a password file for Basic authentication and login forms (PasswordHashMap), or changes the password. It is
asked for twice, or read from standard input: one line, or two that are the same.

  -c, --create    make the file if there is none; one that is there stays
  -n, --stdout    print the line and touch no file
  -D, --delete    take the user away
  -v, --verify    ask for the password, and say whether it is right
      --algorithm <name>  scrypt, or argon2id where this Node has it (24.7 and later), which is the default there
      --version   print the version
      --help      print this

Exit codes: 0 done, 1 the passwords differ or the file cannot be written, 2 wrong user or password (-v), wrong usage.

Nothing in the file is a password, but weak ones can be guessed from it: keep it to yourself (it is made with mode 0600).`;

const OPTIONS = {
  create: { type: 'boolean', short: 'c' },
  stdout: { type: 'boolean', short: 'n' },
  delete: { type: 'boolean', short: 'D' },
  verify: { type: 'boolean', short: 'v' },
  algorithm: { type: 'string' },
  version: { type: 'boolean' },
} as const;

/** What a line asks for. */
export interface PasswordOrder {
  readonly action: 'print' | 'verify' | 'delete' | 'set';
  /** `''` where there is none. */
  readonly file: string;
  readonly user: string;
  readonly create: boolean;
  readonly hashing: PasswordHashOptions;
}

export const passwordCommand: Command = {
  summary: 'keeps a password file for Basic authentication and login forms',
  help: HELP,
  run: async (args, terminal) => {
    const order = readPasswordOrder(args);
    if (order === 'version') terminal.print(VERSION);
    else await keepPasswords(order, terminal, passwordSource(process.stdin, process.stderr));
  },
};

/** @throws CommandError 2 for a line that was written wrongly */
export function readPasswordOrder(args: readonly string[]): PasswordOrder | 'version' {
  const { values, positionals } = parsedArgs(args, OPTIONS);
  if (values.version) return 'version';
  const action = actionOf(values);
  // A file may be named where none is used, as with obol digest.
  const words = action === 'print' && positionals.length === 1 ? ['', ...positionals] : positionals;
  if (words.length > 2) throw usageError('There are too many arguments; quote a name with spaces.');
  const [file = '', user = ''] = words;
  if (user === '' || (file === '' && action !== 'print'))
    throw usageError(`Say ${action === 'print' ? '' : 'which password file and '}which user.`);
  return { action, file, user, create: values.create === true, hashing: hashingOf(values) };
}

type Values = ReturnType<typeof parsedArgs<typeof OPTIONS>>['values'];

function actionOf({ stdout, verify, delete: remove }: Values): PasswordOrder['action'] {
  if ([stdout, verify, remove].filter(Boolean).length > 1)
    throw usageError('-n, -v and -D exclude each other.');
  if (stdout) return 'print';
  if (verify) return 'verify';
  return remove ? 'delete' : 'set';
}

function hashingOf({ algorithm }: Values): PasswordHashOptions {
  if (algorithm === undefined || algorithm === 'scrypt' || algorithm === 'argon2id') return { algorithm };
  throw usageError(`--algorithm: ${JSON.stringify(algorithm)} is neither scrypt nor argon2id.`);
}

/** @throws CommandError 2 for a line that was written wrongly, 1 for what could not be done */
export async function keepPasswords(
  order: PasswordOrder,
  terminal: Terminal,
  passwords: PasswordSource,
): Promise<void> {
  try {
    if (order.action === 'print') await print(order, terminal, passwords);
    else await change(order, terminal, passwords);
  } catch (error) {
    if (!(error instanceof ObolError)) throw error;
    throw new CommandError(error.message, error.code === 'E_PASSWORD_FILE' ? 1 : 2, { cause: error });
  }
}

async function print(order: PasswordOrder, terminal: Terminal, passwords: PasswordSource): Promise<void> {
  const hash = await hashPassword(await newPassword(passwords), order.hashing);
  // The same check as for a file: what is printed is there to be put into one.
  new PasswordHashMap().setHash(order.user, hash);
  terminal.print(`${order.user.normalize('NFC')}:${hash}`);
}

async function change(order: PasswordOrder, terminal: Terminal, passwords: PasswordSource): Promise<void> {
  const { action, file, user, create, hashing } = order;
  const exists = existsSync(file);
  if (!exists && !(create && action === 'set'))
    throw usageError(`There is no password file at ${file}${action === 'set' ? '; -c makes one' : ''}.`);
  const report = (text: string): void => {
    terminal.print(oneLine(text));
  };
  const warn = (text: string): void => {
    if (exists) terminal.warn(text);
  };
  const map = new PasswordHashMap(file, { ...hashing, logger: messagesTo(warn) });
  if (exists) await map.load();
  if (action === 'verify') {
    await verify(map.find(user), passwords);
    report('Valid user.');
    return;
  }
  if (action === 'set') {
    report(`${map.find(user) === undefined ? 'Adding' : 'Changing password for'} user ${user}.`);
    await map.set(user, await newPassword(passwords));
  } else report(`User ${user} ${map.delete(user) ? 'was deleted' : 'was not there'}.`);
  await map.write();
}

async function verify(hash: string | undefined, passwords: PasswordSource): Promise<void> {
  const password = (await passwords.ask('Password: ')) ?? '';
  if (hash !== undefined && (await verifyPassword(password, hash))) return;
  throw new CommandError('Invalid user.', 2, { needsHelp: false });
}
