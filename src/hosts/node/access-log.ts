/** One line for each request, in the common log format that log tools read. */
import type { Log } from '../../ground/log/log.js';
import type { Request } from '../../message/request.js';

/** What is known of a request once it is over. */
export interface AccessEntry {
  /** Of one whose head could not be read `method`, `target` and `httpVersion` are `-` where they are not known. */
  readonly request: Request;
  readonly status: number;
  /** Bytes of content that were sent; undefined when they were not counted, or did not all get through. */
  readonly length: number | undefined;
  /** Whether the whole answer was handed to the system. */
  readonly complete: boolean;
  /** From the head of the request to the end of the answer. */
  readonly milliseconds: number;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** Characters of a request line. */
export const MAX_LINE = 2048;

/** Such as `127.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET /a HTTP/1.1" 200 2326`; the user stands there when it is text. */
export function commonLogLine({ request, status, length }: AccessEntry): string {
  const { user, peer, httpVersion, startTime } = request;
  // What the client asked for, whichever request within that has been answered in its place.
  const { method, target } = request.root;
  const name =
    typeof user === 'string' && user !== '' ? escapeField(user.slice(0, 64)).replaceAll(' ', '\\x20') : '-';
  const asked = method === '-' ? '-' : `${method} ${target} HTTP/${httpVersion}`;
  const line = escapeField(asked).slice(0, MAX_LINE);
  const size = length === undefined || length === 0 ? '-' : String(length);
  return `${peer.address || '-'} - ${name} [${logDate(startTime)}] "${line}" ${String(status)} ${size}`;
}

/** Takes what it throws as one line for the logger: a request that is over has no caller left who could. */
export function guardedLog(log: (entry: AccessEntry) => void, logger: Log): (entry: AccessEntry) => void {
  return (entry) => {
    try {
      log(entry);
    } catch (error) {
      logger.error({ err: error }, 'The access log failed');
    }
  };
}

/** A moment as in common logs, in UTC. */
function logDate(time: number): string {
  const [date = '', clock = ''] = new Date(time).toISOString().split('T');
  const [year = '', month = '', day = ''] = date.split('-');
  return `${day}/${MONTHS[Number(month) - 1] ?? ''}/${year}:${clock.slice(0, 8)} +0000`;
}

/** Whatever could end a field or steer a terminal is written as `\xNN`. */
function escapeField(text: string): string {
  return text.replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, (char) =>
    [...Buffer.from(char)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}
