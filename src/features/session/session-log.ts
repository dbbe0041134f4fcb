/** The log of sessions, for what no client may know. */
import { LateLogger, oneLine, type Request } from '../../kit.js';

export class SessionLog extends LateLogger {
  /** A cookie that led to no session: one line, and never with anything of the cookie in it. */
  refused({ method, target }: Request, problem: string): void {
    this.debug(oneLine(`${method} ${target.slice(0, 256)}: the session was refused: ${problem}`));
  }
}
