/** `obol digest`: the users of digest authentication and their passwords, in a file as htdigest writes it. */
import { hexdigest, type DigestHash } from '../features/auth/digest/algorithm.js';
import { PasswordMap } from '../features/auth/passwords/password-map.js';
import { VERSION } from '../ground/version.js';
import { parsedArgs, usageError, type Command, type Terminal } from './command.js';
import { ACTION_OPTIONS, actionOf, carriedOut, changeUser, type FileOrder } from './password-file.js';
import { newPassword, passwordSource, type PasswordSource } from './password-prompt.js';

const HELP = `Usage: obol digest [-c] [-m] [-s] [-D | -v] <passwordfile> <realm> <username>
       obol digest -n [-m] [-s] <realm> <username>

Adds a user to a password file for digest authentication, or changes his password. The password is asked for twice,
or read from standard input: one line, or two that are the same.

  -c, --create    make the file if there is none; one that is there stays
  -n, --stdout    print the line and touch no file
  -m, --md5       hash with MD5 (the default); with -s as well, both
  -s, --sha256    hash with SHA-256, 'authAlgorithm' of an application unless it says otherwise
  -D, --delete    take the user away
  -v, --verify    ask for the password, and say whether it is right
      --version   print the version
      --help      print this

Exit codes: 0 done, 1 the passwords differ or the file cannot be written, 2 wrong user or password (-v), wrong usage.

A reader of the file can log in as any user in it: keep it to yourself (it is made with mode 0600).`;

const OPTIONS = {
  ...ACTION_OPTIONS,
  create: { type: 'boolean', short: 'c' },
  md5: { type: 'boolean', short: 'm' },
  sha256: { type: 'boolean', short: 's' },
  version: { type: 'boolean' },
} as const;

/** What a line asks for. */
export interface Order extends FileOrder {
  readonly realm: string;
  /** As asked for; empty for neither. */
  readonly hashes: readonly DigestHash[];
}

export const digestCommand: Command = {
  summary: 'keeps a password file for digest authentication',
  help: HELP,
  run: async (args, terminal) => {
    const order = readOrder(args);
    if (order === 'version') terminal.print(VERSION);
    else await carryOut(order, terminal, passwordSource(process.stdin, process.stderr));
  },
};

/** @throws CommandError 2 for a line that was written wrongly, 1 for what could not be done */
export function carryOut(order: Order, terminal: Terminal, passwords: PasswordSource): Promise<void> {
  return carriedOut((order.action === 'print' ? print : change)(order, terminal, passwords));
}

/** @throws CommandError 2 for a line that was written wrongly */
export function readOrder(args: readonly string[]): Order | 'version' {
  const { values, positionals } = parsedArgs(args, OPTIONS);
  if (values.version) return 'version';
  const action = actionOf(values);
  // A file may be named where none is used, as the model has it.
  const isShort = action === 'print' && positionals.length === 2;
  const words = isShort ? ['', ...positionals] : positionals;
  if (words.length > 3) throw usageError('There are too many arguments; quote a realm with spaces.');
  if (words.length < 3 || words.slice(isShort ? 1 : 0).includes(''))
    throw usageError(`Say ${action === 'print' ? '' : 'which password file, '}which realm and which user.`);
  const [file, realm, user] = words as [string, string, string];
  return { action, file, realm, user, create: values.create === true, hashes: hashesIn(values) };
}

function hashesIn({ md5, sha256 }: Values): DigestHash[] {
  return [...(md5 ? (['MD5'] as const) : []), ...(sha256 ? (['SHA-256'] as const) : [])];
}

type Values = ReturnType<typeof parsedArgs<typeof OPTIONS>>['values'];

async function print(order: Order, terminal: Terminal, passwords: PasswordSource): Promise<void> {
  const hashes = hashesOf(order, await newPassword(passwords));
  // The same check as for a file: what is printed is there to be put into one.
  new PasswordMap().set(order.realm, order.user, hashes);
  for (const hash of hashes) terminal.print(`${order.user}:${order.realm}:${hash}`);
}

function change(order: Order, terminal: Terminal, passwords: PasswordSource): Promise<void> {
  const { file, realm, user, hashes } = order;
  // Of a user with two hashes, either will do unless one was asked for.
  const asked: readonly DigestHash[] = hashes.length > 0 ? hashes : ['MD5', 'SHA-256'];
  return changeUser(order, { terminal, passwords }, (logger) => {
    const map = new PasswordMap(file, { logger });
    const account = {
      label: `user ${user} in realm ${realm}`,
      isKnown: () => map.find(realm, user) !== undefined,
      isRight: (password: string) =>
        asked.some((hash) => map.verify(realm, user, hexdigest(user, realm, password, hash))),
      set: (password: string) => map.set(realm, user, hashesOf(order, password)),
      remove: () => map.delete(realm, user),
    };
    return [map, account];
  });
}

function hashesOf({ user, realm, hashes }: Order, password: string): string[] {
  const asked: readonly DigestHash[] = hashes.length > 0 ? hashes : ['MD5'];
  return asked.map((hash) => hexdigest(user, realm, password, hash));
}
