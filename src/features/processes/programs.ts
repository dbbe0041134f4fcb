/** Programs that are run for requests: so many at once, others wait, and none is left behind. */
import type { Command } from './command.js';
import type { ProgramPlan } from './options.js';
import { RunningProgram } from './running-program.js';
import { Slots } from './slots.js';

/** One run, as a request wants it. */
export interface Run extends Omit<Command, 'env' | 'uid' | 'gid'> {
  /** Variables besides those that every program gets. Default none. */
  readonly env?: Command['env'] | undefined;
  /** Ends the waiting, and the program with all that it has started. */
  readonly signal: AbortSignal;
  /** Gets each line of the standard error, up to 64 KiB. */
  readonly onErrorLine: (line: string) => void;
}

/** All programs of one feature. */
export class Programs {
  readonly #plan: ProgramPlan;
  readonly #slots: Slots;
  readonly #running = new Set<RunningProgram>();

  constructor(plan: ProgramPlan) {
    this.#plan = plan;
    this.#slots = new Slots(plan.concurrency, plan.queue);
  }

  /**
   * Waits for its turn and starts a program.
   * @throws HttpError 503 when too many wait; ProgramError `unstartable`; the reason of the signal
   */
  async start(run: Run): Promise<RunningProgram> {
    await this.#slots.take(run.signal);
    let program: RunningProgram;
    try {
      program = await RunningProgram.start(this.#commandOf(run), this.#plan.limits, run.onErrorLine);
    } catch (error) {
      this.#slots.release();
      throw error;
    }
    this.#follow(program, run.signal);
    return program;
  }

  /** Ends all that run, and turns away all that wait or come later. @returns when they are gone */
  async close(): Promise<void> {
    this.#slots.close();
    for (const program of this.#running) program.stop();
    await Promise.all([...this.#running].map(({ closed }) => closed));
  }

  #commandOf({ file, args, cwd, env, input }: Run): Command {
    const { environment, account } = this.#plan;
    return { file, args, cwd, input, env: { ...env, ...environment }, ...account };
  }

  #follow(program: RunningProgram, signal: AbortSignal): void {
    const stop = (): void => {
      program.stop(signal.reason as Error);
    };
    this.#running.add(program);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    void program.closed.then(() => {
      signal.removeEventListener('abort', stop);
      this.#running.delete(program);
      this.#slots.release();
    });
  }
}
