/** The processes that a program started and that it has started itself, which are ended together. */

/** Groups that may still have a process. */
const living = new Set<ProcessGroup>();
let isHooked = false;

/** A group of processes, led by a program that was started as the leader of a new one (`detached`). */
export class ProcessGroup {
  readonly #leader: number;
  readonly #grace: number;
  #killing: NodeJS.Timeout | undefined;

  /**
   * @param leader its process id, which is that of the group
   * @param grace milliseconds that processes have to end when they are asked to
   */
  constructor(leader: number, grace: number) {
    this.#leader = leader;
    this.#grace = grace;
    living.add(this);
    if (isHooked) return;
    isHooked = true;
    process.once('exit', killAll);
  }

  /** Asks all of them to end (SIGTERM), and kills what is left after their time (SIGKILL). May be called again. */
  end(): void {
    if (!living.has(this) || this.#killing) return;
    if (!this.#signal('SIGTERM')) {
      living.delete(this);
      return;
    }
    // Nothing has to wait for that: what is left when this process ends is killed then.
    this.#killing = setTimeout(() => {
      this.kill();
    }, this.#grace).unref();
  }

  /** Kills all of them at once. */
  kill(): void {
    clearTimeout(this.#killing);
    this.#signal('SIGKILL');
    living.delete(this);
  }

  /** The leader is gone: the number of a group without processes may soon be that of another one. */
  forgetIfEmpty(): void {
    if (this.#signal(0)) return;
    clearTimeout(this.#killing);
    living.delete(this);
  }

  /** @param signal 0 for none @returns whether there is a process to get it */
  #signal(signal: 'SIGTERM' | 'SIGKILL' | 0): boolean {
    try {
      return process.kill(-this.#leader, signal);
    } catch {
      return false;
    }
  }
}

function killAll(): void {
  for (const group of living) group.kill();
}
