/** A call under way: a promise of its data, and of the whole answer. */
import { dataOf } from './answer.js';
import type { ClientRoute } from './routes.js';
import { ResponseError, type AnyAnswer } from './response-error.js';
import type { Call, WebResponse } from './types.js';

/** A request that was answered. */
export interface Exchange {
  readonly route: Pick<ClientRoute, 'statuses' | 'each'>;
  /** Method and path, for messages. */
  readonly asked: string;
  readonly response: WebResponse;
  /** Ends what is read item by item, too. */
  readonly signal?: AbortSignal | undefined;
}

/** What is read of an answer is read once, when it is first asked for. */
export class PendingCall implements Call<unknown, AnyAnswer> {
  readonly [Symbol.toStringTag] = 'Call';
  readonly #exchange: Promise<Exchange>;
  #answer: Promise<AnyAnswer> | undefined;

  constructor(exchange: Promise<Exchange>) {
    this.#exchange = exchange;
  }

  async result(): Promise<AnyAnswer> {
    const { route, asked } = await this.#exchange;
    const answer = await this.#read();
    const isKnown = route.statuses?.includes(answer.status) ?? true;
    if (!isKnown) throw new ResponseError(asked, answer);
    return answer;
  }

  async response(): Promise<WebResponse> {
    return (await this.#exchange).response;
  }

  then<A = unknown, B = never>(
    fulfilled?: ((data: unknown) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#data().then(fulfilled, rejected);
  }

  catch<B = never>(rejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<unknown> {
    return this.#data().catch(rejected);
  }

  finally(settled?: (() => void) | null): Promise<unknown> {
    return this.#data().finally(settled);
  }

  async #data(): Promise<unknown> {
    const answer = await this.#read();
    if (!answer.ok) throw new ResponseError((await this.#exchange).asked, answer);
    return answer.data;
  }

  #read(): Promise<AnyAnswer> {
    return (this.#answer ??= this.#exchange.then(async (exchange) => {
      const { ok, status, headers } = exchange.response;
      return { ok, status, headers, data: await dataIn(exchange) };
    }));
  }
}

async function dataIn({ response, route, asked, signal }: Exchange): Promise<unknown> {
  const { status } = response;
  try {
    const data = await dataOf(response, route.each?.includes(status) ?? false);
    return signal && isIterable(data) ? until(signal, data) : data;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    const message = `${asked} was answered with ${String(status)}, and JSON that is none: ${cause.message}`;
    throw new SyntaxError(message, { cause });
  }
}

function isIterable(data: unknown): data is AsyncIterable<unknown> {
  return typeof data === 'object' && data !== null && Symbol.asyncIterator in data;
}

/** The items up to the signal, those that have come with others before it left out. */
async function* until(signal: AbortSignal, items: AsyncIterable<unknown>): AsyncGenerator {
  signal.throwIfAborted();
  for await (const item of items) {
    yield item;
    signal.throwIfAborted();
  }
}
