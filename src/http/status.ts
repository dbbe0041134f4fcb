/** Status codes and their reason phrases. */

import { ObolError } from '../ground/errors.js';

/** Phrases in the order of their codes, from the first one on (IANA registry). */
const PHRASES: readonly (readonly [from: number, phrases: string])[] = [
  [100, 'Continue|Switching Protocols|Processing|Early Hints'],
  [200, 'OK|Created|Accepted|Non-Authoritative Information|No Content|Reset Content|Partial Content'],
  [207, 'Multi-Status|Already Reported'],
  [226, 'IM Used'],
  [300, 'Multiple Choices|Moved Permanently|Found|See Other|Not Modified|Use Proxy'],
  [307, 'Temporary Redirect|Permanent Redirect'],
  [400, 'Bad Request|Unauthorized|Payment Required|Forbidden|Not Found|Method Not Allowed|Not Acceptable'],
  [407, 'Proxy Authentication Required|Request Timeout|Conflict|Gone|Length Required|Precondition Failed'],
  [413, 'Payload Too Large|URI Too Long|Unsupported Media Type|Range Not Satisfiable|Expectation Failed'],
  [418, "I'm a Teapot"],
  [421, 'Misdirected Request|Unprocessable Entity|Locked|Failed Dependency|Too Early|Upgrade Required'],
  [428, 'Precondition Required|Too Many Requests'],
  [431, 'Request Header Fields Too Large'],
  [451, 'Unavailable For Legal Reasons'],
  [500, 'Internal Server Error|Not Implemented|Bad Gateway|Service Unavailable|Gateway Timeout'],
  [505, 'HTTP Version Not Supported|Variant Also Negotiates|Insufficient Storage|Loop Detected'],
  [509, 'Bandwidth Limit Exceeded|Not Extended|Network Authentication Required'],
];

const REASONS: ReadonlyMap<number, string> = new Map(
  PHRASES.flatMap(([from, phrases]) => phrases.split('|').map((phrase, i) => [from + i, phrase] as const)),
);

/** The reason phrase of a status (IANA registry); `Unknown` when the code has none. Never empty. */
export function reasonPhrase(status: number): string {
  return REASONS.get(status) ?? 'Unknown';
}

/** Whether a final response may carry the status: a whole number from 200 to 599 (RFC 9110 15). */
export function isFinalStatus(status: unknown): status is number {
  return Number.isInteger(status) && (status as number) >= 200 && (status as number) <= 599;
}

/** The status. @throws ObolError E_STATUS for one that no final response may carry */
export function checkStatus(status: unknown): number {
  if (isFinalStatus(status)) return status;
  throw new ObolError(
    'E_STATUS',
    `${String(status)} is not a status that a response can have; use 200 to 599.`,
  );
}

/** The statuses of responses that never have content (RFC 9110 6.4.1, 15.3.6). */
export const BODYLESS: ReadonlySet<number> = new Set([101, 204, 205, 304]);
