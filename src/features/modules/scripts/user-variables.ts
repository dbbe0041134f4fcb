/** What a program may know of who runs it. */
import type { Request } from '../../../kit.js';
import { loginOf } from '../../auth/login/keeper.js';
import { foundUser } from '../user.js';

const PRINTABLE = /^[^\p{Cc}\p{Surrogate}]*$/u;

/**
 * `OBOL_USER` and `OBOL_GROUPS`: the name of the user that guards have found, and the groups, with commas between them; one with a comma in
 * its name, which a program would take for two, is left out. Both are empty for who is not logged in; neither is ever taken from what the
 * client says.
 */
export function userVariables(request: Request): Readonly<Record<string, string>> {
  const user = foundUser(request) ?? request.user;
  const { name, groups } = membersOf(user);
  const known: unknown = typeof user === 'string' ? user : name;
  const list: unknown = groups ?? loginOf(request)?.groups;
  const given = Array.isArray(list)
    ? list.filter((group) => isName(group) && !String(group).includes(','))
    : [];
  return { OBOL_USER: isName(known) ? String(known) : '', OBOL_GROUPS: given.join(',') };
}

function membersOf(user: unknown): { readonly name?: unknown; readonly groups?: unknown } {
  return typeof user === 'object' && user !== null ? user : {};
}

function isName(value: unknown): boolean {
  return Number.isSafeInteger(value) || (typeof value === 'string' && PRINTABLE.test(value));
}
