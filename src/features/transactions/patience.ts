/** How long is waited for what a transaction needs. */
import { andThen, attempt } from '../../kit.js';

/** What waiting ends with. */
export interface Patience {
  /** Aborts when it is not wanted any more. */
  readonly wanted: AbortSignal;
  /** Milliseconds; 0 for no limit. */
  readonly timeout: number;
  /** What is thrown when that is over. */
  readonly late: () => Error;
}

/**
 * Does something that may wait, with a signal that says when to give up.
 * @throws what it throws
 */
export function patiently<T>(
  { wanted, timeout, late }: Patience,
  act: (signal: AbortSignal) => T | Promise<T>,
): T | Promise<T> {
  const over = new AbortController();
  const giveUp = (): void => {
    over.abort(wanted.reason);
  };
  const tooLate = (): void => {
    over.abort(late());
  };
  wanted.addEventListener('abort', giveUp);
  const timer = timeout === 0 ? undefined : setTimeout(tooLate, timeout);
  const end = (): void => {
    clearTimeout(timer);
    wanted.removeEventListener('abort', giveUp);
  };
  return attempt(
    () =>
      andThen(act(over.signal), (value) => {
        end();
        return value;
      }),
    (error) => {
      end();
      throw error;
    },
  );
}

/** The value; what is there at once takes no time. @param timeout milliseconds; 0 for no limit @param late gives what is thrown then */
export function within<T>(value: T | Promise<T>, timeout: number, late: () => Error): T | Promise<T> {
  if (timeout === 0 || !(value instanceof Promise)) return value;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(late());
    }, timeout);
    value.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}
