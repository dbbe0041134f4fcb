/** What is run, and how the system is asked to. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { Environment } from './environment.js';

/** What is run. There is no shell: arguments are what they are. */
export interface Command {
  /** A path with a slash. */
  readonly file: string;
  /** Default none. */
  readonly args?: readonly string[] | undefined;
  /** The working directory. */
  readonly cwd: string;
  /** All that it gets. */
  readonly env: Environment;
  /** Default those of the server. Where they are given, it is in no other group. */
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** What it reads: a stream, or the descriptor of a file, which stays open here. Default nothing. */
  readonly input?: Readable | number | undefined;
}

/** A process that was started; its standard output and error are pipes. */
export type Child = ChildProcess & {
  readonly pid: number;
  readonly stdin: Writable | null;
  readonly stdout: Readable;
  readonly stderr: Readable;
};

/** Asks for a process, which is there when it says so by its event `spawn`. @throws Error of the system, now or by its event `error` */
export function spawned({ file, args = [], cwd, env, uid, gid, input }: Command): Child {
  const stdin = typeof input === 'object' ? 'pipe' : (input ?? 'ignore');
  return spawn(file, args, {
    cwd,
    env,
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
    // The leader of a new group: a signal to the group reaches what the program has started.
    detached: true,
    stdio: [stdin, 'pipe', 'pipe'],
  }) as Child;
}
