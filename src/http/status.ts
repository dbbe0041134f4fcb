/** Status codes and their reason phrases. */
import { STATUS_CODES } from 'node:http';

/** The reason phrase of a status (IANA registry); `Unknown` when the code has none. Never empty. */
export function reasonPhrase(status: number): string {
  return STATUS_CODES[status] ?? 'Unknown';
}

/** Whether a final response may carry the status: a whole number from 200 to 599 (RFC 9110 15). */
export function isFinalStatus(status: unknown): status is number {
  return Number.isInteger(status) && (status as number) >= 200 && (status as number) <= 599;
}

/** The statuses of responses that never have content (RFC 9110 6.4.1, 15.3.6). */
export const BODYLESS: ReadonlySet<number> = new Set([204, 205, 304]);
