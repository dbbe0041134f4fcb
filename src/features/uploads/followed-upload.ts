/** One upload whose progress others follow, and those who follow it. */
import type { Request } from '../../kit.js';

/** `expected` while only those who want to follow it know of it. */
export type UploadState = 'expected' | 'waiting' | 'running' | 'complete' | 'failed';

/** What a browser gets of an upload; null for what is not known. */
export interface UploadFigures {
  readonly state: UploadState;
  /** Bytes that have arrived. */
  readonly received: number;
  /** Bytes to come in all. */
  readonly total: number | null;
  /** Bytes per second. */
  readonly rate: number;
  /** The file that came last, or is still coming. */
  readonly filename: string | null;
}

type FormProgress = Request['progress'];

/** Whether nothing more will happen to an upload in this state. */
export function isOver(state: UploadState): boolean {
  return state === 'complete' || state === 'failed';
}

/** An upload under an id. */
export class FollowedUpload {
  readonly followers = new Set<Follower>();
  #progress: FormProgress | undefined;
  /** The declared length, known before the first byte is. */
  #declared: number | null = null;
  #ending: 'complete' | 'failed' | undefined;

  get state(): UploadState {
    return this.#ending ?? this.#progress?.state ?? 'expected';
  }

  get figures(): UploadFigures {
    const latest = this.#progress?.latest;
    return {
      state: this.state,
      received: latest?.received ?? 0,
      total: latest?.total ?? this.#declared,
      rate: Math.round(latest?.rate ?? 0),
      filename: latest?.filename ?? null,
    };
  }

  /** Whether its form is being read. */
  get isRunning(): boolean {
    return this.state === 'running';
  }

  /**
   * The upload has come: follows it until its form was read or failed.
   * @param declared its bytes; undefined when the client did not say
   * @returns whether it is over; not when another upload came in its place
   */
  async follow(progress: FormProgress, declared: number | undefined): Promise<boolean> {
    this.#progress = progress;
    this.#declared = declared ?? null;
    this.#notify(false);
    // One loop for each upload and none for each follower: those come and go as they like.
    const changes = progress[Symbol.asyncIterator]();
    while (!(await changes.next()).done) this.#notify(false);
    return this.#end(progress);
  }

  /**
   * The request is over. When its form was not read, as when a guard asked for a password first, it may come again.
   * @returns whether the upload is over with it
   */
  leave(progress: FormProgress): boolean {
    if (progress.state !== 'waiting') return this.#end(progress);
    if (this.#progress === progress) this.#progress = undefined;
    return false;
  }

  #end(progress: FormProgress): boolean {
    if (this.#progress !== progress) return false;
    this.#ending = progress.state === 'complete' ? 'complete' : 'failed';
    this.#notify(true);
    return true;
  }

  #notify(isUrgent: boolean): void {
    for (const follower of this.followers) follower.wake(isUrgent);
  }
}

/** A client that follows an upload: sleeps until there is something to send. */
export class Follower {
  #hasLeft = false;
  #isLight = false;
  #rise: ((wasWoken: boolean) => void) | undefined;

  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  /** Sleeps until anything changes. @param longest milliseconds @returns whether anything did */
  sleep(longest?: number): Promise<boolean> {
    return this.#sleep(true, longest);
  }

  /** Sleeps for some milliseconds, or until something happens that cannot wait. */
  pause(milliseconds: number): Promise<boolean> {
    return this.#sleep(false, milliseconds);
  }

  wake(isUrgent: boolean): void {
    if (isUrgent || this.#isLight) this.#rise?.(true);
  }

  /** The client has gone. */
  leave(): void {
    this.#hasLeft = true;
    this.wake(true);
  }

  #sleep(isLight: boolean, milliseconds: number | undefined): Promise<boolean> {
    if (this.#hasLeft) return Promise.resolve(true);
    return new Promise((resolve) => {
      this.#isLight = isLight;
      let timer: NodeJS.Timeout | undefined;
      this.#rise = (wasWoken) => {
        this.#rise = undefined;
        clearTimeout(timer);
        resolve(wasWoken);
      };
      if (milliseconds !== undefined) timer = setTimeout(this.#rise, milliseconds, false);
    });
  }
}
