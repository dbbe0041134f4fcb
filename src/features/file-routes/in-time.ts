/** A limit of time for what the files of an author do, so that one that never ends is named. */

/**
 * What comes of some work.
 * @param timeout milliseconds
 * @throws Error when it takes longer
 */
export async function inTime<T>(work: T | PromiseLike<T>, timeout: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`it is not done after ${String(timeout)} ms`));
    }, timeout);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
