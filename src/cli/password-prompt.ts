/** Passwords from the user of a command: typed without being shown, or in lines of standard input; never arguments. */
import type { Writable } from 'node:stream';
import type { ReadStream } from 'node:tty';
import { CommandError } from './command.js';

/** Asks for one password after another. */
export interface PasswordSource {
  /** @returns undefined when there are no more @throws CommandError when the user presses Ctrl-C */
  ask(prompt: string): Promise<string | undefined>;
}

/** What standard input is: a terminal or a stream. */
export type Input = NodeJS.ReadableStream & Partial<Pick<ReadStream, 'isTTY' | 'setRawMode'>>;

const MAX_INPUT = 64 * 1024;

/** A terminal is asked each time; anything else is read whole, each line of it an answer. */
export function passwordSource(input: Input, output: Writable): PasswordSource {
  if (input.isTTY) return new TerminalSource(input, output);
  let lines: Promise<string[]> | undefined;
  return { ask: async () => (await (lines ??= readLines(input))).shift() };
}

/** A new password, typed twice or given. @throws CommandError 1 for none, or for two that differ */
export async function newPassword(passwords: PasswordSource): Promise<string> {
  const password = (await passwords.ask('New password: ')) ?? '';
  if (password === '')
    throw new CommandError('There is no password; type one, or write it to standard input.', 1);
  const again = await passwords.ask('Re-type new password: ');
  if (again !== undefined && again !== password) throw new CommandError("They don't match, sorry.", 1);
  return password;
}

async function readLines(input: NodeJS.ReadableStream): Promise<string[]> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_INPUT) throw new CommandError('there is more on standard input than passwords.', 2);
    chunks.push(bytes);
  }
  const lines = Buffer.concat(chunks).toString().split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

const ENTER = new Set(['\r', '\n']);
const CTRL_C = '\x03';
const CTRL_D = '\x04';
const CTRL_U = '\x15';
const BACKSPACE = new Set(['\x7f', '\b']);

class TerminalSource implements PasswordSource {
  readonly #input: Input;
  readonly #output: Writable;
  /** What was typed or pasted before it was asked for. */
  #ahead = '';

  constructor(input: Input, output: Writable) {
    this.#input = input;
    this.#output = output;
  }

  async ask(prompt: string): Promise<string | undefined> {
    const input = this.#input;
    // First, for who is prompted may type at once.
    input.setRawMode?.(true);
    input.setEncoding('utf8');
    this.#output.write(prompt);
    try {
      return await this.#typed();
    } finally {
      input.setRawMode?.(false);
      input.pause();
      this.#output.write('\n');
    }
  }

  #typed(): Promise<string | undefined> {
    const input = this.#input;
    return new Promise((resolve, reject) => {
      const line = new TypedLine();
      const onEnd = (): void => {
        input.off('data', onData).off('end', onEnd);
        resolve(undefined);
      };
      const onData = (text: string): void => {
        this.#ahead = line.type(text);
        if (line.state === 'typing') return;
        input.off('data', onData).off('end', onEnd);
        if (line.state === 'interrupted') reject(new CommandError('interrupted; nothing was changed.', 1));
        else resolve(line.state === 'ended' ? undefined : line.text);
      };
      input.on('data', onData).on('end', onEnd);
      onData(this.#ahead);
      if (line.state === 'typing') input.resume();
    });
  }
}

/** What the user types, with the keys that correct it. */
class TypedLine {
  state: 'typing' | 'entered' | 'ended' | 'interrupted' = 'typing';
  #characters: string[] = [];

  get text(): string {
    return this.#characters.join('');
  }

  /** @returns what came after the end of the line */
  type(text: string): string {
    const characters = Array.from(text);
    for (const [index, character] of characters.entries()) {
      this.#press(character);
      if (this.state !== 'typing') return characters.slice(index + 1).join('');
    }
    return '';
  }

  #press(character: string): void {
    if (ENTER.has(character)) this.state = 'entered';
    else if (character === CTRL_D) this.state = 'ended';
    else if (character === CTRL_C) this.state = 'interrupted';
    else if (character === CTRL_U) this.#characters = [];
    else if (BACKSPACE.has(character)) this.#characters.pop();
    else this.#characters.push(character);
  }
}
