/** Why a server has given no answer, and what the client gets in its place. */
import { HttpError, requestName, type Request } from '../../kit.js';
import { ForbiddenAddress } from './allowed-targets.js';

const CLOSED: ReadonlySet<string | undefined> = new Set(['ECONNRESET', 'EPIPE']);

/** What went wrong, in the words of the log. */
export class UpstreamFailure extends Error {
  override readonly name = 'UpstreamFailure';
  readonly status: 502 | 503 | 504 | 403;
  /** Whether nothing of the request can have been read, so that any request may be sent elsewhere. */
  readonly isUnreached: boolean;
  /** Whether the connection was closed. */
  readonly isClosed: boolean;

  constructor(
    message: string,
    {
      status = 502,
      isUnreached = false,
      cause,
    }: { status?: 502 | 503 | 504 | 403; isUnreached?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.isClosed = CLOSED.has((cause as NodeJS.ErrnoException | undefined)?.code);
    this.status = status;
    this.isUnreached = isUnreached;
  }
}

/** What the system says when it has no room for another connection. */
const EXHAUSTED: ReadonlySet<string | undefined> = new Set(['EADDRNOTAVAIL', 'EMFILE', 'ENFILE', 'ENOBUFS']);

/** The failure that an error of a connection is. @param isConnected whether the server was reached */
export function failureOf(error: Error, isConnected: boolean): Error {
  if (error instanceof UpstreamFailure || error instanceof HttpError) return error;
  if (error instanceof ForbiddenAddress)
    return new UpstreamFailure(`an address that is not allowed: ${error.message}`, {
      status: 403,
      isUnreached: true,
    });
  const { code, message } = error as NodeJS.ErrnoException;
  const isExhausted = EXHAUSTED.has(code);
  const text = code?.startsWith('HPE_') ? `an answer that is not HTTP/1.1 (${code})` : (code ?? message);
  return new UpstreamFailure(text, {
    status: isExhausted ? 503 : 502,
    isUnreached: !isConnected,
    cause: error,
  });
}

/** What the client gets; the reason is one line in the log. */
export function answerTo(error: unknown, request: Request, server: string): unknown {
  if (!(error instanceof UpstreamFailure)) return error;
  const { status, message } = error;
  if (status !== 403) request.log.error(`${requestName(request)}: ${server} gave ${message}`);
  const hint = status === 403 ? `${server} has ${message}` : undefined;
  const headers = status === 503 ? { 'Retry-After': '1' } : {};
  return new HttpError(status, undefined, { cause: error, headers, hint });
}
