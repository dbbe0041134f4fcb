/** A FastCGI server as it is asked: so many requests at once, others wait, and its connections are used again. */
import type { Socket } from 'node:net';
import { Slots } from '../processes/slots.js';
import { connect, type Address } from './connect.js';
import { Exchange, type Asked, type TimeLimits } from './exchange.js';
import { LostConnection } from './fastcgi-error.js';
import { KeptConnections } from './kept-connections.js';

/** What is decided once. */
export interface ServerPlan {
  readonly address: Address;
  /** How many requests at once. */
  readonly connections: number;
  /** How many wait. */
  readonly queue: number;
  readonly keptConnections: number;
  /** Milliseconds. */
  readonly keepTimeout: number;
  /** Milliseconds; 0 for no limit. */
  readonly connectTimeout: number;
  readonly limits: TimeLimits;
}

/** One request. */
export interface Question extends Omit<Asked, 'keepsConnection'> {
  /** Whether it may be sent twice: where the first connection ends before there is an answer. */
  readonly mayRepeat: boolean;
  /** Ends the waiting, and the request. */
  readonly signal: AbortSignal;
}

export class FastcgiServer {
  readonly #plan: ServerPlan;
  readonly #slots: Slots;
  readonly #kept: KeptConnections;
  /** On new connections: until they have brought something, the server may have no process left for them. */
  readonly #new = new Set<Exchange>();

  constructor(plan: ServerPlan) {
    this.#plan = plan;
    this.#slots = new Slots(plan.connections, plan.queue);
    this.#kept = new KeptConnections(plan.keptConnections, plan.keepTimeout);
  }

  /**
   * Waits for its turn, sends a request and waits for the first of the answer.
   * @throws HttpError 503 when too many wait; FastcgiError; the reason of the signal
   */
  async ask(question: Question): Promise<Exchange> {
    await this.#slots.take(question.signal);
    try {
      const exchange = await this.#begun(question);
      void exchange.freed.then(() => {
        this.#slots.release();
      });
      return exchange;
    } catch (error) {
      this.#slots.release();
      throw error;
    }
  }

  /**
   * A kept connection may be gone when the request is sent, and then there is no knowing whether that was read: one that may not
   * be sent twice gets a new connection, and a kept one is given up for it, since it may hold a process of the server.
   */
  async #begun(question: Question): Promise<Exchange> {
    const kept = this.#kept.take();
    if (!kept || !question.mayRepeat) {
      kept?.destroy();
      return this.#onNew(question);
    }
    try {
      const exchange = this.#start(kept, question);
      await exchange.begun();
      return exchange;
    } catch (error) {
      if (!(error instanceof LostConnection) || question.signal.aborted) throw error;
      return this.#onNew(question);
    }
  }

  async #onNew(question: Question): Promise<Exchange> {
    const { address, connectTimeout } = this.#plan;
    const socket = await connect(address, connectTimeout, question.signal);
    const exchange = this.#start(socket, question);
    this.#new.add(exchange);
    try {
      await exchange.begun();
      return exchange;
    } finally {
      this.#new.delete(exchange);
    }
  }

  #start(socket: Socket, question: Question): Exchange {
    const { limits, keptConnections } = this.#plan;
    const exchange = new Exchange(socket, { ...question, keepsConnection: keptConnections > 0 }, limits);
    const { signal } = question;
    const stop = (): void => {
      exchange.stop(signal.reason as Error);
    };
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    void exchange.freed.then((isReusable) => {
      signal.removeEventListener('abort', stop);
      if (isReusable) this.#release(socket);
    });
    return exchange;
  }

  /** A server has a process for each connection: one that is kept must not be what a new one waits for. */
  #release(socket: Socket): void {
    const isAwaited = [...this.#new].some(({ hasBegun }) => !hasBegun);
    if (isAwaited) socket.destroy();
    else this.#kept.keep(socket);
  }
}
