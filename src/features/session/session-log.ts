/** The log of sessions, for what no client may know. */
import { LateLogger, requestName, type Request } from '../../kit.js';

export class SessionLog extends LateLogger {
  /** A cookie that led to no session: one line, and never with anything of the cookie in it. */
  refused({ method, target, log }: Request, problem: string): void {
    log.debug(`${requestName({ method, target })}: the session was refused: ${problem}`);
  }
}
