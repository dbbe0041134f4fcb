/** The connection of messages that came over none: what is written to it becomes a response. */
import { Duplex, Readable } from 'node:stream';
import type { Peer } from '../../../message/peer.js';
import { Response } from '../../../message/response.js';
import { bytesOf, writtenHead, type Written, type WrittenHead } from './written-head.js';

/** Called with the answer, or with the reason why there will be none. */
export interface Receiver {
  readonly resolve: (answer: Response) => void;
  readonly reject: (error: unknown) => void;
}

type Done = (error?: Error | null) => void;

/**
 * Takes what a `ServerResponse` of node:http writes that never uses chunks: a head and the content as it is. A response is read as
 * slowly as its reader wants.
 */
export class AnswerSocket extends Duplex {
  readonly remoteAddress: string;
  readonly remotePort: number | undefined;
  readonly encrypted: boolean;
  readonly #receiver: Receiver;
  readonly #isHead: boolean;
  #isAnswered = false;
  #isComplete = false;
  /** The content of a response that is sent while it is made. */
  #content: Readable | undefined;
  /** To be called when the content has been read so far. */
  #onRead: Done | undefined;

  /** @param receiver gets the answer once, when the head is written, or why what is written is none */
  constructor({ method, peer }: { readonly method: string; readonly peer: Peer }, receiver: Receiver) {
    super({ decodeStrings: false });
    this.remoteAddress = peer.address;
    this.remotePort = peer.port;
    this.encrypted = peer.scheme === 'https';
    this.#isHead = method === 'HEAD';
    this.#receiver = receiver;
    // The response and its content hear of it too.
    this.on('error', () => undefined);
  }

  /** Middleware calls it on sockets; here, the host keeps the time. */
  setTimeout(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  /** Everything is written, which an informational head is not. */
  complete(): void {
    this.#isComplete = true;
    if (!this.#isAnswered) this.#receiver.reject(new Error('The response ended before it had a head'));
    this.#content?.push(null);
  }

  override _read(): void {
    // A body comes by the request.
  }

  override _write(chunk: Written['chunk'], encoding: BufferEncoding, done: Done): void {
    this._writev([{ chunk, encoding }], done);
  }

  override _writev(writes: readonly Written[], done: Done): void {
    try {
      if (this.#give(this.#isAnswered ? writes : this.#answer(writes))) done();
      else this.#onRead = done;
    } catch (error) {
      // For the one that waits, and no event: what no one hears would end the process.
      this.#receiver.reject(error);
      this.destroy();
      done();
    }
  }

  override _destroy(error: Error | null, done: Done): void {
    if (!this.#isComplete) this.#content?.destroy(error ?? new Error('The response was given up'));
    done(error);
  }

  /** @returns whether more is wanted at once */
  #give(writes: readonly Written[]): boolean {
    const bytes = Buffer.concat(writes.map(bytesOf));
    return bytes.length === 0 || this.#content === undefined || this.#content.push(bytes);
  }

  /** @returns what is left of the content when the response is made */
  #answer(writes: readonly Written[]): readonly Written[] {
    const head = writtenHead(writes);
    if (!head) return [];
    this.#isAnswered = true;
    const whole = this.#wholeContent(head);
    if (whole) {
      this.#receiver.resolve(new Response(whole, head));
      return [];
    }
    this.#content = new Readable({
      read: () => {
        const done = this.#onRead;
        this.#onRead = undefined;
        done?.();
      },
      destroy: (error, done) => {
        this.destroy();
        done(error);
      },
    });
    // For those who read it, and no matter where none does.
    this.#content.on('error', () => undefined);
    this.#receiver.resolve(new Response(this.#content, { ...head, early: true }));
    return head.rest;
  }

  /** The content where all of it is there already; to HEAD none is sent, and it may have a length all the same. */
  #wholeContent({ hasContent, length, rest }: WrittenHead): Uint8Array | Uint8Array[] | undefined {
    if (!hasContent) return Buffer.alloc(0);
    if (this.#isHead) return [];
    const bytes = Buffer.concat(rest.map(bytesOf));
    return bytes.length === length ? bytes : undefined;
  }
}
