/** Who can log in with a name and a password, whoever keeps them. */
import { assertMethods } from '../../../ground/has-methods.js';

/** Names and passwords: a `PasswordHashMap`, or anything else that can check them. */
export interface PasswordUsers {
  /** Whether this is the user's password. It takes as long for a user who is not there. */
  verify(user: string, password: string): boolean | Promise<boolean>;
  /** What is kept of the password: when that changes, the old password is not remembered any longer. */
  find?(user: string): string | undefined;
}

/** @throws ObolError E_SETTING for what cannot check passwords */
export function checkUsers(users: unknown): PasswordUsers {
  assertMethods('users', users, {
    methods: ['verify'],
    like: 'a PasswordHashMap, or what can verify(user, password)',
  });
  return users as PasswordUsers;
}
