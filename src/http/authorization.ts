/** Credentials as in Authorization (RFC 9110 11.4): a scheme, and either one token or parameters. */
import { isToken, parseParameters, trimWhitespace } from './grammar.js';

/** What a client shows to prove who it is. */
export interface Authorization {
  /** In lower case, such as `basic`, `bearer` or `digest`. */
  readonly scheme: string;
  /** What follows as one piece; undefined when there are parameters, or nothing. */
  readonly token: string | undefined;
  /** By lower-case name, unquoted. */
  readonly parameters: ReadonlyMap<string, string>;
}

const TOKEN68 = /^[A-Za-z0-9\-._~+/]+=*$/;
const NO_PARAMETERS: ReadonlyMap<string, string> = new Map();

/** Reads credentials, in linear time. @returns null when they are malformed, a parameter that comes twice included */
export function parseAuthorization(header: string): Authorization | null {
  const text = trimWhitespace(header);
  const space = text.indexOf(' ');
  const scheme = (space < 0 ? text : text.slice(0, space)).toLowerCase();
  if (!isToken(scheme)) return null;
  const rest = space < 0 ? '' : trimWhitespace(text.slice(space));
  if (TOKEN68.test(rest)) return { scheme, token: rest, parameters: NO_PARAMETERS };
  const parameters = parseParameters(rest, 0);
  return parameters && { scheme, token: undefined, parameters };
}
