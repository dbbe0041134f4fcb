/** Server-sent events as a response: one at a time, with a sign of life while there is nothing to send. */
import { isUtf8 } from 'node:buffer';
import { brand } from '../ground/brand.js';
import { ObolError } from '../ground/errors.js';
import { kindOf } from '../ground/wording.js';
import { checkOptions, rule, type Rules } from '../ground/settings.js';
import { formatEvent, isEventId, type ServerSentEvent } from '../http/event-stream.js';
import type { HeadersInit } from './headers.js';
import type { Request } from './request.js';
import { Response } from './response.js';

/** Events of a stream; a string is the data of one. */
export type ServerSentEvents = Iterable<ServerSentEvent | string> | AsyncIterable<ServerSentEvent | string>;

export interface EventStreamOptions {
  /** Milliseconds without an event after which a comment is sent, so that no proxy cuts the connection. 0 for never. Default 15,000. */
  readonly heartbeat?: number | undefined;
  /** Milliseconds that a browser waits before it connects again; left to the browser by default. */
  readonly retry?: number | undefined;
  /** Default none. */
  readonly headers?: HeadersInit | undefined;
}

const HEARTBEAT = 15_000;
const SIGN_OF_LIFE = ':\n\n';
const RULES: Rules<EventStreamOptions> = {
  heartbeat: rule.milliseconds(0),
  retry: rule.any,
  headers: rule.any,
};

/** Sent unless the response says otherwise: nothing between here and the browser may keep, change or collect events. */
const HEADERS = [
  ['Cache-Control', 'no-cache, no-transform'],
  ['X-Accel-Buffering', 'no'],
] as const;

/**
 * Sends events for as long as they come. When the client leaves, `return()` of the source is called. A generator cannot
 * notice that while it waits for something: let what it waits for end by `req.signal`.
 *
 * A browser connects again when the stream ends; answer 204 to say that there will be no more.
 *
 * @example
 * ```ts
 * return new EventStreamResponse(this.clock.since(lastEventId(req), req.signal));
 * ```
 */
export class EventStreamResponse extends Response {
  static readonly brand = brand(this, 'EventStreamResponse');

  /** Never there: for the compiler, which would take any response for one of events. */
  declare protected readonly events: true;

  /** @throws ObolError E_SETTING for a wrong heartbeat, E_EVENT for a wrong delay or for no source of events */
  constructor(events: ServerSentEvents, options: EventStreamOptions = {}) {
    checkOptions('EventStreamResponse', options, RULES);
    const { heartbeat = HEARTBEAT, retry, headers } = options;
    const opening = retry === undefined ? SIGN_OF_LIFE : formatEvent({ retry });
    super(new EventTexts(events, opening, heartbeat), {
      contentType: 'text/event-stream; charset=utf-8',
      headers,
      early: true,
    });
    for (const [name, value] of HEADERS) if (!this.headers.has(name)) this.headers.set(name, value);
  }
}

/** The id of the last event that a browser got before it lost the connection; undefined for none, or none of ours. */
export function lastEventId(request: Request): string | undefined {
  const header = request.headers.get('last-event-id');
  if (header === undefined) return undefined;
  // Browsers send UTF-8; headers are read as Latin-1.
  const bytes = Buffer.from(header, 'latin1');
  const text = bytes.toString();
  return text !== '' && isUtf8(bytes) && isEventId(text) ? text : undefined;
}

type Step = IteratorResult<string, undefined>;
type EventIterator = Iterator<ServerSentEvent | string> | AsyncIterator<ServerSentEvent | string>;

const END: Step = { done: true, value: undefined };

/** Who waits for the next text. */
interface Waiting {
  resolve(step: Step): void;
  reject(error: unknown): void;
  readonly timer: NodeJS.Timeout | undefined;
}

/**
 * The texts to send. The source is asked for one event at a time, and only when a reader waits for a text, so that it
 * goes no faster than the client reads. What it answers after a sign of life was sent in its place is sent next.
 */
class EventTexts implements AsyncIterableIterator<string, undefined> {
  readonly #source: EventIterator;
  readonly #destroy: (() => void) | undefined;
  readonly #heartbeat: number;
  #opening: string | undefined;
  /** Whether the source was asked and has not answered. */
  #asked = false;
  /** What the source answered while no reader waited. */
  #answer: Promise<Step> | undefined;
  #waiting: Waiting | undefined;
  #over = false;

  constructor(events: ServerSentEvents, opening: string, heartbeat: number) {
    this.#source = iteratorOf(events);
    const { destroy } = events as { destroy?: () => void };
    if (typeof destroy === 'function') this.#destroy = destroy.bind(events);
    this.#opening = opening;
    this.#heartbeat = heartbeat;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Step> {
    if (this.#over) return Promise.resolve(END);
    if (this.#opening !== undefined) {
      const value = this.#opening;
      this.#opening = undefined;
      return Promise.resolve({ done: false, value });
    }
    const answer = this.#answer;
    this.#answer = undefined;
    return answer ?? this.#wait();
  }

  /** Ends the stream at once. Waits for the source only when it is free to answer. */
  async return(): Promise<Step> {
    if (this.#over) return END;
    this.#over = true;
    this.#settle((waiting) => {
      waiting.resolve(END);
    });
    const gone = this.#letGo();
    if (this.#asked) gone.catch(() => undefined);
    else await gone;
    return END;
  }

  #wait(): Promise<Step> {
    return new Promise<Step>((resolve, reject) => {
      const timer = this.#heartbeat === 0 ? undefined : setTimeout(this.#beat, this.#heartbeat);
      this.#waiting = { resolve, reject, timer };
      if (!this.#asked) this.#ask();
    });
  }

  readonly #beat = (): void => {
    this.#settle((waiting) => {
      waiting.resolve({ done: false, value: SIGN_OF_LIFE });
    });
  };

  #ask(): void {
    this.#asked = true;
    const answer = this.#nextText();
    answer.then(
      (step) => {
        this.#asked = false;
        this.#settle((waiting) => {
          waiting.resolve(step);
        }, answer);
      },
      (error: unknown) => {
        this.#asked = false;
        this.#settle((waiting) => {
          waiting.reject(error);
        }, answer);
      },
    );
  }

  async #nextText(): Promise<Step> {
    const step = await this.#source.next();
    if (step.done) {
      this.#over = true;
      return END;
    }
    try {
      return { done: false, value: formatEvent(step.value) };
    } catch (error) {
      // The reader takes this stream for ended, and the source would never hear of it.
      this.#over = true;
      await this.#letGo().catch(() => undefined);
      throw error;
    }
  }

  async #letGo(): Promise<void> {
    // Node's streams would hear of return() only when they have more to give.
    this.#destroy?.();
    await this.#source.return?.();
  }

  /** Answers the reader that waits, or keeps the answer for the next one. */
  #settle(settle: (waiting: Waiting) => void, answer?: Promise<Step>): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    clearTimeout(waiting?.timer);
    if (waiting) settle(waiting);
    else this.#answer = answer;
  }
}

function iteratorOf(events: ServerSentEvents): EventIterator {
  const source: unknown = events;
  if (typeof source === 'object' && source !== null) {
    if (Symbol.asyncIterator in source)
      return (events as AsyncIterable<ServerSentEvent>)[Symbol.asyncIterator]();
    if (Symbol.iterator in source) return (events as Iterable<ServerSentEvent>)[Symbol.iterator]();
  }
  throw new ObolError(
    'E_EVENT',
    `Events come from a generator or another iterable object, not from ${kindOf(source)}.`,
  );
}
