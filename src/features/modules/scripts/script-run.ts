/** A script that runs: what it writes, as text, how far it is, and how it ended. */
import { Readable } from 'node:stream';
import { type Request, withDefaults } from '../../../kit.js';
import { signalOfEnd } from '../../processes/end-of-request.js';
import { programPlan } from '../../processes/options.js';
import { ProgramError } from '../../processes/program-error.js';
import { Programs } from '../../processes/programs.js';
import type { Exit, RunningProgram } from '../../processes/running-program.js';
import type { CommandLine } from './command-line.js';
import { EventQueue } from './event-queue.js';
import { PlainOutput, plainText } from './plain-output.js';
import { ProgressLine } from './progress-line.js';
import type { ScriptOptions } from './script.js';
import { userVariables } from './user-variables.js';

/** How a run ended. */
interface RunEnd {
  /** Null where a signal has ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  /** `exit`: by itself; `time`: it took too long; `output`: it wrote too much; `stopped`: the server closes. */
  readonly ended: 'exit' | 'time' | 'output' | 'stopped';
}

/** What is there to say of a run that is over. */
export interface ScriptResult extends RunEnd {
  /** Milliseconds. */
  readonly duration: number;
  /** All that in words. */
  readonly summary: string;
}

/** What comes of a run: pieces of its output, percentages, and the end. */
export type ScriptEvent =
  | { readonly name: 'stdout' | 'stderr'; readonly data: string }
  | { readonly name: 'progress'; readonly data: number }
  | { readonly name: 'end'; readonly data: ScriptResult };

const MAX_OUTPUT = 1024 * 1024;
/** What works for a long time may have nothing to say. */
const UNLIMITED_SILENCE = { startTimeout: 0, idleTimeout: 0 };
const NO_EXIT: Exit = { code: null, signal: null };

const SUMMARIES: Readonly<Record<ScriptResult['ended'], string>> = {
  exit: 'Ended',
  time: 'Stopped, since it took too long,',
  output: 'Stopped, since it wrote more than is shown,',
  stopped: 'Stopped',
};

/** The program of a script, which runs so often at once, and keeps others waiting. */
export class ScriptProgram {
  readonly #options: ScriptOptions;
  readonly #programs: Programs;

  /** @throws ObolError E_SETTING or E_PLATFORM for what this system cannot do */
  constructor(options: ScriptOptions) {
    this.#options = options;
    const { limits, ...plan } = programPlan('CommandRunner', withDefaults(UNLIMITED_SILENCE, options));
    // One that writes elsewhere has not ended.
    this.#programs = new Programs({ ...plan, limits: { ...limits, patience: 0 } });
  }

  /**
   * Waits for its turn and starts it.
   * @returns what comes of it; leaving that ends it with all that it has started
   * @throws HttpError 503 when too many wait @throws ProgramError where the system does not run it
   */
  async run(
    { words, input }: CommandLine,
    request: Request,
  ): Promise<AsyncGenerator<ScriptEvent, void, undefined>> {
    const { command, cwd = process.cwd() } = this.#options;
    const [file = '', ...first] = command;
    const output = new ScriptOutput(this.#options);
    const program = await this.#programs.start({
      file,
      args: [...first, ...words],
      cwd,
      env: userVariables(request),
      ...(input !== '' && { input: Readable.from([input]) }),
      signal: signalOfEnd(request),
      onErrorLine: (line) => {
        output.addError(line);
      },
    });
    return output.follow(program);
  }

  /** Ends all that run. */
  close(): Promise<void> {
    return this.#programs.close();
  }
}

/** The output of one run, in the order in which it comes. */
class ScriptOutput {
  readonly #maxOutput: number;
  readonly #progress: ProgressLine | undefined;
  readonly #plain = new PlainOutput();
  readonly #queue = new EventQueue<ScriptEvent>();
  #bytes = 0;

  constructor({ maxOutput = MAX_OUTPUT, progress = false }: ScriptOptions) {
    this.#maxOutput = maxOutput;
    this.#progress = progress ? new ProgressLine() : undefined;
  }

  /** All that comes of a program; leaving it ends the program. */
  async *follow(program: RunningProgram): AsyncGenerator<ScriptEvent, void, undefined> {
    const reading = this.#read(program);
    try {
      yield* this.#queue;
      yield { name: 'end', data: await reading };
    } finally {
      program.stop();
    }
  }

  /** A line of the standard error. */
  addError(line: string): void {
    this.#queue.add({ name: 'stderr', data: `${plainText(line)}\n` });
  }

  /** Reads all of it, and waits until it is gone: what it says of its errors may come last. */
  async #read(program: RunningProgram): Promise<ScriptResult> {
    const start = performance.now();
    const end = await this.#readOutput(program);
    await program.closed;
    this.#queue.end();
    return resultOf(end, Math.round(performance.now() - start));
  }

  async #readOutput(program: RunningProgram): Promise<RunEnd> {
    try {
      for await (const chunk of program) {
        const kept = chunk.subarray(0, this.#maxOutput - this.#bytes);
        this.#bytes += kept.length;
        this.#add(this.#plain.write(kept));
        if (kept.length < chunk.length) return { ...NO_EXIT, ended: 'output' };
        await this.#queue.taken();
      }
      return { ...(await program.end()), ended: 'exit' };
    } catch (error) {
      return {
        ...NO_EXIT,
        ended: error instanceof ProgramError && error.reason === 'time' ? 'time' : 'stopped',
      };
    } finally {
      this.#add(this.#plain.end());
    }
  }

  #add(data: string): void {
    if (data !== '') this.#queue.add({ name: 'stdout', data });
    const percentage = this.#progress?.read(data);
    if (percentage !== undefined) this.#queue.add({ name: 'progress', data: percentage });
  }
}

/** @param duration in milliseconds */
function resultOf(end: RunEnd, duration: number): ScriptResult {
  const { code, signal, ended } = end;
  const how = signal === null ? SUMMARIES[ended] : `Ended by ${signal}`;
  const result = code === null ? how : `Ended with code ${String(code)}`;
  return { ...end, duration, summary: `${result} after ${(duration / 1_000).toFixed(1)} s.` };
}
