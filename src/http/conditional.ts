/** Conditional requests: whether what the client has, or believes, still holds (RFC 9110 13). */
import { parseHttpDate } from './date.js';
import { matchesStrongly, matchesWeakly, parseEntityTags } from './etag.js';

/** What is asked of a request. */
export interface ConditionalRequest {
  readonly method: string;
  readonly headers: { get(name: string): string | undefined };
}

/** What is known of the representation as it is now. */
export interface Validators {
  /** With its quotes, `W/` included where weak. */
  readonly etag?: string | undefined;
  /** Milliseconds since the epoch; parts of a second do not count. */
  readonly lastModified?: number | undefined;
  /** Whether there is a representation at all. Default: when either of the two is known. */
  readonly exists?: boolean | undefined;
}

/** What is to be done about a request. */
export type Verdict = 'proceed' | 'not-modified' | 'precondition-failed';

/** Judges the preconditions in the order of RFC 9110 13.2.2. */
export function evaluatePreconditions(request: ConditionalRequest, validators: Validators): Verdict {
  const { headers } = request;
  const ifMatch = headers.get('if-match');
  if (ifMatch !== undefined) {
    if (!isListed(ifMatch, validators, matchesStrongly)) return 'precondition-failed';
  } else if (isLater(validators, headers.get('if-unmodified-since'))) return 'precondition-failed';

  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const ifNoneMatch = headers.get('if-none-match');
  if (ifNoneMatch !== undefined) {
    if (!isListed(ifNoneMatch, validators, matchesWeakly)) return 'proceed';
    return isRead ? 'not-modified' : 'precondition-failed';
  }
  const since = isRead ? headers.get('if-modified-since') : undefined;
  return isLater(validators, since) === false ? 'not-modified' : 'proceed';
}

/**
 * Whether Range counts: there is no If-Range, or it names the representation as it is now. A date counts only when it is
 * the very same, a weak tag never (RFC 9110 13.1.5).
 */
export function rangeHolds({ headers }: ConditionalRequest, { etag, lastModified }: Validators): boolean {
  const ifRange = headers.get('if-range');
  if (ifRange === undefined) return true;
  if (etag !== undefined && matchesStrongly(ifRange, etag)) return true;
  return lastModified !== undefined && parseHttpDate(ifRange) === inWholeSeconds(lastModified);
}

function isListed(
  list: string,
  { etag, lastModified, exists = etag !== undefined || lastModified !== undefined }: Validators,
  matches: (a: string, b: string) => boolean,
): boolean {
  if (list === '*') return exists;
  return etag !== undefined && parseEntityTags(list).some((tag) => matches(tag, etag));
}

/** Whether it was modified after the date; undefined when either is not known. */
function isLater({ lastModified }: Validators, text: string | undefined): boolean | undefined {
  if (lastModified === undefined || text === undefined) return undefined;
  const date = parseHttpDate(text);
  return date === undefined ? undefined : inWholeSeconds(lastModified) > date;
}

function inWholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
