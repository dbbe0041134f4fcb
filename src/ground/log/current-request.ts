/** The id of the request under way, for what logs without having the request. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { Log, type Level, type LogLine } from './log.js';

/** There from the first log on that wants it: where there is none, requests cost nothing for it. */
let ids: AsyncLocalStorage<string> | undefined;

/** Calls a function for a request, and gives its lines the request's id, also those of what it waits for. */
export function withinRequest<T>(id: string, act: () => T): T {
  return ids ? ids.run(id, act) : act();
}

/** A log whose lines have the id of the request in which they are written, outside of the others. */
export class CurrentLog extends Log {
  readonly #log: Log;
  readonly #ids = (ids ??= new AsyncLocalStorage());

  constructor(log: Log) {
    super();
    this.#log = log;
  }

  write({ level, fields, message }: LogLine): void {
    const id = this.#ids.getStore();
    this.#log.write({ level, fields: id === undefined ? fields : { ...fields, reqId: id }, message });
  }

  isLevelEnabled(level: Level): boolean {
    return this.#log.isLevelEnabled(level);
  }
}
