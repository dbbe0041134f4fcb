/** A terminal that keeps what is written to it. */
import type { Terminal } from '../../src/cli/command.js';

export interface RecordingTerminal extends Terminal {
  readonly printed: string[];
  readonly warned: string[];
}

export function recordingTerminal(env: Terminal['env'] = {}): RecordingTerminal {
  const printed: string[] = [];
  const warned: string[] = [];
  return {
    printed,
    warned,
    env,
    print: (text) => void printed.push(text),
    warn: (text) => void warned.push(text),
  };
}
