/** The log of classes that take `Log`: its lines have the id of the request in which they are written. */
import { CurrentRequest } from '../current-request.js';
import { Log, type Level, type LogLine } from './log.js';

/** A log whose lines have the id of the request in which they are written, outside of the others. */
export class CurrentLog extends Log {
  readonly #log: Log;
  readonly #current = CurrentRequest.storage();

  constructor(log: Log) {
    super();
    this.#log = log;
  }

  write({ level, fields, message }: LogLine): void {
    const id = this.#current.getStore()?.id;
    this.#log.write({ level, fields: id === undefined ? fields : { ...fields, reqId: id }, message });
  }

  isLevelEnabled(level: Level): boolean {
    return this.#log.isLevelEnabled(level);
  }
}
