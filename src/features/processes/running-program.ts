/** A program that runs: its output, piece by piece, within its time, and its end. */
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { type Child, type Command, spawned } from './command.js';
import { readErrorLines } from './error-lines.js';
import { ProcessGroup } from './process-group.js';
import { ProgramError } from './program-error.js';

/** Milliseconds; 0 for no limit. */
export interface TimeLimits {
  /** Until the first output. */
  readonly startTimeout: number;
  /** Between two pieces of output, or of input, while output is waited for. */
  readonly idleTimeout: number;
  /** From the start to the end. */
  readonly timeout: number;
  /**
   * For a program that is gone while its output is held open by what it has started: until its silence counts as the end. For
   * one that is asked to end: until it is killed.
   */
  readonly linger: number;
  /** For one that has closed its output and goes on: until it is ended. */
  readonly patience: number;
}

/** How a program ended. */
export interface Exit {
  /** Null where a signal has ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Milliseconds of silence that end the output where all that was expected is there and the program is gone. */
const SHORT_LINGER = 20;
/** Of one that had closed its output and was ended. */
const SUCCESS: Exit = { code: 0, signal: null };

/** One run of a program, the leader of its own process group. */
export class RunningProgram {
  /** Fulfilled when the program is gone and nothing more is read from it. */
  readonly closed: Promise<unknown>;
  readonly #child: Child;
  readonly #group: ProcessGroup;
  readonly #limits: TimeLimits;
  readonly #exited: Promise<Exit>;
  readonly #deadline: NodeJS.Timeout | undefined;
  #patience: NodeJS.Timeout | undefined;
  #silence: NodeJS.Timeout | undefined;
  /** Of a reader that waits. */
  #wake: (() => void) | undefined;
  #isReleased = false;
  #exit: Exit | undefined;
  #ended: Promise<Exit> | undefined;
  #failure: Error | undefined;
  #received = 0;
  #expected = Infinity;

  /**
   * Starts a program.
   * @param onErrorLine gets each line of its standard error, up to 64 KiB
   * @throws ProgramError `unstartable`
   */
  static async start(
    command: Command,
    limits: TimeLimits,
    onErrorLine: (line: string) => void,
  ): Promise<RunningProgram> {
    try {
      const child = spawned(command);
      await once(child, 'spawn');
      readErrorLines(child.stderr, onErrorLine);
      return new RunningProgram(child, limits, command.input);
    } catch (cause) {
      const { message } = cause as Error;
      throw new ProgramError('unstartable', `no process in ${command.cwd}: ${message}`, { cause });
    }
  }

  private constructor(child: Child, limits: TimeLimits, input: Command['input']) {
    this.#child = child;
    this.#limits = limits;
    this.#group = new ProcessGroup(child.pid, limits.linger);
    // At once: output that nothing listens for when its program ends would be thrown away.
    child.stdout.on('readable', this.#onOutput).once('close', this.#onOutput);
    this.#exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        resolve(this.#onExit({ code, signal }));
      });
    });
    this.closed = Promise.all([this.#exited, closing(child.stdout), closing(child.stderr)]);
    if (limits.timeout > 0) this.#deadline = setTimeout(this.#onTimeout, limits.timeout);
    if (typeof input === 'object') this.#feed(input);
  }

  /**
   * The next piece of output; undefined when there is no more.
   * @throws ProgramError `time` or `stopped`
   */
  async read(): Promise<Buffer | undefined> {
    const { stdout } = this.#child;
    let chunk = stdout.read() as Buffer | null;
    for (; chunk === null && !stdout.closed; chunk = stdout.read() as Buffer | null) await this.#moreOutput();
    if (this.#failure) throw this.#failure;
    if (chunk === null) {
      this.end().catch(() => undefined);
      return undefined;
    }
    this.#received += chunk.length;
    return chunk;
  }

  /** The output, piece by piece. A reader that leaves stops the program. @throws ProgramError `time` or `stopped` */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    try {
      for (let chunk = await this.read(); chunk; chunk = await this.read()) yield chunk;
    } finally {
      if (!this.#ended) this.stop();
    }
  }

  /** No more output than that many bytes is waited for when the program is gone. */
  expect(bytes: number): void {
    this.#expected = bytes;
  }

  /**
   * When there is no more output: how the program ended. One that goes on is ended soon, and so is what it leaves behind.
   * @throws ProgramError `time` or `stopped`, for one that was ended before that
   */
  end(): Promise<Exit> {
    return (this.#ended ??= this.#end());
  }

  /** Ends the program and all that it has started. May be called at any time. */
  stop(reason?: Error): void {
    if (this.#isReleased) return;
    this.#failure = reason ?? new ProgramError('stopped', 'The program was stopped');
    this.#release();
  }

  async #end(): Promise<Exit> {
    const exit = this.#exit ?? (await this.#exitInTime());
    if (this.#failure) throw this.#failure;
    this.#release();
    return exit;
  }

  async #exitInTime(): Promise<Exit> {
    const { patience } = this.#limits;
    const wasEnded = new Promise<Exit>((resolve) => {
      if (patience > 0) this.#patience = setTimeout(resolve, patience, SUCCESS);
    });
    const exit = await Promise.race([this.#exited, wasEnded]);
    clearTimeout(this.#patience);
    return exit;
  }

  #feed(input: Readable): void {
    const { stdin } = this.#child;
    if (!stdin) return;
    // A program need not read what it is given.
    stdin.on('error', () => undefined);
    input.on('data', () => {
      if (this.#wake) this.#silence?.refresh();
    });
    input.once('close', () => {
      if (!input.readableEnded) this.stop();
    });
    input.pipe(stdin);
  }

  readonly #onOutput = (): void => {
    this.#wake?.();
  };

  /** Waits until there may be more output, or its end. */
  async #moreOutput(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#limitSilence();
    });
    this.#wake = undefined;
    clearTimeout(this.#silence);
  }

  #limitSilence(): void {
    const limit = this.#longestSilence;
    clearTimeout(this.#silence);
    this.#silence = limit > 0 ? setTimeout(this.#exit ? this.#release : this.#onTimeout, limit) : undefined;
  }

  get #longestSilence(): number {
    const { startTimeout, idleTimeout, linger } = this.#limits;
    if (this.#exit) return this.#received < this.#expected ? linger : Math.min(SHORT_LINGER, linger);
    return this.#received === 0 ? startTimeout : idleTimeout;
  }

  readonly #onTimeout = (): void => {
    this.stop(new ProgramError('time', 'nothing in time'));
  };

  #onExit(exit: Exit): Exit {
    this.#exit = exit;
    clearTimeout(this.#deadline);
    if (this.#wake) this.#limitSilence();
    this.#group.forgetIfEmpty();
    return exit;
  }

  /** Nothing more is read, but for what its last words are. */
  readonly #release = (): void => {
    if (this.#isReleased) return;
    this.#isReleased = true;
    clearTimeout(this.#deadline);
    clearTimeout(this.#silence);
    const { stdin, stdout, stderr } = this.#child;
    stdin?.destroy();
    stdout.destroy();
    this.#group.end();
    if (!stderr.closed) setTimeout(() => stderr.destroy(), this.#limits.linger).unref();
  };
}

function closing(pipe: Readable): Promise<unknown> {
  return new Promise((resolve) => pipe.on('error', () => undefined).once('close', resolve));
}
