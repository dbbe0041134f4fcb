/** Who can log in with a name and a password, wherever those are kept. */
import { rule } from '../../../kit.js';

/** Names and passwords: a `PasswordHashMap`, or anything else that can check them. */
export interface PasswordUsers {
  /** Whether this is the user's password. It takes as long for a user who is not there. */
  verify(user: string, password: string): boolean | Promise<boolean>;
  /** What is kept of the password: when that changes, the old password is not remembered any longer. */
  find?(user: string): string | undefined;
}

/** Of what can check passwords. */
export const USERS_RULE = rule.methods(['verify'], 'a PasswordHashMap, or what can verify(user, password)');
