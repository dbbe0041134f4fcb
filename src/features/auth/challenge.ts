/** Challenges, as they stand in WWW-Authenticate (RFC 9110 11.6.1). */
import { rule } from '../../kit.js';

/** Of what is guarded, as a challenge names it. */
export const REALM_RULE = rule.text('text without control characters', /^\P{Cc}+$/u);

/** A parameter of a challenge: text is quoted; `{ token }` stands as it is. */
export type ChallengeParameter = string | { readonly token: string };

/** One line. Text beyond ASCII goes out as UTF-8. @throws ObolError E_HEADER_VALUE later, for control characters */
export function challengeLine(
  scheme: string,
  parameters: readonly (readonly [name: string, value: ChallengeParameter])[],
): string {
  const written = parameters.map(
    ([name, value]) => `${name}=${typeof value === 'string' ? quote(value) : value.token}`,
  );
  return written.length === 0 ? scheme : `${scheme} ${written.join(', ')}`;
}

/**
 * For those who log in with a page of their browser: programs learn that no scheme of theirs will do.
 * @param formAction path of the form, where there is one
 */
export function cookieChallenge(formAction?: string): string {
  const form = formAction === undefined ? [] : [['form-action', formAction] as const];
  return challengeLine('Cookie', [['realm', 'login'], ...form]);
}

/** A quoted string whose characters are the bytes of its UTF-8. */
function quote(text: string): string {
  return `"${Buffer.from(text).toString('latin1').replace(/["\\]/g, '\\$&')}"`;
}
