/** Questions to the user of a command, where there is a terminal to ask at. */
import type { Writable } from 'node:stream';
import { createInterface } from 'node:readline/promises';
import { CommandError } from '../command.js';

/** Asks one question. @returns the answer, `''` for Enter alone @throws CommandError for Ctrl-C and Ctrl-D */
export type Ask = (question: string) => Promise<string>;

/** @returns undefined where the input is no terminal: there is nothing to ask then */
export function questionsAt(
  input: NodeJS.ReadableStream & { readonly isTTY?: boolean },
  output: Writable,
): Ask | undefined {
  if (!input.isTTY) return undefined;
  return async (question) => {
    const lines = createInterface({ input, output, terminal: true });
    const left = new AbortController();
    const leave = (): void => {
      left.abort();
    };
    lines.once('SIGINT', leave).once('close', leave);
    try {
      return (await lines.question(question, { signal: left.signal })).trim();
    } catch (error) {
      if (!left.signal.aborted) throw error;
      output.write('\n');
      throw new CommandError('interrupted; nothing was made.', 1);
    } finally {
      lines.close();
    }
  };
}
