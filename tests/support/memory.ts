/** How much memory something keeps. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes of the heap that are in use afterwards and were not before. */
export function bytesKeptBy(work: () => void): number {
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  work();
  collectGarbage();
  return process.memoryUsage().heapUsed - before;
}

/** Bytes of the heap that are in use when what is due has been done. */
export async function heapUsed(): Promise<number> {
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** A text that a parser has cut out of one of 10,000 characters. */
export function cutOut(text: string): string {
  const whole = Buffer.from(`${'x'.repeat(10_000)}${text}`).toString();
  return whole.slice(10_000);
}
