/** What became of asking an OpenID provider, read from the errors of the package openid-client: for clients, and for the log. */
import { HttpError } from '../../kit.js';
import { ServerFault } from './bounded-fetch.js';
import { safeWord } from './login-log.js';

export interface OidcFailure {
  /** For the user who wants to log in. */
  readonly error: HttpError;
  /** For the log. */
  readonly reason: string;
  /** Whether the provider, or what it and this application know of each other, is to blame; else it is one person's matter. */
  readonly isOutage: boolean;
}

/** Seconds until the provider is asked again after it could not be. */
export const RETRY = 5;

/** What is wrong with what the provider said, and not with the way to it. */
const UNBELIEVABLE =
  /^OAUTH_(?:JWT_|INVALID_RESPONSE$|JSON_ATTRIBUTE_COMPARISON_FAILED$|KEY_SELECTION_FAILED$|UNSUPPORTED_OPERATION$|MISSING_SERVER_METADATA$)/;

const NO_JSON = 'its answer is no JSON; is the setting issuer right?';
const REASONS: ReadonlyMap<unknown, string> = new Map([
  ['OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED', 'the setting issuer is not exactly what it calls itself'],
  [
    'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
    'its ID tokens are of another issuer, or for another application; are issuer and clientId right?',
  ],
  [
    'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
    'its ID tokens are not valid now; do the clocks differ by more than 30 seconds?',
  ],
  ['OAUTH_KEY_SELECTION_FAILED', 'its ID tokens are signed with a key that is not in its key set'],
  ['OAUTH_PARSE_ERROR', NO_JSON],
  ['OAUTH_RESPONSE_IS_NOT_JSON', NO_JSON],
  [
    'OAUTH_UNSUPPORTED_OPERATION',
    'its ID tokens are signed, or encrypted, in a way that is not supported; RS256, PS256, ES256 and EdDSA are',
  ],
]);

const UNBELIEVED = 'What the OpenID provider says cannot be believed';

/** Looks at codes and messages only: tokens, codes and the headers of requests hang on the errors themselves. */
export function failureOf(error: unknown): OidcFailure {
  const { code, error: said, cause } = error as Readonly<Record<string, unknown>>;
  const fault = [error, cause].find((each) => each instanceof ServerFault);
  if (fault) return { error: outage(), reason: fault.message, isOutage: true };
  if (said === 'invalid_grant')
    return refused(403, 'The OpenID provider does not take this code', 'it does not take a code');
  if (claimOf(cause) === 'nonce') return refused(403, UNBELIEVED, 'its ID token has another nonce');
  const reason = reasonOf(error);
  if (typeof code === 'string' && UNBELIEVABLE.test(code))
    return { error: new HttpError(403, UNBELIEVED), reason, isOutage: true };
  if (said === undefined && code !== 'OAUTH_WWW_AUTHENTICATE_CHALLENGE')
    return { error: outage(), reason, isOutage: true };
  const stranger = `it does not take this application (${safeWord(said)}); are clientId and clientSecret right?`;
  const detail = 'The OpenID provider does not take this application';
  return { error: new HttpError(502, detail), reason: stranger, isOutage: true };
}

/** For what comes through a browser, which any client may have made up. */
export function unbelievable(reason: string): OidcFailure {
  return refused(403, UNBELIEVED, reason);
}

function refused(status: number, detail: string, reason: string): OidcFailure {
  return { error: new HttpError(status, detail), reason, isOutage: false };
}

export function outage(): HttpError {
  return new HttpError(503, 'The OpenID provider cannot be asked', {
    headers: { 'Retry-After': String(RETRY) },
  });
}

function reasonOf(error: unknown): string {
  const { code, cause } = error as Readonly<Record<string, unknown>>;
  // The package says what in particular one error deeper, under the same code; deeper still stand the data.
  const inner = code !== undefined && codeOf(cause) === code ? cause : error;
  const { message } = inner as { readonly message?: unknown };
  const said = typeof message === 'string' ? message.slice(0, 200) : 'no reason';
  const known = REASONS.get(code);
  return known === undefined ? said : `${known} (${said})`;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error ? (error as { readonly code?: unknown }).code : undefined;
}

/** The claim that was wrong, where that is what an error is about. */
function claimOf(error: unknown): unknown {
  const { cause } = (error ?? {}) as { readonly cause?: unknown };
  return ((cause ?? {}) as { readonly claim?: unknown }).claim;
}
