/** What a host knows of a request while it is under way. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Request } from '../../message/request.js';

/** One request under way on a connection. */
export interface Exchange {
  readonly request: Request;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** Whether a body follows the head. */
  readonly hasBody: boolean;
  /** Where the watchdog keeps it; -1 while it is not watched. */
  slot: number;
}
