/** `obol password`: the users of Basic authentication and of forms, and slow hashes of their passwords, in a file. */
import { PasswordHashMap } from '../features/auth/passwords/password-hash-map.js';
import {
  hashPassword,
  verifyPassword,
  type PasswordHashOptions,
} from '../features/auth/passwords/password-hash.js';
import { VERSION } from '../ground/version.js';
import { parsedArgs, usageError, type Command, type Terminal } from './command.js';
import { ACTION_OPTIONS, actionOf, carriedOut, changeUser, type FileOrder } from './password-file.js';
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
  ...ACTION_OPTIONS,
  create: { type: 'boolean', short: 'c' },
  algorithm: { type: 'string' },
  version: { type: 'boolean' },
} as const;

/** What a line asks for. */
export interface PasswordOrder extends FileOrder {
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

function hashingOf({ algorithm }: Values): PasswordHashOptions {
  if (algorithm === undefined || algorithm === 'scrypt' || algorithm === 'argon2id') return { algorithm };
  throw usageError(`--algorithm: ${JSON.stringify(algorithm)} is neither scrypt nor argon2id.`);
}

/** @throws CommandError 2 for a line that was written wrongly, 1 for what could not be done */
export function keepPasswords(
  order: PasswordOrder,
  terminal: Terminal,
  passwords: PasswordSource,
): Promise<void> {
  return carriedOut((order.action === 'print' ? print : change)(order, terminal, passwords));
}

async function print(order: PasswordOrder, terminal: Terminal, passwords: PasswordSource): Promise<void> {
  const hash = await hashPassword(await newPassword(passwords), order.hashing);
  // The same check as for a file: what is printed is there to be put into one.
  new PasswordHashMap().setHash(order.user, hash);
  terminal.print(`${order.user.normalize('NFC')}:${hash}`);
}

function change(order: PasswordOrder, terminal: Terminal, passwords: PasswordSource): Promise<void> {
  const { file, user, hashing } = order;
  return changeUser(order, { terminal, passwords }, (logger) => {
    const map = new PasswordHashMap(file, { ...hashing, logger });
    const account = {
      label: `user ${user}`,
      isKnown: () => map.find(user) !== undefined,
      isRight: (password: string) => isRight(password, map.find(user)),
      set: (password: string) => map.set(user, password),
      remove: () => map.delete(user),
    };
    return [map, account];
  });
}

async function isRight(password: string, hash: string | undefined): Promise<boolean> {
  return hash !== undefined && (await verifyPassword(password, hash));
}
