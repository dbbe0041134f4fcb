/** What the commands that keep a password file do alike, whatever is in it: `obol digest` and `obol password`. */
import { existsSync } from 'node:fs';
import { ObolError } from '../ground/errors.js';
import type { Logger } from '../ground/log/log.js';
import { oneLine } from '../ground/log/one-line.js';
import { CommandError, messagesTo, usageError, type Terminal } from './command.js';
import { newPassword, type PasswordSource } from './password-prompt.js';

/** What is done with a user, or with the line of one. */
export type PasswordAction = 'print' | 'verify' | 'delete' | 'set';

/** Which file is meant, and for what. */
export interface FileOrder {
  readonly action: PasswordAction;
  /** `''` where there is none. */
  readonly file: string;
  readonly user: string;
  /** Whether a file that is not there is made. */
  readonly create: boolean;
}

/** One user of a file. */
export interface Account {
  /** The user in a message, such as `user smith`. */
  readonly label: string;
  isKnown(): boolean;
  isRight(password: string): boolean | Promise<boolean>;
  set(password: string): unknown;
  /** @returns whether the user was there */
  remove(): boolean;
}

/** A file of users, as it is in memory. */
interface UserFile {
  load(): Promise<unknown>;
  write(): Promise<unknown>;
}

/** Who is spoken to, and where passwords come from. */
export interface Conversation {
  readonly terminal: Terminal;
  readonly passwords: PasswordSource;
}

/** The options that name an action. */
export const ACTION_OPTIONS = {
  stdout: { type: 'boolean', short: 'n' },
  delete: { type: 'boolean', short: 'D' },
  verify: { type: 'boolean', short: 'v' },
} as const;

/** @throws CommandError 2 for more than one action */
export function actionOf(
  values: Readonly<Partial<Record<keyof typeof ACTION_OPTIONS, boolean>>>,
): PasswordAction {
  const { stdout, verify, delete: remove } = values;
  if ([stdout, verify, remove].filter(Boolean).length > 1)
    throw usageError('-n, -v and -D exclude each other.');
  if (stdout) return 'print';
  if (verify) return 'verify';
  return remove ? 'delete' : 'set';
}

/**
 * Verifies, sets or takes away a user, and writes the file where that changes it.
 * @param open gives the file, whose warnings go to the logger, and the user in it
 * @throws CommandError 2 for a file that is not there and for a wrong password, and what the file throws
 */
export async function changeUser(
  order: FileOrder,
  { terminal, passwords }: Conversation,
  open: (logger: Logger) => readonly [file: UserFile, account: Account],
): Promise<void> {
  const { action, file, user, create } = order;
  const exists = existsSync(file);
  if (!exists && !(create && action === 'set'))
    throw usageError(`There is no password file at ${file}${action === 'set' ? '; -c makes one' : ''}.`);
  const report = (text: string): void => {
    terminal.print(oneLine(text));
  };
  const warn = (text: string): void => {
    if (exists) terminal.warn(text);
  };
  const [users, account] = open(messagesTo(warn));
  if (exists) await users.load();
  if (action === 'verify') {
    await verify(account, passwords);
    report('Valid user.');
    return;
  }
  if (action === 'set') {
    report(`${account.isKnown() ? 'Changing password for' : 'Adding'} ${account.label}.`);
    await account.set(await newPassword(passwords));
  } else report(`User ${user} ${account.remove() ? 'was deleted' : 'was not there'}.`);
  await users.write();
}

/** Waits for what a line asks for. @throws CommandError 1 for a file that is refused, 2 for all else that Obol refuses */
export async function carriedOut(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof ObolError)) throw error;
    throw new CommandError(error.message, error.code === 'E_PASSWORD_FILE' ? 1 : 2, { cause: error });
  }
}

async function verify(account: Account, passwords: PasswordSource): Promise<void> {
  const password = (await passwords.ask('Password: ')) ?? '';
  if (!(await account.isRight(password))) throw new CommandError('Invalid user.', 2, { needsHelp: false });
}
