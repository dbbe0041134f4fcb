/** One request on a connection, and what comes back for it (FastCGI 1.0, sections 5 and 6). */
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { ScriptOutput } from '../cgi/script-output.js';
import { ErrorLines } from '../processes/error-lines.js';
import { BodyFeed } from './body-feed.js';
import { FastcgiError, LostConnection } from './fastcgi-error.js';
import { endOfStream, record, RecordReader, streamed, TYPE, type FastcgiRecord } from './records.js';

/** Milliseconds; 0 for no limit. */
export interface TimeLimits {
  /** Until the first of the answer. */
  readonly startTimeout: number;
  /** Between two pieces of the answer, or of the body, while the answer is waited for. */
  readonly idleTimeout: number;
  /** From the start to the end. */
  readonly timeout: number;
}

/** What is asked of the script. */
export interface Asked {
  /** Names and values, encoded. */
  readonly params: Buffer;
  /** The body. Default none. */
  readonly input: Readable | undefined;
  /** Whether the server is to leave the connection open. */
  readonly keepsConnection: boolean;
  /** Gets each line of the standard error, up to 64 KiB. */
  readonly onErrorLine: (line: string) => void;
}

/** There is one request at a time on a connection. */
const ID = 1;
const RESPONDER = 1;
const KEEP_CONNECTION = 1;
/** Bytes that wait for their reader, from which on no more are taken from the connection. */
const HIGH_WATER = 64 * 1024;

/** What a request has come to (section 5.5). */
const COMPLETE = 0;
const REFUSALS: Readonly<Record<number, readonly [503 | 502, string]>> = {
  1: [503, 'no answer, but FCGI_CANT_MPX_CONN'],
  2: [503, 'no answer, but FCGI_OVERLOADED'],
  3: [502, 'no answer, but FCGI_UNKNOWN_ROLE'],
};

export class Exchange implements ScriptOutput {
  /** Fulfilled when the connection is free: whether it may serve another request. */
  readonly freed: Promise<boolean>;
  /** Whether anything has come. */
  hasBegun = false;
  readonly #socket: Socket;
  readonly #limits: TimeLimits;
  readonly #asked: Asked;
  readonly #reader = new RecordReader();
  readonly #errors: ErrorLines;
  readonly #deadline: NodeJS.Timeout | undefined;
  readonly #feed: BodyFeed;
  #free!: (isReusable: boolean) => void;
  #isOver = false;
  /** Of the reader that waits. */
  #wake: (() => void) | undefined;
  #silence: NodeJS.Timeout | undefined;
  #chunks: Buffer[] = [];
  #waiting = 0;
  #failure: Error | undefined;
  #code: number | undefined;
  /** Whether there was something behind the end. */
  #hasMore = false;

  /** Sends a request. @param socket one that stands, and has no other request */
  constructor(socket: Socket, asked: Asked, limits: TimeLimits) {
    this.#socket = socket;
    this.#asked = asked;
    this.#limits = limits;
    this.#errors = new ErrorLines(asked.onErrorLine);
    this.freed = new Promise((resolve) => (this.#free = resolve));
    socket.on('data', this.#onData).on('close', this.#onClose);
    if (limits.timeout > 0) this.#deadline = setTimeout(this.#onTimeout, limits.timeout);
    this.#feed = this.#send();
  }

  /** Waits for the first of the answer, or for its end. @throws FastcgiError; the reason that it was stopped with */
  async begun(): Promise<void> {
    while (!this.#failure && this.#chunks.length === 0 && this.#code === undefined) await this.#more();
    if (this.#failure) throw this.#failure;
  }

  async read(): Promise<Buffer | undefined> {
    await this.begun();
    const chunk = this.#chunks.shift();
    this.#waiting -= chunk?.length ?? 0;
    if (this.#waiting < HIGH_WATER && !this.#isOver) this.#socket.resume();
    return chunk;
  }

  /** The protocol has an end of its own. */
  expect(): void {
    // Nothing has to be done.
  }

  async end(): Promise<{ code: number; signal: null }> {
    while (!this.#failure && this.#code === undefined) await this.#more();
    if (this.#failure) throw this.#failure;
    return { code: this.#code ?? 0, signal: null };
  }

  stop(reason: Error = new FastcgiError(502, 'what is not wanted any more')): void {
    this.#chunks = [];
    this.#failure ??= reason;
    if (!this.#isOver) this.#abort();
    this.#wake?.();
  }

  /** A server that cannot be asked to stop between two records learns it by the end of the connection alone. */
  #abort(): void {
    if (this.#socket.writableLength === 0) this.#socket.write(record(TYPE.abort, ID, Buffer.alloc(0)));
    this.#finish(false);
  }

  #send(): BodyFeed {
    const { params, input, keepsConnection } = this.#asked;
    const flags = keepsConnection ? KEEP_CONNECTION : 0;
    const socket = this.#socket;
    socket.cork();
    socket.write(record(TYPE.begin, ID, Buffer.from([0, RESPONDER, flags, 0, 0, 0, 0, 0])));
    for (const bytes of streamed(TYPE.params, ID, params)) socket.write(bytes);
    socket.write(endOfStream(TYPE.params, ID));
    const feed = new BodyFeed(socket, ID, input, {
      onPiece: () => {
        if (this.#wake) this.#silence?.refresh();
      },
      onBroken: (error) => {
        this.stop(error);
      },
    });
    socket.uncork();
    return feed;
  }

  readonly #onData = (chunk: Buffer): void => {
    try {
      for (const each of this.#reader.push(chunk)) this.#take(each);
    } catch (error) {
      this.stop(error as Error);
    }
    if (this.#waiting >= HIGH_WATER && !this.#isOver) this.#socket.pause();
  };

  /** Of types that are not known, and of other requests, there may be any number. */
  #take({ type, id, content }: FastcgiRecord): void {
    this.hasBegun = true;
    if (this.#code !== undefined) this.#hasMore = true;
    else if (id === ID) this.#takeOwn(type, content);
  }

  #takeOwn(type: number, content: Buffer): void {
    if (type === TYPE.stdout) this.#takeOutput(content);
    else if (type === TYPE.stderr) this.#errors.push(content);
    else if (type === TYPE.end) this.#takeEnd(content);
  }

  #takeOutput(content: Buffer): void {
    if (content.length === 0) return;
    this.#chunks.push(content);
    this.#waiting += content.length;
    this.#wake?.();
  }

  #takeEnd(content: Buffer): void {
    if (content.length < 5) throw new FastcgiError(502, 'a malformed END_REQUEST');
    const status = content.readUInt8(4);
    if (status !== COMPLETE)
      throw new FastcgiError(...(REFUSALS[status] ?? [502, `the status ${String(status)}`]));
    this.#code = content.readInt32BE(0);
    // What comes behind it in the same piece is judged first.
    queueMicrotask(() => {
      const isClean = this.#feed.isSent && !this.#hasMore && !this.#reader.isWithin;
      this.#finish(isClean && this.#asked.keepsConnection);
    });
    this.#wake?.();
  }

  readonly #onClose = (): void => {
    const { errored } = this.#socket;
    const what = this.hasBegun ? 'a part of an answer' : 'no answer';
    const why = errored ? ` (${errored.message})` : '';
    this.#failure ??= new LostConnection(`${what}, and ended the connection${why}`, { cause: errored });
    this.#finish(false);
    this.#wake?.();
  };

  readonly #onTimeout = (): void => {
    this.stop(new FastcgiError(504, 'nothing in time'));
  };

  /** Waits until there may be more of the answer, or its end. */
  async #more(): Promise<void> {
    const { startTimeout, idleTimeout } = this.#limits;
    const limit = this.hasBegun ? idleTimeout : startTimeout;
    this.#silence = limit > 0 ? setTimeout(this.#onTimeout, limit) : undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
    clearTimeout(this.#silence);
  }

  /** Leaves the connection to what comes next, or ends it. */
  #finish(isReusable: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#deadline);
    this.#feed.stop();
    this.#socket.off('data', this.#onData).off('close', this.#onClose);
    if (!isReusable) this.#socket.destroy();
    this.#errors.end();
    this.#free(isReusable);
  }
}
