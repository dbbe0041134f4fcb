/** The answer to who has failed too often: 429 (RFC 6585 4), and when to come back. */
import { HttpError } from '../../kit.js';

/** @param remaining milliseconds to wait */
export function tooMany(remaining: number): HttpError {
  const seconds = Math.max(1, Math.ceil(remaining / 1000));
  const headers = { 'Retry-After': String(seconds) };
  return new HttpError(429, `There were too many failures; try again in ${spoken(seconds)}`, { headers });
}

function spoken(seconds: number): string {
  const [count, unit] = seconds < 120 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute'];
  return `${String(count)} ${unit}${count === 1 ? '' : 's'}`;
}
