/** Programs as processes of their own: what they print, and how they end. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BUILT = join(ROOT, 'dist/cli/main.js');
/** By its path, since a program may run in any folder. */
const LOADER = join(ROOT, 'node_modules/@oxc-node/core/register.mjs');

/**
 * What node runs as the program `obol`: the one that was built, which starts three times as fast; where something in src
 * is younger than that, src itself.
 */
export function obolCommand(): readonly string[] {
  const built = statSync(BUILT, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const src = join(ROOT, 'src');
  const changed = readdirSync(src, { recursive: true, encoding: 'utf8' }).some(
    (file) => statSync(join(src, file)).mtimeMs > built,
  );
  return changed ? ['--import', LOADER, join(src, 'cli/main.ts')] : [BUILT];
}

/** A program that runs. End it with `stop`, whatever happened. */
export class Program {
  readonly process: ChildProcessWithoutNullStreams;
  /** The code it ended with; null when a signal ended it. */
  readonly exited: Promise<number | null>;
  #output = '';
  #wake: (() => void)[] = [];

  /** Runs node with these arguments in the root of the repository. */
  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.process = spawn(process.execPath, args, {
      cwd: ROOT,
      env: { ...process.env, NODE_OPTIONS: '', ...env },
    });
    this.exited = new Promise((resolve) => this.process.once('exit', resolve));
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
        for (const wake of this.#wake.splice(0)) wake();
      });
      stream.on('close', () => {
        for (const wake of this.#wake.splice(0)) wake();
      });
    }
  }

  /** Everything it printed so far, errors included. */
  get output(): string {
    return this.#output;
  }

  /** Waits until it has printed what the pattern matches. @throws Error when it ends before */
  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#output);
      if (match) return match;
      if (this.process.exitCode !== null || this.process.stdout.closed)
        throw new Error(`The program ended after printing ${this.#output}`);
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill('SIGKILL');
    await this.exited;
  }
}
