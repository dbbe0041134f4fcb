/** The terminal of this process. */
import type { Terminal } from './command.js';

/** Who reads the output may leave, as `head` does; that is no reason to stop serving. */
export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process;
  for (const stream of [stdout, stderr]) stream.on('error', () => undefined);
  return {
    print: (text) => void stdout.write(`${text}\n`),
    warn: (text) => void stderr.write(`${text}\n`),
    env,
  };
}
